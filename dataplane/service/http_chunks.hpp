// The chunked transfer coding (RFC 9112 7.1), read as it comes.
//
//     size [;extension] CR LF  data CR LF ...  0 CR LF  trailers  CR LF -> done
//
// The reader skips framing and stops at data, of which its user takes as much as it can use:
//
//     bytes.subspan(reader.skip_framing(bytes)) ... then up to reader.data_left() of them are data
//
// Strict: hexadecimal digits only, CR LF only, extensions and trailers bounded (and ignored).
#pragma once

#include <cstdint>

#include "service/http_fields.hpp"

namespace lastack::service {

class HttpChunks {
  public:
    enum class Status : std::uint8_t { reading, done, malformed };

    void reset() { *this = HttpChunks(); }

    /// Reads framing until data begins, the body ends, or the bytes do; returns how many were used.
    std::size_t skip_framing(Bytes bytes);

    /// How much data follows directly; 0 while framing is being read.
    std::uint64_t data_left() const { return state_ == State::data ? left_ : 0; }
    /// `n` bytes of data were used; at most data_left().
    void take_data(std::uint64_t n);

    Status status() const { return status_; }

  private:
    enum class State : std::uint8_t {
        size,
        extension,
        size_feed,
        data,
        data_return,
        data_feed,
        trailers
    };

    void take(std::byte c);
    void take_size(std::byte c);

    HttpFields trailers_;
    std::uint64_t left_ = 0;
    State state_ = State::size;
    Status status_ = Status::reading;
    std::uint8_t digits_ = 0;
    std::uint8_t extension_bytes_ = 0;
};

}  // namespace lastack::service

// Payload by reference: memory whose owner lives outside the pure core.
//
// The worker's owner hands out mbufs, the tests' owner heap blocks. The core moves references
// about, and asks the owner to retain or release them; it never frees memory itself.
//
//   Piece:  [ buffer ]---> |headroom| data ............ |
//                                     ^data   len_bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/pool.hpp"

namespace lastack::base {

using Bytes = std::span<const std::byte>;

/// Opaque: only its owner knows what it is.
struct Buffer;
using BufferRef = Buffer*;

/// A run of bytes inside a buffer, and a link to the next one of a queue.
struct Piece {
    BufferRef buffer = nullptr;
    const std::byte* data = nullptr;
    std::uint32_t len_bytes = 0;
    std::uint32_t next = kNoIndex;

    Bytes bytes() const { return {data, len_bytes}; }
};

/// Some bytes and the buffer they lie in: a piece that is in no queue.
struct BufferBytes {
    BufferRef buffer = nullptr;
    Bytes bytes;
};

/// Called once when memory sent by reference is no longer needed. Runs on the core's own thread.
using ReleaseFunction = void (*)(void* context);

/// Whoever owns the buffers of one core. All calls come from that core's thread.
class Buffers {
  public:
    /// A buffer with at least `len_bytes` of room (never more than max_bytes()), reference count
    /// one; nullptr when there is none left.
    virtual BufferRef allocate(std::size_t len_bytes) = 0;

    /// The writable bytes of a buffer from allocate() whose reference count is one.
    virtual std::span<std::byte> room(BufferRef buffer) = 0;

    /// The largest room allocate() can give, in bytes.
    virtual std::size_t max_bytes() const = 0;

    /// A buffer over memory of the application's, released by calling `release(context)`.
    /// nullptr when there is no descriptor left; then `release` is not called.
    virtual BufferRef wrap(Bytes memory, ReleaseFunction release, void* context) = 0;

    /// One more reference.
    virtual void retain(BufferRef buffer) = 0;

    /// One reference less; the last one gives the memory back. A frame's first buffer stands for
    /// its whole chain until detach_next() has cut it.
    virtual void release(BufferRef buffer) = 0;

    /// Cuts the chain behind `buffer` and returns its next buffer, which the caller now owns, with
    /// its bytes; {nullptr, {}} at the end of the chain.
    struct Next {
        BufferRef buffer;
        Bytes bytes;
    };
    virtual Next detach_next(BufferRef buffer) = 0;

  protected:
    ~Buffers() = default;
};

}  // namespace lastack::base

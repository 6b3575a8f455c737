// What a request asks for: the path and the method, judged.
#pragma once

#include <cstdint>
#include <string_view>

#include "service/http_request.hpp"

namespace lastack::service {

struct HttpRoute {
    enum class Kind : std::uint8_t { page, bytes, delay, echo, refused };
    Kind kind = Kind::refused;
    std::uint64_t number = 0;  ///< bytes: how many; delay: milliseconds.
    unsigned status = 200;     ///< refused: why.
    std::string_view allow;    ///< refused with 405: the methods that the path has.
};

/// `max_delay_ms` bounds /delay/MS.
HttpRoute route_of(HttpMethod method, std::string_view path, std::uint64_t max_delay_ms);

}  // namespace lastack::service

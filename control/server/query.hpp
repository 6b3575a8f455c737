// The parameters of a question: numbers in a range, states, and filters on endpoints.
//
//     /v1/connections?state=TIME-WAIT,FIN-WAIT-2&dport=80&src=198.18.0.0/24&limit=100
//
// src and sport are the local side, dst and dport the remote one, as in ss. A parameter that is
// unknown or means nothing is an error that says what was expected.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "control/config/value.hpp"
#include "control/server/message.hpp"
#include "lastack/endpoint.hpp"
#include "tcp/state.hpp"

namespace lastack::control {

/// Endpoints that a listing is to show. What is not asked for is any.
struct EndpointFilter {
    std::optional<AddressOptions> source;       ///< The local address's network.
    std::optional<AddressOptions> destination;  ///< The remote one's.
    std::optional<std::uint16_t> source_port;
    std::optional<std::uint16_t> destination_port;

    bool matches(const Endpoint& local, const Endpoint& remote) const;
};

using StateSet = std::array<bool, tcp::kStateCount>;

class Query {
  public:
    /// Throws ApiError 400 where the request has a parameter that is not in `known`.
    Query(const Request& request, std::initializer_list<std::string_view> known);

    std::uint64_t number(std::string_view name, std::uint64_t otherwise, std::uint64_t most) const;
    std::string text(std::string_view name) const;  ///< Empty where absent.
    std::optional<std::chrono::milliseconds> duration(std::string_view name) const;
    StateSet states() const;  ///< All where "state" is absent.
    EndpointFilter endpoints() const;

  private:
    const std::string* find(std::string_view name) const;
    std::optional<AddressOptions> network(std::string_view name) const;
    std::optional<std::uint16_t> port(std::string_view name) const;

    const Request& request_;
};

/// The parameters that endpoints() reads, to be named in `known`.
#define LA_ENDPOINT_PARAMETERS "src", "dst", "sport", "dport"

}  // namespace lastack::control

// Answers of the API as JSON and as rows, all pages of them.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "control/cli/client.hpp"
#include "control/cli/filter.hpp"
#include "control/cli/nstat.hpp"
#include "control/cli/ss.hpp"
#include "control/ladder/event.hpp"

namespace lastack::control::cli {

using Json = nlohmann::ordered_json;

/// The daemon answered with an error: what() is its title and detail.
class Refused : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A 2xx answer as JSON. Throws Refused, or NoDaemon.
Json fetch(const Client& client, const std::string& target);
Json fetch_post(const Client& client, const std::string& target);

struct Connections {
    std::vector<Row> rows;
    Json json;                  ///< The same, as the API wrote them.
    std::uint64_t changed = 0;  ///< Changes of state, of all connections, while these were listed.
};

/// All connections in one of `states` that `filter` matches.
Connections fetch_connections(const Client& client, const StateSet& states, const Filter& filter);

/// Every event of every worker that `filter` matches, each worker's in order.
std::vector<ladder::Event> fetch_trace(const Client& client, const Filter& filter);

/// With the MIB's scalars first.
std::vector<CounterLine> fetch_counters(const Client& client);

}  // namespace lastack::control::cli

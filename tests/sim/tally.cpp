#include "tests/sim/tally.hpp"

namespace lastack::test {

std::string_view name(Ended ended) {
    constexpr std::array<std::string_view, kEndings> kNames{
        "orderly",      "reset",     "refused",        "timed out",    "unreachable", "aborted",
        "no resources", "shut down", "linger expired", "never opened", "died"};
    return kNames[static_cast<std::size_t>(ended)];
}

Tally& Tally::operator+=(const Tally& other) {
    worlds += other.worlds;
    connections += other.connections;
    complete += other.complete;
    refused_calls += other.refused_calls;
    ghosts += other.ghosts;
    bytes += other.bytes;
    urgent += other.urgent;
    turns += other.turns;
    time_waits_timed += other.time_waits_timed;
    for (std::size_t i = 0; i < kEndings; ++i) {
        client[i] += other.client[i];
        server[i] += other.server[i];
    }
    for (std::size_t i = 0; i < kTallied.size(); ++i) counters[i] += other.counters[i];
    return *this;
}

void Tally::add(const base::Counters& more) {
    for (std::size_t i = 0; i < kTallied.size(); ++i) counters[i] += more.value(kTallied[i]);
}

std::vector<std::pair<std::string, std::uint64_t>> Tally::rows() const {
    std::vector<std::pair<std::string, std::uint64_t>> rows{{"worlds", worlds},
                                                            {"connections", connections},
                                                            {"complete both ways", complete},
                                                            {"calls refused", refused_calls},
                                                            {"ghosts", ghosts},
                                                            {"bytes", bytes},
                                                            {"told of urgent data", urgent},
                                                            {"turns", turns},
                                                            {"TIME-WAITs timed", time_waits_timed}};
    const auto add = [&](const char* side, const auto& endings) {
        for (std::size_t i = 0; i < kEndings; ++i) {
            rows.emplace_back(std::string(side) + name(static_cast<Ended>(i)).data(), endings[i]);
        }
    };
    add("client ", client);
    add("server ", server);
    for (std::size_t i = 0; i < kTallied.size(); ++i) {
        rows.emplace_back(base::info(kTallied[i]).name, counters[i]);
    }
    return rows;
}

std::string Tally::json() const {
    std::string text = "{";
    for (const auto& [what, count] : rows()) {
        text += (text.size() > 1 ? ", \"" : "\"") + what + "\": " + std::to_string(count);
    }
    return text + '}';
}

}  // namespace lastack::test

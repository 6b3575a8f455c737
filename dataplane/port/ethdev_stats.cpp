// What a port tells about itself when control asks.
#include <algorithm>

#include "port/ethdev.hpp"

namespace lastack::port {

bool Ethdev::promiscuous() const {
    const std::lock_guard lock(asking_);
    return rte_eth_promiscuous_get(id_) == 1;
}

Link Ethdev::link() const {
    const std::lock_guard lock(asking_);
    return ask_link();
}

std::optional<Link> Ethdev::link_if_free() const {
    const std::unique_lock lock(asking_, std::try_to_lock);
    if (!lock) return std::nullopt;
    return ask_link();
}

Link Ethdev::ask_link() const {
    if (gone() || !running_) return {};
    rte_eth_link link{};
    if (rte_eth_link_get_nowait(id_, &link) < 0) return {};
    return {.up = link.link_status == RTE_ETH_LINK_UP,
            .mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed};
}

rte_eth_stats Ethdev::stats() const {
    const std::lock_guard lock(asking_);
    rte_eth_stats stats{};
    if (gone() || rte_eth_stats_get(id_, &stats) < 0) return {};
    return stats;
}

std::vector<NamedStat> Ethdev::xstats() const {
    const std::lock_guard lock(asking_);
    if (gone()) return {};
    const int count = rte_eth_xstats_get_names(id_, nullptr, 0);
    if (count <= 0) return {};
    const auto size = static_cast<unsigned>(count);
    std::vector<rte_eth_xstat_name> names(size);
    std::vector<rte_eth_xstat> values(size);
    const int named = rte_eth_xstats_get_names(id_, names.data(), size);
    const int valued = rte_eth_xstats_get(id_, values.data(), size);
    // A device may grow statistics between two calls; then none is better than a wrong one.
    if (named != count || valued != count) return {};
    std::vector<NamedStat> out;
    out.reserve(size);
    for (const rte_eth_xstat& stat : values) {
        if (stat.id < size) out.push_back({names[stat.id].name, stat.value});
    }
    return out;
}

}  // namespace lastack::port

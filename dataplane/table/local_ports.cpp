#include "table/local_ports.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "table/hash.hpp"

namespace lastack::table {

LocalPorts::LocalPorts(base::Arena& arena, const Settings& settings)
    : range_(settings.range),
      offset_key_(settings.offset_key),
      counter_key_(settings.counter_key),
      counters_(arena.carve<std::uint16_t>(settings.counters)),
      counter_count_(settings.counters) {
    LA_ASSERT(range_.first > 0 && range_.first <= range_.last);
    LA_ASSERT(counter_count_ > 0);
    leave_out(arena, settings.reserved);
}

// The list of what is left, where something is left out: at most 128 KiB.
void LocalPorts::leave_out(base::Arena& arena, std::span<const PortRange> reserved) {
    const auto is_reserved = [&](std::uint32_t port) {
        return std::ranges::any_of(reserved, [port](const PortRange& range) {
            return port >= range.first && port <= range.last;
        });
    };
    std::uint32_t left = 0;
    for (std::uint32_t port = range_.first; port <= range_.last; ++port) {
        left += is_reserved(port) ? 0U : 1U;
    }
    LA_ASSERT(left > 0);
    if (left == range_.size()) return;
    allowed_ = arena.carve<std::uint16_t>(left);
    if (arena.measuring()) return;
    std::uint32_t filled = 0;
    for (std::uint32_t port = range_.first; port <= range_.last; ++port) {
        if (!is_reserved(port)) allowed_[filled++] = static_cast<std::uint16_t>(port);
    }
}

LocalPorts::Start LocalPorts::start_of(const wire::FlowKey4& key) const {
    const std::array words{hash_detail::addresses(key.local_address, key.remote_address),
                           hash_detail::ports(0, key.remote_port)};
    return start_of(words);
}

LocalPorts::Start LocalPorts::start_of(const wire::FlowKey6& key) const {
    const auto local = hash_detail::halves(key.local_address);
    const auto remote = hash_detail::halves(key.remote_address);
    const std::array words{local[0], local[1], remote[0], remote[1],
                           hash_detail::ports(0, key.remote_port)};
    return start_of(words);
}

LocalPorts::Start LocalPorts::start_of(std::span<const std::uint64_t> words) const {
    // Scaling the hash's upper half is as even as a remainder, and needs no division.
    const auto scaled = [&words](base::SipKey key, std::uint32_t range) {
        return static_cast<std::uint32_t>((base::siphash(key, words) >> 32) * range >> 32);
    };
    return {scaled(offset_key_, size()), scaled(counter_key_, counter_count_)};
}

}  // namespace lastack::table

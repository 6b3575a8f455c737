#include "table/local_ports.hpp"

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
    return {scaled(offset_key_, range_.size()), scaled(counter_key_, counter_count_)};
}

}  // namespace lastack::table

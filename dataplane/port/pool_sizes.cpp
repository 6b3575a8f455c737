#include "port/pool_sizes.hpp"

#include <rte_mempool.h>

#include <algorithm>

#include "port/pools.hpp"

namespace lastack::port {

namespace {

constexpr std::uint16_t kHeadroom = RTE_PKTMBUF_HEADROOM;
constexpr std::uint16_t kUsualRoom = 2048;
constexpr std::uint16_t kShortRoom = 384;
// Ethernet, a VLAN tag, IP and TCP with all their options, rounded up.
constexpr std::uint16_t kMostHeaders = 192;

std::uint16_t with_headroom(std::uint32_t room) {
    return static_cast<std::uint16_t>(std::min<std::uint32_t>(room + kHeadroom, UINT16_MAX));
}

std::string mib(std::uint64_t bytes) {
    return std::to_string((bytes >> 20) + 1) + " MiB";
}

}  // namespace

const char* name(PoolName pool) {
    switch (pool) {
        case PoolName::Rx:
            return "rx";
        case PoolName::Text:
            return "text";
        case PoolName::ShortText:
            return "short_text";
        case PoolName::Frame:
            return "frame";
        case PoolName::Attach:
            return "attach";
        case PoolName::External:
            return "external";
    }
    return "?";
}

std::uint32_t element_bytes(const PoolSize& size) {
    return static_cast<std::uint32_t>(sizeof(rte_mbuf)) + padded(size.private_bytes) +
           size.room_bytes;
}

PoolSizes pool_sizes(const PoolDemand& demand) {
    const std::uint32_t whole_frame = std::uint32_t{demand.largest_mtu} + kMostHeaders;
    const std::uint32_t rx_room =
        demand.all_scatter ? kUsualRoom : std::max<std::uint32_t>(kUsualRoom, whole_frame);
    // Where a port sends no chains, each frame is made in one piece.
    std::uint32_t frame_room = std::max<std::uint32_t>(kUsualRoom, whole_frame);
    if (demand.all_chain && demand.largest_mtu <= 1500) frame_room = kCopyBytes + kMostHeaders;
    if (demand.all_chain && demand.largest_mtu > 1500) frame_room = kUsualRoom;

    // A mempool cache may hold half as much again as its size.
    const std::uint32_t in_flight =
        demand.tx_descriptors + demand.tx_waiting + kCacheMbufs + kCacheMbufs / 2;
    const std::uint32_t kept = std::max(demand.rx_mbufs / 4, 512U);
    PoolSizes sizes{};
    const auto at = [&sizes](PoolName name) -> PoolSize& {
        return sizes[static_cast<std::size_t>(name)];
    };
    at(PoolName::Rx) = {.count = demand.rx_mbufs, .room_bytes = with_headroom(rx_room)};
    at(PoolName::Text) = {.count = kept, .room_bytes = with_headroom(kUsualRoom)};
    at(PoolName::ShortText) = {.count = kept, .room_bytes = with_headroom(kShortRoom)};
    at(PoolName::Frame) = {.count = in_flight, .room_bytes = with_headroom(frame_room)};
    at(PoolName::Attach) = {.count = demand.all_chain ? 4 * in_flight : 64};
    at(PoolName::External) = {.count = kept, .private_bytes = sizeof(External)};
    return sizes;
}

std::uint64_t pool_bytes(const PoolSizes& sizes) {
    std::uint64_t sum = 0;
    for (const PoolSize& size : sizes) {
        const std::uint64_t object = rte_mempool_calc_obj_size(element_bytes(size), 0, nullptr);
        sum += size.count * object;
        if (size.count > 0) sum += std::uint64_t{rte_align32pow2(size.count + 1)} * sizeof(void*);
    }
    return sum;
}

std::string sum_of(const PoolSizes& sizes) {
    std::string out = "the mbufs need " + mib(pool_bytes(sizes)) + " (";
    for (std::size_t i = 0; i < kPoolCount; ++i) {
        if (i > 0) out += ", ";
        PoolSizes one{};
        one[i] = sizes[i];
        out += std::string(name(static_cast<PoolName>(i))) + " " + std::to_string(sizes[i].count) +
               ": " + mib(pool_bytes(one));
    }
    return out + ")";
}

}  // namespace lastack::port

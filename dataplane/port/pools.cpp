#include "port/pools.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include <algorithm>

#include "base/assert.hpp"
#include "port/dpdk_log.hpp"
#include "port/error.hpp"

namespace lastack::port {

namespace {

constexpr std::array<const char*, kPoolCount> kNames{"rx",    "text",   "short_text",
                                                     "frame", "attach", "external"};
constexpr std::uint32_t kCacheMbufs = 256;
constexpr std::uint16_t kHeadroom = RTE_PKTMBUF_HEADROOM;
constexpr std::uint16_t kUsualRoom = 2048;
constexpr std::uint16_t kShortRoom = 384;
// Ethernet, a VLAN tag, IP and TCP with all their options, rounded up.
constexpr std::uint16_t kMostHeaders = 192;

// Set by owned_by_this_thread(): whose release callbacks this thread may run.
thread_local const Pools* pools_of_this_thread = nullptr;

std::uint16_t with_headroom(std::uint32_t room) {
    return static_cast<std::uint16_t>(std::min<std::uint32_t>(room + kHeadroom, UINT16_MAX));
}

/// Private areas are aligned to 8 bytes, as mbufs ask.
std::uint16_t padded(std::uint16_t private_bytes) {
    return static_cast<std::uint16_t>((private_bytes + 7) & ~7);
}

std::uint32_t element_bytes(const PoolSize& size) {
    return static_cast<std::uint32_t>(sizeof(rte_mbuf)) + padded(size.private_bytes) +
           size.room_bytes;
}

std::uint32_t ring_slots(std::uint32_t count) {
    return rte_align32pow2(count + 1);
}

std::string mib(std::uint64_t bytes) {
    return std::to_string((bytes >> 20) + 1) + " MiB";
}

/// As rte_pktmbuf_pool_create() does, which has no flags. Without huge pages there is no physical
/// address to care about, and an mbuf may cross from one page of 4 KiB into the next; else each
/// page would hold one mbuf, and half of the memory would be lost.
rte_mempool* make_pool(const char* name, const PoolSize& size, int socket) {
    const unsigned flags = rte_eal_has_hugepages() != 0 ? 0U : RTE_MEMPOOL_F_NO_IOVA_CONTIG;
    rte_mempool* const pool = rte_mempool_create_empty(
        name, size.count, element_bytes(size), std::min(kCacheMbufs, size.count / 4),
        sizeof(rte_pktmbuf_pool_private), socket, flags);
    if (pool == nullptr) return nullptr;
    rte_pktmbuf_pool_private in_pool{};
    in_pool.mbuf_data_room_size = size.room_bytes;
    in_pool.mbuf_priv_size = padded(size.private_bytes);
    int result = rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), nullptr);
    if (result == 0) {
        rte_pktmbuf_pool_init(pool, &in_pool);
        result = rte_mempool_populate_default(pool);
    }
    if (result < 0) {
        rte_mempool_free(pool);
        rte_errno = -result;
        return nullptr;
    }
    rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
    return pool;
}

std::string sum_of(const PoolSizes& sizes) {
    std::string out = "the mbufs need " + mib(pool_bytes(sizes)) + " (";
    for (std::size_t i = 0; i < kPoolCount; ++i) {
        if (i > 0) out += ", ";
        PoolSizes one{};
        one[i] = sizes[i];
        out += std::string(kNames[i]) + " " + std::to_string(sizes[i].count) + ": " +
               mib(pool_bytes(one));
    }
    return out + ")";
}

}  // namespace

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
        if (size.count > 0) sum += std::uint64_t{ring_slots(size.count)} * sizeof(void*);
    }
    return sum;
}

Pools::Pools(const PoolSizes& sizes, unsigned tag, int socket) {
    DpdkLog::mark();
    try {
        for (std::size_t i = 0; i < kPoolCount; ++i) {
            make(static_cast<PoolName>(i), sizes[i], tag, socket);
        }
        const std::string name = "lastack-back-" + std::to_string(tag);
        const std::uint32_t externals = sizes[static_cast<std::size_t>(PoolName::External)].count;
        // RTS: a preempted thread that gives one back does not make the others wait for it.
        returned_ = rte_ring_create(name.c_str(), ring_slots(externals), socket,
                                    RING_F_MP_RTS_ENQ | RING_F_SC_DEQ);
        if (returned_ == nullptr) {
            throw Error({.place = "memory",
                         .what = "no ring for returned buffers: " + errno_text(rte_errno),
                         .remedy = "raise eal.memory_mib"});
        }
    } catch (const Error&) {
        free_all();
        throw Error(
            {.place = "limits.mbufs",
             .what = sum_of(sizes) + " and do not fit: " + errno_text(rte_errno) + DpdkLog::words(),
             .remedy = "raise eal.memory_mib (or reserve huge pages), or lower "
                       "limits.mbufs"});
    }
    owned_by_this_thread();
}

Pools::~Pools() {
    free_all();
}

void Pools::make(PoolName pool, const PoolSize& size, unsigned tag, int socket) {
    const auto which = static_cast<std::size_t>(pool);
    const std::string name = std::string("lastack-") + kNames[which] + "-" + std::to_string(tag);
    pools_[which] = make_pool(name.c_str(), size, socket);
    if (pools_[which] == nullptr) {
        throw Error({.place = name, .what = "no memory", .remedy = "raise eal.memory_mib"});
    }
}

void Pools::free_all() {
    if (pools_of_this_thread == this) pools_of_this_thread = nullptr;
    rte_ring_free(returned_);
    returned_ = nullptr;
    for (rte_mempool*& pool : pools_) {
        rte_mempool_free(pool);
        pool = nullptr;
    }
}

std::size_t Pools::room_bytes(PoolName name) const {
    return rte_pktmbuf_data_room_size(pools_[static_cast<std::size_t>(name)]) -
           std::size_t{kHeadroom};
}

std::vector<PoolUsage> Pools::usage() const {
    std::vector<PoolUsage> out;
    for (std::size_t i = 0; i < kPoolCount; ++i) {
        out.push_back({.name = kNames[i],
                       .mbuf_bytes = rte_mempool_calc_obj_size(pools_[i]->elt_size, 0, nullptr),
                       .capacity = pools_[i]->size,
                       .in_use = rte_mempool_in_use_count(pools_[i])});
    }
    return out;
}

std::uint64_t Pools::in_use() const {
    std::uint64_t sum = 0;
    for (const rte_mempool* const pool : pools_) sum += rte_mempool_in_use_count(pool);
    return sum;
}

rte_mbuf* Pools::wrap(base::ReleaseFunction release, void* context) {
    rte_mbuf* const mbuf = rte_pktmbuf_alloc((*this)[PoolName::External]);
    if (mbuf == nullptr) return nullptr;
    External& external = external_of(mbuf);
    external.shinfo.free_cb = last_reference_dropped;
    external.shinfo.fcb_opaque = mbuf;
    rte_mbuf_ext_refcnt_set(&external.shinfo, 1);
    external.release = release;
    external.context = context;
    external.owner = this;
    return mbuf;
}

void Pools::owned_by_this_thread() {
    pools_of_this_thread = this;
}

void Pools::give_back(rte_mbuf* mbuf) {
    const External external = external_of(mbuf);
    rte_pktmbuf_free_seg(mbuf);
    external.release(external.context);
}

// Called by rte_mbuf_ext_refcnt's last decrement, on whichever thread frees the mbuf.
void Pools::last_reference_dropped(void*, void* opaque) {
    auto* const mbuf = static_cast<rte_mbuf*>(opaque);
    Pools* const owner = external_of(mbuf).owner;
    if (owner == pools_of_this_thread) {
        give_back(mbuf);
        return;
    }
    // The ring has room for every external there is.
    const int result = rte_ring_enqueue(owner->returned_, mbuf);
    LA_ASSERT(result == 0);
}

void Pools::collect_returned_slowly() {
    void* mbuf = nullptr;
    while (rte_ring_dequeue(returned_, &mbuf) == 0) give_back(static_cast<rte_mbuf*>(mbuf));
}

}  // namespace lastack::port

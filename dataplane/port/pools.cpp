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

// Set by owned_by_this_thread(): whose release callbacks this thread may run.
thread_local const Pools* pools_of_this_thread = nullptr;

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

}  // namespace

Pools::Pools(const PoolSizes& sizes, unsigned tag, int socket) {
    DpdkLog::mark();
    try {
        for (std::size_t i = 0; i < kPoolCount; ++i) {
            make(static_cast<PoolName>(i), sizes[i], tag, socket);
        }
        const std::string name = "lastack-back-" + std::to_string(tag);
        const std::uint32_t externals = sizes[static_cast<std::size_t>(PoolName::External)].count;
        // RTS: a preempted thread that gives one back does not make the others wait for it.
        returned_ = rte_ring_create(name.c_str(), rte_align32pow2(externals + 1), socket,
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
    const std::string label = std::string("lastack-") + name(pool) + "-" + std::to_string(tag);
    pools_[which] = make_pool(label.c_str(), size, socket);
    if (pools_[which] == nullptr) {
        throw Error({.place = label, .what = "no memory", .remedy = "raise eal.memory_mib"});
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
           std::size_t{RTE_PKTMBUF_HEADROOM};
}

std::vector<PoolUsage> Pools::usage() const {
    std::vector<PoolUsage> out;
    for (std::size_t i = 0; i < kPoolCount; ++i) {
        out.push_back({.name = name(static_cast<PoolName>(i)),
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

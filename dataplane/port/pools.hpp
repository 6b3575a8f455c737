// The mbufs of one worker, in six pools, each made for one use and all made at start.
//
//     rx          what devices receive into
//     text        copies of what applications send and connections keep
//     short_text  the same, for short pieces
//     frame       frames on their way out: headers, and the text too where that is copied
//     attach      no room of their own: they point into a text, rx or external buffer while one
//                 transmission lasts
//     external    no room either: one stands for memory that an application lent (External below)
//
// What connections keep and what frames need are apart, so that a worker whose connections hold all
// the text there is can still send it.
//
// An External's references are all counted in its shinfo, by the stack's and by every mbuf in
// flight alike, for a device may still read memory that TCP has long released.
//
// Invariant, checked at exit (J-36): when nothing is open, every pool is full.
#pragma once

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "port/pool_sizes.hpp"

namespace lastack::port {

/// What an mbuf of the pool `external` keeps in its private area.
class Pools;
struct External {
    rte_mbuf_ext_shared_info shinfo;
    base::ReleaseFunction release;
    void* context;
    Pools* owner;
};

struct PoolUsage {
    const char* name;
    std::uint32_t mbuf_bytes;
    std::uint32_t capacity;
    std::uint32_t in_use;  // of a running worker: approximately
};

class Pools {
  public:
    /// `tag` tells the pools of one worker from another's. Throws Error with the sum that does not
    /// fit.
    Pools(const PoolSizes& sizes, unsigned tag, int socket);
    ~Pools();
    Pools(const Pools&) = delete;
    Pools& operator=(const Pools&) = delete;

    rte_mempool* operator[](PoolName name) { return pools_[static_cast<std::size_t>(name)]; }

    /// Room of an mbuf behind its headroom.
    std::size_t room_bytes(PoolName name) const;

    std::vector<PoolUsage> usage() const;
    /// Mbufs in use in all pools: 0 when everything has come back.
    std::uint64_t in_use() const;

    /// An mbuf of `pool`, as rte_pktmbuf_alloc() gives it. The one that the next call will give is
    /// asked for meanwhile: who had it last may have been another core, or a device.
    rte_mbuf* allocate(PoolName name) {
        rte_mempool* const pool = (*this)[name];
        rte_mbuf* const mbuf = rte_pktmbuf_alloc(pool);
        const rte_mempool_cache* const cache = rte_mempool_default_cache(pool, rte_lcore_id());
        if (cache != nullptr && cache->len > 0) fetch_to_fill(cache->objs[cache->len - 1]);
        return mbuf;
    }

    /// An mbuf that stands for memory of the application's, with one reference; nullptr where there
    /// is none left. Where that memory lies, each piece of text says for itself.
    rte_mbuf* wrap(base::ReleaseFunction release, void* context);
    bool is_external(const rte_mbuf* mbuf) const {
        return mbuf->pool == pools_[static_cast<std::size_t>(PoolName::External)];
    }
    static External& external_of(rte_mbuf* mbuf) {
        return *static_cast<External*>(rte_mbuf_to_priv(mbuf));
    }
    /// One reference less, of whichever thread.
    static void drop_external(rte_mbuf* mbuf) {
        External& external = external_of(mbuf);
        if (rte_mbuf_ext_refcnt_update(&external.shinfo, -1) == 0) {
            external.shinfo.free_cb(mbuf->buf_addr, mbuf);
        }
    }

    /// Release callbacks run on the thread that has called this last.
    void owned_by_this_thread();
    /// Runs the release callbacks of externals whose last reference another thread dropped (a ring
    /// port hands mbufs to other threads). On the owner's thread, once per turn.
    void collect_returned() {
        if (rte_ring_empty(returned_) == 0) collect_returned_slowly();
    }

  private:
    void make(PoolName name, const PoolSize& size, unsigned tag, int socket);
    void free_all();
    void collect_returned_slowly();
    static void give_back(rte_mbuf* mbuf);
    /// The mbuf's two lines, and those of a frame's headers.
    static void fetch_to_fill(void* mbuf) {
        constexpr std::size_t kLine = RTE_CACHE_LINE_SIZE;
        constexpr std::size_t kRoom = sizeof(rte_mbuf) + RTE_PKTMBUF_HEADROOM;
        auto* const first = static_cast<std::byte*>(mbuf);
        for (const std::size_t at : {std::size_t{0}, kLine, kRoom, kRoom + kLine}) {
            __builtin_prefetch(first + at, 1);
        }
    }
    static void last_reference_dropped(void* memory, void* mbuf);

    std::array<rte_mempool*, kPoolCount> pools_{};
    rte_ring* returned_ = nullptr;
};

}  // namespace lastack::port

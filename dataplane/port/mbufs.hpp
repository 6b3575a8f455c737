// Buffers of the pure core as mbufs: a base::BufferRef of the worker is an rte_mbuf.
//
// Everything base::Buffers promises, without its virtual calls; the worker's shell adds those. What
// a buffer is decides how it counts: an application's memory (pool `external`) in its shinfo, all
// others in the mbuf. The first mbuf of a received chain stands for the whole chain until
// detach_next() has cut it. One thread.
#pragma once

#include <rte_mbuf.h>

#include <cstddef>
#include <span>

#include "base/assert.hpp"
#include "base/buffer.hpp"
#include "port/pools.hpp"

namespace lastack::port {

inline rte_mbuf* mbuf_of(base::BufferRef buffer) {
    return reinterpret_cast<rte_mbuf*>(buffer);
}
inline base::BufferRef buffer_of(rte_mbuf* mbuf) {
    return reinterpret_cast<base::BufferRef>(mbuf);
}
inline base::Bytes bytes_of(const rte_mbuf* mbuf) {
    return {rte_pktmbuf_mtod(mbuf, const std::byte*), mbuf->data_len};
}

class Mbufs {
  public:
    explicit Mbufs(Pools& pools)
        : pools_(pools),
          short_bytes_(pools.room_bytes(PoolName::ShortText)),
          max_bytes_(pools.room_bytes(PoolName::Text)) {}

    base::BufferRef allocate(std::size_t len_bytes) {
        LA_ASSERT(len_bytes <= max_bytes_);
        rte_mbuf* mbuf = nullptr;
        if (len_bytes <= short_bytes_) mbuf = pools_.allocate(PoolName::ShortText);
        if (mbuf == nullptr) mbuf = pools_.allocate(PoolName::Text);
        return buffer_of(mbuf);
    }

    std::span<std::byte> room(base::BufferRef buffer) {
        rte_mbuf* const mbuf = mbuf_of(buffer);
        LA_ASSERT(rte_mbuf_refcnt_read(mbuf) == 1 && RTE_MBUF_DIRECT(mbuf));
        return {rte_pktmbuf_mtod(mbuf, std::byte*), std::size_t{mbuf->buf_len} - mbuf->data_off};
    }

    std::size_t max_bytes() const { return max_bytes_; }

    /// The pieces of text say where in that memory they lie, so it need not be kept here.
    base::BufferRef wrap(base::Bytes, base::ReleaseFunction when_free, void* context) {
        return buffer_of(pools_.wrap(when_free, context));
    }

    void retain(base::BufferRef buffer) {
        rte_mbuf* const mbuf = mbuf_of(buffer);
        if (pools_.is_external(mbuf)) {
            rte_mbuf_ext_refcnt_update(&Pools::external_of(mbuf).shinfo, 1);
        } else {
            rte_mbuf_refcnt_update(mbuf, 1);
        }
    }

    void release(base::BufferRef buffer) {
        rte_mbuf* const mbuf = mbuf_of(buffer);
        if (pools_.is_external(mbuf)) {
            Pools::drop_external(mbuf);
        } else if (mbuf->next == nullptr) {
            rte_pktmbuf_free_seg(mbuf);
        } else if (rte_mbuf_refcnt_update(mbuf, -1) == 0) {
            // rte_pktmbuf_free() would count down each mbuf of the chain; only the first is shared.
            rte_mbuf_refcnt_set(mbuf, 1);
            rte_pktmbuf_free(mbuf);
        }
    }

    base::Buffers::Next detach_next(base::BufferRef buffer) {
        rte_mbuf* const mbuf = mbuf_of(buffer);
        rte_mbuf* const next = mbuf->next;
        if (next == nullptr) return {nullptr, {}};
        next->nb_segs = static_cast<std::uint16_t>(mbuf->nb_segs - 1);
        next->pkt_len = mbuf->pkt_len - mbuf->data_len;
        mbuf->next = nullptr;
        mbuf->nb_segs = 1;
        mbuf->pkt_len = mbuf->data_len;
        return {buffer_of(next), bytes_of(next)};
    }

  private:
    Pools& pools_;
    std::size_t short_bytes_;
    std::size_t max_bytes_;
};

}  // namespace lastack::port

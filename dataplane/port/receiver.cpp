#include "port/receiver.hpp"

#include <rte_ether.h>

#include <algorithm>
#include <cstring>

#include "port/mbufs.hpp"

namespace lastack::port {

namespace {

// How many frames ahead what is fetched: first the mbuf, which says where its bytes lie.
constexpr std::uint16_t kMbufAhead = 8;
constexpr std::uint16_t kHeadersAhead = 4;

void fetch_mbuf(rte_mbuf* mbuf) {
    rte_mbuf_prefetch_part1(mbuf);
    rte_mbuf_prefetch_part2(mbuf);  // the chain, and the pool for when it is freed
}

// Ethernet, IPv4 and TCP take 54 octets: options begin in the second cache line, and so may text. A
// short request ends in the third.
void fetch_headers(const rte_mbuf* mbuf) {
    rte_prefetch0(rte_pktmbuf_mtod(mbuf, const void*));
    rte_prefetch0(rte_pktmbuf_mtod_offset(mbuf, const void*, RTE_CACHE_LINE_SIZE));
    rte_prefetch0(rte_pktmbuf_mtod_offset(mbuf, const void*, 2 * RTE_CACHE_LINE_SIZE));
}

/// Moves the first octets of the mbufs behind `first` into its tail, up to kContiguousBytes in all,
/// and frees those that become empty. `first` has the room.
void pull_up(rte_mbuf* first) {
    const std::uint32_t wanted = std::min<std::uint32_t>(kContiguousBytes, first->pkt_len);
    while (first->data_len < wanted && first->next != nullptr) {
        rte_mbuf* const next = first->next;
        const auto count = static_cast<std::uint16_t>(
            std::min<std::uint32_t>(wanted - first->data_len, next->data_len));
        std::memcpy(rte_pktmbuf_mtod_offset(first, char*, first->data_len),
                    rte_pktmbuf_mtod(next, const char*), count);
        first->data_len = static_cast<std::uint16_t>(first->data_len + count);
        next->data_off = static_cast<std::uint16_t>(next->data_off + count);
        next->data_len = static_cast<std::uint16_t>(next->data_len - count);
        if (next->data_len > 0) continue;
        first->next = next->next;
        first->nb_segs = static_cast<std::uint16_t>(first->nb_segs - 1);
        next->next = nullptr;
        rte_pktmbuf_free_seg(next);
    }
}

/// May octets be written behind the data of this mbuf, up to kContiguousBytes?
bool can_grow(const rte_mbuf* mbuf) {
    return RTE_MBUF_DIRECT(mbuf) && rte_mbuf_refcnt_read(mbuf) == 1 &&
           std::uint32_t{mbuf->buf_len} >= mbuf->data_off + kContiguousBytes;
}

/// A device that strips tags unasked (af_packet's kernel does) has left it in the mbuf. False where
/// it cannot be put back: without it, the frame would be taken for one of another network.
bool put_tag_back(rte_mbuf*& mbuf) {
    if ((mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) == 0) return true;
    if (rte_vlan_insert(&mbuf) != 0) return false;
    mbuf->ol_flags &= ~RTE_MBUF_F_RX_VLAN_STRIPPED;
    return true;
}

}  // namespace

ChecksumVerdict ip_verdict(std::uint64_t ol_flags) {
    // NONE: the octets are not final (a peer on this host left the sum to hardware), yet intact.
    const std::uint64_t verdict = ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
    if (verdict == RTE_MBUF_F_RX_IP_CKSUM_BAD) return ChecksumVerdict::Bad;
    return verdict == RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN ? ChecksumVerdict::Unknown
                                                     : ChecksumVerdict::Good;
}

ChecksumVerdict l4_verdict(std::uint64_t ol_flags) {
    const std::uint64_t verdict = ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
    if (verdict == RTE_MBUF_F_RX_L4_CKSUM_BAD) return ChecksumVerdict::Bad;
    return verdict == RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN ? ChecksumVerdict::Unknown
                                                     : ChecksumVerdict::Good;
}

std::size_t Receiver::receive(std::span<ReceivedFrame> out) {
    const auto wanted = static_cast<std::uint16_t>(std::min(out.size(), kMostFrames));
    const std::uint16_t count = port_.rx_burst(burst_.data(), wanted);
    std::size_t made = 0;
    for (std::uint16_t i = 0; i < std::min(count, kMbufAhead); ++i) fetch_mbuf(burst_[i]);
    for (std::uint16_t i = 0; i < count; ++i) {
        if (i + kMbufAhead < count) fetch_mbuf(burst_[i + kMbufAhead]);
        if (i + kHeadersAhead < count) fetch_headers(burst_[i + kHeadersAhead]);
        if (prepare(burst_[i], out[made])) ++made;
    }
    return made;
}

bool Receiver::prepare(rte_mbuf* mbuf, ReceivedFrame& out) {
    if (mbuf->data_len < kContiguousBytes && mbuf->next != nullptr) {
        counters_.add(base::Counter::PortRxFlattened);
        mbuf = make_contiguous(mbuf);
        if (mbuf == nullptr) {
            counters_.add(base::Counter::PortRxNoMbuf);
            return false;
        }
    }
    if (!put_tag_back(mbuf)) {
        counters_.add(base::Counter::PortRxVlanLost);
        rte_pktmbuf_free(mbuf);
        return false;
    }
    out = {.buffer = buffer_of(mbuf),
           .bytes = bytes_of(mbuf),
           .chained_bytes = mbuf->pkt_len - mbuf->data_len,
           .ip_checksum = ip_verdict(mbuf->ol_flags),
           .l4_checksum = l4_verdict(mbuf->ol_flags)};
    return true;
}

rte_mbuf* Receiver::make_contiguous(rte_mbuf* first) {
    if (can_grow(first)) {
        pull_up(first);
        return first;
    }
    // The first mbuf may not be written: a new one takes its place and gets its headers.
    rte_mbuf* const head = pools_.allocate(PoolName::ShortText);
    if (head == nullptr) {
        rte_pktmbuf_free(first);
        return nullptr;
    }
    head->ol_flags = first->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
    head->vlan_tci = first->vlan_tci;
    head->port = first->port;
    head->next = first;
    head->nb_segs = static_cast<std::uint16_t>(first->nb_segs + 1);
    head->pkt_len = first->pkt_len;
    pull_up(head);
    return head;
}

}  // namespace lastack::port

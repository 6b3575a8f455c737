#include "port/transmitter.hpp"

#include <rte_ip.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.hpp"
#include "wire/cut.hpp"

namespace lastack::port {

namespace {

constexpr std::uint16_t kBurst = 64;
constexpr std::uint64_t kNeedsPrepare = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_L4_MASK;
constexpr std::uint8_t kIpv6Version = 6;

bool is_ipv6(const OutgoingFrame& frame) {
    return std::to_integer<std::uint8_t>(frame.header[frame.l2_bytes]) >> 4 == kIpv6Version;
}

/// Asks the port to complete the TCP checksum, whose field holds the pseudo-header's sum.
void ask_checksum(rte_mbuf* mbuf, const OutgoingFrame& frame) {
    mbuf->tx_offload =
        rte_mbuf_tx_offload(frame.l2_bytes, frame.l3_bytes, frame.l4_bytes, 0, 0, 0, 0);
    mbuf->ol_flags |=
        RTE_MBUF_F_TX_TCP_CKSUM | (is_ipv6(frame) ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4);
}

/// Asks the port to cut: then each frame's IP checksum is its work too, and the pseudo-header's sum
/// in the TCP checksum field has no length in it.
void ask_cut(rte_mbuf* mbuf, const OutgoingFrame& frame) {
    ask_checksum(mbuf, frame);
    mbuf->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
    mbuf->tso_segsz = frame.mss;
    auto* const ip = rte_pktmbuf_mtod_offset(mbuf, char*, frame.l2_bytes);
    constexpr std::size_t kChecksumAt = 16;  // in the TCP header
    std::uint16_t sum = 0;
    if (is_ipv6(frame)) {
        sum = rte_ipv6_phdr_cksum(reinterpret_cast<const rte_ipv6_hdr*>(ip), mbuf->ol_flags);
    } else {
        mbuf->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
        auto* const header = reinterpret_cast<rte_ipv4_hdr*>(ip);
        header->hdr_checksum = 0;
        sum = rte_ipv4_phdr_cksum(header, mbuf->ol_flags);
    }
    std::memcpy(ip + frame.l3_bytes + kChecksumAt, &sum, sizeof sum);
}

}  // namespace

Transmitter::Transmitter(Ethdev& port, Pools& pools, base::Counters& counters)
    : port_(port),
      builder_(pools, port.capabilities()),
      counters_(counters),
      waiting_(kMostWaiting),
      prepare_(port.capabilities().tx_checksum) {}

Transmitter::~Transmitter() {
    drop_waiting();
}

void Transmitter::send(const OutgoingFrame& frame) {
    LA_ASSERT(!frame.l4_checksum_by_port || builder_.capabilities().tx_checksum);
    const bool cut = frame.mss != 0 && frame.text_bytes > frame.mss;
    TextCursor text(frame.text);
    if (cut && !(builder_.capabilities().tso && builder_.fits_chain(text, frame.text_bytes))) {
        send_cut(frame);
        return;
    }
    rte_mbuf* const mbuf = builder_.build(frame.header.size(), text, frame.text_bytes);
    if (mbuf == nullptr) {
        counters_.add(base::Counter::PortTxNoMbuf);
        return;
    }
    std::memcpy(rte_pktmbuf_mtod(mbuf, std::byte*), frame.header.data(), frame.header.size());
    if (cut) {
        ask_cut(mbuf, frame);
    } else if (frame.l4_checksum_by_port) {
        ask_checksum(mbuf, frame);
    }
    enqueue(mbuf);
}

void Transmitter::send_cut(const OutgoingFrame& frame) {
    const wire::Cutter cutter({.header = frame.header,
                               .l2_bytes = frame.l2_bytes,
                               .l3_bytes = frame.l3_bytes,
                               .l4_bytes = frame.l4_bytes,
                               .text_bytes = frame.text_bytes,
                               .mss = frame.mss});
    TextCursor text(frame.text);
    const bool by_port = builder_.capabilities().tx_checksum;
    for (std::uint32_t i = 0; i < cutter.frame_count(); ++i) {
        const TextCursor begin = text;
        const std::uint32_t text_bytes = cutter.slice(i).len_bytes;
        rte_mbuf* const mbuf = builder_.build(frame.header.size(), text, text_bytes);
        if (mbuf == nullptr) {  // the rest would only arrive behind a gap
            counters_.add(base::Counter::PortTxNoMbuf, cutter.frame_count() - i);
            return;
        }
        const wire::MutableBytes out(rte_pktmbuf_mtod(mbuf, std::byte*), frame.header.size());
        if (by_port) {
            cutter.emit_partial(i, out);
            ask_checksum(mbuf, frame);
        } else {
            cutter.emit_complete(i, out, [&begin](wire::Checksum& sum, wire::Slice slice) {
                begin.sum(sum, slice.len_bytes);
            });
        }
        enqueue(mbuf);
    }
}

void Transmitter::enqueue(rte_mbuf* frame) {
    if (count_ == kMostWaiting && flush().waiting == kMostWaiting) {
        counters_.add(base::Counter::PortTxDrops);
        rte_pktmbuf_free(frame);
        return;
    }
    waiting_[(first_ + count_) % kMostWaiting] = frame;
    ++count_;
}

Transmitter::Flushed Transmitter::flush() {
    if (!port_.running() || port_.gone()) drop_waiting();
    Flushed out;
    while (count_ > 0) {
        // A burst ends where the ring of slots wraps.
        const std::uint32_t straight = std::min(count_, kMostWaiting - first_);
        const auto burst = static_cast<std::uint16_t>(std::min<std::uint32_t>(straight, kBurst));
        const std::uint16_t sent = offer(&waiting_[first_], burst);
        first_ = (first_ + sent) % kMostWaiting;
        count_ -= sent;
        out.sent += sent;
        tried_ -= std::min<std::uint32_t>(tried_, sent);
        if (sent == 0) break;
    }
    // Those left are refused now; each is counted the first time that happens.
    counters_.add(base::Counter::PortTxRetries, count_ - tried_);
    tried_ = count_;
    left_.store(count_, std::memory_order_relaxed);
    out.waiting = count_;
    return out;
}

void Transmitter::drop_waiting() {
    counters_.add(base::Counter::PortTxDrops, count_);
    for (; count_ > 0; --count_) {
        rte_pktmbuf_free(waiting_[first_]);
        first_ = (first_ + 1) % kMostWaiting;
    }
    tried_ = 0;
}

// Returns how many of the frames are no longer ours.
std::uint16_t Transmitter::offer(rte_mbuf** frames, std::uint16_t count) {
    if (prepare_ && std::any_of(frames, frames + count, [](const rte_mbuf* mbuf) {
            return (mbuf->ol_flags & kNeedsPrepare) != 0;
        })) {
        count = rte_eth_tx_prepare(port_.id(), 0, frames, count);
        if (count == 0) {  // the driver cannot send the oldest one, now or later
            counters_.add(base::Counter::PortTxDrops);
            rte_pktmbuf_free(frames[0]);
            return 1;
        }
    }
    return port_.tx_burst(frames, count);
}

}  // namespace lastack::port

// Frames on their way from the generator into the ring that lastack receives from.
#pragma once

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <array>
#include <cstdint>

#include "tests/bench/generator/faults.hpp"
#include "tests/bench/generator/frame.hpp"

namespace lastack::bench {

class Outbox {
  public:
    static constexpr std::uint16_t kBurst = 64;

    Outbox(std::uint16_t port, rte_mempool* pool, Tally& tally)
        : port_(port), pool_(pool), tally_(tally) {}

    void send(const Template& kind, const Words& words) {
        if (std::byte* const room = take(kind.bytes())) kind.make(words, room);
    }

    /// Room for a frame, which leaves with the next flush; nullptr where there is no mbuf.
    std::byte* take(std::size_t bytes) {
        if (count_ == kBurst) flush();
        rte_mbuf* const mbuf = rte_pktmbuf_alloc(pool_);
        if (mbuf == nullptr) {
            ++tally_.no_mbuf;
            return nullptr;
        }
        waiting_[count_++] = mbuf;
        mbuf->data_len = static_cast<std::uint16_t>(bytes);
        mbuf->pkt_len = mbuf->data_len;
        return rte_pktmbuf_mtod(mbuf, std::byte*);
    }

    /// What the ring has no room for is lost, as on a wire.
    void flush() {
        if (count_ == 0) return;
        const std::uint16_t sent = rte_eth_tx_burst(port_, 0, waiting_.data(), count_);
        tally_.frames_out += sent;
        if (sent < count_) {
            const auto left = static_cast<std::uint16_t>(count_ - sent);
            tally_.not_sent += left;
            rte_pktmbuf_free_bulk(waiting_.data() + sent, left);
        }
        count_ = 0;
    }

  private:
    std::uint16_t port_;
    rte_mempool* pool_;
    Tally& tally_;
    std::array<rte_mbuf*, kBurst> waiting_{};
    std::uint16_t count_ = 0;
};

}  // namespace lastack::bench

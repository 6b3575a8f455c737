// A port whose cable ends in the test: what the test puts into `in` is received, what is sent is
// found in `out`. And mbufs made from text, and text from mbufs.
#pragma once

#include <gtest/gtest.h>
#include <rte_eth_ring.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "port/pools.hpp"
#include "tests/port/eal_for_tests.hpp"

namespace lastack::port {

class RingPort {
  public:
    /// `slots` is how many frames the port takes before the test has read any, a power of 2.
    explicit RingPort(unsigned slots = 1024) {
        static int number = 0;
        eal_of_tests();
        label_ = "t" + std::to_string(number++);
        in_ = rte_ring_create((label_ + "in").c_str(), 1024, 0, 0);
        out_ = rte_ring_create((label_ + "out").c_str(), slots, 0, RING_F_EXACT_SZ);
        EXPECT_GE(rte_eth_from_rings(label_.c_str(), &in_, 1, &out_, 1, 0), 0);
    }
    /// The port must be closed by then.
    ~RingPort() {
        for (rte_mbuf* frame : sent()) rte_pktmbuf_free(frame);
        void* mbuf = nullptr;
        while (rte_ring_dequeue(in_, &mbuf) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
        rte_ring_free(in_);
        rte_ring_free(out_);
    }
    RingPort(const RingPort&) = delete;
    RingPort& operator=(const RingPort&) = delete;

    std::string device() const { return "net_ring_" + label_; }
    void arrive(rte_mbuf* frame) { ASSERT_EQ(rte_ring_enqueue(in_, frame), 0); }

    /// What was sent since the last call; the caller frees it.
    std::vector<rte_mbuf*> sent() {
        std::vector<rte_mbuf*> out;
        void* mbuf = nullptr;
        while (rte_ring_dequeue(out_, &mbuf) == 0) out.push_back(static_cast<rte_mbuf*>(mbuf));
        return out;
    }

  private:
    std::string label_;
    rte_ring* in_ = nullptr;
    rte_ring* out_ = nullptr;
};

inline PoolSizes small_pools() {
    PoolDemand demand;
    demand.rx_mbufs = 2048;
    demand.tx_descriptors = 256;
    demand.tx_waiting = 2048;
    return pool_sizes(demand);
}

inline rte_mbuf* mbuf_with(rte_mempool* pool, std::string_view text) {
    rte_mbuf* const mbuf = rte_pktmbuf_alloc(pool);
    EXPECT_NE(mbuf, nullptr);
    char* const room = rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(text.size()));
    EXPECT_NE(room, nullptr);
    std::memcpy(room, text.data(), text.size());
    return mbuf;
}

/// A chain of one mbuf per piece.
inline rte_mbuf* chain_with(rte_mempool* pool, const std::vector<std::string>& pieces) {
    rte_mbuf* head = nullptr;
    for (const std::string& piece : pieces) {
        rte_mbuf* const mbuf = mbuf_with(pool, piece);
        if (head == nullptr) {
            head = mbuf;
        } else {
            EXPECT_EQ(rte_pktmbuf_chain(head, mbuf), 0);
        }
    }
    return head;
}

/// All bytes of a frame, however many mbufs it lies in.
inline std::string text_of(const rte_mbuf* frame) {
    std::string out;
    for (; frame != nullptr; frame = frame->next) {
        out.append(rte_pktmbuf_mtod(frame, const char*), frame->data_len);
    }
    return out;
}

inline base::Bytes bytes_of_text(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// `count` octets that differ from their neighbours.
inline std::string pattern(std::size_t count, unsigned from = 0) {
    std::string out(count, '\0');
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<char>((i * 7 + from) & 0xff);
    return out;
}

}  // namespace lastack::port

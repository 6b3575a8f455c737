// Frames of the stack, made into mbufs and handed to a port in bursts.
//
//     header + text pieces      one frame, or more than one MSS of text
//         |  cut                by the port's TSO, else by wire::Cutter
//     header | text             copied into one mbuf where the text is short (kCopyBytes) or the
//         |                     port sends no chains; else an mbuf of its own for the header and
//         |                     one attached to each piece, so that retained text is never written
//     waiting queue             bounded; what tx_burst leaves stays here for the next flush
//         |
//     rte_eth_tx_burst
//
// Whoever sends waits for nothing: without an mbuf, or with the queue full and the port not taking
// any, the frame is dropped and counted, and TCP repairs it (I-42). The worker's thread.
#pragma once

#include <rte_mbuf.h>

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/counters.hpp"
#include "port/ethdev.hpp"
#include "port/frame_builder.hpp"
#include "port/pools.hpp"

namespace lastack::port {

class Transmitter {
  public:
    /// Frames that may wait for the port; the newest is dropped beyond.
    static constexpr std::uint32_t kMostWaiting = 2048;

    Transmitter(Ethdev& port, Pools& pools, base::Counters& counters);
    /// Frees what still waits.
    ~Transmitter();
    Transmitter(const Transmitter&) = delete;
    Transmitter& operator=(const Transmitter&) = delete;

    /// Makes the frame, or frames, and queues them.
    void send(const OutgoingFrame& frame);

    struct Flushed {
        std::uint32_t sent = 0;
        std::uint32_t waiting = 0;
    };
    /// Offers what waits to the port. A port that does not run takes nothing, and what waits for it
    /// is dropped: it would be out of date when the port is back.
    Flushed flush();

    /// How many frames waited after the last flush. Any thread.
    std::uint32_t waiting() const { return left_.load(std::memory_order_relaxed); }

    /// Largest text of one OutgoingFrame, in octets.
    static constexpr std::uint32_t kMostText = 65'535 - 60 - 60;

  private:
    void send_cut(const OutgoingFrame& frame);
    void enqueue(rte_mbuf* frame);
    std::uint16_t offer(rte_mbuf** frames, std::uint16_t count);
    void drop_waiting();

    Ethdev& port_;
    FrameBuilder builder_;
    base::Counters& counters_;
    // A ring of kMostWaiting slots; `first_` is the oldest.
    std::vector<rte_mbuf*> waiting_;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t tried_ = 0;  // of the oldest, how many the port has refused once already
    std::atomic<std::uint32_t> left_{0};
    bool prepare_ = false;  // the port wants offloaded frames checked before (virtio, i40e, ...)
};

}  // namespace lastack::port

// NewReno: slow start, congestion avoidance, fast retransmit and fast recovery.
// RFC 5681, RFC 6582 (partial acknowledgments), RFC 6928 (initial window), RFC 3042 (limited
// transmit). Pure arithmetic on one connection's numbers; what to send is transmit's business.
#pragma once

#include <algorithm>
#include <cstdint>

#include "wire/seq.hpp"

namespace lastack::tcp {

struct Congestion {
    std::uint32_t cwnd = 0;
    std::uint32_t ssthresh = 0x7fff'ffff;
    std::uint32_t acked_in_avoidance = 0;  // towards the next segment of growth
    wire::Seq recover;                     // 6582: SND.MAX when recovery began
    std::uint8_t duplicate_acks = 0;
    bool at_recover = false;  // 6582 3.2: duplicates of this number begin nothing new
    enum class Phase : std::uint8_t { Open, Recovery, AfterTimeout } phase = Phase::Open;

    /// RFC 6928: IW = min(10 MSS, max(2 MSS, 14600)); one segment where the SYN was lost
    /// (5681 3.1).
    constexpr void start(std::uint32_t mss, bool syn_was_retransmitted) {
        cwnd = syn_was_retransmitted ? mss
                                     : std::min(10 * mss, std::max<std::uint32_t>(2 * mss, 14'600));
    }

    /// New data was acknowledged outside recovery. `limited`: cwnd is what held us back; only then
    /// may it grow (RFC 7661, in its simplest form).
    constexpr void acknowledged(std::uint32_t bytes, std::uint32_t mss, bool limited) {
        duplicate_acks = 0;
        at_recover = false;
        if (!limited) return;
        if (cwnd < ssthresh) {
            cwnd += std::min(bytes, mss);  // 5681 3.1, L = 1 SMSS
            return;
        }
        acked_in_avoidance += bytes;
        if (acked_in_avoidance >= cwnd) {
            acked_in_avoidance -= cwnd;
            cwnd += mss;
        }
    }

    /// The third duplicate ACK: 5681 3.2 step 2 and 3.
    constexpr void enter_recovery(std::uint32_t flight, std::uint32_t mss, wire::Seq snd_max) {
        ssthresh = std::max(flight / 2, 2 * mss);
        cwnd = ssthresh + 3 * mss;
        recover = snd_max;
        phase = Phase::Recovery;
    }

    /// A further duplicate ACK in recovery: one more segment has left the network.
    constexpr void inflate(std::uint32_t mss) { cwnd += mss; }

    /// A partial acknowledgment in recovery: 6582 3.2 step 3.
    constexpr void deflate(std::uint32_t bytes, std::uint32_t mss) {
        cwnd = cwnd > bytes ? cwnd - bytes : mss;
        if (bytes >= mss) cwnd += mss;
    }

    /// Everything sent before recovery is acknowledged: 6582 3.2 step 3, full acknowledgment.
    constexpr void leave_recovery(std::uint32_t flight, std::uint32_t mss) {
        if (phase == Phase::Recovery) cwnd = std::min(ssthresh, std::max(flight, mss) + mss);
        phase = Phase::Open;
        duplicate_acks = 0;
        acked_in_avoidance = 0;
    }

    /// The retransmission timer fired: 5681 3.1. A second time for the same data leaves ssthresh.
    constexpr void timed_out(std::uint32_t flight, std::uint32_t mss, wire::Seq snd_max,
                             bool first_time) {
        if (first_time) ssthresh = std::max(flight / 2, 2 * mss);
        cwnd = mss;
        recover = snd_max;
        phase = Phase::AfterTimeout;
        duplicate_acks = 0;
        acked_in_avoidance = 0;
    }
};

}  // namespace lastack::tcp

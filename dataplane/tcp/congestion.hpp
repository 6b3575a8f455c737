// Slow start, congestion avoidance, and fast recovery, by duplicate ACKs or by SACK blocks.
// RFC 5681, RFC 6582 (NewReno: partial acknowledgments), RFC 6675 (SACK), RFC 6928 (initial
// window), RFC 3042 (limited transmit), RFC 3465 (bytes are counted, not ACKs). Pure arithmetic on
// one connection's numbers; what to send is the business of plan.hpp and recovery.hpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include "wire/seq.hpp"

namespace lastack::tcp {

/// What a loss leaves behind. A connection that has lost nothing never looks at it, so it lies
/// apart from what every ACK needs (tcb.hpp).
struct Loss {
    std::uint32_t ssthresh = 0x7fff'ffff;
    std::uint32_t acked_in_avoidance = 0;  // towards the next segment of growth
    wire::Seq recover;     // 6582, and 6675's RecoveryPoint: SND.MAX when recovery began
    wire::Seq high_rxt;    // 6675: the number behind the last one that recovery has sent again
    wire::Seq rescue_rxt;  // 6675: once SND.UNA is beyond it, one rescue is allowed
};

struct Congestion {
    enum class Phase : std::uint8_t { Open, Recovery, AfterTimeout };

    std::uint32_t cwnd = 0;
    std::uint8_t duplicate_acks = 0;
    Phase phase = Phase::Open;
    bool at_recover : 1 = false;     // 6582 3.2: duplicates of this number begin nothing new
    bool after_timeout : 1 = false;  // slow start since an RTO: L is 1 SMSS (3465 2.3)
    bool lossy : 1 = false;          // until then there is no threshold to look at

    /// RFC 6928: IW = min(10 MSS, max(2 MSS, 14600)); one segment where the SYN was lost
    /// (5681 3.1).
    constexpr void start(std::uint32_t mss, bool syn_was_retransmitted) {
        cwnd = syn_was_retransmitted ? mss
                                     : std::min(10 * mss, std::max<std::uint32_t>(2 * mss, 14'600));
    }

    /// New data was acknowledged outside recovery. `limited`: cwnd is what held us back; only then
    /// may it grow (RFC 7661, in its simplest form). In slow start an ACK adds what it has
    /// acknowledged, but at most `abc_limit` segments: a receiver that divides its ACKs, or sends
    /// few, gains nothing (3465 2.2, 5681 3.1).
    constexpr void acknowledged(Loss& loss, std::uint32_t bytes, std::uint32_t mss, bool limited,
                                std::uint32_t abc_limit = 1) {
        duplicate_acks = 0;
        at_recover = false;
        if (!limited) return;
        if (!lossy || cwnd < loss.ssthresh) {
            cwnd += std::min(bytes, after_timeout ? mss : abc_limit * mss);
            return;
        }
        after_timeout = false;
        loss.acked_in_avoidance += bytes;
        if (loss.acked_in_avoidance >= cwnd) {
            loss.acked_in_avoidance -= cwnd;
            cwnd += mss;
        }
    }

    /// The third duplicate ACK: 5681 3.2 step 2 and 3.
    constexpr void enter_recovery(Loss& loss, std::uint32_t flight, std::uint32_t mss,
                                  wire::Seq snd_max) {
        lossy = true;
        loss.ssthresh = std::max(flight / 2, 2 * mss);
        cwnd = loss.ssthresh + 3 * mss;
        loss.recover = snd_max;
        phase = Phase::Recovery;
    }

    /// RFC 6675 5, step 4: the pipe, and not an inflated window, says what may be sent.
    constexpr void enter_sack_recovery(Loss& loss, std::uint32_t flight, std::uint32_t mss,
                                       wire::Seq snd_una, wire::Seq snd_max) {
        lossy = true;
        loss.ssthresh = std::max(flight / 2, 2 * mss);
        cwnd = loss.ssthresh;
        loss.recover = snd_max;
        loss.high_rxt = loss.rescue_rxt = snd_una;
        phase = Phase::Recovery;
    }

    /// RFC 6675 5, step A: the window stays what recovery has made it.
    constexpr void leave_sack_recovery(Loss& loss) {
        phase = Phase::Open;
        duplicate_acks = 0;
        loss.acked_in_avoidance = 0;
    }

    /// A further duplicate ACK in recovery: one more segment has left the network.
    constexpr void inflate(std::uint32_t mss) { cwnd += mss; }

    /// A partial acknowledgment in recovery: 6582 3.2 step 3.
    constexpr void deflate(std::uint32_t bytes, std::uint32_t mss) {
        cwnd = cwnd > bytes ? cwnd - bytes : mss;
        if (bytes >= mss) cwnd += mss;
    }

    /// Everything sent before recovery is acknowledged: 6582 3.2 step 3, full acknowledgment.
    constexpr void leave_recovery(Loss& loss, std::uint32_t flight, std::uint32_t mss) {
        if (phase == Phase::Recovery) cwnd = std::min(loss.ssthresh, std::max(flight, mss) + mss);
        phase = Phase::Open;
        duplicate_acks = 0;
        loss.acked_in_avoidance = 0;
    }

    /// The retransmission timer fired: 5681 3.1. A second time for the same data leaves ssthresh.
    constexpr void timed_out(Loss& loss, std::uint32_t flight, std::uint32_t mss, wire::Seq snd_max,
                             bool first_time) {
        lossy = true;
        if (first_time) loss.ssthresh = std::max(flight / 2, 2 * mss);
        cwnd = mss;
        loss.recover = snd_max;
        phase = Phase::AfterTimeout;
        after_timeout = true;
        duplicate_acks = 0;
        loss.acked_in_avoidance = 0;
    }
};

}  // namespace lastack::tcp

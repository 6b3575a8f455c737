// TIME-WAIT, and FIN-WAIT-2 whose application has gone: all that is left of a connection (C-19).
//
// No buffers, no owner, no handle. In TIME-WAIT it answers a retransmitted FIN and starts 2MSL
// anew; a SYN may reopen the connection by the table of C-7. In FIN-WAIT-2 it waits for the peer's
// FIN, at most fin_timeout, and then becomes TIME-WAIT in place (D-5). After a reset of our own
// (M-16) there is nothing left to acknowledge: it answers with that reset again.
//
// What is Published any thread may read, for a listing; stack/ says how.
//
// State of its own: 32 bytes; stack/ adds 12, for the rest of the key and the order of ends. What
// can be told from elsewhere is not here: the offset of the time stamp clock is a keyed hash of the
// tuple (C-30), which stack/ adds to what these functions give; and two ages are kept as coarsely
// as they are asked for (CoarseTime).
#pragma once

#include <cstdint>

#include "base/published.hpp"
#include "tcp/env.hpp"
#include "tcp/segment.hpp"
#include "tcp/tcb.hpp"
#include "tcp/timers.hpp"

namespace lastack::tcp {

/// When something was, in 16 bits of a coarse clock: enough for an age that is only compared with a
/// limit, and that the clock does not go round in.
template <unsigned Shift>
class CoarseTime {
  public:
    CoarseTime() = default;
    explicit CoarseTime(std::uint32_t at) : at_(static_cast<std::uint16_t>(at >> Shift)) {}

    /// How long ago that was, at least: less than two of the clock's units below the truth.
    std::uint32_t least_age(std::uint32_t now) const {
        const auto units = static_cast<std::uint16_t>((now >> Shift) - at_);
        return units == 0 ? 0 : (units - 1U) << Shift;
    }

  private:
    std::uint16_t at_ = 0;
};

struct TimeWaitRecord {
    Seq snd_nxt;
    Seq rcv_nxt;
    std::uint32_t ts_recent = 0;
    base::Published<std::uint32_t> deadline_ms = 0;
    std::uint32_t answered_at_ms = 0;  // E-9; meaningful once answered
    CoarseTime<3> entered_at_ms;       // goes round in 8.7 minutes; asked whether it is 60 s (C-25)
    CoarseTime<6> ts_recent_at_s;      // goes round in 48 days; asked whether it is 24 (F-17)
    std::uint16_t window = 0;          // the field as last advertised
    StateCell state;
    std::uint8_t ttl = 0;  // of its answers (C-4); the stack's to give and to use
    base::Published<std::uint8_t> local_and_endless = 0;  // six bits, one; see below
    std::uint8_t dscp : 6 = 0;                            // the stack's, too
    bool reuse_address : 1 = false;  // its owner had asked for it (C-31); the stack's, too
    bool after_reset : 1 = false;    // stands for a connection that we have reset (M-16)
    std::uint8_t shift : 4 = 0;
    bool timestamps : 1 = false;
    bool answered : 1 = false;
    std::uint8_t max_window_log2 : 5 = 0;  // the largest window the peer offered, rounded up

    /// Which of our addresses it is of, one of kMostLocals; the stack's, too.
    std::uint8_t local() const { return local_of(local_and_endless); }
    /// FIN-WAIT-2 without a limit (M-7): it has no deadline.
    bool endless() const { return endless_of(local_and_endless); }
    void set_local(std::uint8_t local) { local_and_endless = pack(local, endless()); }
    void set_endless(bool endless) { local_and_endless = pack(local(), endless); }
    static constexpr std::size_t kMostLocals = 64;
    static constexpr std::uint8_t local_of(std::uint8_t both) { return both & 0x3f; }
    static constexpr bool endless_of(std::uint8_t both) { return (both & 0x80) != 0; }
    static constexpr std::uint8_t pack(std::uint8_t local, bool endless) {
        return static_cast<std::uint8_t>((local & 0x3f) | (endless ? 0x80 : 0));
    }

    /// The receive window: what the advertised field stands for.
    std::uint32_t window_bytes() const { return std::uint32_t{window} << shift; }
    /// MAX.SND.WND (RFC 5961 5.2), at most twice what it was.
    std::uint32_t max_window() const { return std::uint32_t{1} << max_window_log2; }
};
static_assert(sizeof(TimeWaitRecord) == 32);

/// Makes `record` what `tcb`, which has just entered TIME-WAIT or lost its owner in FIN-WAIT-2,
/// goes on as; what is the stack's, the stack fills in. The Tcb reads CLOSED afterwards. In place,
/// for the record is made of many small stores, and a copy of it would have to wait for them.
void make_time_wait(Env& env, Tcb& tcb, TimeWaitRecord& record);

/// The ACK of C-4: same numbers, window and time stamp clock as the connection's last, but for the
/// clock's offset, which is the stack's to add; to every header that this record's functions give.
wire::TcpHeader compose_ack(const Env& env, const TimeWaitRecord& record);

/// ABORT: the record reads CLOSED afterwards. The RST that FIN-WAIT-2 owes (FW2.A03); TIME-WAIT
/// owes none (TW.A03).
std::optional<wire::TcpHeader> abort(Env& env, TimeWaitRecord& record);

/// The deadline has come: 2MSL or fin_timeout is over, and the record goes.
void timeout(Env& env, TimeWaitRecord& record);

}  // namespace lastack::tcp

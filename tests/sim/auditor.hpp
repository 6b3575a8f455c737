// What must hold of a host after every event, whatever the network and the applications do.
//
// After each turn, at a cost that does not grow with the records: nothing is left to do; counts of
// records, of the table, of the wheel, of pieces and of buffers agree; no timer and no handle was
// stale; every change of state that the trace has is an edge of the diagram; a TIME-WAIT that ended
// by its timer lasted 2MSL since its entry or its last restart; no TIME-WAIT resets, and none is
// reset where rfc1337 holds. Every kWalkEvery turns, and at the end, all records are walked
// (support/conservation.hpp).
// Who may stay in a state no longer than a guard allows does not, and no guard strikes early.
//
// What the trace told it remembers for the judge: when each TIME-WAIT ended, whom a guard struck,
// and whom a cookie let in.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tests/support/host.hpp"

namespace lastack::test {

class Auditor {
  public:
    static constexpr std::uint64_t kWalkEvery = 256;

    /// `punctual`: the host's clock never stands still, so that nothing may be late either.
    Auditor(Host& host, bool punctual)
        : host_(&host), two_msl_(2 * host.config().tcp.msl), punctual_(punctual) {}

    /// Empty, or the first thing that is wrong.
    std::string look();
    std::string walk() const;
    std::uint64_t time_waits_timed() const { return timed_; }

    /// Whether a TIME-WAIT between these ports that was entered at `since` or later had gone by
    /// `until`: its 2MSL was over, it was evicted or found no room at all, or its tuple was opened
    /// anew.
    bool time_wait_gone(std::uint16_t local, std::uint16_t remote, time::Instant since,
                        time::Instant until) const;
    /// Whether one lasted from `since` until `until` at least.
    bool time_wait_held(std::uint16_t local, std::uint16_t remote, time::Instant since,
                        time::Instant until) const;
    /// Whether a guard (tcp/guard.hpp) ended a connection between these ports in that time.
    bool guard_struck(std::uint16_t local, std::uint16_t remote, time::Instant since,
                      time::Instant until) const;
    /// Whether this SYN was answered by a cookie, and whether a cookie opened its connection.
    bool cookie_sent(std::uint16_t remote, std::uint32_t irs) const;
    /// Whether any cookie opened a connection with that port in that time.
    bool cookie_opened(std::uint16_t remote, time::Instant since, time::Instant until) const;
    /// Whether a SYN from that port ended a half-open connection in that time (M-17).
    bool half_open_given_up(std::uint16_t remote, time::Instant since, time::Instant until) const;
    bool opened_by_cookie(std::uint16_t remote, std::uint32_t irs) const;

  private:
    struct Wait {
        time::Instant entered{};
        time::Instant since{};          // the entry, or the last restart
        std::uint32_t deadline_ms = 0;  // 0: not seen yet
        bool returned = false;
    };
    struct Guarded {
        tcp::State state;
        time::Instant since;
    };
    struct Gone {
        time::Instant entered{};
        time::Instant ended{};
    };

    const char* counts() const;
    std::string changes();
    std::string change(const stack::TraceEvent& event);
    void note_cookie(const stack::TraceEvent& event);
    const char* guarded(const stack::TraceEvent& event);
    time::Duration limit_of(tcp::State state) const;
    const char* guard_counts() const;
    const char* sent(const stack::TraceEvent& event);
    const char* left_time_wait(const stack::TraceEvent& event);
    const char* timed_out(const stack::TraceEvent& event);
    void restarts();

    Host* host_;
    time::Duration two_msl_;
    bool punctual_;
    std::uint64_t turns_ = 0;
    std::uint64_t next_event_ = 0;
    std::uint64_t restarted_ = 0;
    std::uint64_t timed_ = 0;
    std::unordered_map<std::uint32_t, Wait> waits_;  // by local and remote port
    std::unordered_map<std::uint32_t, std::vector<Gone>> gone_;
    std::unordered_map<std::uint32_t, time::Instant> reset_at_;  // when we last reset these ports
    std::unordered_map<std::uint32_t, Guarded> guarded_;
    std::unordered_map<std::uint32_t, std::vector<time::Instant>> struck_;
    std::uint64_t strikes_ = 0;
    std::unordered_set<std::uint64_t> cookies_sent_;  // by remote port and the peer's ISS
    std::unordered_set<std::uint64_t> cookies_redeemed_;
    std::unordered_map<std::uint16_t, std::vector<time::Instant>> cookie_opens_;   // by remote port
    std::unordered_map<std::uint16_t, std::vector<time::Instant>> half_given_up_;  // the same
    stack::TraceEvent arrived_;  // the last one that did
};

}  // namespace lastack::test

// What must hold of a host after every event, whatever the network and the applications do.
//
// After each turn, at a cost that does not grow with the records: nothing is left to do; counts of
// records, of the table, of the wheel, of pieces and of buffers agree; no timer and no handle was
// stale; every change of state that the trace has is an edge of the diagram; a TIME-WAIT that ended
// by its timer lasted 2MSL since its entry or its last restart. Every kWalkEvery turns, and at the
// end, all records are walked (support/conservation.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "tests/support/host.hpp"

namespace lastack::test {

class Auditor {
  public:
    static constexpr std::uint64_t kWalkEvery = 256;

    /// `punctual`: the host's clock never stands still, so that nothing may be late either.
    Auditor(Host& host, bool punctual) : host_(&host), punctual_(punctual) {}

    /// Empty, or the first thing that is wrong.
    std::string look();
    std::string walk() const;
    std::uint64_t time_waits_timed() const { return timed_; }

  private:
    struct Wait {
        time::Instant since{};
        std::uint32_t deadline_ms = 0;  // 0: not seen yet
        bool returned = false;
    };

    const char* counts() const;
    std::string changes();
    std::string change(const stack::TraceEvent& event);
    void restarts();

    Host* host_;
    bool punctual_;
    std::uint64_t turns_ = 0;
    std::uint64_t next_event_ = 0;
    std::uint64_t restarted_ = 0;
    std::uint64_t timed_ = 0;
    std::unordered_map<std::uint32_t, Wait> waits_;  // by local and remote port
};

}  // namespace lastack::test

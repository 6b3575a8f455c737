// What came of very many connections: sums that can be added, printed and compared.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "lastack/connection.hpp"

namespace lastack::test {

/// How one end of a connection ended; the first are CloseReason's own.
enum class Ended : std::uint8_t {
    Orderly,
    Reset,
    Refused,
    TimedOut,
    Unreachable,
    Aborted,
    NoResources,
    ShutDown,
    LingerExpired,
    NeverOpened,  // the server's end, where the handshake did not come that far
    Died,         // its host did
};
inline constexpr std::size_t kEndings = 11;
std::string_view name(Ended ended);

/// The events of both hosts that the table of results shows.
inline constexpr std::array kTallied{
    base::Counter::OutSegs,           base::Counter::RetransSegs,
    base::Counter::TCPTimeouts,       base::Counter::TCPFastRetrans,
    base::Counter::FinRetrans,        base::Counter::MergedFinAck,
    base::Counter::SimultaneousClose, base::Counter::TimeWaitEntered,
    base::Counter::TimeWaitExpired,   base::Counter::TimeWaitRestarted,
    base::Counter::TimeWaitReAcked,   base::Counter::TimeWaitReopened,
    base::Counter::TimeWaitReturned,  base::Counter::TimeWaitEvicted,
    base::Counter::TWRecycled,        base::Counter::FinWait2Timeout,
    base::Counter::OutRsts,           base::Counter::TCPChallengeACK,
    base::Counter::TCPAbortOnData,    base::Counter::TCPAbortOnClose,
    base::Counter::TCPAbortOnTimeout, base::Counter::OrphanKilled,
    base::Counter::TCPKeepAlive,      base::Counter::TCPWinProbe,
    base::Counter::TCPOFOQueue,       base::Counter::PAWSEstab,
    base::Counter::SyncookiesRecv,    base::Counter::PmtuReduced,
    base::Counter::InCsumErrors,      base::Counter::TxNoBuffer,
    base::Counter::FinWait1Timeout,   base::Counter::ClosingTimeout,
    base::Counter::LastAckTimeout,    base::Counter::CloseWaitTimeout,
    base::Counter::LingerExpired,     base::Counter::PmtuBlackHoles,
    base::Counter::TCPAbortOnMemory,
};

struct Tally {
    std::uint64_t worlds = 0;
    std::uint64_t connections = 0;
    std::uint64_t complete = 0;  // every byte and both ends arrived, on both sides
    std::uint64_t refused_calls = 0;
    std::uint64_t ghosts = 0;  // opened a second time by an old cookie
    std::uint64_t bytes = 0;
    std::uint64_t urgent = 0;  // told of, in either end
    std::uint64_t turns = 0;
    std::uint64_t time_waits_timed = 0;
    std::array<std::uint64_t, kEndings> client{};
    std::array<std::uint64_t, kEndings> server{};
    std::array<std::uint64_t, kTallied.size()> counters{};

    Tally& operator+=(const Tally& other);
    void add(const base::Counters& counters);
    /// Names and numbers, in one order.
    std::vector<std::pair<std::string, std::uint64_t>> rows() const;
    std::string json() const;
};

}  // namespace lastack::test

// The questions that the control plane may ask of running workers.
//
// Every call is made from a control thread, any number of them at once, and returns within its
// `patience`: a worker is never waited for longer. What is published in atomics is read straight
// away and costs the worker nothing: counters, gauges, and the records of TIME-WAIT, which are
// many. What only the owner can tell is asked through the worker's mailbox, a bounded page at a
// time, and answered between two of its turns.
//
//     control thread                     worker
//       list(0, cursor) --- mailbox --->  listen_to_control(): walks one page of what lives
//             |  <----- acknowledged ---  next turn
//       list(0, cursor) -- its memory     TIME-WAITs, when what lives has been listed
//
// An abstract class, so that tests of control/ put a fake in its place; the real one is
// Runtime::Impl (worker/runtime_impl.hpp).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "lastack/endpoint.hpp"
#include "stack/read.hpp"
#include "time/instant.hpp"
#include "wire/address.hpp"

namespace lastack::worker {

using Patience = std::chrono::milliseconds;

/// How long a question waits where the caller has no opinion.
inline constexpr Patience kPatience{1'000};

/// Rows of one page: what a worker does for a question in one turn is bounded by it.
inline constexpr std::size_t kPageRows = 256;

enum class Outcome : std::uint8_t {
    answered,
    timed_out,     ///< The worker did not look into its mailbox in time.
    mailbox_full,  ///< Too many questions wait already.
    stopped,       ///< The worker does not run (any more).
    no_such_worker,
};

/// An answer, or why there is none in words fit for the operator (it names the worker).
template <class T>
struct Answer {
    Outcome outcome = Outcome::answered;
    T value{};
    std::string complaint;  ///< Empty where answered.

    explicit operator bool() const { return outcome == Outcome::answered; }
};

/// All counters of one worker, by base::Counter; base::kCounters has names and help.
using CounterValues = std::array<std::uint64_t, base::kCounterCount>;

struct ConnectionPage {
    std::vector<stack::ConnectionRow> rows;
    stack::ListCursor next;  ///< Ask again with this one, until `next.done`.
    /// Changes of state at this worker so far, of all its connections: the difference to the first
    /// page's is how many there were under the listing.
    std::uint64_t changes = 0;
};

struct TracePage {
    std::vector<stack::TraceEvent> events;
    std::uint64_t next_number = 0;  ///< Where to go on; an empty page has reached the end.
};

/// stack::PoolUse, or a mempool of the port's.
struct MemoryRow {
    std::string name;
    std::uint32_t record_bytes = 0;
    std::uint32_t capacity = 0;
    std::uint32_t in_use = 0;
};

struct NeighbourRow {
    std::uint8_t port = 0;
    Address address;
    wire::MacAddress mac;      ///< All zero while unresolved.
    std::string state;         ///< "reachable", "incomplete", ...
    std::uint32_t age_ms = 0;  ///< Since it was last heard of.
};

struct NamedNumber {
    std::string name;
    std::uint64_t value = 0;
};

struct PortStatus {
    std::uint8_t port = 0;
    std::string device;  ///< As configured: "net_tap0,iface=la0".
    std::string driver;  ///< "net_tap"
    wire::MacAddress mac;
    std::uint16_t mtu = 0;
    bool link_up = false;
    std::uint32_t link_mbps = 0;  ///< 0 where the device does not know.
    bool promiscuous = false;
    std::vector<std::string> offloads;  ///< In use: "rx-checksum", "tx-checksum", "tso", ...
    std::uint64_t link_changes = 0;
    std::uint64_t resets = 0;  ///< Device-reset events handled.
    std::uint64_t rx_packets = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t rx_missed = 0;
    std::uint64_t rx_errors = 0;
    std::uint64_t rx_no_mbuf = 0;
    std::uint64_t tx_packets = 0;
    std::uint64_t tx_bytes = 0;
    std::uint64_t tx_errors = 0;
    std::uint32_t tx_waiting = 0;  ///< Frames in the retry queue now.
    std::vector<NamedNumber> xstats;
};

/// Frames per receive call: bucket i counts bursts of 2^(i-1)+1 .. 2^i frames; bucket 0, empty
/// ones.
inline constexpr std::size_t kBurstBuckets = 10;

struct WorkerStatus {
    unsigned worker = 0;
    unsigned lcore = 0;
    bool running = false;
    std::uint64_t turns = 0;
    std::uint64_t busy_turns = 0;
    std::uint64_t sleeps = 0;
    std::uint64_t busy_cycles = 0;  ///< In turns that found something to do.
    std::uint64_t idle_cycles = 0;
    std::uint64_t tsc_hz = 0;
    std::array<std::uint64_t, kBurstBuckets> bursts{};
    bool timers_behind = false;          ///< The last expire() used its whole budget.
    std::uint32_t live_connections = 0;  ///< Neither LISTEN nor TIME-WAIT, as of the last turn.

    double busy_ratio() const {
        const auto all = static_cast<double>(busy_cycles + idle_cycles);
        return all > 0 ? static_cast<double>(busy_cycles) / all : 0;
    }
};

struct DrainProgress {
    bool draining = false;
    std::uint32_t live_connections = 0;  ///< Of all workers, still to finish.
    std::chrono::milliseconds patience_left{0};
};

/// One moment on both clocks, so that a trace event's Instant can be printed as wall-clock time.
struct ClockAnchor {
    time::Instant instant{};
    std::chrono::system_clock::time_point wall{};
};

class Inspector {
  public:
    virtual ~Inspector() = default;

    // --- Read straight away
    virtual unsigned workers() const = 0;
    /// All zero for a worker that does not exist.
    virtual CounterValues counters(unsigned worker) const = 0;
    virtual stack::StateGauges gauges(unsigned worker) const = 0;
    virtual WorkerStatus status(unsigned worker) const = 0;
    /// Asks the devices, not the workers.
    virtual std::vector<PortStatus> ports() = 0;
    virtual ClockAnchor clock_anchor() const = 0;
    /// What start-up had to tell the operator, such as a fall back to ordinary pages.
    virtual std::vector<std::string> notices() const = 0;

    // --- Asked through the mailbox
    /// A page may be empty before the end. Compact records are read straight away, though not
    /// faster than eight million a second: a listing without pause is not to be felt by the worker.
    virtual Answer<ConnectionPage> list(unsigned worker, stack::ListCursor from,
                                        const stack::ListFilter& filter,
                                        Patience patience = kPatience) = 0;
    /// Events with a number of at least `from_number`; what was overwritten is skipped.
    virtual Answer<TracePage> trace(unsigned worker, std::uint64_t from_number,
                                    Patience patience = kPatience) = 0;
    /// Records, buffers and mempools.
    virtual Answer<std::vector<MemoryRow>> memory(unsigned worker,
                                                  Patience patience = kPatience) = 0;
    virtual Answer<std::vector<NeighbourRow>> neighbours(unsigned worker,
                                                         Patience patience = kPatience) = 0;
    /// The application's own report, JSON text.
    virtual Answer<std::string> report(unsigned worker, Patience patience = kPatience) = 0;

    // --- The end
    /// Like Runtime::stop(): drains for at most `patience`; a second call ends it at once.
    virtual void begin_drain(Patience patience) = 0;
    virtual DrainProgress drain_progress() const = 0;
};

}  // namespace lastack::worker

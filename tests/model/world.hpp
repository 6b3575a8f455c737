// Two stacks, a wire and two applications, in memory that can be copied and put back: one state of
// the model, and what may happen to it next.
//
//   | Core: time, wire, applications, bounds left | blocks a | blocks b | arena a | arena b |
//
// Time. Segments arrive, get lost and are doubled without time passing, but for the 8 us of an ISN
// that goes on; it jumps only to the earliest deadline of both stacks. So a segment may meet any
// order of deliveries and deadlines, and two clocks never drift.
//
// Frozen. After every step what the lists of fields name "held" is put back: congestion to its
// start, the round trip to unmeasured and not backed off, the instant of the last progress to now.
// That makes each a constant of the model, so that states may be compared without it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lastack/core.hpp"
#include "stack/fields.hpp"
#include "tests/model/scenario.hpp"
#include "tests/model/shell.hpp"
#include "time/instant.hpp"

namespace lastack::model {

enum class Kind : std::uint8_t {
    Connect,
    Send,
    ShutDown,
    Close,
    Abort,
    Deliver,
    Duplicate,
    Tick,
};

/// One thing that may happen: to an end, or to the segment in `place` on its way to that end. A
/// segment that is lost is lost as it leaves: to lose it later would show the ends nothing else.
struct Action {
    Kind kind = Kind::Tick;
    std::uint8_t end = 0;
    std::uint8_t place = 0;
    std::uint8_t lost = 0;  // bit i: the i-th segment that leaves in this step is lost
};

/// The timers that may race segments, per end.
enum class Race : std::uint8_t { SynAck, Retransmit, Persist, DelayedAck, KeepAlive, Long };

struct Flight {
    std::array<std::byte, 110> frame{};
    std::uint16_t len_bytes = 0;  // 0: free

    std::span<const std::byte> bytes() const { return std::span(frame).first(len_bytes); }
};

/// What an application has done and heard.
struct Application {
    std::uint32_t index = 0;  // its connection
    std::uint32_t generation = 0;
    std::uint8_t sends_left = 0;
    std::uint8_t bytes_sent = 0;
    std::uint8_t bytes_received = 0;
    std::uint8_t connects = 0;
    std::uint8_t opens = 0;
    bool has_connection = false;
    bool open = false;
    bool peer_closed = false;
    bool shut_down = false;
    bool closed = false;  // close() or abort() was called
    bool aborted = false;
    bool told_closed = false;
    CloseReason reason{};
};

class World final : public Wire {
  public:
    explicit World(const Scenario& scenario);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    const Scenario& scenario() const { return scenario_; }

    /// What may happen next.
    void enabled(std::vector<Action>& actions) const;
    /// Lets it happen, and checks every invariant. Throws Failure.
    void apply(Action action);
    /// Checks a state in which nothing is enabled. Throws Failure.
    void check_end() const;

    // --- The memory

    std::span<std::byte> memory() { return memory_bytes_; }
    /// The parts that `action` may change.
    std::array<std::span<std::byte>, 3> touched(Action action);

    // --- For canonical states and ladders

    /// All that is the same in every state but for one, and is small.
    struct Core {
        time::Instant now{};
        std::array<std::array<Flight, kInFlight>, 2> flights{};  // by where they go
        std::array<Application, 2> applications{};
        std::array<std::array<std::uint32_t, 4>, 2> iss{};  // the numbers each end's SYNs had
        std::array<std::uint8_t, 2> iss_count{};
        std::array<std::uint32_t, 2> stamp_offset{};
        std::array<std::uint8_t, 2> raced{};               // a bit per Race
        std::array<std::int64_t, 2> time_wait_since_ms{};  // -1: not in TIME-WAIT
        std::uint8_t losses_left = 0;
        std::uint8_t duplicates_left = 0;
        std::uint8_t races_left = 0;
    };
    const Core& core() const { return *core_; }
    const stack::Stack& stack(unsigned end) const { return *ends_[end].stack; }
    std::string state_name(unsigned end) const;
    /// Segments that found three in flight already.
    std::uint64_t overflows() const { return overflows_; }
    /// What left in the last step.
    struct Sent {
        unsigned from;
        Flight flight;
        bool lost;
    };
    const std::vector<Sent>& sent_last() const { return sent_last_; }

    void sent(unsigned end, std::span<const std::byte> frame) override;

  private:
    class Ears;
    void hear_open(unsigned end, Connection connection);
    std::size_t hear_data(unsigned end, std::span<const Bytes> pieces);
    void hear_peer_closed(unsigned end, Connection connection);
    void hear_closed(unsigned end, CloseReason reason);
    struct End {
        std::unique_ptr<Shell> shell;
        std::unique_ptr<Ears> ears;
        stack::Stack* stack = nullptr;
        Blocks* blocks = nullptr;
        std::span<std::byte> arena;
    };
    struct alignas(64) Line {
        std::byte bytes[64];
    };

    void make_end(unsigned end, std::span<std::byte> memory);
    void resolve_neighbours();
    void open_both();
    bool deliver_first();
    void turn(unsigned end);
    void call(Action action);
    void deliver(Action action);
    void tick(unsigned end);
    void drop(unsigned end, unsigned place);
    void hold(unsigned end);
    void insert_fault(unsigned end);
    void check_reset_counters(unsigned end);
    void check(unsigned end);
    void check_records(unsigned end) const;
    void check_time_wait(unsigned end);
    void enabled_calls(unsigned end, std::vector<Action>& actions) const;
    bool owes_close(unsigned end) const;
    bool may_tick(unsigned end) const;
    std::uint8_t due_races(unsigned end, time::Instant deadline) const;
    bool wire_empty() const;
    void step_clock();
    void count_race(unsigned end, time::Instant deadline);
    void note_syn(unsigned end, const wire::TcpHeader& header);
    bool lost_by_fault(unsigned end, const wire::TcpHeader& header) const;
    Connection connection(unsigned end) const;
    const tcp::TimeWaitRecord* time_wait(unsigned end) const;

    Scenario scenario_;
    std::vector<Line> lines_;
    std::span<std::byte> memory_bytes_;
    Core* core_ = nullptr;
    std::array<End, 2> ends_;
    std::vector<Sent> sent_last_;
    bool ready_ = false;  // while it is being made, what leaves is not put on the wire
    std::uint64_t overflows_ = 0;
    std::uint8_t lost_ = 0;             // Action::lost of this step
    bool in_time_wait_before_ = false;  // the end that takes this step
    bool may_restart_ = false;          // the consumed FIN has come to its TIME-WAIT again
};

/// When the next timer of a stack is due; nullopt: none is armed.
std::optional<time::Instant> earliest_deadline(const stack::Stack& stack, time::Instant now);

}  // namespace lastack::model

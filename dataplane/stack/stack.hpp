// One core's endpoint, whole, and still without I/O: frames in with an Instant, frames out, and the
// next deadline. The worker, the tests' Host, the simulator and the fuzzers are shells around it.
//
//   receive(burst) -> IpLayer -> look up -> the protocol judges the segment against its record
//   expire(budget) -> wheel   -> the protocol's timers
//   serve()        -> the applications hear what happened, and call back
//   transmit()     -> what records owe becomes segments, once per record and turn
//
// The protocol decides about a record and says so; this class allocates, replaces and frees
// records, keeps the connection table, and puts ports and addresses on what leaves. All of it lies
// in one arena, the Stack itself first: a copy of the arena's bytes, put back in place, is a
// snapshot.
//
// One owner thread. counters() and states() may be read from any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/arena.hpp"
#include "base/counters.hpp"
#include "base/pool.hpp"
#include "ip/path_mtu.hpp"
#include "ip/token_bucket.hpp"
#include "lastack/core.hpp"
#include "stack/config.hpp"
#include "stack/index_list.hpp"
#include "stack/index_queue.hpp"
#include "stack/ip_layer.hpp"
#include "stack/read.hpp"
#include "stack/records.hpp"
#include "stack/shell.hpp"
#include "stack/trace_ring.hpp"
#include "table/flow_table.hpp"
#include "table/hash.hpp"
#include "table/listeners.hpp"
#include "table/local_ports.hpp"
#include "table/port_use.hpp"
#include "tcp/arrive.hpp"
#include "tcp/cookie.hpp"
#include "tcp/env.hpp"
#include "time/record_wheel.hpp"
#include "time/wheel.hpp"

namespace lastack::stack {

class Stack final : public Core {
  public:
    /// How many bytes create() needs.
    static std::size_t arena_bytes(const Config& config);

    /// Makes a Stack at the beginning of `memory` (aligned to a cache line, arena_bytes(config)
    /// long, outliving it). Throws std::invalid_argument for an impossible configuration.
    static Stack& create(const Config& config, std::span<std::byte> memory, Shell& shell,
                         time::Instant now);

    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;

    // --- The phases of a turn, in this order

    /// Judges the frames of a burst, in order. Their buffers are the stack's from now on.
    void receive(std::span<const Frame> burst, time::Instant now);

    /// Fires what is due, at most `at_most` timers. Returns how many; == at_most: more may be due.
    std::uint32_t expire(time::Instant now, std::uint32_t at_most);

    /// Tells the applications what happened.
    void serve(time::Instant now);

    /// Makes segments of what records owe.
    void transmit(time::Instant now);

    /// When expire() has something to do next; never later than the true instant.
    std::optional<time::Instant> next_deadline() const;

    /// Whether serve() or transmit() have something to do without new input.
    bool has_work() const {
        return to_serve_.size() != 0 || to_transmit_.size() != 0 || timers_due_.size() != 0;
    }

    // --- Operation

    /// Announces our addresses; once, at start.
    void announce(time::Instant now) { ip_.announce(now); }
    void stop_listening_all();
    /// RST to every connection; their handlers hear shut_down at the next serve().
    void abort_all();
    void set_link(std::uint8_t port, bool up, time::Instant now) { ip_.set_link(port, up, now); }
    /// Records that are neither LISTEN nor TIME-WAIT.
    std::uint32_t live_connections() const;

    // --- Read side; the owner's thread, but where it says otherwise

    /// Fills `out` with rows from the cursor on, in the order of a life: listeners, half-open
    /// connections, open ones, compact records. How many; cursor.done at the end. A connection that
    /// lives throughout is listed at least once, and at most once for each record that it has had.
    std::size_t list(ListCursor& cursor, std::span<ConnectionRow> out,
                     const ListFilter& filter = {}) const;
    /// The same up to the compact records, and not these: then the cursor is at_compact().
    std::size_t list_live(ListCursor& cursor, std::span<ConnectionRow> out,
                          const ListFilter& filter = {}) const;
    /// The same of compact records, from their memory while their owner works, which does not
    /// notice. Any thread; `now` is the owner's clock there. At most kCompactsPerCall records are
    /// looked at, and none that its owner is just changing: `out` may stay empty before the end.
    std::size_t list_compact(ListCursor& cursor, std::span<ConnectionRow> out,
                             const ListFilter& filter, time::Instant now) const;
    static constexpr std::uint32_t kCompactsPerCall = 1U << 16;
    static bool at_compact(const ListCursor& cursor);
    StateGauges gauges() const;
    const tcp::StateBook& states() const { return states_; }
    const base::Counters& counters() const { return counters_; }
    base::Counters& counters() { return counters_; }
    std::vector<PoolUse> memory() const;
    std::uint32_t orphans() const { return orphans_; }
    std::size_t read_trace(std::uint64_t number, std::span<TraceEvent> out) const {
        return trace_.read(number, out);
    }
    IpLayer& ip() { return ip_; }
    const IpLayer& ip() const { return ip_; }
    time::Duration timer_backlog(time::Instant now) const {
        return std::max(wheel_.backlog(now), time_wait_wheel_.backlog(now));
    }

    /// No record but listeners and TIME-WAIT, and nothing queued anywhere (J-36).
    bool quiescent() const;

    // --- Core
    unsigned worker() const override { return worker_; }
    std::chrono::nanoseconds now() const override { return env_.now.time_since_epoch(); }
    ListenResult listen(const Endpoint& local, Handler& handler,
                        const ListenOptions& options) override;
    void stop_listening(Listener listener) override;
    ConnectResult connect(const Endpoint& remote, Handler& handler,
                          const ConnectOptions& options) override;
    Timer start_timer(std::chrono::nanoseconds delay, TimerHandler& handler,
                      std::uint64_t cookie) override;
    void cancel_timer(Timer timer) override;

  private:
    friend struct StackFields;  // stack/fields.hpp: every field, for proofs

    Stack(base::Arena& arena, const Config& config, Shell& shell, time::Instant now);

    /// A TCP segment on its way to its record.
    struct Arriving {
        wire::FlowKey4 key;
        std::uint64_t hash = 0;
        tcp::Segment segment;
    };
    /// A datagram of the burst whose turn comes once its record has been prefetched.
    struct Pending {
        TcpDatagram datagram;
        std::uint64_t hash = 0;
        const Frame* frame = nullptr;
    };
    static constexpr std::size_t kBatch = 32;  // how many are prefetched at once
    /// What one buffer holds of a segment.
    struct Part {
        base::BufferRef buffer;
        base::Bytes bytes;
    };

    // Segments in (stack_receive.cpp)
    void receive_tcp(const TcpDatagram& datagram, const Frame& frame, std::uint64_t hash);
    bool adopt_text(const TcpDatagram& datagram, const Frame& frame, Arriving& arriving);
    bool adopt_parts(const TcpDatagram& datagram, std::span<Part> parts, bool whole,
                     tcp::Segment& segment);

    // ... and to their records (stack_dispatch.cpp)
    void dispatch(Arriving& arriving);
    void dispatch_to_record(Arriving& arriving);
    void dispatch_to_nobody(Arriving& arriving);
    void dispatch_to_syn(Arriving& arriving, std::uint32_t index);
    void dispatch_to_tcb(Arriving& arriving, std::uint32_t index);
    void dispatch_to_time_wait(Arriving& arriving, std::uint32_t index);
    table::FlowRef find(std::uint64_t hash, const wire::FlowKey4& key) const;
    tcp::State state_of(std::uint64_t hash, const wire::FlowKey4& key) const;

    // What the network says (stack_icmp.cpp)
    void receive_icmp(const ip::IcmpError& error);
    void apply_path_mtu(TcbSlot& slot) const;
    void learn_path_mss(const wire::FlowKey4& key, std::uint16_t path_mss);

    // Half-open records (stack_half_open.cpp), and none at all (stack_cookies.cpp)
    void open_half(Arriving& arriving, std::uint32_t listener, std::uint32_t reopened);
    void abort_half(std::uint32_t index);
    void drop_half(std::uint32_t index);
    void settle_half(std::uint32_t index, tcp::Fate fate);
    void return_to_time_wait(std::uint32_t syn_index);
    bool wants_cookie(const ListenerSlot& door) const;
    void send_cookie(const Arriving& arriving, ListenerSlot& door);
    bool redeem_cookie(Arriving& arriving, const ListenerSlot& door);
    bool may_bring_cookie(const Arriving& arriving, const ListenerSlot& door) const;
    bool cookie_overtakes(const Arriving& arriving, const SynSlot& half) const;
    void open_from_cookie(Arriving& arriving, const ListenerSlot& door);
    tcp::CookieFacts cookie_facts(const wire::FlowKey4& key) const;

    // Open records (stack_records.cpp)
    void open_fully(Arriving& arriving, std::uint32_t syn_index);
    TcbSlot& make_live(std::uint32_t index, const wire::FlowKey4& key, std::uint64_t hash);
    TcbSlot& make_open(std::uint32_t index, const Arriving& arriving, const ListenerSlot& door,
                       tcp::SynRecord& half);
    void settle(std::uint32_t tcb_index, const tcp::Outcome& outcome);
    bool waits_after(const TcbSlot& slot, const tcp::Outcome& outcome) const;
    void leave_table(std::uint32_t tcb_index, TcbSlot::Phase phase);
    void free_tcb(std::uint32_t index);

    // Compact records (stack_time_wait.cpp)
    void become_time_wait(std::uint32_t tcb_index, bool after_reset = false);
    void forget_parked(SynSlot& half);
    wire::FlowKey4 key_of(const TimeWaitSlot& slot) const;
    bool is_of(const TimeWaitSlot& slot, const wire::FlowKey4& key) const;
    std::uint32_t allocate_time_wait();
    void evict(std::uint32_t time_wait_index);
    void begin_wait(std::uint32_t time_wait_index);
    void end_wait(std::uint32_t time_wait_index);
    void restart_wait(std::uint32_t time_wait_index, bool was_endless, std::uint32_t before_ms);
    void release_time_wait(std::uint32_t time_wait_index);
    std::uint32_t time_wait_of(const TcbSlot& slot) const;
    void free_time_wait(std::uint32_t index);

    // Listeners (stack_listen.cpp)
    std::uint32_t door_of(const Arriving& arriving) const;
    bool port_in_use(wire::Ipv4Address address, std::uint16_t port, bool reuse) const;
    bool used_by_record(wire::Ipv4Address address, std::uint16_t port, bool reuse) const;
    bool may_join(const ListenerSlot& head, const ListenOptions& options) const;
    void join_group(std::uint32_t index, std::uint32_t head);
    void leave_group(std::uint32_t index);
    void share_cookie_stamp(std::uint32_t head);
    void drop_children(std::uint32_t listener);
    void use_port(const TcbSlot& slot) { port_use_.add(slot.key.local_port, slot.reuse_address); }

    // Timers (stack_turn.cpp)
    std::uint32_t syn_timer(std::uint32_t index) const { return index; }
    std::uint32_t tcb_timer(std::uint32_t index) const { return syns_.capacity() + index; }
    std::uint32_t application_timer(std::uint32_t index) const {
        return syns_.capacity() + tcbs_.capacity() + index;
    }
    time::Instant instant_of(std::uint32_t deadline_ms) const;
    void arm_earliest(std::uint32_t tcb_index);
    std::uint32_t expire_timers(std::uint32_t at_most);
    std::uint32_t expire_time_waits(std::uint32_t at_most);
    void fire(std::uint32_t id);
    void fire_syn(std::uint32_t index);
    void fire_tcb(std::uint32_t index);
    void fire_time_wait(std::uint32_t index);

    // Applications (stack_serve.cpp)
    void want_service(std::uint32_t tcb_index);
    void serve_connection(std::uint32_t index);
    bool offer_text(std::uint32_t index);
    bool holds_the_end(const TcbSlot& slot) const;
    bool refuses_reading(const TcbSlot& slot) const;
    void tell_trouble(std::uint32_t index);
    void let_go(std::uint32_t index);
    void copy_held(TcbSlot& slot);
    Connection handle(std::uint32_t index) {
        return Connection(this, index, tcbs_[index].generation);
    }

    // Segments out (stack_transmit.cpp)
    void want_transmission(std::uint32_t tcb_index);
    bool transmit_connection(std::uint32_t index);
    SendResult emit(TcbSlot& slot, tcp::Outgoing& out);
    void answer(TcbSlot& slot, wire::TcpHeader header);
    void answer(const wire::FlowKey4& key, wire::TcpHeader header, ip::NeighbourHint* neighbour);
    void answer(const TimeWaitSlot& slot, wire::TcpHeader header);
    std::size_t gather(const tcp::PieceList& queue, const tcp::Outgoing& out,
                       std::span<OutPiece> pieces) const;

    // The application opens (stack_open.cpp) and closes (stack_close.cpp)
    std::optional<std::uint16_t> choose_port(const wire::FlowKey4& key);
    bool usable_port(wire::FlowKey4 key, std::uint16_t port) const;
    bool may_reuse(const TimeWaitSlot& slot, bool bound_port) const;
    bool reusable(table::FlowRef ref, bool bound_port) const;
    bool enter_table(std::uint64_t hash, std::uint32_t tcb_index, table::FlowRef reused);
    void open_tcb(TcbSlot& slot, table::FlowRef reused);
    void finish_close(std::uint32_t index);
    void count_orphan(std::uint32_t index);
    void uncount_orphan(TcbSlot& slot);
    bool too_many_orphans(const TcbSlot& slot) const;
    void abort_tcb(std::uint32_t index, tcp::End end);
    void abort_time_wait(const TcbSlot& slot);
    void abort_record(std::uint32_t time_wait_index);

    // The application's other calls (stack_calls.cpp, stack_options.cpp, stack_errors.cpp)
    TcbSlot* find_slot(Connection connection) const;
    TcbSlot* find_live(Connection connection) const;
    void call_when_writable(std::uint32_t tcb_index);
    void arm_keep_alive(std::uint32_t tcb_index);
    void follow_timers(std::uint32_t tcb_index);
    void set_option(std::uint32_t index, Option option, std::int64_t value);
    std::size_t do_send(Connection connection, Bytes bytes) override;
    std::size_t do_send_urgent(Connection connection, Bytes bytes) override;
    bool do_send_by_reference(Connection connection, Bytes bytes, ReleaseFunction release,
                              void* context) override;
    std::size_t do_send_room(Connection connection) const override;
    void do_shutdown_write(Connection connection) override;
    void do_close(Connection connection) override;
    void do_abort(Connection connection) override;
    int do_resume(Connection connection) override;
    std::uint32_t do_urgent_left(Connection connection) const override;
    int do_take_error(Connection connection) override;
    int do_send_error(Connection connection) override;
    bool do_set_option(Connection connection, Option option, std::int64_t value) override;
    void do_set_context(Connection connection, void* context) override;
    void* do_context(Connection connection) const override;
    Endpoint do_local(Connection connection) const override;
    Endpoint do_remote(Connection connection) const override;
    std::string_view do_state(Connection connection) const override;
    bool do_valid(Connection connection) const override;

    // Read side (stack_read.cpp)
    ConnectionRow row_of(const SynSlot& slot) const;
    ConnectionRow row_of(const TcbSlot& slot) const;
    struct CompactFacts;
    enum class ReadResult : std::uint8_t { Free, Read, Moving };
    ReadResult read_compact(std::uint32_t index, CompactFacts& facts) const;
    std::uint32_t remaining_ms(std::uint32_t deadline_ms) const {
        return remaining_ms(deadline_ms, env_.now);
    }
    static std::uint32_t remaining_ms(std::uint32_t deadline_ms, time::Instant now);
    std::uint32_t timers_at_rest() const;

    void trace(TraceEvent::Kind kind, const wire::FlowKey4& key, const wire::TcpHeader& header,
               std::uint32_t text_bytes, tcp::State state);
    void trace_change(const wire::FlowKey4& key, std::uint64_t changes_before);
    /// Takes a step of the protocol's, returns what it returned, and traces the change of state
    /// that it made of `key`'s record.
    template <class Step>
    auto traced(const wire::FlowKey4& key, Step&& step) {
        const std::uint64_t changes = states_.changes();
        if constexpr (std::is_void_v<decltype(step())>) {
            step();
            trace_change(key, changes);
        } else {
            auto result = step();
            trace_change(key, changes);
            return result;
        }
    }
    void enter(const wire::FlowKey4& key, tcp::StateCell& state, tcp::Cause cause) {
        traced(key, [&] { tcp::enter(states_, state, cause); });
    }

    unsigned worker_ = 0;
    std::uint32_t max_held_buffers_ = 0;
    std::uint32_t offering_ = base::kNoIndex;  // whose on_data is being called
    Secrets secrets_;
    TcpOptions options_;
    tcp::Config tcp_config_;
    base::Counters counters_;
    tcp::StateBook states_;
    Shell* shell_;
    base::Pool<base::Piece> pieces_;
    base::Pool<tcp::Run> runs_;
    base::Pool<tcp::SackedRun> sacked_;
    base::Pool<ListenerSlot> listeners_;
    base::Pool<SynSlot> syns_;
    base::Pool<TcbSlot> tcbs_;
    TimeWaitPool time_waits_;
    base::StripedVersions versions_;  // of time_waits_
    base::Pool<TimerSlot> timers_;
    table::FlowHasher hasher_;
    table::FlowTable table_;
    table::Listeners<wire::Ipv4Address> listening_;
    table::LocalPorts local_ports_;
    table::PortUse port_use_;
    time::Wheel wheel_;
    time::RecordWheel time_wait_wheel_;
    TraceRing trace_;
    IpLayer ip_;
    ip::PathMtu path_mtu_;
    ip::TokenBucket reset_limit_;
    IndexQueue<TcbSlot, &TcbSlot::next_to_serve> to_serve_;
    IndexQueue<TcbSlot, &TcbSlot::next_to_transmit> to_transmit_;
    IndexQueue<TimerSlot, &TimerSlot::next_due> timers_due_;
    static std::uint32_t& endless_older(TimeWaitSlot& slot) { return slot.place; }
    static base::Published<std::uint32_t>& endless_newer(TimeWaitSlot& slot) {
        return slot.record.deadline_ms;
    }
    IndexList<TimeWaitPool, endless_older, endless_newer> endless_;  // FIN-WAIT-2 without end (M-7)
    std::uint32_t max_half_open_ = 0;
    std::uint32_t max_orphans_ = 0;
    std::uint32_t orphans_ = 0;  // Tcbs without an owner
    bool keeps_time_wait_ = true;
    time::Instant quiet_until_;
    tcp::Env env_;
    std::array<Pending, kBatch> pending_;  // receive()'s own, here so that no burst has to clear it
};

}  // namespace lastack::stack

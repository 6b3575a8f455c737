// Making a Stack, and the turn's clockwork: timers and deadlines.

#include <new>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/waiting.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

std::vector<table::PortRange> reserved_ports(const TcpOptions& options) {
    std::vector<table::PortRange> out;
    for (const PortSpan& span : options.port_reserved) out.push_back({span.first, span.last});
    return out;
}

// What the stack goes by later on. The list has become the choice of local ports; a Stack is bytes
// in an arena, and owns nothing elsewhere.
TcpOptions without_lists(TcpOptions options) {
    options.port_reserved = std::vector<PortSpan>();  // {} would keep its memory
    return options;
}

}  // namespace

Stack::Stack(base::Arena& arena, const Config& config, Shell& shell, time::Instant now)
    : worker_(config.worker),
      max_held_buffers_(config.max_held_buffers),
      secrets_(config.secrets),
      options_(without_lists(config.tcp)),
      tcp_config_(to_tcp_config(config.tcp)),
      shell_(&shell),
      pieces_(arena, config.max_pieces),
      runs_(arena, config.max_pieces / 4 + 1),
      sacked_(arena, config.max_pieces / 4 + 1),
      listeners_(arena, config.limits.max_listeners),
      syns_(arena, config.limits.max_half_open),
      tcbs_(arena, config.limits.max_connections),
      time_waits_(arena, config.limits.max_time_wait),
      timers_(arena, config.limits.max_timers),
      hasher_(config.secrets.table),
      table_(arena, config.limits.max_half_open + config.limits.max_connections +
                        config.limits.max_time_wait),
      listening_(arena, config.limits.max_listeners),
      local_ports_(arena, {.range = {config.tcp.port_first, config.tcp.port_last},
                           .reserved = reserved_ports(config.tcp),
                           .offset_key = config.secrets.port,
                           .counter_key = config.secrets.address_pair,
                           .counters = config.port_counters}),
      port_use_(arena, config.port_counters),
      wheel_(arena,
             config.limits.max_half_open + config.limits.max_connections +
                 config.limits.max_time_wait + config.limits.max_timers,
             now),
      trace_(arena, config.limits.trace_events),
      ip_(arena, config, counters_, shell),
      path_mtu_(arena),
      reset_limit_(config.tcp.rst_rate_limit),
      max_half_open_(config.limits.max_half_open),
      max_orphans_(config.limits.max_orphans),
      keeps_time_wait_(config.time_wait),
      quiet_until_(now + config.tcp.quiet_time),
      env_{tcp_config_, counters_, states_, {pieces_, shell}, runs_, sacked_, now} {
    // The smallest interface decides what every peer is offered; a path may lower it further.
    std::uint16_t mtu = 1500;
    std::uint32_t most_text = 0;
    for (std::size_t i = 0; i < config.interfaces.size(); ++i) {
        const InterfaceConfig& interface = config.interfaces[i];
        mtu = i == 0 ? interface.mtu : std::min(mtu, interface.mtu);
        most_text =
            i == 0 ? interface.max_text_bytes : std::min(most_text, interface.max_text_bytes);
    }
    tcp_config_.offered_mss = static_cast<std::uint16_t>(mtu - 40);
    tcp_config_.max_text_bytes = most_text;
}

namespace {

// Stands where a Stack over no memory expects its shell; nobody calls it.
class NoShell final : public Shell {
  public:
    base::BufferRef allocate(std::size_t) override { return nullptr; }
    std::span<std::byte> room(base::BufferRef) override { return {}; }
    std::size_t max_bytes() const override { return 0; }
    base::BufferRef wrap(base::Bytes, base::ReleaseFunction, void*) override { return nullptr; }
    void retain(base::BufferRef) override {}
    void release(base::BufferRef) override {}
    Next detach_next(base::BufferRef) override { return {}; }
    void transmit(const OutFrame&) override {}
};

}  // namespace

std::size_t Stack::arena_bytes(const Config& config) {
    base::Arena measuring;
    measuring.carve<std::byte>(sizeof(Stack));
    NoShell nobody;
    static_cast<void>(Stack(measuring, config, nobody, time::Instant{}));
    return measuring.used_bytes();
}

Stack& Stack::create(const Config& config, std::span<std::byte> memory, Shell& shell,
                     time::Instant now) {
    base::Arena arena(memory);
    const std::span<std::byte> room = arena.carve<std::byte>(sizeof(Stack));
    return *new (room.data()) Stack(arena, config, shell, now);
}

std::uint32_t Stack::expire(time::Instant now, std::uint32_t at_most) {
    env_.now = now;
    std::uint32_t fired = ip_.expire(now, at_most);
    if (fired >= at_most) return fired;
    fired += wheel_.advance(
        now, at_most - fired, [this](std::uint32_t id) { fire(id); },
        [this](std::uint32_t id) { prefetch_record(id); });
    return fired;
}

std::optional<time::Instant> Stack::next_deadline() const {
    const auto timers = wheel_.next_deadline();
    const auto link = ip_.next_deadline();
    if (!timers) return link;
    if (!link) return timers;
    return std::min(*timers, *link);
}

// A record's 32-bit deadline as an instant of the wheel's 64-bit clock.
time::Instant Stack::instant_of(std::uint32_t deadline_ms) const {
    const time::Tick now = time::tick_of(env_.now);
    const auto ahead = static_cast<std::int32_t>(deadline_ms - static_cast<std::uint32_t>(now));
    return time::start_of(now) + time::kTick * (ahead < 0 ? 0 : ahead);
}

void Stack::arm_earliest(std::uint32_t tcb_index) {
    const auto next = tcbs_[tcb_index].tcb.timers.earliest();
    if (next) {
        wheel_.arm(tcb_timer(tcb_index), instant_of(next->deadline_ms));
    } else {
        wheel_.cancel(tcb_timer(tcb_index));
    }
}

// Most of what fires is TIME-WAIT, and nothing has looked at such a record for 2MSL.
void Stack::prefetch_record(std::uint32_t id) const {
    if (id < time_wait_timer(0) || id >= application_timer(0)) return;
    __builtin_prefetch(&time_waits_[id - time_wait_timer(0)], 1);
}

void Stack::fire(std::uint32_t id) {
    if (id < tcb_timer(0)) return fire_syn(id);
    if (id < time_wait_timer(0)) return fire_tcb(id - tcb_timer(0));
    if (id < application_timer(0)) return fire_time_wait(id - time_wait_timer(0));
    const std::uint32_t index = id - application_timer(0);
    timers_[index].due = true;
    timers_due_.push(timers_, index);
}

void Stack::fire_syn(std::uint32_t index) {
    SynSlot& slot = syns_[index];
    if (!slot.record.state.is(tcp::State::SynReceived)) return counters_.add(Counter::StaleTimer);
    const std::uint64_t changes = states_.changes();
    const tcp::Outcome outcome = tcp::timeout(env_, slot.record);
    trace_change(slot.key, changes);
    if (outcome.answer) answer(slot.key, *outcome.answer, &slot.neighbour);
    if (outcome.fate == tcp::Fate::Keep) {
        wheel_.arm(syn_timer(index), instant_of(slot.record.deadline_ms));
    }
    settle_half(index, outcome.fate);
}

void Stack::fire_tcb(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    if (slot.phase != TcbSlot::Phase::Live) return counters_.add(Counter::StaleTimer);
    const std::uint64_t changes = states_.changes();
    const tcp::Outcome outcome = tcp::timeout(env_, slot.tcb);
    trace_change(slot.key, changes);
    if (slot.tcb.stalled) {  // D-19: perhaps the neighbour has moved
        const std::chrono::milliseconds elapsed(tcp::elapsed_ms(env_, slot.tcb));
        ip_.doubt_neighbour(slot.neighbour, env_.now - elapsed, env_.now);
    }
    settle(index, outcome);
    if (slot.phase == TcbSlot::Phase::Live && slot.orphan_counted && too_many_orphans(slot)) {
        counters_.add(Counter::TCPAbortOnMemory);
        abort_tcb(index, tcp::End::Aborted);
    }
}

void Stack::fire_time_wait(std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    if (slot.record.state.is(tcp::State::Closed)) return counters_.add(Counter::StaleTimer);
    const std::uint64_t changes = states_.changes();
    tcp::timeout(env_, slot.record);
    trace_change(slot.key, changes);
    free_time_wait(index);
}

}  // namespace lastack::stack

// Making a Stack from its configuration.

#include <algorithm>
#include <new>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/path.hpp"

namespace lastack::stack {

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
      versions_(arena, config.limits.max_time_wait),
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
             config.limits.max_half_open + config.limits.max_connections + config.limits.max_timers,
             now),
      time_wait_wheel_(arena, config.limits.max_time_wait, now),
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
    tcp_config_.offered_mss = static_cast<std::uint16_t>(mtu - tcp::kHeaderBytes);
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

}  // namespace lastack::stack

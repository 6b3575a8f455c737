// Making a world: two tiny stacks that know each other's MAC, and what a scenario begins with.

#include <algorithm>

#include "tests/model/ears.hpp"
#include "tests/model/failure.hpp"
#include "tests/model/tuple.hpp"
#include "tests/model/world.hpp"
#include "wire/arp.hpp"

namespace lastack::model {

using namespace std::chrono_literals;

namespace {

// As small as a stack can be: one tuple, with room for what its next life needs.
stack::Config tiny_config(unsigned end, const Scenario& scenario) {
    stack::Config config;
    config.interfaces.push_back(
        {.port = 0, .mac = kMacs[end], .addresses = {{kAddresses[end], 24}}, .mtu = 1500});
    config.limits.max_connections = 2;
    config.limits.max_time_wait = 2;
    config.limits.max_half_open = 2;
    config.limits.max_listeners = 1;
    config.limits.max_timers = 1;
    config.limits.trace_events = 0;
    config.ip.neighbours = 2;
    config.ip.neighbour_reachable = 1'000h;
    config.max_pieces = 24;
    config.max_held_buffers = 24;
    config.port_counters = 1;
    if (scenario.fault == Fault::ShortTimeWait) config.tcp.msl = 29s;
    config.tcp.timestamps = scenario.timestamps;
    config.tcp.sack = scenario.timestamps;
    config.tcp.window_scaling = scenario.timestamps;
    config.secrets = {{1, 2 + end}, {3, 4 + end}, {5, 6 + end}, {7, 8}, {9, 10}, {11, 12}};
    return config;
}

std::size_t round_up(std::size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

}  // namespace

World::World(const Scenario& scenario) : scenario_(scenario) {
    const std::size_t arena_bytes = round_up(stack::Stack::arena_bytes(tiny_config(0, scenario_)));
    const std::size_t end_bytes = round_up(sizeof(Blocks)) + arena_bytes;
    lines_.resize((round_up(sizeof(Core)) + 2 * end_bytes) / sizeof(Line));
    memory_bytes_ = std::as_writable_bytes(std::span(lines_));
    core_ = new (memory_bytes_.data()) Core;
    core_->now = time::Instant(1s) + kStep;
    for (unsigned end = 0; end < 2; ++end) {
        make_end(end, memory_bytes_.subspan(round_up(sizeof(Core)) + end * end_bytes, end_bytes));
        core_->applications[end].sends_left = scenario_.programs[end].sends;
        core_->time_wait_since_ms[end] = -1;
    }
    resolve_neighbours();
    ready_ = true;
    for (unsigned end = 0; end < 2; ++end) {
        if (!scenario_.programs[end].listens) continue;
        const auto result =
            ends_[end].stack->listen({Address{}, kPorts[end]}, *ends_[end].ears, {});
        require(static_cast<bool>(result), "listen() was refused");
    }
    if (scenario_.begins_open) open_both();
    core_->losses_left = scenario_.bounds.losses;
    core_->duplicates_left = scenario_.bounds.duplicates;
    core_->races_left = scenario_.bounds.races;
    sent_last_.clear();
}

World::~World() = default;

void World::make_end(unsigned end, std::span<std::byte> memory) {
    End& made = ends_[end];
    made.blocks = new (memory.data()) Blocks;
    for (Block& block : *made.blocks) block.bytes.fill(kFreed);
    made.shell = std::make_unique<Shell>(*made.blocks, end, *this);
    made.ears = std::make_unique<Ears>(*this, end);
    made.arena = memory.subspan(round_up(sizeof(Blocks)));
    made.stack =
        &stack::Stack::create(tiny_config(end, scenario_), made.arena, *made.shell, core_->now);
}

// A segment for nobody is answered by RST, for which each end must learn the other's MAC. From then
// on it is known, for longer than any exploration lasts.
void World::resolve_neighbours() {
    for (unsigned end = 0; end < 2; ++end) {
        const test::Route route{kMacs[1 - end], kMacs[end], kAddresses[1 - end], kAddresses[end]};
        const auto stray =
            test::encode({.flags = "S", .seq = 1, .source_port = 1, .destination_port = 1}, route);
        std::vector<std::byte> reply(wire::kEthernetBytes + wire::kArpBytes);
        wire::emit(
            {.destination = kMacs[end], .source = kMacs[1 - end], .type = wire::ether_type::kArp},
            reply);
        wire::emit(wire::ArpPacket{.operation = wire::ArpOperation::Reply,
                                   .sender_mac = kMacs[1 - end],
                                   .sender_ip = kAddresses[1 - end],
                                   .target_mac = kMacs[end],
                                   .target_ip = kAddresses[end]},
                   std::span(reply).subspan(wire::kEthernetBytes));
        for (const auto& frame : {stray, reply}) {
            const stack::Frame received = ends_[end].shell->frame(frame);
            ends_[end].stack->receive({&received, 1}, core_->now);
            turn(end);
        }
        require(ends_[end].stack->ip().waiting_frames() == 0, "ARP was not resolved");
        ends_[end].stack->counters() = base::Counters{};
    }
}

// The handshake without incidents, so that a scenario about the end spends its bounds there.
void World::open_both() {
    for (unsigned end = 0; end < 2; ++end) {
        if (scenario_.programs[end].connects)
            apply({Kind::Connect, static_cast<std::uint8_t>(end)});
    }
    while (!wire_empty()) {
        for (std::uint8_t end = 0; end < 2; ++end) {
            for (std::uint8_t place = 0; place < kInFlight; ++place) {
                if (core_->flights[end][place].len_bytes == 0) continue;
                apply({Kind::Deliver, end, place});
            }
        }
    }
    require(core_->applications[0].open && core_->applications[1].open, "it did not open");
}

}  // namespace lastack::model

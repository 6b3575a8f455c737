#include "tests/sim/draws.hpp"

#include <algorithm>

#include "lastack/profile.hpp"

namespace lastack::test {

std::string_view name(Impairment impairment) {
    constexpr std::array<std::string_view, kImpairments> kNames{
        "none",        "loss",       "duplication", "reordering", "delay", "corruption",
        "tiny window", "MTU change", "clock stall", "no buffers", "all"};
    return kNames[static_cast<std::size_t>(impairment)];
}

bool Nature::hard() const {
    return conditions.loss > 0 || conditions.corruption > 0 || conditions.queue_frames < 1'000 ||
           mtu_changes || clock_stalls || no_buffers || client_dies;
}

Nature draw_nature(Dice& dice, std::uint64_t seed) {
    Nature nature{.impairment = impairment_of(seed)};
    const bool all = nature.impairment == Impairment::All;
    const auto has = [&](Impairment one) {
        return nature.impairment == one || (all && dice.per_cent(60));
    };
    Conditions& wire = nature.conditions;
    wire.delay = std::chrono::microseconds(dice.one_of<int>({20, 500, 10'000, 80'000}));
    wire.held_back = std::chrono::milliseconds(dice.one_of<int>({2, 20, 500}));
    if (has(Impairment::Loss)) wire.loss = dice.one_of<double>({0.005, 0.02, 0.05, 0.1});
    if (has(Impairment::Duplication)) wire.duplication = dice.one_of<double>({0.01, 0.05, 0.3});
    if (has(Impairment::Reordering)) wire.reordering = dice.one_of<double>({0.01, 0.1, 0.3});
    if (has(Impairment::Delay)) {
        wire.delay = std::chrono::milliseconds(dice.one_of<int>({150, 400, 1'500}));
        wire.jitter = std::chrono::milliseconds(dice.up_to(std::uint64_t{300}));
    }
    if (has(Impairment::Corruption)) wire.corruption = dice.one_of<double>({0.002, 0.01, 0.05});
    nature.tiny_windows = has(Impairment::TinyWindow);
    nature.mtu_changes = has(Impairment::MtuChange);
    nature.clock_stalls = has(Impairment::ClockStall);
    nature.no_buffers = has(Impairment::NoBuffers);
    if (all && dice.per_cent(20)) wire.queue_frames = 20;
    nature.client_dies = dice.per_cent(15);
    nature.few_orphans = dice.per_cent(5);
    nature.clean = nature.impairment == Impairment::None && !nature.client_dies &&
                   !nature.few_orphans && dice.per_cent(60);
    nature.connections = 150 + dice.up_to(std::uint64_t{150});
    nature.arrivals = std::chrono::seconds(dice.one_of<int>({5, 30, 120}));
    return nature;
}

namespace {

/// The options that profiles dispute; most hosts are plain.
void draw_profile(Dice& dice, TcpOptions& tcp) {
    if (dice.per_cent(20)) {
        tcp = tcp_options(dice.one_of({Profile::linux_kernel, Profile::rfc}));
        return;
    }
    tcp.rfc1337 = dice.per_cent(80);
    tcp.tw_reuse = dice.one_of({TimeWaitReuse::any, TimeWaitReuse::any, TimeWaitReuse::never});
    tcp.tw_overflow = dice.one_of({TimeWaitOverflow::evict_oldest, TimeWaitOverflow::drop_new});
}

/// How long what may be waited for. No segment may outlive MSL: those of a host that stands still
/// are 12 s old, and others 3 s.
void draw_limits(Dice& dice, const Nature& nature, TcpOptions& tcp) {
    if (dice.per_cent(30)) {
        tcp.msl = nature.clock_stalls ? dice.one_of({20s, 60s}) : dice.one_of({5s, 15s, 120s});
    }
    if (dice.per_cent(20)) tcp.fin_timeout = dice.one_of({2s, 20s, 180s});
    // Whose peer has gone without a word would wait for ever.
    if (tcp.fin_timeout.count() == 0 && nature.hard()) tcp.fin_timeout = 60s;
    if (dice.per_cent(10)) tcp.user_timeout = dice.one_of({30s, 90s});
    if (nature.clean) tcp.closing_receive = ClosingReceive::drain;
    if (nature.clean || !dice.per_cent(10)) return;
    if (dice.per_cent(50)) tcp.fin_wait1_timeout = dice.one_of({2s, 15s});
    if (dice.per_cent(50)) tcp.closing_timeout = dice.one_of({1s, 5s});
    if (dice.per_cent(50)) tcp.last_ack_timeout = dice.one_of({1s, 5s});
    if (dice.per_cent(50)) tcp.close_wait_timeout = dice.one_of({1s, 15s});
}

}  // namespace

stack::Config draw_config(Dice& dice, const Nature& nature, wire::Ipv4Address address,
                          const wire::MacAddress& mac) {
    stack::Config config = config_at(address, mac);
    config.limits.max_connections = 512;
    config.limits.max_half_open = dice.per_cent(80) ? 512 : 8;
    config.limits.max_time_wait = dice.per_cent(90) ? 1'024 : 24;
    config.limits.max_orphans = nature.few_orphans ? 4 : 512;
    config.limits.max_timers = 4'096;
    config.limits.trace_events = 2'048;
    config.max_pieces = dice.per_cent(10) ? 2'048 : 16'384;
    config.max_held_buffers = dice.per_cent(20) ? 64 : config.max_pieces;
    config.port_counters = 64;
    config.interfaces[0].mtu = dice.one_of<std::uint16_t>({576, 1'500, 1'500, 1'500, 9'000});
    config.interfaces[0].tcp_checksum_offload = dice.per_cent(50);
    config.interfaces[0].max_text_bytes = dice.per_cent(50) ? 65'000 : 0;
    draw_profile(dice, config.tcp);
    draw_limits(dice, nature, config.tcp);
    config.tcp.mtu_probing = dice.per_cent(20);
    config.tcp.timestamps = dice.per_cent(70);
    config.tcp.window_scaling = dice.per_cent(70);
    config.tcp.sack = dice.per_cent(70);
    config.tcp.nagle = dice.per_cent(70);
    config.tcp.tw_reuse_bound_port = dice.per_cent(50);
    config.tcp.syn_cookies = dice.one_of(
        {SynCookies::when_full, SynCookies::when_full, SynCookies::always, SynCookies::never});
    config.tcp.receive_buffer = dice.one_of<std::uint32_t>({8'192, 65'535, 1 << 20});
    if (nature.tiny_windows) config.tcp.receive_buffer = 2'048;
    config.tcp.send_buffer = dice.one_of<std::uint32_t>({2'048, 8'192, 65'535, 1 << 20});
    config.tcp.rto_max = dice.per_cent(80) ? 10s : 120s;
    config.secrets.isn = {dice.bits(), dice.bits()};
    config.secrets.port = {dice.bits(), dice.bits()};
    config.secrets.timestamp_offset = {dice.bits(), dice.bits()};
    config.secrets.cookie = {dice.bits(), dice.bits()};
    return config;
}

namespace {

std::size_t draw_size(Dice& dice) {
    const std::uint64_t kind = dice.up_to(std::uint64_t{99});
    if (kind < 20) return 0;
    if (kind < 60) return 1 + dice.up_to(std::uint64_t{199});
    if (kind < 90) return 1 + dice.up_to(std::uint64_t{2'999});
    if (kind < 98) return dice.up_to(std::uint64_t{12'000});
    return dice.up_to(std::uint64_t{60'000});
}

Plan draw_plan(Dice& dice, const Nature& nature, bool rude) {
    Plan plan;
    plan.stream = dice.bits();
    plan.to_send = draw_size(dice);
    plan.chunk = dice.one_of<std::size_t>({1'400, 5'000, 100'000});
    if (plan.to_send <= 200 && dice.per_cent(20)) plan.chunk = 17;
    plan.by_reference = dice.per_cent(30);
    // All or nothing: a chunk must fit the smallest send buffer.
    if (plan.by_reference) plan.chunk = std::min<std::size_t>(plan.chunk, 1'400);
    if (dice.per_cent(20) && plan.to_send / plan.chunk < 50) {
        plan.think = std::chrono::milliseconds(dice.up_to(std::uint64_t{50}));
    }
    if (dice.per_cent(nature.tiny_windows ? 60 : 10)) {
        plan.read_percent = static_cast<unsigned>(dice.up_to(std::uint64_t{100}));
        plan.read_pause = std::chrono::milliseconds(1 + dice.up_to(std::uint64_t{2'000}));
    }
    if (dice.per_cent(10)) plan.receive_buffer = 2'048;
    plan.no_delay = dice.per_cent(30);
    if (!plan.by_reference && dice.per_cent(8)) plan.urgent_percent = 30;
    if (dice.per_cent(8)) {
        plan.linger = std::chrono::milliseconds(dice.one_of<int>({1, 100, 1'000, 5'000}));
    }
    plan.keep_alive = nature.client_dies || dice.per_cent(20);
    plan.ending = dice.per_cent(50) ? Ending::ShutdownThenClose : Ending::CloseAfterPeer;
    if (!rude) return plan;
    plan.ending = dice.one_of<Ending>({Ending::ShutdownThenClose, Ending::CloseAfterPeer,
                                       Ending::CloseWhenSent, Ending::CloseWhenSent,
                                       Ending::CloseOnData, Ending::LingerZero, Ending::Abort});
    if (plan.ending == Ending::LingerZero) plan.linger = {};
    if (plan.ending == Ending::Abort || dice.per_cent(20)) {
        plan.patience = std::chrono::milliseconds(1 + dice.up_to(std::uint64_t{3'000}));
    }
    return plan;
}

}  // namespace

Plans draw_plans(Dice& dice, const Nature& nature) {
    const bool rude = dice.per_cent(30) && !nature.clean;
    Plans plans;
    plans.client = draw_plan(dice, nature, rude);
    plans.server = draw_plan(dice, nature, rude);
    plans.client.peer_stream = plans.server.stream;
    plans.server.peer_stream = plans.client.stream;
    plans.client.peer_urgent = plans.server.urgent_percent > 0;
    plans.server.peer_urgent = plans.client.urgent_percent > 0;
    // Somebody has to begin the end.
    if (plans.client.ending == Ending::CloseAfterPeer &&
        plans.server.ending == Ending::CloseAfterPeer) {
        plans.client.ending = Ending::ShutdownThenClose;
    }
    plans.polite = polite(plans.client.ending) && polite(plans.server.ending) &&
                   plans.client.patience.count() == 0 && plans.server.patience.count() == 0;
    return plans;
}

}  // namespace lastack::test

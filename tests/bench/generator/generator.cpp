#include "tests/bench/generator/generator.hpp"

#include <rte_cycles.h>
#include <rte_pause.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/bench/generator/client.hpp"
#include "tests/bench/generator/server.hpp"
#include "worker/running_thread.hpp"

namespace lastack::bench {

namespace {

std::unique_ptr<Player> player_of(const Plan& plan, const Pace& pace, const Stations& stations,
                                  Tally& tally) {
    switch (plan.role) {
        case Role::Client:
            return std::make_unique<Clients>(plan, pace, stations, tally);
        case Role::Server:
            return std::make_unique<Servers>(plan, stations, tally);
    }
    return nullptr;
}

}  // namespace

Generator::Generator(const Plan& plan, const Pace& pace, const Stations& stations, Crossover& cable)
    : stations_(stations),
      cable_(cable),
      player_(player_of(plan, pace, stations, tally_)),
      out_(cable.generator_port(), cable.pool(), tally_),
      scale_(rte_get_tsc_hz()) {}

void Generator::run(unsigned cpu) {
    const worker::RunningThread thread(cpu);
    while (!stopped_.load(std::memory_order_acquire)) {
        if (!step()) rte_pause();
    }
    out_.flush();
}

bool Generator::step() {
    if (began_ == 0) began_ = turn_began_ = rte_rdtsc();
    const bool busy = turn(now_at(turn_began_));
    const std::uint64_t after = rte_rdtsc();
    (busy ? busy_cycles_ : idle_cycles_) += after - turn_began_;
    turn_began_ = after;
    return busy;
}

Now Generator::now_at(std::uint64_t tick) {
    const auto ns = static_cast<std::uint64_t>(scale_.duration(tick - began_).count());
    // Never 0, which would look like no time stamp at all.
    return {.ns = ns, .ms = static_cast<std::uint32_t>(ns / 1'000'000 + 1)};
}

bool Generator::turn(const Now& now) {
    std::array<rte_mbuf*, kBurst> burst;
    const std::uint16_t count =
        rte_eth_rx_burst(cable_.generator_port(), 0, burst.data(), burst.size());
    for (std::uint16_t i = 0; i < count; ++i) {
        if (i + 2 < count) rte_prefetch0(rte_pktmbuf_mtod(burst[i + 2], void*));
        take(burst[i], now);
    }
    if (count > 0) rte_pktmbuf_free_bulk(burst.data(), count);
    const std::uint64_t begun = tally_.begun;
    if (known_) {
        player_->begin(now, out_);
    } else {
        introduce(now);
    }
    out_.flush();
    progress_.begun.store(tally_.begun, std::memory_order_relaxed);
    progress_.completed.store(tally_.completed, std::memory_order_relaxed);
    if (player_->finished()) progress_.finished.store(true, std::memory_order_release);
    return count > 0 || tally_.begun != begun;
}

void Generator::take(rte_mbuf* frame, const Now& now) {
    ++tally_.frames_in;
    std::array<std::byte, 2'048> flat;
    const void* const bytes = rte_pktmbuf_read(frame, 0, frame->pkt_len, flat.data());
    if (bytes == nullptr || frame->pkt_len > flat.size()) {
        return report(Fault::Link, {});
    }
    const Octets octets(static_cast<const std::byte*>(bytes), frame->pkt_len);
    const Fault fault = judge(octets, now);
    if (fault != Fault::None) report(fault, octets);
}

Fault Generator::judge(Octets frame, const Now& now) {
    constexpr std::uint16_t kIpv4 = 0x0800;
    constexpr std::uint16_t kArp = 0x0806;
    const std::uint16_t type = type_for(frame, stations_.generator);
    if (type == kArp) {
        take_arp(frame);
        return Fault::None;
    }
    if (type != kIpv4) return Fault::Link;
    ++tally_.checked;
    Seen seen;
    const Fault fault = read_frame(frame, seen);
    return fault != Fault::None ? fault : player_->answer(seen, now, out_);
}

void Generator::take_arp(Octets frame) {
    ++tally_.arp;
    if (is_arp_reply(frame)) known_ = true;
    std::array<std::byte, kArpBytes> reply;
    if (!answer_arp(frame, stations_.generator, reply.data())) return;
    if (std::byte* const room = out_.take(reply.size())) {
        std::memcpy(room, reply.data(), reply.size());
    }
}

// Lives begin when lastack knows where to answer: what waits for ARP is bounded, and lost beyond.
void Generator::introduce(const Now& now) {
    constexpr std::uint64_t kPatienceNs = 100'000'000;
    if (now.ns < ask_again_ns_) return;
    ask_again_ns_ = now.ns + kPatienceNs;
    if (std::byte* const room = out_.take(kArpBytes)) ask_arp(stations_.generator, room);
}

// The first few are shown; all are counted.
void Generator::report(Fault fault, Octets frame) {
    constexpr unsigned kMostShown = 5;
    ++tally_.faults[static_cast<std::size_t>(fault)];
    if (++reported_ > kMostShown) return;
    std::fprintf(stderr, "generator: a wrong answer: %s:",
                 std::string(kFaultNames[static_cast<std::size_t>(fault)]).c_str());
    for (std::size_t i = 0; i < frame.size() && i < 80; ++i) {
        std::fprintf(stderr, "%s%02x", i % 16 == 0 ? "\n    " : " ",
                     std::to_integer<unsigned>(frame[i]));
    }
    std::fprintf(stderr, "\n");
}

}  // namespace lastack::bench

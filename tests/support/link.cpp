#include "tests/support/link.hpp"

#include <algorithm>
#include <utility>

#include "wire/ethernet.hpp"

namespace lastack::test {

namespace {

Link::Side other(Link::Side side) {
    return side == Link::Side::A ? Link::Side::B : Link::Side::A;
}

}  // namespace

stack::Config config_at(wire::Ipv4Address address, const wire::MacAddress& mac) {
    stack::Config config = small_config();
    config.interfaces[0].mac = mac;
    config.interfaces[0].addresses = {{address, 24}};
    return config;
}

Link::Link(Host& a, Host& b, std::uint64_t seed, Conditions conditions)
    : a_(a), b_(b), random_(seed), conditions_(conditions), now_(std::max(a.now(), b.now())) {
    a_.answer_arp(false);
    b_.answer_arp(false);
    a_.advance_to(now_);
    b_.advance_to(now_);
}

void Link::drop(Predicate matches, unsigned nth, unsigned count) {
    drops_.push_back({std::move(matches), nth, count});
}

void Link::turn() {
    for (const Side side : {Side::A, Side::B}) {
        host(side).turn();
        collect(side);
    }
}

void Link::run(time::Duration duration) {
    const time::Instant limit = now_ + duration;
    turn();
    while (step(limit)) {
    }
    now_ = limit;
    a_.advance_to(limit);
    b_.advance_to(limit);
    turn();
}

bool Link::run_until(const std::function<bool()>& done, time::Duration limit) {
    const time::Instant end = now_ + limit;
    turn();
    while (!done()) {
        if (!step(end)) return done();
    }
    return true;
}

// One event: time goes to it, and it happens. False where there is none until `limit`.
bool Link::step(time::Instant limit) {
    std::optional<time::Instant> next;
    const auto consider = [&](std::optional<time::Instant> instant) {
        if (instant && (!next || *instant < *next)) next = instant;
    };
    if (!wire_.empty()) consider(wire_.begin()->first.first);
    consider(a_.stack().next_deadline());
    consider(b_.stack().next_deadline());
    if (!next || *next > limit) return false;
    now_ = std::max(now_, *next);
    for (const Side side : {Side::A, Side::B}) {
        host(side).advance_to(now_);
        collect(side);
    }
    arrive();
    if (after_event) after_event();
    return true;
}

// All that is due goes in as one burst per host.
void Link::arrive() {
    std::array<std::vector<std::vector<std::byte>>, 2> bursts;
    while (!wire_.empty() && wire_.begin()->first.first <= now_) {
        Flight& flight = wire_.begin()->second;
        --queued_[static_cast<std::size_t>(flight.to)];
        bursts[static_cast<std::size_t>(flight.to)].push_back(std::move(flight.frame));
        wire_.erase(wire_.begin());
    }
    for (const Side side : {Side::A, Side::B}) {
        const auto& burst = bursts[static_cast<std::size_t>(side)];
        if (burst.empty()) continue;
        host(side).receive(burst);
        collect(side);
    }
}

void Link::collect(Side from) {
    for (const SentFrame& frame : host(from).take_frames()) {
        for (const std::byte octet : frame.bytes) {
            digest_ = (digest_ ^ static_cast<std::uint64_t>(octet)) * 0x100'0000'01b3ULL;
        }
        digest_ ^= static_cast<std::uint64_t>(now_.time_since_epoch().count());
        send(from, frame.bytes);
    }
}

bool Link::dropped(Side from, const std::vector<std::byte>& frame) {
    if (drops_.empty() && !watch) return false;
    const auto segment = decode(frame);
    if (!segment) return false;
    if (watch) watch(from, *segment);
    bool drop = false;
    for (Drop& rule : drops_) {
        if (!rule.matches(from, *segment)) continue;
        ++rule.seen;
        drop = drop || (rule.seen >= rule.nth && rule.seen < rule.nth + rule.count);
    }
    return drop;
}

void Link::send(Side from, const std::vector<std::byte>& frame) {
    if (dropped(from, frame) || chance(conditions_.loss)) return;
    std::vector<std::byte> copy = frame;
    // ARP has no checksum of its own: an Ethernet with its CRC would not let such a frame through.
    const bool arp = wire::EthernetView::parse(copy)->type() == wire::ether_type::kArp;
    if (!arp && chance(conditions_.corruption)) {
        const std::size_t bits = (copy.size() - wire::kEthernetBytes) * 8;
        const std::size_t bit = wire::kEthernetBytes * 8 + random_() % bits;
        copy[bit / 8] ^= std::byte{1} << (bit % 8);
    }
    if (chance(conditions_.duplication)) put(other(from), copy);
    put(other(from), std::move(copy));
}

void Link::put(Side to, std::vector<std::byte> frame) {
    const auto direction = static_cast<std::size_t>(to);
    if (queued_[direction] >= conditions_.queue_frames) return;
    time::Instant at = now_ + conditions_.delay + random_up_to(conditions_.jitter);
    if (chance(conditions_.reordering)) {
        at += random_up_to(conditions_.held_back);
    } else {
        at = std::max(at, last_arrival_[direction]);
        last_arrival_[direction] = at;
    }
    ++queued_[direction];
    wire_.emplace(std::pair(at, order_++), Flight{to, std::move(frame)});
}

bool Link::chance(double probability) {
    if (probability <= 0) return false;
    return static_cast<double>(random_() >> 11) * 0x1p-53 < probability;
}

time::Duration Link::random_up_to(time::Duration most) {
    if (most <= time::Duration::zero()) return {};
    return time::Duration(
        static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most.count())));
}

}  // namespace lastack::test

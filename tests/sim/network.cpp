#include "tests/sim/network.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/ethernet.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"

namespace lastack::test {

namespace {

constexpr time::Duration kGrain = 50us;
constexpr wire::Ipv4Address kRouter{0xc612'00fe};

time::Instant grain(time::Instant at) {
    const auto since = at.time_since_epoch();
    return time::Instant((since + kGrain - 1ns) / kGrain * kGrain);
}

bool is_ip(std::span<const std::byte> frame) {
    return wire::get16(frame, 12) == wire::ether_type::kIpv4;
}

}  // namespace

void Network::join(unsigned place, Host& host) {
    host.answer_arp(false);
    host.stall_until(now_);
    seats_[place].host = &host;
    seats_[place].silent = place == kSecondClient;
    seats_[place].deadline = host.stack().next_deadline();
}

void Network::replace_client() {
    seats_[kClient].silent = true;
    seats_[kSecondClient].silent = false;
    speaker_ = kSecondClient;
    seats_[kSecondClient].host->stall_until(now_);
    turn(kSecondClient);
}

void Network::stall(unsigned place, time::Duration duration) {
    seats_[place].asleep_until = now_ + duration;
    schedule(duration, [] {});  // wakes it
}

void Network::schedule(time::Duration after, std::function<void()> action) {
    events_.push_back({now_ + after, order_++, 0, {}, std::move(action)});
    std::ranges::push_heap(events_, later);
}

Network::Event Network::pop() {
    std::ranges::pop_heap(events_, later);
    Event event = std::move(events_.back());
    events_.pop_back();
    return event;
}

bool Network::wake(unsigned place) {
    Seat& seat = seats_[place];
    if (seat.host == nullptr || seat.asleep_until > now_) return false;
    seat.host->stall_until(now_);
    collect(place);
    return true;
}

void Network::turn(unsigned place) {
    Seat& seat = seats_[place];
    if (seat.host == nullptr || seat.asleep_until > now_) return;
    seat.host->turn();
    collect(place);
    seat.deadline = seat.host->stack().next_deadline();
    if (after_turn) after_turn(place);
}

bool Network::run_until(const std::function<bool()>& done, time::Duration limit) {
    const time::Instant end = now_ + limit;
    while (!done()) {
        if (step(end)) continue;
        now_ = end;
        return done();
    }
    return true;
}

void Network::run(time::Duration duration) {
    static_cast<void>(run_until([] { return false; }, duration));
}

// One event: time goes to the earliest instant, and what is due then happens.
bool Network::step(time::Instant limit) {
    std::optional<time::Instant> next;
    if (!events_.empty()) next = events_.front().at;
    for (const Seat& seat : seats_) {
        if (seat.silent || !seat.deadline) continue;
        const time::Instant at = std::max(*seat.deadline, seat.asleep_until);
        if (!next || at < *next) next = at;
    }
    if (!next || *next > limit) return false;
    now_ = std::max(now_, *next);
    take_due();
    for (unsigned place = 0; place < seats_.size(); ++place) run_due(place);
    return true;
}

void Network::take_due() {
    while (!events_.empty() && events_.front().at <= now_) {
        Event event = pop();
        if (event.action) {
            event.action();
            continue;
        }
        seats_[event.place].burst.push_back(std::move(event.frame));
    }
}

void Network::run_due(unsigned place) {
    Seat& seat = seats_[place];
    if (seat.host == nullptr || seat.silent) {
        seat.burst.clear();
        return;
    }
    if (seat.asleep_until > now_) return;
    const bool due = seat.deadline && *seat.deadline <= now_;
    if (seat.burst.empty() && !due) return;
    seat.host->stall_until(now_);
    if (!seat.burst.empty()) {
        seat.queued -= seat.burst.size();
        const auto burst = std::exchange(seat.burst, {});
        seat.host->receive(burst);
    }
    collect(place);
    seat.deadline = seat.host->stack().next_deadline();
    if (after_turn) after_turn(place);
}

void Network::collect(unsigned place) {
    for (SentFrame& frame : seats_[place].host->take_frames()) {
        digest(place, frame.bytes);
        if (!seats_[place].silent) send(place, std::move(frame.bytes));
    }
}

void Network::digest(unsigned from, const std::vector<std::byte>& frame) {
    ++frames_;
    const std::size_t headers = std::min<std::size_t>(frame.size(), 54);
    for (std::size_t i = 0; i + 8 <= headers; i += 8) {
        digest_ =
            (digest_ ^ (std::uint64_t{wire::get32(frame, i)} << 32 | wire::get32(frame, i + 4))) *
            0x9e37'79b9'7f4a'7c15ULL;
        digest_ ^= digest_ >> 29;
    }
    digest_ ^= static_cast<std::uint64_t>(now_.time_since_epoch().count()) + from;
    if (!trace_) return;
    const auto segment = decode(frame);
    if (!segment) return;
    std::printf("%14lld us  %u  %u>%u %-3s %u:%u ack %u win %u\n",
                static_cast<long long>(now_.time_since_epoch().count() / 1'000), from,
                segment->source_port, segment->destination_port, segment->flags.c_str(),
                segment->seq, segment->seq + segment->len(), segment->ack, segment->window);
}

void Network::send(unsigned from, std::vector<std::byte> frame) {
    if (dice_.chance(conditions_.loss)) return;
    if (frame.size() > path_mtu_ + wire::kEthernetBytes && is_ip(frame)) {
        refuse(from, frame);
        return;
    }
    // ARP has no checksum of its own: an Ethernet with its CRC would not let such a frame through.
    if (is_ip(frame) && dice_.chance(conditions_.corruption)) corrupt(frame);
    const unsigned to = from == kServer ? speaker_ : kServer;
    if (dice_.chance(conditions_.duplication)) put(to, frame);
    put(to, std::move(frame));
}

void Network::corrupt(std::vector<std::byte>& frame) {
    const std::size_t bits = (frame.size() - wire::kEthernetBytes) * 8;
    const std::size_t bit = wire::kEthernetBytes * 8 + dice_.bits() % bits;
    frame[bit / 8] ^= std::byte{1} << (bit % 8);
}

void Network::put(unsigned to, std::vector<std::byte> frame) {
    Seat& seat = seats_[to];
    if (seat.queued >= conditions_.queue_frames) return;
    time::Instant at = now_ + conditions_.delay + dice_.up_to(conditions_.jitter);
    if (!is_ip(frame)) {  // ARP stays on the link: the path's delay is not its own
        at = now_ + std::min<time::Duration>(conditions_.delay, 1ms);
    } else if (dice_.chance(conditions_.reordering)) {
        at += dice_.up_to(conditions_.held_back);
    } else {
        at = std::max(at, seat.last_arrival);
        seat.last_arrival = at;
    }
    ++seat.queued;
    events_.push_back({grain(at), order_++, to, std::move(frame), {}});
    std::ranges::push_heap(events_, later);
}

// RFC 1191 4: the router says what would have fit, and quotes the datagram's first octets.
void Network::refuse(unsigned from, const std::vector<std::byte>& frame) {
    constexpr std::size_t kQuoted = wire::kIpv4HeaderBytes + 8;
    constexpr std::size_t kIp = wire::kEthernetBytes;
    constexpr std::size_t kIcmp = kIp + wire::kIpv4HeaderBytes;
    std::vector<std::byte> answer(kIcmp + wire::kIcmpHeaderBytes + kQuoted);
    const std::span<std::byte> all(answer);
    std::copy_n(frame.begin() + 6, 6, answer.begin());  // to the MAC that it came from
    std::copy_n(frame.begin(), 6, answer.begin() + 6);
    wire::put16(all, 12, wire::ether_type::kIpv4);
    const auto datagram = std::span(frame).subspan(kIp);
    const wire::Ipv4Header header{.source = kRouter,
                                  .destination = {wire::get32(datagram, 12)},
                                  .protocol = wire::ip_protocol::kIcmp,
                                  .total_bytes = static_cast<std::uint16_t>(answer.size() - kIp)};
    wire::emit(header, all.subspan(kIp));
    answer[kIcmp] = std::byte{3};
    answer[kIcmp + 1] = std::byte{wire::icmp_unreachable::kFragmentationNeeded};
    wire::put16(all, kIcmp + wire::icmp_layout::kNextHopMtu, static_cast<std::uint16_t>(path_mtu_));
    std::copy_n(datagram.begin(), kQuoted, answer.begin() + kIcmp + wire::icmp_layout::kData);
    wire::put16(all, kIcmp + wire::icmp_layout::kChecksum, wire::checksum(all.subspan(kIcmp)));
    put(from, std::move(answer));
}

}  // namespace lastack::test

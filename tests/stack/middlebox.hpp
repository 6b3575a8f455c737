// Two Hosts and a box between them that reads every TCP segment, may rewrite it, and can send what
// it has remembered. Each way takes a millisecond.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>

#include "tests/stack/pair.hpp"

namespace lastack::test {

class Middlebox {
  public:
    explicit Middlebox(stack::Config of_a = config_at(kHostAddress, kHostMac),
                       stack::Config of_b = config_at(kPeerAddress, kPeerMac))
        : a(std::move(of_a)), b(std::move(of_b)) {
        a.answer_arp(false);
        b.answer_arp(false);
    }

    struct Passed {
        Side from;
        time::Instant at;
        Wire segment;
    };

    Host a;
    Host b;
    /// May change the segment; called for each, before it goes on.
    std::function<void(Side from, Wire& segment)> rewrite;
    /// Every TCP segment as it left its sender.
    std::vector<Passed> passed;

    Host& host(Side side) { return side == Side::A ? a : b; }

    /// Lets `duration` pass, a millisecond at a time.
    void run(time::Duration duration) {
        const time::Instant end = a.now() + duration;
        while (a.now() < end) {
            const time::Instant next = a.now() + 1ms;
            collect(Side::A);
            collect(Side::B);
            a.advance_to(next);
            b.advance_to(next);
            std::deque<Flight> due;
            due.swap(flights_);
            for (const Flight& flight : due) host(flight.to).receive(flight.frame);
        }
    }

    /// A segment that the other side is to have sent reaches `to` with the next millisecond.
    void inject(Side to, const Wire& segment) {
        flights_.push_back({to, encode(segment, route(to))});
    }

    /// How many segments `from` sent in [`since`, `since` + `length`).
    std::size_t count(Side from, time::Instant since, time::Duration length) const {
        return static_cast<std::size_t>(std::ranges::count_if(passed, [&](const Passed& one) {
            return one.from == from && one.at >= since && one.at < since + length;
        }));
    }

  private:
    struct Flight {
        Side to;
        std::vector<std::byte> frame;
    };

    static Route route(Side to) {
        if (to == Side::A) return {};
        return {.from_mac = kHostMac, .to_mac = kPeerMac, .from = kHostAddress, .to = kPeerAddress};
    }

    void collect(Side from) {
        const Side to = from == Side::A ? Side::B : Side::A;
        host(from).turn();
        for (const SentFrame& frame : host(from).take_frames()) {
            auto segment = decode(frame.bytes);
            if (!segment) {
                flights_.push_back({to, frame.bytes});
                continue;
            }
            passed.push_back({from, host(from).now(), *segment});
            if (rewrite) rewrite(from, *segment);
            flights_.push_back({to, encode(*segment, route(to))});
        }
    }

    std::deque<Flight> flights_;
};

}  // namespace lastack::test

// A Link: two Hosts in one virtual time, and a wire between them that may lose, delay, reorder,
// duplicate and corrupt frames, all of it from one seed.
//
//     host a  --frame-->  [ conditions, chance ]  --(instant, order)-->  host b
//
// The next event is the earliest of: a frame that arrives, a deadline of either host. Equal
// instants go by the order of sending, then a before b; so a seed replays to the last octet. Both
// directions have a queue bounded in frames; what does not fit is lost, as in a router.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "tests/support/host.hpp"

namespace lastack::test {

/// What a direction of the wire does to frames. Probabilities are per frame.
struct Conditions {
    double loss = 0;
    double duplication = 0;
    double corruption = 0;  // one bit, anywhere behind the Ethernet header
    double reordering = 0;  // held back by up to `held_back`
    time::Duration delay = 1ms;
    time::Duration jitter{};  // added at random; alone it keeps the order
    time::Duration held_back = 20ms;
    std::size_t queue_frames = 1'000;
};

/// A configuration of a Host at `address`, on the prefix of small_config().
stack::Config config_at(wire::Ipv4Address address, const wire::MacAddress& mac);

class Link {
  public:
    enum class Side : std::uint8_t { A, B };
    using Predicate = std::function<bool(Side from, const Wire&)>;

    /// The Hosts outlive the Link. They resolve each other by ARP of their own.
    Link(Host& a, Host& b, std::uint64_t seed, Conditions conditions = {});

    void set_conditions(const Conditions& conditions) { conditions_ = conditions; }

    /// The `count` segments from the `nth` (from 1) on that `matches` holds for are lost.
    void drop(Predicate matches, unsigned nth = 1, unsigned count = 1);
    /// Sees every TCP segment that leaves, before anything happens to it.
    std::function<void(Side from, const Wire&)> watch;
    /// Called after every event.
    std::function<void()> after_event;

    /// Turns both hosts now, so that what the test has just called leaves.
    void turn();
    /// Lets `duration` pass, event by event.
    void run(time::Duration duration);
    /// Until `done` or `limit` has passed. False in the latter case.
    bool run_until(const std::function<bool()>& done, time::Duration limit);

    time::Instant now() const { return now_; }
    std::size_t in_flight() const { return wire_.size(); }
    /// A sum over all that was sent and when: two runs that are alike have it in common.
    std::uint64_t digest() const { return digest_; }

  private:
    struct Flight {
        Side to;
        std::vector<std::byte> frame;
    };
    struct Drop {
        Predicate matches;
        unsigned nth;
        unsigned count;
        unsigned seen = 0;
    };

    Host& host(Side side) { return side == Side::A ? a_ : b_; }
    bool step(time::Instant limit);
    void collect(Side from);
    void send(Side from, const std::vector<std::byte>& frame);
    bool dropped(Side from, const std::vector<std::byte>& frame);
    void put(Side to, std::vector<std::byte> frame);
    bool chance(double probability);
    time::Duration random_up_to(time::Duration most);
    void arrive();

    Host& a_;
    Host& b_;
    std::mt19937_64 random_;
    Conditions conditions_;
    std::vector<Drop> drops_;
    std::map<std::pair<time::Instant, std::uint64_t>, Flight> wire_;
    std::array<std::size_t, 2> queued_{};
    std::array<time::Instant, 2> last_arrival_{};
    time::Instant now_;
    std::uint64_t order_ = 0;
    std::uint64_t digest_ = 0;
};

}  // namespace lastack::test

// The network of a world: two or three Hosts in one virtual time, and a wire that loses, delays,
// reorders, duplicates and corrupts frames, has a path MTU, and hosts whose clock stands still.
//
//     clients (one of two speaks)  --frame-->  [ conditions ]  --(instant, order)-->  server
//
// Unlike Link this one is made for very many frames: it turns only the host that something happens
// to, and all that reaches a host within an instant's grain (50 us) goes in as one burst. Equal
// instants go by the order of sending; so a seed replays to the last octet.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "tests/sim/dice.hpp"
#include "tests/support/link.hpp"

namespace lastack::test {

class Network {
  public:
    static constexpr unsigned kClient = 0;
    static constexpr unsigned kServer = 1;
    static constexpr unsigned kSecondClient = 2;  // the same address, after the first has gone

    explicit Network(std::uint64_t seed) : dice_(seed) {}

    void set_conditions(const Conditions& conditions) { conditions_ = conditions; }
    /// What a frame may measure in octets of IP on its way; a bigger one is answered by
    /// "fragmentation needed" of a router.
    void set_path_mtu(std::size_t octets) { path_mtu_ = octets; }
    void trace(bool on) { trace_ = on; }

    void join(unsigned place, Host& host);
    /// The first client falls silent for ever, and the second has its address from now on.
    void replace_client();
    bool replaced() const { return speaker_ == kSecondClient; }
    /// The host is not run for that long; what arrives meanwhile waits for it.
    void stall(unsigned place, time::Duration duration);

    /// `action` happens in `after`.
    void schedule(time::Duration after, std::function<void()> action);
    /// Brings the host's clock up to now, so that it may be called. False while it stands still.
    bool wake(unsigned place);
    /// The test has called something of this host's: it has its turn.
    void turn(unsigned place);

    /// Until `done`, or nothing is left to happen within `limit`: false.
    bool run_until(const std::function<bool()>& done, time::Duration limit);
    void run(time::Duration duration);

    /// Called after every turn of a host.
    std::function<void(unsigned place)> after_turn;

    time::Instant now() const { return now_; }
    std::uint64_t frames() const { return frames_; }
    /// A sum over the headers of all that was sent, and when: equal for equal runs.
    std::uint64_t digest() const { return digest_; }

  private:
    struct Event {
        time::Instant at;
        std::uint64_t order;
        unsigned place;
        std::vector<std::byte> frame;
        std::function<void()> action;
    };
    static bool later(const Event& a, const Event& b) {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
    struct Seat {
        Host* host = nullptr;
        std::optional<time::Instant> deadline;
        time::Instant asleep_until{};
        bool silent = true;
        std::size_t queued = 0;
        time::Instant last_arrival{};
        std::vector<std::vector<std::byte>> burst;
    };

    bool step(time::Instant limit);
    Event pop();
    void take_due();
    void run_due(unsigned place);
    void collect(unsigned place);
    void send(unsigned from, std::vector<std::byte> frame);
    void put(unsigned to, std::vector<std::byte> frame);
    void corrupt(std::vector<std::byte>& frame);
    void refuse(unsigned from, const std::vector<std::byte>& frame);
    void digest(unsigned from, const std::vector<std::byte>& frame);

    Dice dice_;
    Conditions conditions_;
    std::size_t path_mtu_ = 65'535;
    std::vector<Event> events_;  // a heap
    std::array<Seat, 3> seats_;
    unsigned speaker_ = kClient;
    time::Instant now_{1s};
    std::uint64_t order_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t digest_ = 0;
    bool trace_ = false;
};

}  // namespace lastack::test

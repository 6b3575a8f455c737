#include "tests/bench/timewait/measure.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace lastack::bench {

namespace {

using std::chrono::steady_clock;
constexpr std::uint32_t kBurst = TimeWaitHost::kBurst;
using Burst = std::array<stack::Frame, kBurst>;
using Numbers = std::array<std::uint32_t, kBurst>;

double ns_since(steady_clock::time_point start) {
    return std::chrono::duration<double, std::nano>(steady_clock::now() - start).count();
}

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "bench: %s\n", what);
    std::exit(1);
}

/// Takes a burst in and ends the turn; nanoseconds.
double take(TimeWaitHost& host, const Burst& burst) {
    host.shell().clear();
    const auto start = steady_clock::now();
    host.receive(burst);
    host.finish_turn();
    return ns_since(start);
}

/// Thirty-two lives from `first` on, to TIME-WAIT; nanoseconds that their last segments took.
double live(TimeWaitHost& host, std::uint64_t first) {
    Burst burst;
    Numbers iss{};
    for (std::uint32_t i = 0; i < kBurst; ++i) {
        burst[i] = host.make(host.syn, first + i, peer_iss(first + i), 0);
    }
    take(host, burst);
    for (std::uint32_t i = 0; i < kBurst; ++i) {
        const Seen seen = host.seen(i);
        require(seen.has(kSyn) && seen.ack == peer_iss(first + i) + 1, "no SYN,ACK for a SYN");
        iss[i] = seen.seq;
    }
    for (std::uint32_t i = 0; i < kBurst; ++i) {
        burst[i] = host.make(host.ack, first + i, peer_iss(first + i) + 1, iss[i] + 1);
    }
    take(host, burst);
    for (std::uint32_t i = 0; i < kBurst; ++i) {
        burst[i] = host.make(host.fin, first + i, peer_iss(first + i) + 1, iss[i] + 2);
    }
    const double ns = take(host, burst);
    require(host.shell().sent() == kBurst, "a FIN without its ACK");
    return ns;
}

/// Fills the host, `per_tick` lives in each millisecond; 0: all in one. Nanoseconds to enter.
double fill(TimeWaitHost& host, std::uint32_t records, std::uint32_t per_tick) {
    double ns = 0;
    std::uint32_t in_tick = 0;
    for (std::uint32_t life = 0; life < records; life += kBurst) {
        ns += live(host, life);
        in_tick += kBurst;
        if (per_tick == 0 || in_tick < per_tick) continue;
        in_tick = 0;
        host.advance(time::kTick);
        host.stack().expire(host.now(), 512);
    }
    require(host.time_waits() == records, "not all of the lives are in TIME-WAIT");
    return ns / records;
}

std::vector<std::uint64_t> random_lives(std::uint32_t records, std::uint32_t count) {
    std::mt19937_64 random(records);
    std::vector<std::uint64_t> lives(count);
    for (std::uint64_t& life : lives) life = random() % records;
    return lives;
}

/// The peer's FIN again: each is answered, and starts 2MSL anew.
double reack(TimeWaitHost& host, const std::vector<std::uint64_t>& lives) {
    double ns = 0;
    for (std::size_t first = 0; first < lives.size(); first += kBurst) {
        Burst burst;
        for (std::uint32_t i = 0; i < kBurst; ++i) {
            const std::uint64_t life = lives[first + i];
            burst[i] = host.make(host.fin, life, peer_iss(life) + 1, 0);
        }
        ns += take(host, burst);
        require(host.shell().sent() == kBurst, "a FIN that came again was not answered");
    }
    const Seen seen = host.seen(0);
    require(seen.has(kAck) && seen.timestamps, "not the ACK of TIME-WAIT");
    return ns / static_cast<double>(lives.size());
}

/// SYNs that reopen; a RST then gives each record back (C-11), which is not measured.
double reopen(TimeWaitHost& host, const std::vector<std::uint64_t>& lives) {
    double ns = 0;
    for (std::size_t first = 0; first < lives.size(); first += kBurst) {
        host.advance(time::kTick);  // a later time stamp than the record has
        Burst burst;
        for (std::uint32_t i = 0; i < kBurst; ++i) {
            const std::uint64_t life = lives[first + i];
            burst[i] = host.make(host.syn, life, peer_iss(life) + 1'000'000, 0);
        }
        ns += take(host, burst);
        require(host.seen(0).has(kSyn), "a SYN did not reopen");
        for (std::uint32_t i = 0; i < kBurst; ++i) {
            const std::uint64_t life = lives[first + i];
            burst[i] = host.make(host.rst, life, peer_iss(life) + 1'000'001, 0);
        }
        take(host, burst);
    }
    return ns / static_cast<double>(lives.size());
}

/// All of them end, tick by tick.
double expire(TimeWaitHost& host, std::uint32_t records, std::uint32_t budget) {
    double ns = 0;
    // To just before the first one's end.
    host.advance(2 * TimeWaitHost::kMsl - std::chrono::seconds(3));
    while (host.stack().expire(host.now(), budget) == budget) {
    }
    while (host.time_waits() > 0) {
        host.advance(time::kTick);
        const auto start = steady_clock::now();
        while (host.stack().expire(host.now(), budget) == budget) {
        }
        ns += ns_since(start);
    }
    return ns / records;
}

/// A connection that stays open, and its peer.
class Caller {
  public:
    explicit Caller(TimeWaitHost& host, std::uint64_t life) : host_(host), life_(life) {
        send(host.syn, peer_iss(life), 0);
        const Seen seen = host.seen(0);
        next_ = peer_iss(life) + 1;
        acked_ = seen.seq + 1;
        send(host.ack, next_, acked_);
    }

    stack::Frame request() {
        return host_.make(host_.request, life_, next_, acked_, TimeWaitHost::kAnsweringPort);
    }
    void take_answer() {
        const Seen seen = host_.seen(host_.shell().sent() - 1);
        const auto length = static_cast<std::uint32_t>(seen.text.size());
        require(length > 0 && seen.ack == next_ + length, "a request was not answered");
        next_ += length;
        acked_ = seen.seq + length;
    }

  private:
    void send(const Template& kind, std::uint32_t seq, std::uint32_t ack) {
        host_.shell().clear();
        const stack::Frame frame = host_.make(kind, life_, seq, ack, TimeWaitHost::kAnsweringPort);
        host_.receive({&frame, 1});
        host_.finish_turn();
    }

    TimeWaitHost& host_;
    std::uint64_t life_;
    std::uint32_t next_ = 0;
    std::uint32_t acked_ = 0;
};

Latencies latencies_of(std::vector<double>& ns) {
    std::ranges::sort(ns);
    const auto at = [&](double share) {
        return ns[static_cast<std::size_t>(share * static_cast<double>(ns.size() - 1))] / 1e3;
    };
    return {
        .p50 = at(0.5), .p99 = at(0.99), .p999 = at(0.999), .most = at(1), .packets = ns.size()};
}

/// A worker's turns, each with a request that came at some moment of the turn before it: how long
/// each waited for its answer. As many turns as `go_on` says.
template <class GoOn>
Latencies turns(TimeWaitHost& host, Caller& caller, std::uint32_t budget, GoOn&& go_on) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> share(0, 1);
    std::vector<double> latencies;
    double turn_before = 0;
    do {
        host.shell().clear();
        const stack::Frame frame = caller.request();
        const auto start = steady_clock::now();
        host.receive({&frame, 1});
        host.stack().expire(host.now(), budget);
        host.finish_turn();
        const double turn = ns_since(start);
        latencies.push_back(turn_before * share(random) + turn);
        turn_before = turn;
        caller.take_answer();
    } while (go_on(latencies.size()));
    return latencies_of(latencies);
}

}  // namespace

TimeWaitCosts measure_costs(TimeWaitHost& host, std::uint32_t records, std::uint32_t touched) {
    TimeWaitCosts costs;
    costs.enter = fill(host, records, records / 1'000 + 1);
    const auto lives = random_lives(records, touched / kBurst * kBurst);
    costs.reack = reack(host, lives);
    costs.reopen = reopen(host, lives);
    require(host.time_waits() == records, "records were lost");
    costs.expire = expire(host, records, 512);
    return costs;
}

Storm measure_storm(TimeWaitHost& host, std::uint32_t records, std::uint32_t budget) {
    Storm storm;
    fill(host, records, 0);
    Caller caller(host, records + 1);
    storm.quiet = turns(host, caller, budget, [](std::size_t count) { return count < 20'000; });
    host.advance(2 * TimeWaitHost::kMsl - time::kTick);
    host.stack().expire(host.now(), budget);  // its slot is moved down meanwhile
    host.advance(2 * time::kTick);
    const auto start = steady_clock::now();
    storm.during = turns(host, caller, budget, [&](std::size_t) { return host.time_waits() > 0; });
    storm.seconds = ns_since(start) / 1e9;
    return storm;
}

}  // namespace lastack::bench

#include "tests/model/explorer.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <vector>

#include "tests/model/failure.hpp"
#include "tests/model/ladder.hpp"
#include "tests/model/snapshot.hpp"
#include "tests/model/spool.hpp"
#include "tests/model/visited.hpp"

namespace lastack::model {

namespace {

class Explorer {
  public:
    Explorer(const Scenario& scenario, const Limits& limits)
        : scenario_(scenario),
          limits_(limits),
          world_(scenario),
          images_(world_.memory()),
          visited_(limits.states) {
        // In one piece, as Visited.
        origins_.reserve(limits.states + 1);
        first_edge_.reserve(limits.states + 1);
        edges_.reserve(limits.states * 5);
    }

    Result run();

  private:
    void expand(std::uint32_t state);
    void take(std::uint32_t state, Action action);
    void prove_ends_reachable();
    void fail(std::uint32_t state, const std::string& why);
    void fail_at(std::uint32_t state, Action action, const std::string& why);
    std::vector<Action> path_to(std::uint32_t state) const;

    const Scenario& scenario_;
    const Limits& limits_;
    World world_;
    Images images_;
    Visited visited_;
    struct Origin {
        std::uint32_t parent;
        Action action;
    };
    std::vector<Origin> origins_;
    std::vector<std::uint64_t> first_edge_;  // per state that has been expanded
    std::vector<std::uint32_t> edges_;       // where they lead
    std::vector<std::uint32_t> ends_;
    Spool waiting_;  // the states whose successors are still to come
    std::vector<Action> actions_;
    Result result_;
};

Result Explorer::run() {
    const auto began = std::chrono::steady_clock::now();
    visited_.find_or_insert(canonical(world_));
    origins_.push_back({0, {}});
    waiting_.push(images_.take());
    std::uint32_t level_end = 1;
    for (std::uint32_t state = 0; state < origins_.size() && result_.failure.empty(); ++state) {
        if (state == level_end) {
            level_end = static_cast<std::uint32_t>(origins_.size());
            ++result_.depth;
        }
        if (state % 10'000'000 == 0 && state != 0) {
            std::printf("  %u expanded of %zu known, depth %u, %llu MiB in a file\n", state,
                        origins_.size(), result_.depth,
                        static_cast<unsigned long long>(waiting_.bytes_in_file() >> 20));
            std::fflush(stdout);
        }
        if (origins_.size() > limits_.states) {
            result_.failure =
                "not exhausted: more than " + std::to_string(limits_.states) + " states\n";
            break;
        }
        expand(state);
    }
    if (result_.failure.empty()) prove_ends_reachable();
    result_.proven = result_.failure.empty();
    result_.states = origins_.size();
    result_.ends = ends_.size();
    result_.overflows = world_.overflows();
    result_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return result_;
}

void Explorer::expand(std::uint32_t state) {
    first_edge_.push_back(edges_.size());
    images_.put_back(waiting_.pop());
    world_.enabled(actions_);
    if (actions_.empty()) {
        ends_.push_back(state);
        try {
            world_.check_end();
        } catch (const Failure& failure) {
            fail(state, failure.what());
        }
        return;
    }
    images_.remember_here();
    const std::uint8_t losses = world_.core().losses_left;
    for (Action action : actions_) {
        unsigned segments = 0;
        for (unsigned lost = 0; lost < 1U << segments || lost == 0; ++lost) {
            if (std::popcount(lost) > losses) continue;
            action.lost = static_cast<std::uint8_t>(lost);
            take(state, action);
            if (!result_.failure.empty()) return;
            segments = static_cast<unsigned>(std::min<std::size_t>(world_.sent_last().size(), 8));
            images_.return_here(world_.touched(action));
        }
    }
}

void Explorer::take(std::uint32_t state, Action action) {
    try {
        world_.apply(action);
    } catch (const Failure& failure) {
        return fail_at(state, action, failure.what());
    }
    ++result_.steps;
    const std::uint32_t next = visited_.size();
    const std::uint32_t found = visited_.find_or_insert(canonical(world_));
    if (found != state) edges_.push_back(found);
    if (found != next) return;
    origins_.push_back({state, action});
    waiting_.push(images_.take());
    const std::uint64_t bytes =
        waiting_.bytes_in_memory() + visited_.bytes() + edges_.size() * sizeof(edges_[0]) +
        first_edge_.size() * sizeof(first_edge_[0]) + origins_.size() * sizeof(Origin);
    result_.peak_bytes = std::max(result_.peak_bytes, bytes);
}

// A state reaches an end where one of its successors does. Most steps lead to states that were
// found later, so a few rounds from the last state to the first settle it.
void Explorer::prove_ends_reachable() {
    const std::size_t count = origins_.size();
    first_edge_.push_back(edges_.size());
    std::vector<bool> reaches(count);
    for (const std::uint32_t end : ends_) reaches[end] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t state = count; state-- > 0;) {
            if (reaches[state]) continue;
            const auto successors = std::span(edges_).subspan(
                first_edge_[state], first_edge_[state + 1] - first_edge_[state]);
            if (std::ranges::any_of(successors, [&](std::uint32_t to) { return reaches[to]; })) {
                reaches[state] = changed = true;
            }
        }
    }
    const auto lost = std::ranges::find(reaches, false);
    if (lost == reaches.end()) return;
    fail(static_cast<std::uint32_t>(lost - reaches.begin()),
         "from here no end can be reached: the connection lives for ever");
}

std::vector<Action> Explorer::path_to(std::uint32_t state) const {
    std::vector<Action> path;
    for (; state != 0; state = origins_[state].parent) path.push_back(origins_[state].action);
    std::ranges::reverse(path);
    return path;
}

void Explorer::fail(std::uint32_t state, const std::string& why) {
    result_.failure = why + '\n' + ladder(scenario_, path_to(state));
}

void Explorer::fail_at(std::uint32_t state, Action action, const std::string& why) {
    std::vector<Action> path = path_to(state);
    path.push_back(action);
    result_.failure = why + '\n' + ladder(scenario_, path);
}

}  // namespace

Result explore(const Scenario& scenario, const Limits& limits) {
    return Explorer(scenario, limits).run();
}

std::string describe(const Result& result) {
    std::ostringstream out;
    out.setf(std::ios::fixed);
    out.precision(1);
    out << result.states << " states, " << result.steps << " steps, " << result.ends
        << " ends, depth " << result.depth << ", " << result.seconds << " s, "
        << result.peak_bytes / (1U << 20) << " MiB at most; " << result.overflows
        << " segments dropped because " << kInFlight << " were in flight";
    return out.str();
}

std::string describe(const Scenario& scenario) {
    std::ostringstream out;
    const Bounds& bounds = scenario.bounds;
    out << unsigned{bounds.losses} << " losses, " << unsigned{bounds.duplicates}
        << " duplicates, any order, " << kInFlight
        << " segments in flight each way, " << unsigned{bounds.races}
        << " timers that race them";
    for (unsigned end = 0; end < 2; ++end) {
        const Program& program = scenario.programs[end];
        out << "; "
            << "ab"[end] << ':' << (program.listens ? " listen" : "")
            << (program.connects ? " connect" : "");
        if (program.sends > 0) out << ' ' << unsigned{program.sends} << " send";
        out << (program.may_shut_down ? " shutdown" : "")
            << (program.closes_at_fin ? " close(in on_peer_closed, or before)" : " close")
            << (program.waits_for_fin ? "(after the peer)" : "")
            << (program.may_abort ? " abort" : "") << (program.calls_early ? " at any time" : "")
            << (program.reads ? "" : ", reads nothing")
            << (program.keep_alive ? ", keep-alive" : "");
    }
    if (scenario.begins_open) out << "; from ESTABLISHED on";
    if (scenario.prompt) out << "; no close() later than fin_timeout";
    if (scenario.timestamps) out << "; time stamps, SACK, scaling";
    if (scenario.segments_outlive_msl) out << "; segments outlive MSL";
    return out.str();
}

}  // namespace lastack::model

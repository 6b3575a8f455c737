#include "tests/model/explorer.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <vector>

#include "tests/model/failure.hpp"
#include "tests/model/filed.hpp"
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
          visited_(limits.states + kBeyond),
          origins_(limits.states + kBeyond),
          first_edge_(limits.states + kBeyond),
          edges_((limits.states + kBeyond) * kEdgesPerState) {}

    Result run();

  private:
    struct Step {
        Action action;
        Digest digest;
        std::uint32_t known_as = Visited::kNone;
        std::size_t copy_at = 0;  // in copies_, of one that was not known
    };

    void expand(std::uint32_t state);
    bool try_all();
    bool try_one(Action action);
    void take(std::uint32_t state, const Step& step);
    void prove_ends_reachable();
    void fail(std::uint32_t state, const std::string& why);
    void fail_at(std::uint32_t state, Action action, const std::string& why);
    std::vector<Action> path_to(std::uint32_t state) const;

    // A state's successors may go beyond the limit before that is seen.
    static constexpr std::uint64_t kBeyond = 10'000;
    static constexpr std::uint64_t kEdgesPerState = 8;  // there are 6, as a mean

    const Scenario& scenario_;
    const Limits& limits_;
    World world_;
    Images images_;
    Visited visited_;
    struct Origin {
        std::uint32_t parent;
        Action action;
    };
    Filed<Origin> origins_;
    Filed<std::uint64_t> first_edge_;  // per state that has been expanded
    Filed<std::uint32_t> edges_;       // where they lead
    std::vector<std::uint32_t> ends_;
    Spool waiting_;  // the states whose successors are still to come
    std::vector<Action> actions_;
    std::vector<Step> steps_;  // of the state that is being expanded
    std::vector<std::byte> copies_;
    std::string complaint_;  // of the step that fails, behind them
    Action complained_of_;
    Result result_;
};

Result Explorer::run() {
    const auto began = std::chrono::steady_clock::now();
    visited_.find_or_insert(canonical(world_));
    origins_.push_back({0, {}});
    waiting_.push({});
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
    while (!try_all()) continue;
    for (const Step& step : steps_) take(state, step);
    if (!complaint_.empty()) fail_at(state, complained_of_, complaint_);
}

// Every step from here. What comes of it is kept aside: false where all is to be tried again.
bool Explorer::try_all() {
    steps_.clear();
    copies_.clear();
    complaint_.clear();
    const std::uint8_t losses = world_.core().losses_left;
    for (Action action : actions_) {
        unsigned segments = 0;
        for (unsigned lost = 0; lost < 1U << segments || lost == 0; ++lost) {
            if (std::popcount(lost) > losses) continue;
            action.lost = static_cast<std::uint8_t>(lost);
            const bool good = try_one(action);
            const bool learned = images_.learn(world_.touched(action));
            images_.return_here();
            if (learned) return false;
            if (!good) return true;
            segments = static_cast<unsigned>(std::min<std::size_t>(world_.sent_last().size(), 8));
        }
    }
    return true;
}

bool Explorer::try_one(Action action) {
    try {
        world_.apply(action);
    } catch (const Failure& failure) {
        complaint_ = failure.what();
        complained_of_ = action;
        return false;
    }
    Step& step = steps_.emplace_back(Step{.action = action, .digest = canonical(world_)});
    step.known_as = visited_.find(step.digest);
    step.copy_at = copies_.size();
    if (step.known_as == Visited::kNone) images_.copy(copies_);
    return true;
}

void Explorer::take(std::uint32_t state, const Step& step) {
    ++result_.steps;
    const std::uint32_t next = visited_.size();
    const std::uint32_t found =
        step.known_as != Visited::kNone ? step.known_as : visited_.find_or_insert(step.digest);
    if (found != state) edges_.push_back(found);
    if (found != next) return;
    origins_.push_back({state, step.action});
    waiting_.push(images_.take(std::span(copies_).subspan(step.copy_at, images_.copy_bytes())));
    const std::uint64_t bytes = waiting_.bytes_in_memory() + visited_.bytes();
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
            const auto successors = std::span(edges_.begin() + first_edge_[state],
                                              edges_.begin() + first_edge_[state + 1]);
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
        << " duplicates, any order, " << kInFlight << " segments in flight each way, "
        << unsigned{bounds.races} << " timers that race them";
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

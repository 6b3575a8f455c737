// The steps in which time passes.

#include <algorithm>
#include <charconv>

#include "stack/fields.hpp"
#include "tests/walk/stage.hpp"

namespace lastack::test::walk {

using base::Counter;
using stack::TimerName;

namespace {

std::string_view name_of(TimerName timer) {
    switch (timer) {
        case TimerName::Off:
            return "delack";  // what runs there has no name of ss's
        case TimerName::On:
            return "rexmt";
        case TimerName::KeepAlive:
            return "keepalive";
        case TimerName::TimeWait:
            return "2msl";
        case TimerName::Persist:
            return "persist";
        case TimerName::Guard:
            return "guard";
        case TimerName::FinWait2:
            return "fin-wait-2";
    }
    return "?";
}

// One of section B's six timers: how a row of the listing names it, and what counts that it fired.
struct Watched {
    std::string_view name;
    TimerName armed;  // Off: no listing shows it
    std::vector<Counter> counters;
};

const Watched& watched(std::string_view timer) {
    static const std::vector<Watched> kTimers{
        {"T01", TimerName::On, {Counter::TCPTimeouts, Counter::RetransSegs}},
        {"T02", TimerName::Persist, {Counter::TCPWinProbe}},
        {"T03", TimerName::KeepAlive, {Counter::TCPKeepAlive}},
        {"T04", TimerName::TimeWait, {Counter::TimeWaitExpired}},
        {"T05", TimerName::FinWait2, {Counter::FinWait2Timeout}},
        {"T06",
         TimerName::Off,
         {Counter::TCPAbortOnTimeout, Counter::OrphanKilled, Counter::SynRecvTimeouts}},
    };
    const auto found = std::ranges::find(kTimers, timer, &Watched::name);
    EXPECT_NE(found, kTimers.end()) << "no such timer: " << timer;
    return found == kTimers.end() ? kTimers.front() : *found;
}

}  // namespace

time::Duration duration_of(std::string_view text) {
    std::int64_t count = 0;
    const auto result = std::from_chars(text.begin(), text.end(), count);
    const std::string_view unit(result.ptr, text.end());
    if (unit == "ms") return std::chrono::milliseconds(count);
    if (unit == "s") return std::chrono::seconds(count);
    if (unit == "m") return std::chrono::minutes(count);
    if (unit == "h") return std::chrono::hours(count);
    ADD_FAILURE() << "no duration: " << text;
    return {};
}

bool Stage::play_time(const Words& words) {
    const std::string& verb = words[0];
    if (verb == "wait") {
        host().advance(duration_of(words[1]));
    } else if (verb == "timer" || verb == "outlast") {
        until(duration_of(words[1]), verb == "timer");
    } else if (verb == "answered") {
        answer_for(duration_of(words[1]));
    } else if (verb == "never" || verb == "quiet") {
        not_one(words, verb == "never");
    } else if (verb == "isn") {
        numbers_["isn"] = number(words[1]);
        host().wait_for_isn(Conversation::kHostPort, Conversation::kPeerPort, numbers_["isn"]);
    } else if (verb == "icmp") {
        unreachable(words);
    } else {
        return false;
    }
    return true;
}

// Both sides of a deadline: a tick before it all is as it was.
void Stage::until(time::Duration duration, bool silently) {
    const time::Instant deadline = host().now() + duration;
    const std::string before = state();
    host().advance_to(deadline - time::kTick);
    const Trace early = host().sent();
    if (silently) {
        EXPECT_EQ(early, Trace{}) << "before the deadline";
    }
    EXPECT_EQ(state(), before) << "before the deadline";
    EXPECT_EQ(app().events, std::vector<std::string>{}) << "before the deadline";
    host().advance_to(deadline);
}

void Stage::answer_for(time::Duration duration) {
    const time::Instant end = host().now() + duration;
    std::size_t answered = 0;
    for (auto next = host().stack().next_deadline(); next && *next <= end;
         next = host().stack().next_deadline()) {
        host().advance_to(*next);
        for (const Wire& probe : host().sent()) {
            EXPECT_EQ(probe.text, "") << "a probe";
            deliver("A next una w=0");
            ++answered;
        }
    }
    EXPECT_GT(answered, 3U) << "there was something to answer";
    host().advance_to(end);
}

void Stage::not_one(const Words& words, bool nor_armed) {
    const Watched& timer = watched(words[1]);
    const time::Instant end = host().now() + duration_of(words[2]);
    const auto counted = [&] {
        std::uint64_t sum = 0;
        for (const Counter counter : timer.counters) sum += host().count(counter);
        return sum;
    };
    const std::uint64_t before = counted();
    const auto look = [&] {
        const auto here = row();
        if (!nor_armed || timer.armed == TimerName::Off || !here) return;
        EXPECT_NE(here->timer, timer.armed) << timer.name << " is armed";
    };
    look();
    for (auto next = host().stack().next_deadline(); next && *next <= end;
         next = host().stack().next_deadline()) {
        host().advance_to(*next);
        look();
    }
    host().advance_to(end);
    EXPECT_EQ(counted(), before) << timer.name << " fired";
}

// TIME-WAITs that a SYN has reopened: they keep their places in the wheel, and nothing comes of it.
std::uint32_t Stage::parked() const {
    const auto& stack = host().stack();
    const auto& syns = stack::StackFields::syns(stack);
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < syns.capacity(); ++i) {
        if (syns[i].record.state.is(tcp::State::Closed)) continue;
        const std::uint32_t index = syns[i].parked;
        if (index == base::kNoIndex) continue;
        if (stack::StackFields::time_waits(stack)[index].place != 0) ++count;
    }
    return count;
}

std::string Stage::timer() const {
    std::uint32_t armed = 0;
    for (const stack::PoolUse& pool : host().stack().memory()) {
        if (std::string_view(pool.name) == "armed timer") armed = pool.in_use;
    }
    armed -= parked();
    const auto here = row();
    if (armed == 0) return "off";
    if (!here || armed > 1) return std::to_string(armed) + " armed";
    const std::string name(name_of(here->timer));
    if (here->timer == TimerName::Off) return name;
    // A timer is due at a tick, and the listing counts from the last one.
    const time::Instant now = host().now();
    const std::uint32_t begun = time::start_of(time::tick_of(now)) == now ? 0 : 1;
    return name + ' ' + std::to_string(here->timer_remaining_ms - begun);
}

}  // namespace lastack::test::walk

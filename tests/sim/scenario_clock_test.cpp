// Scenarios of clocks that wrap, and of hosts that stand still: K-38 of requirements.md. The clock
// is monotonic by type; there is no wall clock to jump.
#include "tcp/isn.hpp"
#include "tests/sim/duo.hpp"

namespace lastack::test {
namespace {

using base::Counter;

std::uint32_t ms_of(time::Instant now) {
    return static_cast<std::uint32_t>(now.time_since_epoch() / 1ms);
}

// What is added to the clock of one end to make its TSval (C-30).
std::uint32_t offset_of(Link::Side side) {
    const bool of_a = side == Duo::kFromA;
    const std::uint64_t here = (of_a ? kHostAddress : kPeerAddress).value;
    const std::uint64_t there = (of_a ? kPeerAddress : kHostAddress).value;
    const std::uint64_t port = of_a ? Duo::kPortA : Duo::kPortB;
    const std::uint64_t other = of_a ? Duo::kPortB : Duo::kPortA;
    const std::array words{here << 32 | there, port << 16 | other};
    return tcp::timestamp_offset(small_config().secrets.timestamp_offset, words);
}

// TSval of each end never decreases (F-16). Whether it wrapped.
bool check_stamps(const Duo& duo, Link::Side side) {
    std::optional<std::uint32_t> last;
    bool wrapped = false;
    for (const Logged& one : duo.log) {
        if (one.from != side || !one.segment.options.timestamps) continue;
        const std::uint32_t value = one.segment.options.timestamps->value;
        EXPECT_LT(value - last.value_or(value), 0x8000'0000U);
        wrapped = wrapped || (last && value < *last);
        last = value;
    }
    return wrapped;
}

// A life whose close begins 300 ms before `end` stamps `zero`, or the clock itself does; each FIN
// is lost once, and the last ACK too. Its trace, with times since the opening.
struct Life {
    std::string trace;
    bool wrapped_a = false;
    bool wrapped_b = false;
};
Life life(std::uint32_t offset, std::uint32_t zero, std::uint32_t lead_ms) {
    Duo duo;
    duo.run(std::chrono::milliseconds(zero - lead_ms - offset - ms_of(duo.link.now())));
    duo.open();
    const time::Instant opened = duo.link.now();
    duo.b_follows();
    duo.say(duo.at_a, 1'000);
    duo.run(50ms);
    duo.lose(Duo::kFromA, 'F', 1);
    duo.lose(Duo::kFromB, 'F', 1);
    duo.at_a.close();
    duo.run(450ms);
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    duo.lose(Duo::kFromA, 'A', 1);
    duo.run(5s);
    EXPECT_EQ(duo.state_b(), "CLOSED");
    EXPECT_EQ(duo.b.app().received, std::string(1'000, 's'));
    const time::Instant last = duo.sent(Duo::kFromA, 'A').back().at;
    duo.run(last + 60s - 1ms - duo.link.now());
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    duo.run(2ms);
    EXPECT_EQ(duo.state_a(), "CLOSED");
    EXPECT_EQ(duo.a.count(Counter::PAWSEstab) + duo.b.count(Counter::PAWSEstab), 0U);
    EXPECT_EQ(duo.a.count(Counter::PAWSTimewait), 0U);
    Life life;
    for (const Logged& one : duo.log) {
        life.trace += (one.from == Duo::kFromA ? "a " : "b ") + one.segment.flags + ' ' +
                      std::to_string(one.segment.text.size()) + ' ' +
                      std::to_string((one.at - opened) / 1us) + '\n';
    }
    life.wrapped_a = check_stamps(duo, Duo::kFromA);
    life.wrapped_b = check_stamps(duo, Duo::kFromB);
    duo.expect_rest();
    return life;
}

TEST(Scenario, K_38_timestamps_and_clocks_that_wrap_in_mid_close_change_nothing) {
    const Life usual = life(0, 1'000'000, 300);
    EXPECT_FALSE(usual.wrapped_a || usual.wrapped_b);
    for (const std::uint32_t lead_ms : {60U, 150U, 300U, 30'000U}) {  // before each FIN; in 2MSL
        for (const std::uint32_t zero : {0U, 0x8000'0000U}) {
            SCOPED_TRACE(testing::Message() << lead_ms << " ms before " << zero);
            const bool early = zero == 0 && lead_ms <= 300;
            const Life a = life(offset_of(Duo::kFromA), zero, lead_ms);
            EXPECT_EQ(a.trace, usual.trace);
            EXPECT_EQ(a.wrapped_a, early);
            const Life b = life(offset_of(Duo::kFromB), zero, lead_ms);
            EXPECT_EQ(b.trace, usual.trace);
            EXPECT_EQ(b.wrapped_b, early);
            EXPECT_EQ(life(0, zero, lead_ms).trace, usual.trace);  // the ticks of timers
        }
    }
}

// One side stands still while the other lives on; what reaches it waits in its ring, and its timers
// are all due when it wakes.
void stall(Duo& duo, Link::Side side, time::Duration duration) {
    Host& asleep = side == Duo::kFromA ? duo.a : duo.b;
    Host& awake = side == Duo::kFromA ? duo.b : duo.a;
    awake.advance(duration);
    asleep.stall_until(awake.now());
}

// A close in `step`s of a millisecond, with a stall before one of them; a lone user timeout on the
// side that stalls must not take its own sleep for the peer's.
void close_with_stall(Link::Side side, int step, time::Duration duration) {
    stack::Config impatient = small_config();
    impatient.tcp.user_timeout = 4s;
    const bool of_a = side == Duo::kFromA;
    Duo duo(of_a ? impatient : small_config(), of_a ? small_config() : impatient);
    time::Instant last_of_a;
    const auto log = duo.link.watch;
    duo.link.watch = [&](Link::Side from, const Wire& wire) {
        log(from, wire);
        if (from == Duo::kFromA) last_of_a = duo.a.now();
    };
    duo.open();
    duo.b_follows();
    const auto pass = [&](int here) {
        if (here == step) stall(duo, side, duration);
        duo.run(1ms);
    };
    duo.say(duo.at_a, 1'000);
    pass(0);
    duo.at_a.close();
    duo.link.turn();
    for (int here = 1; here <= 6; ++here) pass(here);
    duo.run(duration + 5s);
    EXPECT_EQ(duo.b.app().received.size(), 1'000U);
    EXPECT_EQ(told(duo.a, "closed orderly"), 1U);
    EXPECT_EQ(told(duo.b, "closed orderly"), 1U);
    for (Host* host : {&duo.a, &duo.b}) {
        EXPECT_EQ(host->count(Counter::TCPAbortOnTimeout), 0U);
        EXPECT_EQ(host->count(Counter::OrphanKilled), 0U);
    }
    check_stamps(duo, Duo::kFromA);
    check_stamps(duo, Duo::kFromB);
    ASSERT_EQ(duo.state_a(), "TIME-WAIT");
    duo.a.advance_to(last_of_a + 60s - 2ms);
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    duo.a.advance_to(last_of_a + 60s + 2ms);
    EXPECT_EQ(duo.state_a(), "CLOSED");
    EXPECT_EQ(duo.a.count(Counter::StaleTimer) + duo.b.count(Counter::StaleTimer), 0U);
    EXPECT_TRUE(duo.a.stack().quiescent());
}

TEST(Scenario, K_38_one_side_that_stands_still_at_any_step_of_the_close_aborts_nothing) {
    for (const auto side : {Duo::kFromA, Duo::kFromB}) {
        for (const time::Duration duration : {5s, 10s}) {
            for (int step = 0; step <= 6; ++step) {
                SCOPED_TRACE(testing::Message() << (side == Duo::kFromA ? "a" : "b") << " at "
                                                << step << " for " << duration / 1s);
                close_with_stall(side, step, duration);
            }
        }
    }
}

TEST(Scenario, K_38_clocks_that_stand_still_end_no_time_wait_early) {
    Duo duo;
    duo.open();
    duo.b_follows();
    duo.at_a.close();
    duo.run(1s);
    ASSERT_EQ(duo.state_a(), "TIME-WAIT");
    const auto entered = duo.sent(Duo::kFromA, 'A').back().at;
    duo.a.stall_until(entered + 60s - 2ms);
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    duo.a.stall_until(entered + 70s);
    EXPECT_EQ(duo.state_a(), "CLOSED");
    EXPECT_EQ(duo.a.count(Counter::TimeWaitExpired), 1U);
}

}  // namespace
}  // namespace lastack::test

// Scenarios of text around a close: K-9 to K-15 of requirements.md.
#include "tests/sim/duo.hpp"

namespace lastack::test {
namespace {

using base::Counter;

TEST(Scenario, K_9_a_fin_beyond_lost_text_is_told_only_after_the_repair) {
    Duo duo;
    duo.open();
    duo.lose(Duo::kFromA, 'P', 1);
    duo.say(duo.at_a, 1'000);
    duo.at_a.close();
    duo.run(50ms);
    EXPECT_EQ(duo.b.count(Counter::FinOutOfOrder), 1U);
    EXPECT_EQ(told(duo.b, "peer closed"), 0U);
    EXPECT_EQ(duo.state_b(), "ESTABLISHED");
    duo.run(5s);
    EXPECT_EQ(duo.b.app().received.size(), 1'000U);
    EXPECT_EQ(told(duo.b, "peer closed"), 1U);
    EXPECT_EQ(duo.state_b(), "CLOSE-WAIT");
}

// A round trip of 160 ms, and 40 ms until the ACK of a lone segment: an RTO of rto_min alone would
// be over just before it comes.
TEST(Scenario, H_1_H_2_H_23_on_a_clean_wire_nothing_is_sent_twice) {
    for (const auto delay : {1ms, 10ms, 80ms, 95ms, 200ms}) {
        Duo duo(small_config(), small_config(), {.delay = delay});
        duo.listen();
        duo.connect();
        duo.run(4 * delay);
        for (int i = 0; i < 40; ++i) {  // pairs are acknowledged at once, and even the round trip
            duo.say(duo.at_a, 2'920);
            duo.run(2 * delay + 1ms);
        }
        for (int i = 0; i < 3; ++i) {
            duo.say(duo.at_a, 100);
            duo.run(2 * delay + 500ms);
        }
        EXPECT_EQ(duo.b.app().received.size(), 40U * 2'920 + 300);
        duo.b_follows();
        duo.at_a.close();
        duo.run(4 * delay + 1s);
        EXPECT_EQ(duo.a.count(Counter::RetransSegs) + duo.b.count(Counter::RetransSegs), 0U)
            << delay.count() << " ms each way";
        duo.expect_rest();
    }
}

TEST(Scenario, K_10_a_fin_keeps_its_number_when_a_smaller_mtu_cuts_its_text_anew) {
    Duo duo;
    duo.open();
    duo.b_follows();
    unsigned lost = 0;
    duo.link.drop([&](Link::Side from, const Wire&) { return from == Duo::kFromA && lost++ < 9; },
                  1, 9);
    duo.say(duo.at_a, 4'000, 'x');
    duo.at_a.close();
    duo.link.turn();
    const auto first = duo.sent(Duo::kFromA, 'A').front().segment;
    const std::uint32_t end = first.seq + 4'001;
    duo.icmp(Duo::kFromA, 3, 4, 576, first.seq);
    duo.run(60s);
    EXPECT_EQ(duo.a.count(Counter::PmtuReduced), 1U);
    EXPECT_EQ(duo.b.app().received, std::string(4'000, 'x'));
    const auto fins = duo.sent(Duo::kFromA, 'F');
    ASSERT_GE(fins.size(), 2U);
    for (const Logged& fin : fins) EXPECT_EQ(fin.segment.seq + fin.segment.len(), end);
    EXPECT_LE(fins.back().segment.text.size(), 536U);
    EXPECT_EQ(told(duo.b, "peer closed"), 1U);
    duo.expect_rest();
}

stack::Config narrow() {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 2'048;
    return config;
}

TEST(Scenario, K_11_a_fin_waits_behind_a_closed_window_and_follows_when_it_opens) {
    for (const std::size_t queued : {std::size_t{0}, std::size_t{2'000}}) {
        Duo duo(small_config(), narrow());
        duo.open();
        bool reads = false;
        duo.b.app().at_data = [&](Connection, std::string_view text) {
            return reads ? text.size() : 0;
        };
        duo.say(duo.at_a, 2'048 + queued);
        duo.run(2s);
        duo.log.clear();
        duo.at_a.close();
        duo.run(5s);
        if (queued > 0) {
            EXPECT_GT(duo.a.count(Counter::TCPWinProbe), 0U);
            EXPECT_EQ(duo.sent(Duo::kFromA, 'F').size(), 0U);
        }
        EXPECT_EQ(told(duo.b, "peer closed"), 0U);
        reads = true;
        duo.at_b.resume();
        duo.run(20s);
        EXPECT_EQ(duo.b.app().received.size(), 2'048 + queued);
        EXPECT_EQ(told(duo.b, "peer closed"), 1U);
        duo.at_b.close();
        duo.expect_rest();
    }
}

TEST(Scenario, K_11_an_orphan_before_a_window_that_stays_closed_ends) {
    Duo duo(small_config(), narrow());
    duo.open();
    duo.b.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    duo.say(duo.at_a, 4'000);
    duo.at_a.close();
    duo.run(10s);
    EXPECT_EQ(duo.state_a(), "FIN-WAIT-1");
    duo.run(3'600s);
    EXPECT_EQ(duo.state_a(), "CLOSED");
    EXPECT_EQ(duo.a.shell().live(), 0U);
}

// B-3: the number of the peer's FIN is the one that came first. A FIN at another, bare or with
// text, before the stream reaches it or after, never moves it; nothing beyond it is text.
TEST(Scenario, K_12_of_two_fins_the_number_that_came_first_rules) {
    struct Case {
        std::uint32_t first, second;
    };
    for (const Case fins : {Case{10, 5}, Case{5, 10}}) {
        SCOPED_TRACE(fins.first);
        Duo duo(plain(), plain());
        duo.open();
        duo.say(duo.at_a, 1);
        duo.run(100ms);
        const std::uint32_t next = duo.end_of(Duo::kFromA);
        const std::uint32_t ack = duo.sent(Duo::kFromB, 'A').back().segment.seq;
        duo.link.drop([](Link::Side from, const Wire&) { return from == Duo::kFromB; }, 1, 100);
        const std::string text = "0123456789abcdef";
        const auto say = [&](std::string flags, std::uint32_t at, std::size_t count) {
            duo.spoof(Duo::kFromA, {.flags = std::move(flags),
                                    .seq = next + at,
                                    .ack = ack,
                                    .text = text.substr(at, count)});
        };
        say("A", 12, 4);  // waits beyond both
        say("FA", fins.first, 0);
        say("A", 3, 10);  // across both
        say("FA", fins.second, 0);
        EXPECT_EQ(duo.state_b(), "ESTABLISHED");
        EXPECT_EQ(told(duo.b, "peer closed"), 0U);
        say("FA", 0, fins.second);  // a third FIN, of the second's number, with all the text
        say("A", 0, 16);
        EXPECT_EQ(duo.b.app().received, "s" + text.substr(0, fins.first));
        EXPECT_EQ(told(duo.b, "peer closed"), 1U);
        EXPECT_EQ(duo.state_b(), "CLOSE-WAIT");
        EXPECT_EQ(duo.sent(Duo::kFromB, 'A').back().segment.ack, next + fins.first + 1);
        const std::uint64_t beyond = duo.b.count(Counter::DataAfterFin);
        EXPECT_GE(beyond, 1U);
        duo.spoof(Duo::kFromA,
                  {.flags = "FA", .seq = next + fins.first + 1, .ack = ack, .text = "more"});
        EXPECT_EQ(duo.b.count(Counter::DataAfterFin), beyond + 1);
        EXPECT_EQ(duo.b.app().received, "s" + text.substr(0, fins.first));
        // The rest of its life is like any other's.
        duo.at_b.close();
        duo.link.turn();
        EXPECT_EQ(duo.state_b(), "LAST-ACK");
        const Wire fin = duo.sent(Duo::kFromB, 'F').back().segment;
        EXPECT_EQ(fin.ack, next + fins.first + 1);
        duo.spoof(Duo::kFromA, {.flags = "A", .seq = fin.ack, .ack = fin.seq + 1});
        EXPECT_EQ(told(duo.b, "closed orderly"), 1U);
        EXPECT_EQ(duo.b.shell().live(), 0U);
        EXPECT_TRUE(duo.b.stack().quiescent());
    }
}

TEST(Scenario, K_13_text_beyond_a_fin_is_ignored_and_counted) {
    Duo duo(plain(), plain());
    duo.open();
    duo.at_a.close();
    duo.run(100ms);
    ASSERT_EQ(duo.state_b(), "CLOSE-WAIT");
    const std::uint32_t next = duo.end_of(Duo::kFromA);
    const std::uint32_t ack = duo.sent(Duo::kFromB, 'A').back().segment.seq;
    duo.spoof(Duo::kFromA, {.flags = "A", .seq = next, .ack = ack, .text = "late"});
    EXPECT_EQ(duo.b.count(Counter::DataAfterFin), 1U);
    EXPECT_EQ(duo.b.app().received, "");
    EXPECT_EQ(duo.state_b(), "CLOSE-WAIT");
}

TEST(Scenario, K_14_text_for_an_orphan_is_answered_by_one_reset) {
    Duo duo;
    duo.open();
    duo.at_a.close();
    duo.run(100ms);
    ASSERT_EQ(duo.state_a(), "FIN-WAIT-2");
    duo.log.clear();
    duo.say(duo.at_b, 1'000);
    duo.run(100ms);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'R').size(), 1U);
    EXPECT_EQ(duo.a.count(Counter::TCPAbortOnData), 1U);
    EXPECT_EQ(duo.state_a(), "CLOSED");
    EXPECT_EQ(told(duo.b, "closed reset"), 1U);
    const auto next = duo.end_of(Duo::kFromB);
    duo.spoof(Duo::kFromB, {.flags = "A", .seq = next, .ack = 1, .text = "more"});
    EXPECT_EQ(duo.sent(Duo::kFromA, 'R').size(), 2U);
    duo.expect_rest();
}

TEST(Scenario, K_15_a_close_with_unread_text_is_a_reset_without_time_wait) {
    Duo duo;
    duo.open();
    duo.a.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    duo.say(duo.at_b, 1'000);
    duo.run(100ms);
    duo.log.clear();
    duo.at_a.close();
    duo.run(100ms);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'R').size(), 1U);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'F').size(), 0U);
    EXPECT_EQ(duo.a.count(Counter::TCPAbortOnClose), 1U);
    EXPECT_EQ(duo.a.count(Counter::TimeWaitEntered), 0U);
    EXPECT_EQ(told(duo.b, "closed reset"), 1U);
    duo.expect_rest();
}

}  // namespace
}  // namespace lastack::test

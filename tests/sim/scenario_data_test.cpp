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

TEST(Scenario, K_12_of_two_fins_the_number_consumed_first_holds) {
    Duo duo(plain(), plain());
    duo.open();
    duo.say(duo.at_a, 1);
    duo.run(100ms);
    const std::uint32_t next = duo.end_of(Duo::kFromA);
    const std::uint32_t ack = duo.sent(Duo::kFromB, 'A').back().segment.seq;
    duo.spoof(Duo::kFromA, {.flags = "FA", .seq = next + 10, .ack = ack});
    duo.spoof(Duo::kFromA, {.flags = "FA", .seq = next + 5, .ack = ack});
    EXPECT_EQ(duo.state_b(), "ESTABLISHED");
    duo.spoof(Duo::kFromA, {.flags = "A", .seq = next, .ack = ack, .text = "12345"});
    duo.spoof(Duo::kFromA, {.flags = "A", .seq = next + 5, .ack = ack, .text = "67890"});
    EXPECT_EQ(duo.state_b(), "CLOSE-WAIT");
    EXPECT_EQ(told(duo.b, "peer closed"), 1U);
    EXPECT_TRUE(duo.b.app().received == "s12345" || duo.b.app().received == "s1234567890")
        << duo.b.app().received;
    const std::string received = duo.b.app().received;
    duo.spoof(Duo::kFromA, {.flags = "A", .seq = next + 6, .ack = ack, .text = "more"});
    EXPECT_EQ(duo.b.app().received, received);
    duo.at_b.abort();
    duo.run(1s);
    EXPECT_EQ(duo.b.shell().live(), 0U);
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

// Scenarios of the four segments of a close, each lost: K-1 to K-8 of requirements.md.
#include "tests/sim/duo.hpp"

namespace lastack::test {
namespace {

using base::Counter;

TEST(Scenario, K_1_the_first_fin_lost_k_times_goes_again_at_doubled_intervals) {
    for (const unsigned k : {1U, 2U, 4U}) {
        Duo duo;
        duo.open();
        duo.b_follows();
        duo.lose(Duo::kFromA, 'F', k);
        duo.at_a.close();
        duo.run(20s);
        const auto fins = duo.sent(Duo::kFromA, 'F');
        ASSERT_EQ(fins.size(), k + 1);
        for (std::size_t i = 1; i < fins.size(); ++i) {
            EXPECT_EQ(fins[i].segment.seq, fins[0].segment.seq);
        }
        for (std::size_t i = 2; i < fins.size(); ++i) {
            const auto one = fins[i - 1].at - fins[i - 2].at;
            EXPECT_GE(fins[i].at - fins[i - 1].at, 2 * one - 2ms);
        }
        EXPECT_EQ(duo.state_a(), "TIME-WAIT");
        EXPECT_EQ(duo.state_b(), "CLOSED");
        duo.expect_rest();
    }
}

TEST(Scenario, K_1_a_fin_that_is_always_lost_ends_in_a_timeout) {
    Duo duo;
    duo.open();
    duo.lose(Duo::kFromA, 'F', 1'000'000);
    duo.at_a.shutdown_write();
    duo.run(100s);
    EXPECT_EQ(duo.state_a(), "FIN-WAIT-1");  // R2 is at least 100 s (RFC 1122 4.2.3.5)
    duo.run(2'000s);
    EXPECT_EQ(told(duo.a, "closed timed_out"), 1U);
    EXPECT_EQ(duo.state_a(), "CLOSED");
}

TEST(Scenario, K_2_the_ack_of_the_fin_lost_is_given_again_and_the_end_is_told_once) {
    Duo duo;
    duo.open();
    duo.lose(Duo::kFromB, 'A', 1);
    duo.at_a.close();
    duo.run(5s);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'F').size(), 2U);
    EXPECT_EQ(duo.sent(Duo::kFromB, 'A').size(), 2U);
    EXPECT_EQ(duo.state_a(), "FIN-WAIT-2");
    EXPECT_EQ(duo.state_b(), "CLOSE-WAIT");
    EXPECT_EQ(told(duo.b, "peer closed"), 1U);
    duo.at_b.close();
    duo.expect_rest();
}

TEST(Scenario, K_3_the_second_fin_lost_goes_again_while_the_first_closer_waits) {
    Duo duo;
    duo.open();
    duo.at_a.close();
    duo.run(10ms);
    duo.lose(Duo::kFromB, 'F', 4);
    duo.at_b.close();
    duo.run(2900ms);  // 0.2, 0.6, 1.4: three more, lost too; the next is due at 3.0
    EXPECT_EQ(duo.sent(Duo::kFromB, 'F').size(), 4U);
    EXPECT_EQ(duo.state_a(), "FIN-WAIT-2");
    EXPECT_EQ(duo.state_b(), "LAST-ACK");
    duo.run(500ms);
    const auto fins = duo.sent(Duo::kFromB, 'F');
    ASSERT_EQ(fins.size(), 5U);
    EXPECT_EQ(fins[4].segment.seq, fins[0].segment.seq);
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    EXPECT_EQ(duo.state_b(), "CLOSED");
    duo.expect_rest();
}

TEST(Scenario, K_4_the_last_ack_lost_n_times_is_given_again_and_2msl_begins_anew) {
    Duo duo;
    duo.open();
    duo.b_follows();
    duo.lose(Duo::kFromA, 'A', 3, 2);  // its FIN was the first
    duo.at_a.close();
    duo.run(5s);
    EXPECT_EQ(duo.sent(Duo::kFromB, 'F').size(), 4U);
    EXPECT_EQ(duo.a.count(Counter::TimeWaitRestarted), 3U);
    EXPECT_EQ(duo.state_b(), "CLOSED");
    EXPECT_EQ(told(duo.b, "closed orderly"), 1U);
    const auto last = duo.sent(Duo::kFromA, 'A').back().at;
    duo.run(last + 60s - 1ms - duo.link.now());
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    duo.run(3ms);
    EXPECT_EQ(duo.state_a(), "CLOSED");
}

// S-62: without TIME-WAIT the client is CLOSED when the FIN comes again, and answers it by a RST.
// All that it says is filtered, so the server alone must come to an end.
TEST(Scenario, K_5_a_server_whose_client_has_no_time_wait_and_is_not_heard_leaves_last_ack) {
    for (const bool filtered : {false, true}) {
        SCOPED_TRACE(filtered);
        stack::Config forgetful = small_config();
        forgetful.time_wait = false;
        Duo duo(forgetful, small_config());
        duo.open();
        duo.b_follows();
        duo.lose(Duo::kFromA, 'A', filtered ? 1'000'000 : 1, 2);  // its FIN was the first
        if (filtered) duo.lose(Duo::kFromA, 'R', 1'000'000);
        duo.at_a.close();
        duo.run(100ms);
        EXPECT_EQ(duo.state_a(), "CLOSED");
        EXPECT_EQ(duo.a.count(Counter::TimeWaitEntered), 0U);
        EXPECT_EQ(duo.state_b(), "LAST-ACK");
        duo.run(1s);
        EXPECT_EQ(duo.state_b(), filtered ? "LAST-ACK" : "CLOSED");
        EXPECT_EQ(told(duo.b, "closed reset"), filtered ? 0U : 1U);
        duo.run(99s);
        EXPECT_EQ(duo.state_b(), filtered ? "LAST-ACK" : "CLOSED");
        duo.run(100s);  // eight retries, the last of them 51.2 s after its forerunner (D-17)
        EXPECT_EQ(duo.state_b(), "CLOSED");
        EXPECT_EQ(duo.b.count(Counter::OrphanKilled), filtered ? 1U : 0U);
        EXPECT_EQ(told(duo.b, "closed timed_out"), filtered ? 1U : 0U);
        EXPECT_EQ(duo.sent(Duo::kFromB, 'F').size(), filtered ? 9U : 2U);
        EXPECT_EQ(duo.sent(Duo::kFromA, 'R').size(), filtered ? 8U : 1U);  // one for each
        duo.expect_rest();
    }
}

TEST(Scenario, K_6_simultaneous_close_without_loss_is_figure_13) {
    Duo duo;
    duo.open();
    duo.at_a.close();
    duo.at_b.close();
    duo.link.turn();
    ASSERT_EQ(duo.log.size(), 2U);
    const Wire fin_a = duo.log[0].segment;
    const Wire fin_b = duo.log[1].segment;
    duo.run(1500us);
    EXPECT_EQ(duo.state_a(), "CLOSING");
    EXPECT_EQ(duo.state_b(), "CLOSING");
    duo.run(5ms);
    ASSERT_EQ(duo.log.size(), 4U);
    for (std::size_t i = 2; i < 4; ++i) {  // <SEQ=101><ACK=301><CTL=ACK>, <SEQ=301><ACK=101>
        const bool from_a = duo.log[i].from == Duo::kFromA;
        EXPECT_EQ(duo.log[i].segment.flags, "A");
        EXPECT_EQ(duo.log[i].segment.seq, (from_a ? fin_a : fin_b).seq + 1);
        EXPECT_EQ(duo.log[i].segment.ack, (from_a ? fin_b : fin_a).seq + 1);
    }
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    EXPECT_EQ(duo.state_b(), "TIME-WAIT");
    duo.expect_rest();
}

TEST(Scenario, K_7_simultaneous_close_with_every_loss_among_six_segments_ends) {
    for (unsigned lost = 0; lost < 64; ++lost) {
        SCOPED_TRACE(lost);
        Duo duo;
        duo.open();
        unsigned seen = 0;
        duo.link.drop(
            [&seen, lost](Link::Side, const Wire&) {
                const unsigned number = seen++;
                return number < 6 && (lost >> number & 1) != 0;
            },
            1, 6);
        duo.at_a.close();
        duo.at_b.close();
        duo.run(30s);
        const std::string a = duo.state_a();
        const std::string b = duo.state_b();
        EXPECT_TRUE(a == "TIME-WAIT" || a == "CLOSED") << a;
        EXPECT_TRUE(b == "TIME-WAIT" || b == "CLOSED") << b;
        EXPECT_EQ(told(duo.a, "closed orderly"), 1U);
        EXPECT_EQ(told(duo.b, "closed orderly"), 1U);
        duo.expect_rest();
    }
}

TEST(Scenario, K_8_a_server_that_closes_in_the_burst_of_the_fin_makes_it_three_segments) {
    Duo duo;
    duo.open();
    duo.b_follows();
    duo.at_a.close();
    duo.run(1s);
    ASSERT_EQ(duo.log.size(), 3U);
    EXPECT_EQ(duo.log[0].segment.flags, "FA");
    EXPECT_EQ(duo.log[1].segment.flags, "FA");
    EXPECT_EQ(duo.log[1].segment.ack, duo.log[0].segment.seq + 1);
    EXPECT_EQ(duo.log[2].segment.flags, "A");
    EXPECT_EQ(duo.b.count(Counter::MergedFinAck), 1U);
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    duo.expect_rest();
}

// A kernel whose application closes while its ACK of the FIN is still delayed: 40 ms at least.
TEST(Scenario, K_8_a_peer_that_merges_within_its_delayed_ack_takes_us_from_fin_wait_1_at_once) {
    for (const time::Duration delay : {1ms, 40ms, 199ms}) {
        Host host;
        Peer peer(host, Duo::kPortA, Duo::kPortB);
        ASSERT_TRUE(host.stack().listen({Address{}, Duo::kPortB}, host.app(), {}));
        const std::uint32_t next = peer.open(1'000) + 1;
        Connection connection = host.app().last;
        host.sent();
        connection.close();
        host.turn();
        ASSERT_EQ(host.sent(), (std::vector<Wire>{{"FA", next, 1'001}}));
        host.advance(delay);
        ASSERT_EQ(host.sent(), std::vector<Wire>{});
        EXPECT_EQ(host.state(Duo::kPortB, Duo::kPortA), "FIN-WAIT-1");
        const std::uint64_t changes = host.stack().states().changes();
        peer.send({.flags = "FA", .seq = 1'001, .ack = next + 1});
        EXPECT_EQ(host.sent(), (std::vector<Wire>{{"A", next + 1, 1'002}}));
        EXPECT_EQ(host.state(Duo::kPortB, Duo::kPortA), "TIME-WAIT");
        EXPECT_EQ(host.stack().states().changes(), changes + 1);  // by no other state
        EXPECT_EQ(told(host, "closed orderly"), 1U);
        host.advance(61s);
        EXPECT_EQ(host.sent(), std::vector<Wire>{});
        EXPECT_EQ(host.state(Duo::kPortB, Duo::kPortA), "CLOSED");
        EXPECT_EQ(host.count(Counter::TimeWaitExpired), 1U);
        EXPECT_EQ(host.count(Counter::FinRetrans), 0U);
    }
}

}  // namespace
}  // namespace lastack::test

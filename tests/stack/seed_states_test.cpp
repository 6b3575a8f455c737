// The states of a release and what leads from one to the next (requirements A.2): the call or the
// segment that does it, and the ones that do not.

#include "tests/stack/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class States : public Release {
  protected:
    std::uint32_t in(tcp::State which) { return host.in_state(which); }
};

// --- Opening

TEST_F(States, S_6_connect_leads_from_closed_to_syn_sent) {
    EXPECT_EQ(state(), "CLOSED");
    ASSERT_TRUE(host.stack().connect({Address::ipv4(kPeerAddress.value), kPeerPort}, host.app(),
                                     {.local = {Address{}, kHostPort}}));
    EXPECT_EQ(state(), "SYN-SENT") << "by the call itself";
    EXPECT_EQ(in(tcp::State::SynSent), 1U);
    host.turn();
    const auto sent_now = host.sent();
    ASSERT_EQ(sent_now.size(), 1U);
    EXPECT_EQ(sent_now[0].flags, "S");
}

TEST_F(States, S_7_listen_leads_to_listen_and_a_syn_to_a_child_in_syn_received) {
    EXPECT_EQ(in(tcp::State::Listen), 0U);
    listen();
    EXPECT_EQ(in(tcp::State::Listen), 1U);
    EXPECT_EQ(host.state(kHostPort, 0), "LISTEN");
    peer.send({.flags = "S", .seq = 1'000});
    EXPECT_EQ(state(), "SYN-RECEIVED");
    EXPECT_EQ(in(tcp::State::Listen), 1U) << "the listener goes on listening";
    EXPECT_TRUE(host.app().events.empty()) << "nobody is told before the handshake is complete";
}

// --- Who may close: either, whoever opened

// A release with the host closing first (or second): every segment that the host sends.
Trace segments_of_a_release(Opener opener, bool host_first) {
    struct Either : Release {
        void TestBody() override {}
        Trace all;
        void note() {
            for (const Wire& segment : host.sent()) all.push_back(segment);
        }
        void run(Opener opener, bool host_first) {
            open_by(opener);
            if (host_first) finish();
            note();
            if (host_first) send("A");
            send("FA");
            note();
            if (!host_first) finish();
            note();
            if (!host_first) send("A");
            EXPECT_EQ(state(), host_first ? "TIME-WAIT" : "CLOSED");
        }
    } either;
    either.run(opener, host_first);
    return either.all;
}

TEST(WhoCloses, S_3_S_5_either_side_may_close_first_and_who_opened_makes_no_difference) {
    for (const Opener opener : {Opener::Host, Opener::Peer}) {
        SCOPED_TRACE(opener == Opener::Host ? "the host opened" : "the peer opened");
        EXPECT_EQ(segments_of_a_release(opener, true),
                  (Trace{{"FA", 5'001, 1'001}, {"A", 5'002, 1'002}}));
        EXPECT_EQ(segments_of_a_release(opener, false),
                  (Trace{{"A", 5'001, 1'002}, {"FA", 5'001, 1'002}}));
    }
}

// --- ESTABLISHED to FIN-WAIT-1

TEST_F(States, S_9_S_10_S_38_close_leads_from_established_to_fin_wait_1_by_the_call_itself) {
    open();
    ASSERT_EQ(state(), "ESTABLISHED");
    connection.close();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(in(tcp::State::Established), 0U);
    EXPECT_EQ(host.sent(), Trace{}) << "no turn has run";
}

TEST_F(States, S_10_S_38_though_the_fin_waits_behind_a_shut_window) {
    open({.mss = 1'460}, 0);
    queue(100);
    connection.shutdown_write();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "FIN-WAIT-1");
}

TEST_F(States, S_10_S_38_though_the_fin_waits_behind_text_that_the_network_has_no_room_for) {
    open();
    queue(100'000);
    connection.shutdown_write();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    host.turn();
    const auto initial_window = host.sent();
    EXPECT_EQ(initial_window.size(), 10U);
    for (const Wire& segment : initial_window) EXPECT_EQ(segment.flags, "A");
    EXPECT_EQ(state(), "FIN-WAIT-1");
}

TEST_F(States, S_9_a_close_in_syn_received_is_a_case_of_its_own) {
    connect();
    peer.send({.flags = "S", .seq = 1'000});
    ASSERT_EQ(state(), "SYN-RECEIVED");
    host.sent();
    queue(5);
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "SYN-RECEIVED") << "first the text, and first of all ESTABLISHED";
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(host.sent(), (Trace{{"FPA", 5'001, 1'001, "12345"}}));
    EXPECT_EQ(state(), "FIN-WAIT-1");
}

// --- FIN-WAIT-1 to FIN-WAIT-2

TEST_F(States, S_24_S_46_fin_wait_2_needs_the_ack_of_the_fin_and_not_any_new_one) {
    open();
    queue(3'000);
    finish();
    host.sent();
    acknowledge(6'461);
    EXPECT_EQ(state(), "FIN-WAIT-1") << "one segment";
    acknowledge(8'001);
    EXPECT_EQ(state(), "FIN-WAIT-1") << "all of the text";
    acknowledge(8'002);
    EXPECT_EQ(state(), "FIN-WAIT-2");
}

TEST_F(States, S_24_also_where_a_timeout_has_pulled_snd_nxt_back) {
    open();
    queue(3'000);
    finish();
    host.sent();
    host.advance(210ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001, std::string(1'460, 's')}}));
    acknowledge(6'461);  // SND.NXT is about there, far below the FIN
    EXPECT_EQ(state(), "FIN-WAIT-1");
    acknowledge(8'002);
    EXPECT_EQ(state(), "FIN-WAIT-2");
}

TEST_F(States, S_46_fin_wait_2_has_no_retransmission_timer) {
    reach_fin_wait_1();
    ASSERT_EQ(armed_timers(), 1U);
    acknowledge(5'002);
    ASSERT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(armed_timers(), 0U);
    host.advance(5min);
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(Counter::RetransSegs), 0U);
}

// --- ESTABLISHED to CLOSE-WAIT, and what does not lead out of it

TEST_F(States, S_41_S_65_S_66_S_69_the_fin_is_acknowledged_at_once_and_without_the_application) {
    open();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'002}})) << "in the turn in which it came";
    host.advance(10s);
    EXPECT_EQ(host.sent(), Trace{}) << "no ACK is left for a timer";
    EXPECT_EQ(state(), "CLOSE-WAIT");
}

TEST_F(States, S_65_S_66_S_69_an_application_that_is_busy_with_text_does_not_delay_it) {
    host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    open();
    send("FA", "unread");
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'008}}));
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_FALSE(host.app().saw("peer closed")) << "the end comes behind the text";
}

TEST_F(States, S_45_S_70_nothing_closes_by_itself_in_a_month_of_close_wait) {
    reach_close_wait();
    host.advance(std::chrono::hours(24 * 30));
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.sent(), Trace{}) << "no FIN, no reset, no probe";
    EXPECT_EQ(in(tcp::State::CloseWait), 1U) << "the leak is on the gauge";
    say(5);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'002, "12345"}})) << "and it is alive";
    acknowledge(sent);
    finish();
    acknowledge(sent);
    EXPECT_EQ(state(), "CLOSED");
}

}  // namespace
}  // namespace lastack::test

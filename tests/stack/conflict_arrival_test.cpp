// Segments and ICMP errors where the RFCs and Linux differ: each row of section M with both its
// options.

#include "tests/stack/conflict.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// --- M-11: a hard ICMP error of a synchronized connection

constexpr std::uint8_t kHostUnreachable = 1;
constexpr std::uint8_t kPortUnreachable = 3;

TEST(ConflictArrival, M_11_a_hard_icmp_error_is_soft_once_synchronized) {
    Disputed talk(kAsEver);
    talk.open();
    talk.say(100);
    talk.unreachable(kPortUnreachable, 5'001);
    EXPECT_EQ(talk.state(), "ESTABLISHED");
    EXPECT_EQ(talk.host.count(Counter::IcmpHardIgnored), 1U);
}

TEST(ConflictArrival, M_11_or_ends_the_connection_as_SHLD_26_asks) {
    Disputed talk([](TcpOptions& tcp) { tcp.icmp_hard = HardError::abort; });
    talk.open();
    talk.say(100);
    talk.host.sent();
    talk.unreachable(kHostUnreachable, 5'001);
    EXPECT_EQ(talk.state(), "ESTABLISHED") << "a soft one does not (MUST-56)";
    talk.unreachable(kPortUnreachable, 4'999);
    EXPECT_EQ(talk.state(), "ESTABLISHED") << "nor what was not in flight (B-12)";
    talk.unreachable(kPortUnreachable, 5'001);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.app().events.back(), "closed unreachable");
    EXPECT_EQ(talk.host.sent(), Trace{});
    talk.expect_nothing_left();
}

// --- M-12: a soft ICMP error of an open

TEST(ConflictArrival, M_12_a_soft_icmp_error_fails_an_open_at_once) {
    Disputed talk(kAsEver);
    talk.connect();
    talk.unreachable(kHostUnreachable, 5'000);
    EXPECT_EQ(talk.host.app().events.back(), "closed unreachable");
}

constexpr auto kStrict = [](TcpOptions& tcp) { tcp.icmp_soft_opening = SoftError::retry; };

TEST(ConflictArrival, M_12_or_explains_its_timeout_as_MUST_56_asks) {
    Disputed talk(kStrict);
    talk.connect();
    talk.unreachable(kHostUnreachable, 5'000);
    EXPECT_EQ(talk.state(), "SYN-SENT");
    EXPECT_EQ(talk.host.count(Counter::IcmpSoft), 1U);
    talk.host.advance(1s + 1ms);
    EXPECT_EQ(talk.host.sent(), (Trace{{"S", 5'000, 0}})) << "the SYN goes again";
    talk.host.advance(3min);
    EXPECT_EQ(talk.host.app().events.back(), "closed unreachable");
    talk.expect_nothing_left();
}

TEST(ConflictArrival, M_12_a_hard_one_fails_it_either_way) {
    Disputed talk(kStrict);
    talk.connect();
    talk.unreachable(kPortUnreachable, 5'000);
    EXPECT_EQ(talk.state(), "CLOSED");
}

TEST(ConflictArrival, M_12_the_half_open_of_a_listener_is_dropped_or_kept_alike) {
    for (const bool strict : {false, true}) {
        Disputed talk([strict](TcpOptions& tcp) {
            if (strict) kStrict(tcp);
        });
        talk.listen();
        talk.host.wait_for_isn(80, 40'000, 5'000);
        talk.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
        talk.unreachable(kHostUnreachable, 5'000);
        EXPECT_EQ(talk.state(), strict ? "SYN-RECEIVED" : "CLOSED");
        talk.unreachable(kPortUnreachable, 5'000);
        EXPECT_EQ(talk.state(), "CLOSED");
    }
}

// --- M-13: resets beside RCV.NXT

void reach_peer_closed(Disputed& talk, const std::string& state) {
    talk.open();
    if (state == "CLOSING") talk.connection.shutdown_write();
    talk.host.turn();
    talk.send("FA");
    if (state == "LAST-ACK") talk.connection.shutdown_write();
    talk.host.turn();
    talk.host.sent();
    ASSERT_EQ(talk.state(), state);
}

TEST(ConflictArrival, M_13_E_11_behind_the_peers_fin_a_reset_with_its_number_counts) {
    for (const char* state : {"CLOSE-WAIT", "CLOSING", "LAST-ACK"}) {
        Disputed talk(kAsEver);
        reach_peer_closed(talk, state);
        talk.peer.send({.flags = "R", .seq = 1'001});
        EXPECT_EQ(talk.state(), "CLOSED") << state;
    }
}

TEST(ConflictArrival, M_13_E_11_or_is_out_of_window_as_rfc_5961_has_it) {
    for (const char* state : {"CLOSE-WAIT", "CLOSING", "LAST-ACK"}) {
        Disputed talk([](TcpOptions& tcp) { tcp.rst_after_fin = false; });
        reach_peer_closed(talk, state);
        talk.peer.send({.flags = "R", .seq = 1'001});
        EXPECT_EQ(talk.state(), state);
        EXPECT_EQ(talk.host.count(Counter::TcpInRstIgnored), 1U);
        talk.peer.send({.flags = "R", .seq = 1'002});
        EXPECT_EQ(talk.state(), "CLOSED") << "the exact one counts as ever";
    }
}

// Text at 1011..1020 and 1031..1040 beyond a gap: the highest block ends at 1041.
void leave_gaps(Disputed& talk, bool sack = true) {
    talk.open({.mss = 1'460, .sack_permitted = sack});
    for (const std::uint32_t seq : {1'031U, 1'011U}) {
        talk.peer.send({.flags = "A", .seq = seq, .ack = 5'001, .text = "0123456789"});
    }
    talk.host.sent();
}

TEST(ConflictArrival, M_13_E_12_a_reset_at_the_end_of_a_sack_block_is_challenged) {
    Disputed talk(kAsEver);
    leave_gaps(talk);
    talk.peer.send({.flags = "R", .seq = 1'041});
    EXPECT_EQ(talk.state(), "ESTABLISHED");
    EXPECT_EQ(talk.host.count(Counter::TCPChallengeACK), 1U);
}

constexpr auto kSackEdge = [](TcpOptions& tcp) { tcp.rst_at_sack_edge = true; };

TEST(ConflictArrival, M_13_E_12_or_counts_as_in_linux_at_the_highest_alone) {
    for (const std::uint32_t seq : {1'040U, 1'042U, 1'021U, 1'031U}) {
        Disputed talk(kSackEdge);
        leave_gaps(talk);
        talk.peer.send({.flags = "R", .seq = seq});
        EXPECT_EQ(talk.state(), "ESTABLISHED") << seq;
    }
    Disputed talk(kSackEdge);
    leave_gaps(talk);
    talk.peer.send({.flags = "R", .seq = 1'041});
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.app().events.back(), "closed reset");
    talk.expect_nothing_left();
}

TEST(ConflictArrival, M_13_E_12_with_the_number_behind_a_fin_that_waits) {
    for (const std::uint32_t seq : {1'041U, 1'042U}) {
        Disputed talk(kSackEdge);
        leave_gaps(talk);
        talk.peer.send({.flags = "FA", .seq = 1'041, .ack = 5'001});
        talk.peer.send({.flags = "R", .seq = seq});
        EXPECT_EQ(talk.state(), seq == 1'042 ? "CLOSED" : "ESTABLISHED");
    }
}

TEST(ConflictArrival, M_13_E_12_only_where_blocks_were_sent) {
    Disputed talk(kSackEdge);
    leave_gaps(talk, false);
    talk.peer.send({.flags = "R", .seq = 1'041});
    EXPECT_EQ(talk.state(), "ESTABLISHED");
}

// --- M-17: a new SYN in the window of a half-open connection

void meet_a_new_syn(Disputed& talk) {
    talk.listen();
    talk.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    talk.host.sent();
    talk.peer.send({.flags = "S", .seq = 1'500, .options = {.mss = 1'460}});
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.count(Counter::AttemptFails), 1U);
}

TEST(ConflictArrival, M_17_a_new_syn_in_the_window_is_silently_back_to_listen) {
    Disputed talk(kAsEver);
    meet_a_new_syn(talk);
    EXPECT_EQ(talk.host.sent(), Trace{});
}

TEST(ConflictArrival, M_17_or_gets_a_reset_as_in_linux) {
    Disputed talk([](TcpOptions& tcp) { tcp.syn_received_syn = HalfOpenSyn::reset; });
    meet_a_new_syn(talk);
    EXPECT_EQ(talk.host.sent(), (Trace{{"RA", 0, 1'501}}));
    EXPECT_EQ(talk.host.count(Counter::OutRsts), 1U);
}

// --- M-18: the timestamp that was agreed on is missing

constexpr wire::TcpOptions kStamped{.mss = 1'460, .timestamps = wire::Timestamps{100, 0}};
constexpr auto kLenient = [](TcpOptions& tcp) { tcp.missing_timestamp = MissingTimestamp::accept; };

TEST(ConflictArrival, M_18_F_19_a_segment_without_the_timestamp_is_dropped) {
    Disputed talk(kAsEver);
    talk.open(kStamped);
    talk.send("PA", "text");
    EXPECT_EQ(talk.host.app().received, "");
    EXPECT_EQ(talk.host.count(Counter::TcpInNoTimestamp), 1U);
}

TEST(ConflictArrival, M_18_F_19_or_taken_as_in_linux) {
    Disputed talk(kLenient);
    talk.open(kStamped);
    talk.send("PA", "text");
    EXPECT_EQ(talk.host.app().received, "text");
    EXPECT_EQ(talk.host.count(Counter::TcpInNoTimestamp), 0U);
    talk.host.advance(1s);
    const auto acks = talk.host.sent();
    ASSERT_EQ(acks.size(), 1U);
    ASSERT_TRUE(acks[0].options.timestamps) << "ours carry it all the same";
    EXPECT_EQ(acks[0].options.timestamps->echo_reply, 100U);
}

TEST(ConflictArrival, M_18_so_is_the_third_segment) {
    for (const bool lenient : {false, true}) {
        Disputed talk([lenient](TcpOptions& tcp) {
            if (lenient) kLenient(tcp);
        });
        talk.listen();
        talk.host.wait_for_isn(80, 40'000, 5'000);
        talk.peer.send({.flags = "S", .seq = 1'000, .options = kStamped});
        talk.peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
        EXPECT_EQ(talk.state(), lenient ? "ESTABLISHED" : "SYN-RECEIVED");
    }
}

TEST(ConflictArrival, M_18_and_the_fin_in_time_wait) {
    for (const bool lenient : {false, true}) {
        Disputed talk([lenient](TcpOptions& tcp) {
            if (lenient) kLenient(tcp);
        });
        talk.enter_time_wait(kStamped);
        talk.peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
        EXPECT_EQ(talk.host.sent().size(), lenient ? 1U : 0U);
    }
}

// --- M-19: a bare FIN, and our window is shut

void shut_the_window(Disputed& talk) {
    talk.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    talk.open();
    while (talk.host.app().received.size() + (talk.next - 1'001) < 4'096) {
        talk.send("A", std::string(1'024, 'x'));
    }
    talk.host.advance(1s);
    const auto acks = talk.host.sent();
    ASSERT_EQ(acks.back().window, 0);
}

TEST(ConflictArrival, M_19_B_4_a_bare_fin_needs_no_buffer) {
    Disputed talk([](TcpOptions& tcp) { tcp.receive_buffer = 4'096; });
    shut_the_window(talk);
    talk.send("FA");
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'001, 1'001 + 4'096 + 1}}));
    EXPECT_EQ(talk.state(), "CLOSE-WAIT");
}

TEST(ConflictArrival, M_19_or_must_come_again_as_the_table_of_rfc_9293_has_it) {
    Disputed talk([](TcpOptions& tcp) {
        tcp.receive_buffer = 4'096;
        tcp.fin_at_zero_window = ShutWindowFin::reject;
    });
    shut_the_window(talk);
    talk.say(10);
    talk.host.sent();
    talk.peer.send({.flags = "FA", .seq = talk.next, .ack = 5'011});
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'011, 1'001 + 4'096}}));
    EXPECT_EQ(talk.state(), "ESTABLISHED");
    talk.host.advance(5s);
    EXPECT_EQ(talk.host.sent(), Trace{}) << "its ACK was taken (RFC 9293 3.10.7.4, first)";
    talk.connection.resume();
    talk.host.app().at_data = nullptr;
    talk.host.turn();
    talk.send("FA");
    EXPECT_EQ(talk.state(), "CLOSE-WAIT");
}

// --- M-25: when a connection counts as a passive open

TEST(ConflictArrival, M_25_passive_opens_counts_complete_handshakes) {
    Disputed talk(kAsEver);
    talk.listen();
    talk.host.wait_for_isn(80, 40'000, 5'000);
    talk.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    EXPECT_EQ(talk.host.count(Counter::PassiveOpens), 0U);
    talk.peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(talk.host.count(Counter::PassiveOpens), 1U);
}

TEST(ConflictArrival, M_25_or_syns_as_rfc_4022_has_it) {
    Disputed talk([](TcpOptions& tcp) { tcp.passive_opens = PassiveOpen::syn; });
    talk.listen();
    talk.host.wait_for_isn(80, 40'000, 5'000);
    talk.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    EXPECT_EQ(talk.host.count(Counter::PassiveOpens), 1U);
    talk.peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(talk.host.count(Counter::PassiveOpens), 1U);
}

TEST(ConflictArrival, M_25_a_cookie_counts_when_it_comes_back_either_way) {
    for (const PassiveOpen when : {PassiveOpen::established, PassiveOpen::syn}) {
        Disputed talk([when](TcpOptions& tcp) {
            tcp.passive_opens = when;
            tcp.syn_cookies = SynCookies::always;
        });
        talk.listen();
        talk.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
        const auto answer = talk.host.sent();
        ASSERT_EQ(answer.size(), 1U);
        EXPECT_EQ(talk.host.count(Counter::PassiveOpens), 0U);
        talk.peer.send({.flags = "A", .seq = 1'001, .ack = answer[0].seq + 1});
        EXPECT_EQ(talk.host.count(Counter::PassiveOpens), 1U);
    }
}

}  // namespace
}  // namespace lastack::test

// TIME-WAIT where the RFCs and Linux differ: each row of section M with both its options.

#include "tests/stack/conflict.hpp"

namespace lastack::test {
namespace {

using base::Counter;

constexpr wire::TcpOptions stamped(std::uint32_t value) {
    return {.mss = 1'460, .timestamps = wire::Timestamps{value, 0}};
}

// --- M-2: a SYN that cannot reopen

TEST(ConflictTimeWait, M_2_a_syn_that_is_rejected_gets_the_last_ack_again) {
    Disputed talk(kAsEver);
    talk.enter_time_wait();
    talk.peer.send({.flags = "S", .seq = 1'002});
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'002}}));
    EXPECT_EQ(talk.state(), "TIME-WAIT");
}

TEST(ConflictTimeWait, M_2_or_with_drop_nothing_as_in_rfc_6191) {
    Disputed talk([](TcpOptions& tcp) { tcp.tw_syn_reject = RejectedSyn::drop; });
    talk.enter_time_wait();
    talk.peer.send({.flags = "S", .seq = 1'002});
    EXPECT_EQ(talk.host.sent(), Trace{});
    EXPECT_EQ(talk.state(), "TIME-WAIT");
    talk.peer.send({.flags = "S", .seq = 1'003});
    EXPECT_EQ(talk.state(), "SYN-RECEIVED") << "one that is acceptable still reopens";
}

// --- M-3: the old connection had no timestamps, the SYN has

TEST(ConflictTimeWait, M_3_C_7_e_a_first_timestamp_reopens_whatever_the_number) {
    Disputed talk(kAsEver);
    talk.enter_time_wait();
    talk.peer.send({.flags = "S", .seq = 7, .options = stamped(100)});
    EXPECT_EQ(talk.state(), "SYN-RECEIVED");
}

TEST(ConflictTimeWait, M_3_C_7_e_with_larger_seq_the_number_decides_as_in_linux) {
    Disputed talk([](TcpOptions& tcp) { tcp.tw_syn_new_timestamp = NewTimestamp::larger_seq; });
    talk.enter_time_wait();
    talk.peer.send({.flags = "S", .seq = 1'002, .options = stamped(100)});
    EXPECT_EQ(talk.state(), "TIME-WAIT");
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'002}}));
    talk.peer.send({.flags = "S", .seq = 1'003, .options = stamped(101)});
    EXPECT_EQ(talk.state(), "SYN-RECEIVED");
}

// --- M-4: what starts 2MSL anew

constexpr auto kRestartAsLinux = [](TcpOptions& tcp) {
    tcp.tw_restart = TimeWaitRestart::linux_kernel;
};

struct Restarting {
    const char* what;
    Wire segment;
    bool as_rfc;
    bool as_linux;
};

const Restarting kRestarting[]{
    {"the FIN again", {.flags = "FA", .seq = 1'001, .ack = 5'002}, true, true},
    {"a bare ACK", {.flags = "A", .seq = 1'002, .ack = 5'002}, false, true},
    {"an ACK out of window", {.flags = "A", .seq = 900, .ack = 5'002}, false, true},
    {"old text", {.flags = "PA", .seq = 900, .ack = 5'002, .text = "old"}, false, true},
    {"SYN and ACK", {.flags = "SA", .seq = 900, .ack = 5'002}, false, true},
    {"the exact RST", {.flags = "R", .seq = 1'002}, false, true},
    {"a RST elsewhere", {.flags = "R", .seq = 1'003}, false, false},
    {"a SYN that is rejected", {.flags = "S", .seq = 1'002}, false, false},
    {"a SYN with FIN", {.flags = "SF", .seq = 9'000}, false, false},
    {"neither SYN, ACK nor RST", {.flags = "P", .seq = 1'002, .text = "x"}, false, false},
};

TEST(ConflictTimeWait, M_4_C_5_only_the_consumed_fin_starts_2msl_anew) {
    for (const Restarting& row : kRestarting) {
        Disputed talk(kAsEver);
        talk.enter_time_wait();
        talk.peer.send(row.segment);
        EXPECT_EQ(talk.time_left(), row.as_rfc ? 60s : 50s) << row.what;
    }
}

TEST(ConflictTimeWait, M_4_C_5_or_as_in_linux_nearly_everything_with_ack) {
    for (const Restarting& row : kRestarting) {
        Disputed talk(kRestartAsLinux);
        talk.enter_time_wait();
        talk.peer.send(row.segment);
        EXPECT_EQ(talk.time_left(), row.as_linux ? 60s : 50s) << row.what;
        talk.expect_nothing_left();
    }
}

TEST(ConflictTimeWait, M_4_C_5_as_in_linux_a_stale_timestamp_does_even_on_a_syn) {
    for (const bool linux_like : {false, true}) {
        for (const char* flags : {"A", "S"}) {
            Disputed talk([linux_like](TcpOptions& tcp) {
                if (linux_like) kRestartAsLinux(tcp);
            });
            talk.enter_time_wait(stamped(100));
            talk.peer.send({.flags = flags, .seq = 9'000, .ack = 5'002, .options = stamped(99)});
            EXPECT_EQ(talk.host.count(Counter::PAWSTimewait), 1U);
            EXPECT_EQ(talk.time_left(), linux_like ? 60s : 50s) << flags;
        }
    }
}

TEST(ConflictTimeWait, M_4_M_1_without_rfc1337_the_exact_rst_ends_it_all_the_same) {
    Disputed talk([](TcpOptions& tcp) {
        kRestartAsLinux(tcp);
        tcp.rfc1337 = false;
    });
    talk.enter_time_wait();
    talk.peer.send({.flags = "R", .seq = 1'002});
    EXPECT_EQ(talk.state(), "CLOSED");
    talk.expect_nothing_left();
}

// --- M-6: the SYN that reopened it was an old one

void reopen_and_reset(Disputed& talk) {
    talk.enter_time_wait();
    talk.peer.send({.flags = "S", .seq = 2'000, .options = {.mss = 1'460}});
    ASSERT_EQ(talk.state(), "SYN-RECEIVED");
    talk.peer.send({.flags = "R", .seq = 2'001});
}

TEST(ConflictTimeWait, M_6_C_11_time_wait_comes_back_after_a_bad_reopen) {
    Disputed talk(kAsEver);
    reopen_and_reset(talk);
    EXPECT_EQ(talk.state(), "TIME-WAIT");
    EXPECT_EQ(talk.time_left(), 50s);
}

TEST(ConflictTimeWait, M_6_or_as_in_linux_it_is_given_up_with_the_syn) {
    Disputed talk([](TcpOptions& tcp) { tcp.tw_return = false; });
    reopen_and_reset(talk);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.count(Counter::TimeWaitReopened), 1U);
    EXPECT_EQ(talk.host.count(Counter::TimeWaitReturned), 0U);
    EXPECT_EQ(talk.host.count(Counter::AttemptFails), 1U);
    talk.expect_nothing_left();
}

TEST(ConflictTimeWait, M_6_a_good_reopen_counts_once_either_way) {
    for (const bool back : {false, true}) {
        Disputed talk([back](TcpOptions& tcp) { tcp.tw_return = back; });
        talk.enter_time_wait();
        talk.peer.send({.flags = "S", .seq = 2'000, .options = {.mss = 1'460}});
        const auto answer = talk.host.sent();
        ASSERT_EQ(answer.size(), 1U);
        EXPECT_TRUE(wire::Seq(answer[0].seq).after(wire::Seq(5'002))) << "C-9";
        talk.peer.send({.flags = "A", .seq = 2'001, .ack = answer[0].seq + 1});
        EXPECT_EQ(talk.state(), "ESTABLISHED");
        EXPECT_EQ(talk.host.count(Counter::TimeWaitReopened), 1U);
    }
}

// --- M-16: TIME-WAIT after a reset of our own

TEST(ConflictTimeWait, M_16_a_reset_of_our_own_frees_the_tuple) {
    Disputed talk(kAsEver);
    talk.open();
    talk.connection.abort();
    talk.host.turn();
    EXPECT_EQ(talk.host.sent(), (Trace{{"RA", 5'001, 1'001}}));
    EXPECT_EQ(talk.state(), "CLOSED");
}

constexpr auto kWait = [](TcpOptions& tcp) { tcp.tw_after_reset = true; };

TEST(ConflictTimeWait, M_16_C_35_or_it_waits_2msl_as_rfc_9293_asks) {
    Disputed talk(kWait);
    talk.open();
    talk.host.advance_to_tick();
    talk.connection.abort();
    talk.host.turn();
    EXPECT_EQ(talk.host.sent(), (Trace{{"RA", 5'001, 1'001}}));
    EXPECT_EQ(talk.host.app().events.back(), "closed aborted");
    EXPECT_EQ(talk.host.count(Counter::TimeWaitEntered), 1U);
    talk.peer.send({.flags = "S", .seq = 1'001});
    EXPECT_EQ(talk.state(), "TIME-WAIT") << "old numbers do not come back";
    EXPECT_EQ(talk.time_left(), 60s);
    talk.expect_nothing_left();
}

TEST(ConflictTimeWait, M_16_C_35_also_where_text_meets_an_orphan) {
    for (const bool acknowledged : {false, true}) {
        Disputed talk(kWait);
        acknowledged ? talk.enter_fin_wait_2() : talk.enter_fin_wait_1();
        talk.peer.send(
            {.flags = "PA", .seq = 1'001, .ack = acknowledged ? 5'002U : 5'001U, .text = "late"});
        ASSERT_EQ(talk.host.sent().size(), 1U);
        EXPECT_EQ(talk.state(), "TIME-WAIT") << acknowledged;
        talk.host.advance(61s);
        talk.expect_nothing_left();
    }
}

// Our RST was lost: the peer goes on, and hears it again in a form that it takes (its RCV.NXT).
TEST(ConflictTimeWait, M_16_what_the_peer_still_sends_is_answered_with_the_lost_reset) {
    for (const bool fin : {false, true}) {
        Disputed talk(kWait);
        talk.open();
        talk.say(10);  // lost as well
        talk.host.sent();
        talk.host.advance_to_tick();
        talk.connection.abort();
        talk.host.turn();
        ASSERT_EQ(talk.host.sent(), (Trace{{"RA", 5'011, 1'001}}));
        talk.host.advance(10s);
        const Wire text{.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "still here"};
        const Wire last{.flags = "FA", .seq = 1'001, .ack = 5'001};
        for (int i = 0; i < 2; ++i) {
            talk.peer.send(fin ? last : text);
            EXPECT_EQ(talk.host.sent(), (Trace{{"R", 5'001, 0}})) << fin;
        }
        EXPECT_EQ(talk.host.count(Counter::OutRsts), 3U);
        EXPECT_EQ(talk.host.count(Counter::TimeWaitReAcked), 0U);
        EXPECT_EQ(talk.time_left(), 60s) << "what was sent just now may have duplicates";
        talk.expect_nothing_left();
    }
}

TEST(ConflictTimeWait, M_16_a_probe_is_answered_so_too_and_an_empty_one_not_too_often) {
    Disputed talk(kWait);
    talk.open();
    talk.host.advance_to_tick();
    talk.connection.abort();
    talk.host.turn();
    talk.host.advance(10s);
    talk.host.sent();
    const Wire keep_alive{.flags = "A", .seq = 1'000, .ack = 5'001};
    talk.peer.send(keep_alive);
    EXPECT_EQ(talk.host.sent(), (Trace{{"R", 5'001, 0}}));
    talk.peer.send(keep_alive);
    EXPECT_EQ(talk.host.sent(), Trace{}) << "E-9";
    talk.host.advance(1s);
    talk.peer.send(keep_alive);
    EXPECT_EQ(talk.host.sent(), (Trace{{"R", 5'001, 0}}));
    talk.peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(talk.host.sent(), Trace{}) << "no reset answers a reset";
    EXPECT_EQ(talk.time_left(), 49s) << "nothing of the connection: the wait goes on as it was";
}

TEST(ConflictTimeWait, M_16_the_reset_of_an_orphan_is_sent_again_as_well) {
    for (const bool acknowledged : {false, true}) {
        Disputed talk(kWait);
        acknowledged ? talk.enter_fin_wait_2() : talk.enter_fin_wait_1();
        const Wire late{
            .flags = "PA", .seq = 1'001, .ack = acknowledged ? 5'002U : 5'001U, .text = "late"};
        talk.peer.send(late);
        talk.host.sent();
        ASSERT_EQ(talk.state(), "TIME-WAIT");
        talk.peer.send(late);
        EXPECT_EQ(talk.host.sent(), (Trace{{"R", late.ack, 0}})) << acknowledged;
    }
}

// The record of a connection that ended in order acknowledges, under the same option.
TEST(ConflictTimeWait, M_16_C_5_after_an_orderly_end_a_fin_is_acknowledged_as_ever) {
    for (const bool in_record : {false, true}) {
        Disputed talk(kWait);
        in_record ? talk.enter_fin_wait_2() : talk.enter_fin_wait_1();
        const Wire fin{.flags = "FA", .seq = 1'001, .ack = 5'002};
        talk.peer.send(fin);
        ASSERT_EQ(talk.state(), "TIME-WAIT");
        talk.host.sent();
        talk.peer.send(fin);
        EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'002}})) << in_record;
    }
}

TEST(ConflictTimeWait, M_16_C_35_but_not_after_a_reset_of_the_peers) {
    Disputed talk(kWait);
    talk.open();
    talk.peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(talk.state(), "CLOSED");
}

// --- M-22: a RST in the window, and not at RCV.NXT

TEST(ConflictTimeWait, M_22_a_reset_beside_rcv_nxt_is_ignored) {
    Disputed talk(kAsEver);
    talk.enter_time_wait();
    talk.peer.send({.flags = "R", .seq = 1'003});
    EXPECT_EQ(talk.host.sent(), Trace{});
    EXPECT_EQ(talk.host.count(Counter::TcpInRstIgnored), 1U);
}

TEST(ConflictTimeWait, M_22_or_challenged_as_rfc_5961_asks) {
    Disputed talk([](TcpOptions& tcp) { tcp.tw_rst_in_window = TimeWaitReset::ack; });
    talk.enter_time_wait();
    talk.peer.send({.flags = "R", .seq = 1'003});
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'002}}));
    EXPECT_EQ(talk.host.count(Counter::TCPChallengeACK), 1U);
    talk.host.advance(1s);
    talk.peer.send({.flags = "R", .seq = 1'001});
    talk.peer.send({.flags = "R", .seq = 1'002});
    EXPECT_EQ(talk.host.sent(), Trace{}) << "out of window; exact, and rfc1337 is on";
    EXPECT_EQ(talk.state(), "TIME-WAIT");
}

}  // namespace
}  // namespace lastack::test

// What the network says about a connection that is open, or ending (requirements C-37, I).

#include "tests/stack/ending.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class NetworkErrors : public Ending {};

TEST_F(NetworkErrors, I_20_I_21_do_not_abort_a_synchronized_connection) {
    open();
    say(100);
    for (std::uint8_t code = 0; code < 16; ++code) {
        if (code != 4) unreachable(code, 5'001);
    }
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(NetworkErrors, C_37_neither_end_nor_alter_time_wait) {
    enter_time_wait();
    host.advance_to_tick();
    connection.close();
    host.turn();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});  // 2MSL begins here
    const auto before = host.sent();
    for (std::uint8_t code = 0; code < 16; ++code) {
        for (const std::uint32_t seq : {5'001U, 5'002U}) unreachable(code, seq, 600);
    }
    EXPECT_EQ(host.count(Counter::OutOfWindowIcmps), 32U);
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = 1'000, .ack = 5'002, .text = "x"});
    const auto after = host.sent();
    ASSERT_EQ(after, before);
    EXPECT_EQ(after[0].window, before[0].window);
    host.advance(60s - 1ms);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(NetworkErrors, I_20_explain_a_later_timeout) {
    open();
    say(100);
    unreachable(1, 5'001);
    host.advance(20min);
    EXPECT_EQ(host.app().events.back(), "closed unreachable");
}

TEST_F(NetworkErrors, I_21_end_an_open_at_once) {
    connect();
    unreachable(1, 5'000);
    EXPECT_EQ(host.app().events, std::vector<std::string>{"closed unreachable"});
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.sent(), Trace{}) << "no segment is owed";
    expect_nothing_left();
}

TEST_F(NetworkErrors, SYNR_I01_one_behind_the_SYN_in_the_same_burst_finds_its_record) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    host.receive(
        std::vector{peer.frame({.flags = "S", .seq = 1'000}), unreachable_frame(1, 5'000, 0)});
    EXPECT_EQ(host.count(Counter::IcmpQuoteUnknown), 0U);
    EXPECT_EQ(state(), "CLOSED");
}

// The SYN is too big for no path; but the bound holds for what comes after it.
TEST_F(NetworkErrors, SYNS_I02_a_smaller_path_told_of_in_syn_sent_bounds_the_first_text) {
    connect();
    unreachable(4, 5'000, 1'000);
    EXPECT_EQ(host.count(Counter::PmtuReduced), 1U);
    EXPECT_EQ(state(), "SYN-SENT");
    peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .options = {.mss = 1'460}});
    host.sent();
    say(2'000);
    const auto text = host.sent();
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(text[0].text.size(), 960U);
}

TEST_F(NetworkErrors, I_10_what_one_connection_learns_of_a_path_the_next_one_knows_for_a_while) {
    const auto first_text = [&](std::uint16_t port) {
        Peer other(host, port, kHostPort);
        host.sent();
        other.open(1'000, {.mss = 1'460});
        host.app().last.send(as_bytes(std::string(2'000, 'x')));
        host.turn();
        const std::size_t size = host.sent().at(0).text.size();
        host.app().last.abort();
        host.turn();
        return size;
    };
    open();
    say(2'920);
    unreachable(4, 5'001, 1'000);
    EXPECT_EQ(first_text(40'001), 960U);
    host.advance(10min);
    EXPECT_EQ(first_text(40'002), 1'460U);
}

TEST_F(NetworkErrors, B_12_I_19_about_a_number_not_in_flight_are_counted_and_ignored) {
    connect();
    unreachable(1, 4'999);
    unreachable(1, 5'001);
    EXPECT_EQ(state(), "SYN-SENT");
    EXPECT_EQ(host.count(Counter::OutOfWindowIcmps), 2U);
}

TEST_F(NetworkErrors, I_23_a_smaller_path_makes_smaller_segments_and_sends_them_again) {
    open();
    say(2'920);
    host.sent();
    unreachable(4, 5'001, 1'000);
    const auto again = host.sent();
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again[0].seq, 5'001U);
    EXPECT_EQ(again[0].text.size(), 960U);
    EXPECT_EQ(host.count(Counter::PmtuReduced), 1U);
}

TEST_F(NetworkErrors, I_23_absurd_sizes_are_refused_and_no_size_means_the_next_plateau) {
    open();
    say(2'920);
    host.sent();
    for (const std::uint16_t mtu :
         {std::uint16_t{68}, std::uint16_t{551}, std::uint16_t{1'500}, std::uint16_t{65'535}}) {
        unreachable(4, 5'001, mtu);
    }
    EXPECT_EQ(host.count(Counter::PmtuRejected), 4U);
    EXPECT_EQ(host.sent(), Trace{});
    unreachable(4, 5'001, 0);
    EXPECT_EQ(host.sent().at(0).text.size(), 1'452U);
    unreachable(4, 5'001, 0);
    EXPECT_EQ(host.sent().at(0).text.size(), 966U);
}

TEST_F(NetworkErrors, K_10_a_fin_keeps_its_number_when_the_path_shrinks) {
    open();
    say(1'460);
    host.sent();
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(host.sent(), (Trace{{"FA", 6'461, 1'001}}));
    unreachable(4, 5'001, 1'000);
    host.advance(3s);
    bool fin_seen = false;
    for (const Wire& segment : host.sent()) {
        if (segment.flags.find('F') == std::string::npos) continue;
        fin_seen = true;
        EXPECT_EQ(segment.seq + segment.text.size(), 6'461U);
    }
    EXPECT_TRUE(fin_seen);
}

}  // namespace
}  // namespace lastack::test

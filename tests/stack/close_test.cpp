// The release, on a whole stack in virtual time: the golden close of requirements A.1, number for
// number, in both role assignments; 2MSL on both sides of its end; each of the four segments lost.

#include <gtest/gtest.h>

#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

constexpr std::uint16_t kHostPort = 80;
constexpr std::uint16_t kPeerPort = 40'000;
constexpr std::uint32_t kTwoMslSeconds = 60;

using Trace = std::vector<Wire>;

// A connection with the numbers of A.1: client ISS 1000, server ISS 5000; the client has sent 500
// bytes and the server 300, all acknowledged.
class GoldenClose : public testing::Test {
  protected:
    Host host;
    Peer peer{host, kPeerPort, kHostPort};
    Connection connection;

    // The host is the server, the peer the client.
    void open_as_server() {
        ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
        host.wait_for_isn(kHostPort, kPeerPort, 5'000);
        ASSERT_EQ(peer.open(1'000, {.mss = 1'460}), 5'000U);
        connection = host.app().last;
        peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = std::string(500, 'c')});
        ASSERT_EQ(connection.send(as_bytes(std::string(300, 's'))), 300U);
        host.turn();
        ASSERT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'501, std::string(300, 's')}}));
        peer.send({.flags = "A", .seq = 1'501, .ack = 5'301});
        ASSERT_EQ(host.state(kHostPort, kPeerPort), "ESTABLISHED");
        ASSERT_EQ(host.sent(), Trace{});
        host.advance_to_tick();
    }

    // The host is the client, the peer the server.
    void open_as_client() {
        host.wait_for_isn(kHostPort, kPeerPort, 1'000);
        const auto result = host.stack().connect({Address::ipv4(kPeerAddress.value), kPeerPort},
                                                 host.app(), {.local = {Address{}, kHostPort}});
        ASSERT_TRUE(result);
        connection = result.connection;
        host.turn();
        ASSERT_EQ(host.sent(), (Trace{{"S", 1'000, 0}}));
        peer.send({.flags = "SA", .seq = 5'000, .ack = 1'001, .options = {.mss = 1'460}});
        ASSERT_EQ(host.sent(), (Trace{{"A", 1'001, 5'001}}));
        ASSERT_EQ(connection.send(as_bytes(std::string(500, 'c'))), 500U);
        host.turn();
        ASSERT_EQ(host.sent(), (Trace{{"PA", 1'001, 5'001, std::string(500, 'c')}}));
        peer.send({.flags = "PA", .seq = 5'001, .ack = 1'501, .text = std::string(300, 's')});
        host.advance(50ms);
        ASSERT_EQ(host.sent(), (Trace{{"A", 1'501, 5'301}}));
        ASSERT_EQ(host.state(kHostPort, kPeerPort), "ESTABLISHED");
        host.advance_to_tick();
    }

    std::string state() { return host.state(kHostPort, kPeerPort); }

    // Rows 1 to 4 with the host as the client.
    void close_as_client() {
        open_as_client();
        connection.shutdown_write();
        host.turn();
        peer.send({.flags = "A", .seq = 5'301, .ack = 1'502});
        peer.send({.flags = "PA", .seq = 5'301, .ack = 1'502, .text = std::string(700, 's')});
        host.advance(50ms);
        host.sent();
        peer.send({.flags = "FA", .seq = 6'001, .ack = 1'502});
    }
};

TEST_F(GoldenClose, S_4_the_client_closes_first_and_every_number_is_that_of_A_1) {
    open_as_client();
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 1'501, 5'301}}));  // 1
    EXPECT_EQ(state(), "FIN-WAIT-1");
    peer.send({.flags = "A", .seq = 5'301, .ack = 1'502});  // 2
    EXPECT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "PA", .seq = 5'301, .ack = 1'502, .text = std::string(700, 's')});  // 2a
    EXPECT_EQ(host.sent(), Trace{}) << "the ACK of 2a is delayed";
    host.advance(50ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 1'502, 6'001}}));  // 2b
    EXPECT_EQ(state(), "FIN-WAIT-2");
    peer.send({.flags = "FA", .seq = 6'001, .ack = 1'502});  // 3
    EXPECT_EQ(host.sent(), (Trace{{"A", 1'502, 6'002}}));    // 4
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.app().received, std::string(1'000, 's'));
    EXPECT_EQ(host.app().events.back(), "closed orderly");
    host.advance(std::chrono::seconds(kTwoMslSeconds));
    EXPECT_EQ(state(), "CLOSED");  // 5
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_TRUE(host.stack().quiescent());
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(GoldenClose, S_15_S_35_the_server_is_closed_first_and_every_number_is_that_of_A_1) {
    open_as_server();
    peer.send({.flags = "FA", .seq = 1'501, .ack = 5'301});  // 1
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'301, 1'502}}));    // 2
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_TRUE(host.app().saw("peer closed"));
    ASSERT_EQ(connection.send(as_bytes(std::string(700, 's'))), 700U);
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'301, 1'502, std::string(700, 's')}}));  // 2a
    peer.send({.flags = "A", .seq = 1'502, .ack = 6'001});                         // 2b
    EXPECT_EQ(state(), "CLOSE-WAIT");
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 6'001, 1'502}}));  // 3
    EXPECT_EQ(state(), "LAST-ACK");
    peer.send({.flags = "A", .seq = 1'502, .ack = 6'002});  // 4
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 0U) << "C-1: LAST-ACK never leads there";
    EXPECT_EQ(host.app().events.back(), "closed orderly");
    EXPECT_TRUE(host.stack().quiescent());
    EXPECT_EQ(host.shell().live(), 0U);
}

// A.1 with the roles exchanged: u = 5301, v = 1501, w = 2201.
TEST_F(GoldenClose, S_8_S_78_the_server_closes_first_and_time_wait_sits_on_the_server) {
    open_as_server();
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'301, 1'501}}));  // 1
    EXPECT_EQ(state(), "FIN-WAIT-1");
    peer.send({.flags = "A", .seq = 1'501, .ack = 5'302});  // 2
    EXPECT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "PA", .seq = 1'501, .ack = 5'302, .text = std::string(700, 'c')});  // 2a
    EXPECT_EQ(host.sent(), Trace{}) << "the ACK of 2a is delayed";
    host.advance(50ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'302, 2'201}}));  // 2b
    EXPECT_EQ(state(), "FIN-WAIT-2");
    host.advance_to_tick();
    peer.send({.flags = "FA", .seq = 2'201, .ack = 5'302});  // 3
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'302, 2'202}}));    // 4
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.app().received, std::string(1'200, 'c'));
    EXPECT_EQ(host.app().events.back(), "closed orderly");
    host.advance(std::chrono::seconds(kTwoMslSeconds) - 1ms);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");  // 5
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_TRUE(host.stack().quiescent());
    EXPECT_EQ(host.shell().live(), 0U);
}

// The other side of it: the client is the passive closer.
TEST_F(GoldenClose, S_8_S_35_the_server_closes_first_and_the_client_goes_to_closed) {
    open_as_client();
    peer.send({.flags = "FA", .seq = 5'301, .ack = 1'501});  // 1
    EXPECT_EQ(host.sent(), (Trace{{"A", 1'501, 5'302}}));    // 2
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_TRUE(host.app().saw("peer closed"));
    ASSERT_EQ(connection.send(as_bytes(std::string(700, 'c'))), 700U);
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"PA", 1'501, 5'302, std::string(700, 'c')}}));  // 2a
    peer.send({.flags = "A", .seq = 5'302, .ack = 2'201});                         // 2b
    EXPECT_EQ(state(), "CLOSE-WAIT");
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 2'201, 5'302}}));  // 3
    EXPECT_EQ(state(), "LAST-ACK");
    peer.send({.flags = "A", .seq = 5'302, .ack = 2'202});  // 4
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 0U);
    EXPECT_EQ(host.app().events.back(), "closed orderly");
    EXPECT_TRUE(host.stack().quiescent());
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(GoldenClose, S_36_time_wait_lasts_2msl_and_not_a_millisecond_less) {
    close_as_client();
    ASSERT_EQ(state(), "TIME-WAIT");
    host.advance(std::chrono::seconds(kTwoMslSeconds) - 1ms);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(base::Counter::TimeWaitExpired), 1U);
}

TEST_F(GoldenClose, K_1_segment_1_lost_twice_is_sent_again_with_the_same_number) {
    open_as_client();
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 1'501, 5'301}}));
    host.advance(199ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(10ms);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 1'501, 5'301}})) << "after RTO";
    host.advance(420ms);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 1'501, 5'301}})) << "after 2 RTO";
    peer.send({.flags = "A", .seq = 5'301, .ack = 1'502});
    EXPECT_EQ(state(), "FIN-WAIT-2");
    host.advance(10s);
    EXPECT_EQ(host.sent(), Trace{}) << "FIN-WAIT-2 retransmits nothing";
    EXPECT_EQ(host.count(base::Counter::FinRetrans), 2U);
}

TEST_F(GoldenClose, K_2_segment_2_lost_the_repeated_fin_is_acknowledged_again) {
    open_as_server();
    peer.send({.flags = "FA", .seq = 1'501, .ack = 5'301});
    ASSERT_EQ(host.sent(), (Trace{{"A", 5'301, 1'502}}));
    peer.send({.flags = "FA", .seq = 1'501, .ack = 5'301});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'301, 1'502}}));
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(std::ranges::count(host.app().events, "peer closed"), 1);
}

TEST_F(GoldenClose, K_3_segment_3_lost_is_sent_again_from_last_ack) {
    open_as_server();
    peer.send({.flags = "FA", .seq = 1'501, .ack = 5'301});
    connection.close();
    host.turn();
    host.sent();
    host.advance(210ms);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'301, 1'502}}));
    EXPECT_EQ(state(), "LAST-ACK");
    peer.send({.flags = "A", .seq = 1'502, .ack = 5'302});
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(GoldenClose, K_4_C_5_segment_4_lost_is_sent_again_and_2msl_starts_anew) {
    close_as_client();
    ASSERT_EQ(host.sent(), (Trace{{"A", 1'502, 6'002}}));
    host.advance(40s);
    peer.send({.flags = "FA", .seq = 6'001, .ack = 1'502});
    EXPECT_EQ(host.sent(), (Trace{{"A", 1'502, 6'002}}));
    host.advance(std::chrono::seconds(kTwoMslSeconds) - 1ms);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(base::Counter::TimeWaitRestarted), 1U);
}

TEST_F(GoldenClose, C_5_a_pure_ack_and_old_data_do_not_start_2msl_anew) {
    close_as_client();
    host.advance(40s);
    peer.send({.flags = "A", .seq = 6'002, .ack = 1'502});
    peer.send({.flags = "PA", .seq = 5'301, .ack = 1'502, .text = "old"});
    host.advance(20s);
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(GoldenClose, S_68_segments_2_and_3_merge_where_the_application_closes_at_once) {
    host.app().at_peer_closed = [](Connection c) { c.close(); };
    open_as_server();
    peer.send({.flags = "FA", .seq = 1'501, .ack = 5'301});
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'301, 1'502}}));
    EXPECT_EQ(state(), "LAST-ACK");
    EXPECT_EQ(host.count(base::Counter::MergedFinAck), 1U);
}

TEST_F(GoldenClose, S_68_B_1_a_fin_that_acknowledges_ours_leads_straight_to_time_wait) {
    open_as_client();
    connection.close();
    host.turn();
    host.sent();
    peer.send({.flags = "FA", .seq = 5'301, .ack = 1'502});
    EXPECT_EQ(host.sent(), (Trace{{"A", 1'502, 5'302}}));
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(base::Counter::SimultaneousClose), 0U);
}

TEST_F(GoldenClose, K_6_C_36_a_simultaneous_close_goes_through_closing) {
    open_as_client();
    connection.close();
    host.turn();
    ASSERT_EQ(host.sent(), (Trace{{"FA", 1'501, 5'301}}));
    peer.send({.flags = "FA", .seq = 5'301, .ack = 1'501});
    EXPECT_EQ(state(), "CLOSING");
    EXPECT_EQ(host.sent(), (Trace{{"A", 1'502, 5'302}}));
    peer.send({.flags = "A", .seq = 5'302, .ack = 1'502});
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(60s);
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(GoldenClose, a_close_inside_on_data_counts_what_the_call_uses_up_as_read) {
    std::size_t sent_after = 1;
    host.app().at_data = [&sent_after](Connection c, std::string_view text) {
        c.send(as_bytes("bye"));
        c.close();
        sent_after = c.send(as_bytes("too late"));
        return text.size();
    };
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.open(1'000, {.mss = 1'460});
    peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "hello"});
    EXPECT_EQ(host.sent(), (Trace{{"FPA", 5'001, 1'006, "bye"}}));
    EXPECT_EQ(sent_after, 0U);
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(host.count(base::Counter::TCPAbortOnClose), 0U);
}

TEST_F(GoldenClose, D_8_a_close_inside_on_data_that_leaves_bytes_unread_is_a_reset) {
    host.app().at_data = [](Connection c, std::string_view) {
        c.close();
        return std::size_t{2};
    };
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.open(1'000, {.mss = 1'460});
    peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "hello"});
    const Trace sent = host.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_NE(sent[0].flags.find('R'), std::string::npos);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed aborted");
    EXPECT_EQ(host.count(base::Counter::TCPAbortOnClose), 1U);
}

}  // namespace
}  // namespace lastack::test

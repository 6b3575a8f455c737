// A connection half closed (requirements A.2): one direction has ended and takes nothing more, the
// other goes on for as long as it likes.

#include "tests/stack/seed.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config with_a_small_buffer() {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 4'096;
    return config;
}

class HalfClose : public Release {};

class SmallHalfClose : public Release {
  protected:
    SmallHalfClose() : Release(with_a_small_buffer()) {}
};

// --- The direction that has ended

TEST_F(HalfClose, S_40_new_text_is_refused_and_queued_text_still_leaves_ahead_of_the_fin) {
    open({.mss = 1'460}, 1'460);
    queue(3'000);
    finish();
    ASSERT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(connection.send_room(), 0U);
    EXPECT_EQ(connection.send(as_bytes("new")), 0U);
    const auto first = host.sent();
    ASSERT_FALSE(first.empty());
    for (const Wire& segment : first) EXPECT_EQ(segment.flags.find('F'), std::string::npos);
    host.advance(210ms);
    EXPECT_EQ(host.sent(), (Trace{first[0]})) << "and is sent again";
    acknowledge(6'461, 10'000);
    const auto rest = host.sent();
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(rest.back().seq + rest.back().text.size(), 8'001U);
    EXPECT_EQ(rest.back().flags, "FPA");
}

// The peer's stream is p[0..n), its FIN at n. Whatever comes in whatever order, nobody sees a byte
// beyond it, and RCV.NXT never passes n + 1.
TEST(AfterTheFin, S_20_no_byte_beyond_the_fin_is_ever_taken) {
    std::mt19937_64 random(seed_or(20));
    const auto up_to = [&](std::uint32_t most) {
        return static_cast<std::uint32_t>(random() % (most + 1));
    };
    for (int round = 0; round < 300; ++round) {
        SCOPED_TRACE(round);
        Conversation it;
        it.open({.mss = 1'460, .sack_permitted = true});
        const std::uint32_t length = 1 + up_to(60);
        std::string stream;
        for (std::uint32_t i = 0; i < length; ++i) stream += static_cast<char>('a' + up_to(25));
        const std::string beyond = stream + std::string(60, '!');
        const std::uint32_t fin = 1'001 + length;
        it.peer.send({.flags = "FA", .seq = fin, .ack = it.sent});
        for (int i = 0; i < 40; ++i) {
            const std::uint32_t offset = up_to(length + 30);
            const std::uint32_t count = 1 + up_to(29);
            it.peer.send({.flags = up_to(5) == 0 ? "FA" : "A",
                          .seq = 1'001 + offset,
                          .ack = it.sent,
                          .text = beyond.substr(offset, count)});
            ASSERT_EQ(it.host.app().received, stream.substr(0, it.host.app().received.size()));
        }
        it.peer.send({.flags = "A", .seq = 1'001, .ack = it.sent, .text = stream});
        it.host.advance(50ms);
        EXPECT_EQ(it.state(), "CLOSE-WAIT");
        EXPECT_EQ(it.host.app().received, stream);
        for (const Wire& segment : it.host.sent()) EXPECT_LE(segment.ack, fin + 1);
        it.connection.shutdown_write();
        it.host.turn();
        it.host.sent();
        it.peer.send({.flags = "PA", .seq = fin + 1, .ack = it.sent, .text = "late"});
        EXPECT_EQ(it.state(), "LAST-ACK");
        EXPECT_EQ(it.host.app().received, stream) << "nor in LAST-ACK";
    }
}

// --- The direction that goes on

TEST_F(HalfClose, S_22_the_server_still_sends_in_close_wait) {
    reach_close_wait();
    say(700);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'002, std::string(700, 's')}}));
    acknowledge(sent);
    say(300);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'701, 1'002, std::string(300, 's')}}));
    EXPECT_EQ(state(), "CLOSE-WAIT");
}

TEST_F(HalfClose, S_22_the_client_receives_in_fin_wait_1_and_in_fin_wait_2) {
    reach_fin_wait_1();
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "one"});
    host.advance(50ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'004}}));
    EXPECT_EQ(state(), "FIN-WAIT-1");
    next = 1'004;
    send("A", "two");
    EXPECT_EQ(state(), "FIN-WAIT-2");
    send("A", "three");
    host.advance(50ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'012}}));
    EXPECT_EQ(host.app().received, "onetwothree");
}

TEST_F(HalfClose, S_22_with_sack_in_both) {
    open({.mss = 1'460, .sack_permitted = true});
    finish();
    host.sent();
    for (const bool acknowledged : {false, true}) {
        const std::uint32_t ack = acknowledged ? 5'002 : 5'001;
        peer.send({.flags = "A", .seq = next + 10, .ack = ack, .text = "0123456789"});
        const auto answer = host.sent();
        ASSERT_EQ(answer, (Trace{{"A", 5'002, next}}));
        ASSERT_EQ(answer[0].options.sack_count, 1);
        EXPECT_EQ(answer[0].options.sack[0].left.value(), next + 10);
        EXPECT_EQ(answer[0].options.sack[0].right.value(), next + 20);
        peer.send({.flags = "A", .seq = next, .ack = ack, .text = "abcdefghij"});
        next += 20;
        EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, next}}));
        EXPECT_EQ(state(), acknowledged ? "FIN-WAIT-2" : "FIN-WAIT-1");
    }
}

TEST_F(SmallHalfClose, S_22_with_flow_control) {
    host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    reach_fin_wait_2();
    send("A", std::string(1'460, 'p'));
    send("A", std::string(1'460, 'p'));
    send("A", std::string(1'176, 'p'));
    host.advance(50ms);
    const auto shut = host.sent();
    ASSERT_FALSE(shut.empty());
    EXPECT_EQ(shut.back().window, 0) << "nobody reads";
    host.app().at_data = nullptr;
    connection.resume();
    host.turn();
    const auto open_again = host.sent();
    ASSERT_EQ(open_again, (Trace{{"A", 5'002, 5'097}}));
    EXPECT_EQ(open_again[0].window, 4'096);
    send("FA", "end");
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.app().received.size(), 4'099U);
}

TEST_F(HalfClose, S_23_half_closed_for_a_day_and_nothing_has_happened) {
    reach_fin_wait_2();
    for (int hour = 0; hour < 24; ++hour) {
        host.advance(std::chrono::hours(1));
        ASSERT_EQ(state(), "FIN-WAIT-2") << "after " << hour + 1 << " hours";
    }
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.app().events, std::vector<std::string>{"open"});
    send("FPA", "and good night");
    EXPECT_EQ(host.app().received, "and good night");
    EXPECT_EQ(state(), "TIME-WAIT");
}

}  // namespace
}  // namespace lastack::test

// Urgent data (F-22; RFC 9293 3.8.5, MUST-30 to MUST-33, MUST-62): a pointer into the stream, in
// both directions. The bytes themselves stay where they are.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using Events = std::vector<std::string>;

class Urgent : public testing::Test, public Conversation {
  protected:
    std::vector<std::string> urgent_events() {
        std::vector<std::string> found;
        std::ranges::copy_if(host.app().events, std::back_inserter(found),
                             [](const std::string& event) { return event.starts_with("urgent"); });
        return found;
    }
    // A segment at `next` with an urgent pointer; the flags are the test's.
    void send_pointing(std::string flags, std::string text, std::uint16_t urgent) {
        Wire segment{.flags = std::move(flags), .seq = next, .ack = sent, .text = std::move(text)};
        segment.urgent = urgent;
        next += segment.len();
        peer.send(segment);
    }
    void hold() {
        host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    }
    void read(std::size_t count) {
        std::size_t left = count;
        host.app().at_data = [&left](Connection, std::string_view text) {
            const std::size_t used = std::min(left, text.size());
            left -= used;
            return used;
        };
        connection.resume();
        host.turn();
        hold();
    }
};

TEST_F(Urgent, F_22_is_told_ahead_of_the_bytes_and_the_pointer_is_behind_the_last_octet) {
    open();
    send_pointing("PAU", "go now!", 3);
    EXPECT_EQ(host.app().events, (Events{"open", "urgent 3", "data 7"}));
    EXPECT_EQ(host.app().received, "go now!") << "it stays in the stream";
    EXPECT_EQ(connection.urgent_left(), 0U);
}

TEST_F(Urgent, F_22_the_reader_can_ask_how_much_is_left) {
    hold();
    open();
    send_pointing("PAU", "go now!", 6);
    EXPECT_EQ(connection.urgent_left(), 6U);
    read(2);
    EXPECT_EQ(connection.urgent_left(), 4U);
    read(4);
    EXPECT_EQ(connection.urgent_left(), 0U);
    read(1);
    EXPECT_EQ(connection.urgent_left(), 0U);
}

TEST_F(Urgent, F_22_is_told_once_in_a_run_and_again_in_the_next) {
    hold();
    open();
    send_pointing("PAU", "one", 3);
    send_pointing("PAU", "two", 3);
    EXPECT_EQ(urgent_events(), (Events{"urgent 3"}));
    EXPECT_EQ(connection.urgent_left(), 6U) << "the run has grown";
    read(6);
    send_pointing("PAU", "three", 5);
    EXPECT_EQ(urgent_events(), (Events{"urgent 3", "urgent 5"}));
}

TEST_F(Urgent, F_22_the_pointer_only_moves_forward) {
    hold();
    open();
    send_pointing("PAU", "1234", 100);
    send_pointing("PAU", "5678", 1);
    EXPECT_EQ(connection.urgent_left(), 100U);
}

TEST_F(Urgent, F_22_an_urgent_end_that_has_not_arrived_is_told_at_once) {
    open();
    send_pointing("AU", "", 2'000);
    EXPECT_EQ(host.app().events, (Events{"open", "urgent 2000"}));
    send("PA", std::string(1'460, 'x'));
    EXPECT_EQ(connection.urgent_left(), 540U);
    send("PA", std::string(540, 'x'));
    EXPECT_EQ(connection.urgent_left(), 0U);
}

TEST_F(Urgent, F_22_any_length_by_a_pointer_that_moves_on) {
    hold();
    open();
    send_pointing("AU", "", 65'535);
    send_pointing("AU", std::string(1'000, 'x'), 65'535);
    send_pointing("AU", std::string(1'000, 'x'), 65'535);
    EXPECT_EQ(connection.urgent_left(), 66'535U);
    EXPECT_EQ(urgent_events().size(), 1U);
}

TEST_F(Urgent, F_22_counts_from_the_segment_even_where_its_front_is_trimmed) {
    hold();
    open();
    send("A", "1234");
    Wire overlapping{.flags = "PAU", .seq = 1'001, .ack = sent, .text = "12345678"};
    overlapping.urgent = 6;
    peer.send(overlapping);
    next += 4;
    EXPECT_EQ(connection.urgent_left(), 6U) << "1001 + 6, of which nothing was read";
}

TEST_F(Urgent, F_22_one_that_points_to_what_was_read_says_nothing) {
    open();
    send("A", "1234");
    Wire old{.flags = "PAU", .seq = 1'001, .ack = sent, .text = "12345678"};
    old.urgent = 4;
    peer.send(old);
    send_pointing("AU", "", 0);
    EXPECT_EQ(urgent_events(), Events{});
}

// All of it comes once more, together with new text, and some that is not urgent lies unread.
TEST_F(Urgent, F_22_what_comes_again_does_not_make_later_text_urgent) {
    hold();
    open();
    const std::uint32_t first = next;
    send_pointing("PAU", "urgent", 6);
    send("PA", "plain");
    read(8);
    ASSERT_EQ(urgent_events(), (Events{"urgent 6"}));
    Wire again{.flags = "PAU", .seq = first, .ack = sent, .text = "urgentplainmore"};
    again.urgent = 6;
    peer.send(again);
    EXPECT_EQ(urgent_events(), (Events{"urgent 6"}));
    EXPECT_EQ(connection.urgent_left(), 0U);
}

TEST_F(Urgent, F_22_without_the_flag_the_field_means_nothing) {
    open();
    send_pointing("PA", "1234", 4);
    EXPECT_EQ(urgent_events(), Events{});
}

TEST_F(Urgent, F_22_in_fin_wait_1_and_2_too) {
    hold();
    open();
    connection.shutdown_write();
    host.turn();
    send_pointing("PAU", "one", 3);
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(connection.urgent_left(), 3U);
    sent += 1;
    send_pointing("PAU", "two", 3);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(connection.urgent_left(), 6U);
}

TEST_F(Urgent, F_22_after_the_peers_fin_it_is_ignored) {
    open();
    send("FA");
    send_pointing("AU", "", 9);
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(connection.urgent_left(), 0U);
    EXPECT_EQ(urgent_events(), Events{});
}

TEST_F(Urgent, F_22_urgency_at_or_beyond_the_fin_is_harmless) {
    hold();
    open();
    send_pointing("FPAU", "last", 1'000);
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(connection.urgent_left(), 4U) << "nothing follows the FIN";
    read(4);
    EXPECT_EQ(connection.urgent_left(), 0U);
    EXPECT_EQ(host.app().events.back(), "peer closed");
}

TEST_F(Urgent, F_22_the_numbers_may_wrap) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.send({.flags = "S", .seq = 0xffff'fff0, .options = {.mss = 1'460}});
    peer.send({.flags = "A", .seq = 0xffff'fff1, .ack = 5'001});
    connection = host.app().last;
    next = 0xffff'fff1;
    hold();
    send_pointing("PAU", std::string(10, 'x'), 32);
    EXPECT_EQ(connection.urgent_left(), 32U);
}

TEST_F(Urgent, F_22_B_4_gets_through_a_shut_window) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 2'048;
    Conversation narrow(config);
    narrow.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    narrow.open();
    narrow.send("A", std::string(2'048, 'x'));
    narrow.host.advance(50ms);
    Wire probe{.flags = "AU", .seq = narrow.next, .ack = narrow.sent, .text = "!"};
    probe.urgent = 1;
    narrow.peer.send(probe);
    EXPECT_TRUE(narrow.host.app().saw("urgent 2049"));
}

// --- The other direction

TEST_F(Urgent, F_22_send_urgent_sets_the_flag_and_points_behind_the_last_octet) {
    open();
    EXPECT_EQ(connection.send(as_bytes("quiet")), 5U);
    EXPECT_EQ(connection.send_urgent(as_bytes("now")), 3U);
    EXPECT_EQ(connection.send(as_bytes("quiet")), 5U);
    host.turn();
    const Trace out = host.sent();
    ASSERT_EQ(out, (Trace{{"PAU", 5'001, 1'001, std::string(13, '.')}}));
    EXPECT_EQ(out[0].urgent, 8U);
}

TEST_F(Urgent, F_22_not_from_the_last_octet_on_nor_once_it_is_acknowledged) {
    open();
    ASSERT_EQ(connection.send_urgent(as_bytes("now")), 3U);
    host.turn();
    host.sent();
    ASSERT_TRUE(connection.set_option(Option::no_delay, 1));
    ASSERT_EQ(connection.send(as_bytes("more")), 4U);
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'004, 1'001, "more"}})) << "SND.UP is not beyond it";
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'008});
    ASSERT_EQ(connection.send(as_bytes("more")), 4U);
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'008, 1'001, "more"}}));
}

TEST_F(Urgent, F_22_a_retransmission_points_there_again) {
    open();
    ASSERT_EQ(connection.send_urgent(as_bytes("now")), 3U);
    host.turn();
    host.sent();
    host.advance(250ms);
    const Trace again = host.sent();
    ASSERT_EQ(again, (Trace{{"PAU", 5'001, 1'001, "now"}}));
    EXPECT_EQ(again[0].urgent, 3U);
}

TEST_F(Urgent, F_22_the_notification_leaves_even_at_a_shut_window) {
    open();
    send("A", "", 0);
    ASSERT_EQ(connection.send_urgent(as_bytes("now")), 3U);
    host.turn();
    const Trace out = host.sent();
    ASSERT_EQ(out, (Trace{{"AU", 5'001, 1'001}}));
    EXPECT_EQ(out[0].urgent, 3U);
}

TEST_F(Urgent, F_22_more_than_16_bits_reach_is_pointed_at_in_steps) {
    open();
    const std::string text(70'000, 'u');
    ASSERT_EQ(connection.send_urgent(as_bytes(text)), text.size());
    host.turn();
    std::uint32_t behind = 5'001 + 70'000;
    for (int round = 0; round < 200 && sent != behind; ++round) {
        for (const Wire& segment : host.sent()) {
            if (segment.text.empty()) continue;
            EXPECT_EQ(segment.urgent, std::min(behind - segment.seq, 0xffffU));
            EXPECT_NE(segment.flags.find('U'), std::string::npos);
            sent = segment.seq + segment.len();
        }
        send("A");
    }
    EXPECT_EQ(sent, behind);
}

// The port cannot cut a frame with a pointer that counts from its own segment (wire/cut.hpp).
TEST_F(Urgent, F_22_leaves_a_segment_at_a_time_and_what_follows_is_cut_by_the_port_again) {
    stack::Config config = small_config();
    config.interfaces[0].max_text_bytes = 16 * 1'460;
    Conversation talk(config);
    const auto cut = [&] {
        const auto frames = talk.host.take_frames();
        EXPECT_EQ(frames.size(), 3U);
        return std::ranges::count_if(frames, [](const auto& frame) { return frame.cut; });
    };
    talk.open();
    talk.host.sent();
    const std::string text(3 * 1'460, 's');
    ASSERT_EQ(talk.connection.send_urgent(as_bytes(text)), text.size());
    talk.host.turn();
    EXPECT_EQ(cut(), 0);
    talk.sent += static_cast<std::uint32_t>(text.size());
    talk.send("A");
    talk.say(text.size());
    EXPECT_EQ(cut(), 3);
}

TEST_F(Urgent, F_22_after_our_fin_nothing_is_taken) {
    open();
    connection.shutdown_write();
    EXPECT_EQ(connection.send_urgent(as_bytes("now")), 0U);
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
}

}  // namespace
}  // namespace lastack::test

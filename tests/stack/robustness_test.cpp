// What must hold whatever happens around a connection: bursts cut anywhere, stale handles, timers
// of applications, chained frames, memory that runs out, snapshots, numbers that wrap.

#include <array>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Robustness : public testing::Test, public Conversation {};

std::string pattern(std::size_t count, std::size_t first = 0) {
    std::string text(count, ' ');
    for (std::size_t i = 0; i < count; ++i) {
        text[i] = static_cast<char>('!' + (first + i) * 31 % 90);
    }
    return text;
}

// --- Bursts

TEST_F(Robustness, a_whole_life_in_one_burst_is_judged_in_order_however_the_burst_is_cut) {
    constexpr unsigned kFrames = 5;
    for (unsigned cuts = 0; cuts < 1U << (kFrames - 1); ++cuts) {
        SCOPED_TRACE(cuts);
        Conversation c;
        c.listen();
        c.host.wait_for_isn(kHostPort, kPeerPort, 5'000);
        const std::array<Wire, kFrames> life{
            Wire{.flags = "S", .seq = 1'000, .options = {.mss = 1'460}},
            Wire{.flags = "A", .seq = 1'001, .ack = 5'001},
            Wire{.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "hello"},
            Wire{.flags = "FA", .seq = 1'006, .ack = 5'001}, Wire{.flags = "R", .seq = 1'007}};
        std::vector<std::vector<std::byte>> burst;
        for (unsigned i = 0; i < kFrames; ++i) {
            burst.push_back(c.peer.frame(life[i]));
            const bool last = i == kFrames - 1;
            if (!last && (cuts >> i & 1) == 0) continue;
            c.host.receive(burst);
            burst.clear();
        }
        EXPECT_EQ(c.state(), "CLOSED");
        EXPECT_EQ(c.host.app().received, "hello");
        EXPECT_EQ(c.host.app().events.front(), "open");
        EXPECT_EQ(c.host.app().events.back(), "closed reset");
        c.expect_nothing_left();
    }
}

TEST_F(Robustness, a_close_and_the_next_syn_in_one_burst_make_two_connections) {
    open();
    connection.close();
    host.turn();
    host.sent();
    host.receive(std::vector{peer.frame({.flags = "FA", .seq = 1'001, .ack = 5'002}),
                             peer.frame({.flags = "S", .seq = 9'000, .options = {.mss = 1'460}})});
    const auto answers = host.sent();
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0], (Wire{"A", 5'002, 1'002}));
    EXPECT_EQ(answers[1].flags, "SA");
    EXPECT_EQ(state(), "SYN-RECEIVED");
}

// --- Handles

TEST_F(Robustness, J_29_a_stale_handle_is_refused_and_counted) {
    open();
    Connection old = connection;
    connection.abort();
    host.turn();
    EXPECT_FALSE(old.valid());
    EXPECT_EQ(old.send(as_bytes("x")), 0U);
    EXPECT_FALSE(old.send_by_reference(as_bytes("x"), nullptr, nullptr));
    EXPECT_EQ(old.send_room(), 0U);
    EXPECT_FALSE(old.set_option(Option::no_delay, 1));
    old.close();
    old.abort();
    old.resume();
    old.shutdown_write();
    EXPECT_EQ(old.state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::StaleHandle), 8U);
}

TEST_F(Robustness, K_37_a_handle_of_before_does_not_reach_the_next_connection_in_its_slot) {
    open();
    Connection old = connection;
    connection.abort();
    host.turn();
    host.sent();
    const std::uint32_t iss = peer.open(9'000, {.mss = 1'460});
    Connection fresh = host.app().last;
    ASSERT_EQ(fresh.index(), old.index()) << "the slot is used again";
    old.abort();
    host.turn();
    EXPECT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(fresh.send(as_bytes("x")), 1U);
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"PA", iss + 1, 9'001, "x"}}));
}

TEST_F(Robustness, a_stale_listener_is_refused_and_counted) {
    listen();
    host.stack().stop_listening(listener);
    host.stack().stop_listening(listener);
    host.stack().stop_listening(Listener{});
    EXPECT_EQ(host.count(Counter::StaleHandle), 2U);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    host.stack().stop_listening(listener);
    peer.send({.flags = "S", .seq = 1'000});
    EXPECT_EQ(state(), "SYN-RECEIVED") << "the new one still listens";
}

// --- Timers of applications

struct Alarm final : TimerHandler {
    std::vector<std::uint64_t> rung;
    std::function<void(std::uint64_t)> at;
    void on_timer(std::uint64_t cookie) override {
        rung.push_back(cookie);
        if (at) at(cookie);
    }
};

TEST_F(Robustness, a_timer_rings_once_not_early_and_at_most_a_tick_late) {
    Alarm alarm;
    host.advance(123'456ns);
    ASSERT_TRUE(host.stack().start_timer(10ms, alarm, 7).valid());
    host.advance(10ms - 1ns);
    EXPECT_TRUE(alarm.rung.empty());
    host.advance(1ms + 1ns);
    EXPECT_EQ(alarm.rung, std::vector<std::uint64_t>{7});
    host.advance(1h);
    EXPECT_EQ(alarm.rung.size(), 1U);
    expect_nothing_left();
}

TEST_F(Robustness, a_cancelled_timer_does_not_ring_even_where_it_is_due_in_the_same_turn) {
    Alarm alarm;
    std::array<Timer, 2> timers;
    alarm.at = [&](std::uint64_t cookie) { host.stack().cancel_timer(timers[1 - cookie]); };
    timers[0] = host.stack().start_timer(5ms, alarm, 0);
    timers[1] = host.stack().start_timer(5ms, alarm, 1);
    host.advance(1s);
    EXPECT_EQ(alarm.rung.size(), 1U);
    host.stack().cancel_timer(timers[0]);
    host.stack().cancel_timer(Timer{});
}

TEST_F(Robustness, timers_are_bounded_and_free_again_once_they_have_rung) {
    Alarm alarm;
    for (std::uint64_t i = 0; i < 16; ++i) {
        ASSERT_TRUE(host.stack().start_timer(1ms, alarm, i).valid());
    }
    EXPECT_FALSE(host.stack().start_timer(1ms, alarm, 99).valid());
    host.advance(10ms);
    EXPECT_EQ(alarm.rung.size(), 16U);
    EXPECT_TRUE(host.stack().start_timer(1ms, alarm, 99).valid());
}

// --- Buffers

TEST_F(Robustness, a_frame_in_a_chain_of_buffers_is_read_whole_and_given_back_whole) {
    open();
    const std::string text = pattern(1'400);
    const auto bytes = peer.frame({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = text});
    for (const std::size_t chunk : {1U, 13U, 700U}) {
        Conversation c;
        c.open();
        const stack::Frame frame = c.host.shell().frame(
            bytes, 0, {.first_bytes = 100, .chunk_bytes = std::max<std::size_t>(chunk, 40)});
        c.host.stack().receive({&frame, 1}, c.host.now());
        c.host.turn();
        EXPECT_EQ(c.host.app().received, text);
        EXPECT_EQ(c.host.shell().live(), 0U);
    }
}

TEST_F(Robustness, a_chained_frame_with_a_wrong_octet_at_its_end_is_dropped_whole) {
    open();
    auto bytes =
        peer.frame({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = std::string(1'000, 'x')});
    bytes.back() ^= std::byte{1};
    const stack::Frame frame =
        host.shell().frame(bytes, 0, {.first_bytes = 100, .chunk_bytes = 300});
    host.stack().receive({&frame, 1}, host.now());
    host.turn();
    EXPECT_EQ(host.app().received, "");
    EXPECT_EQ(host.count(Counter::InCsumErrors), 1U);
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(Robustness, text_is_the_same_after_acknowledgments_inside_its_buffers) {
    open();
    ASSERT_TRUE(connection.set_option(Option::no_delay, 1));
    const std::string text = pattern(9'000);
    ASSERT_EQ(connection.send(as_bytes(text)), 9'000U);
    host.turn();
    std::string seen(9'000, '\0');
    std::uint32_t acked = 0;
    // Buffers hold 2048: every acknowledgment ends inside one.
    for (int i = 0; i < 40 && acked < 9'000; ++i) {
        for (const Wire& segment : host.sent()) {
            seen.replace(segment.seq - 5'001, segment.text.size(), segment.text);
        }
        acked = std::min<std::uint32_t>(acked + 700, 9'000);
        peer.send({.flags = "A", .seq = 1'001, .ack = 5'001 + acked});
    }
    EXPECT_TRUE(seen == text);
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(Robustness, text_appended_behind_what_was_acknowledged_in_full_is_sent_from_its_beginning) {
    open();
    say(100);
    host.sent();
    ASSERT_TRUE(connection.set_option(Option::no_delay, 1));
    ASSERT_EQ(connection.send(as_bytes("next")), 4U);  // queued, not yet sent
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'101});
    const auto sent_now = host.sent();
    ASSERT_EQ(sent_now.size(), 1U);
    EXPECT_EQ(sent_now[0].text, "next");
}

TEST_F(Robustness, memory_by_reference_is_given_back_once_and_only_when_it_is_acknowledged) {
    open();
    static int released = 0;
    released = 0;
    const std::string memory = pattern(2'920);
    const auto release = [](void*) { ++released; };
    ASSERT_TRUE(connection.send_by_reference(as_bytes(memory), release, nullptr));
    host.turn();
    std::string seen;
    for (const Wire& segment : host.sent()) seen += segment.text;
    EXPECT_TRUE(seen == memory);
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001 + 2'919});
    EXPECT_EQ(released, 0);
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001 + 2'920});
    EXPECT_EQ(released, 1);
}

TEST_F(Robustness, many_tiny_sends_leave_as_full_segments) {
    open();
    std::string all;
    for (int i = 0; i < 1'000; ++i) {
        const std::string bit = pattern(3, static_cast<std::size_t>(i) * 3);
        ASSERT_EQ(connection.send(as_bytes(bit)), 3U);
        all += bit;
    }
    connection.shutdown_write();
    host.turn();
    const auto segments = host.sent();
    ASSERT_EQ(segments.size(), 3U);
    std::string seen;
    for (const Wire& segment : segments) seen += segment.text;
    EXPECT_TRUE(seen == all);
    peer.send({.flags = "RA", .seq = 1'001, .ack = 8'002});
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(Robustness, I_42_K_39_without_memory_at_any_step_nothing_leaks_and_it_goes_on_afterwards) {
    // In each run the memory is gone for one of the steps of a whole life.
    for (int hungry = 0; hungry < 7; ++hungry) {
        SCOPED_TRACE(hungry);
        Conversation c;
        int step = 0;
        const auto begin = [&] {
            c.host.shell().limit(step == hungry ? 0 : SIZE_MAX);
            ++step;
        };
        begin();
        c.open();
        begin();
        c.send("PA", "question");
        begin();
        std::size_t taken = c.connection.send(as_bytes(pattern(3'000)));
        c.host.turn();
        begin();
        c.host.advance(300ms);  // retransmissions
        begin();
        c.host.shell().limit(SIZE_MAX);
        if (taken == 0) taken = c.connection.send(as_bytes(pattern(3'000)));
        ASSERT_EQ(taken, 3'000U);
        c.host.turn();
        begin();
        c.connection.close();
        c.host.turn();
        begin();
        std::uint32_t acked = 5'001;
        for (int i = 0; i < 50 && acked < 5'001 + 3'001; ++i) {
            for (const Wire& segment : c.host.sent()) {
                if (segment.seq <= acked) acked = std::max(acked, segment.seq + segment.len());
            }
            c.peer.send({.flags = "A", .seq = c.next, .ack = acked});
            if (i == 10) c.host.shell().limit(SIZE_MAX);
            c.host.advance(500ms);
        }
        EXPECT_EQ(acked, 5'001U + 3'001U);
        c.peer.send({.flags = "FA", .seq = c.next, .ack = acked});
        EXPECT_EQ(c.state(), "TIME-WAIT");
        EXPECT_EQ(c.host.app().received, "question");
        c.host.advance(60s);
        c.expect_nothing_left();
    }
}

TEST_F(Robustness, a_send_that_memory_cut_short_is_called_back) {
    open();
    host.shell().limit(0);
    EXPECT_EQ(connection.send(as_bytes("text")), 0U);
    EXPECT_FALSE(connection.send_by_reference(as_bytes("text"), nullptr, nullptr));
    host.shell().limit(SIZE_MAX);
    host.turn();
    EXPECT_EQ(host.app().events.back(), "writable");
    EXPECT_EQ(connection.send(as_bytes("text")), 4U);
}

TEST_F(Robustness, a_full_send_buffer_calls_back_when_a_quarter_is_free) {
    stack::Config config = small_config();
    config.tcp.send_buffer = 4'000;
    Conversation c(config);
    c.open();
    EXPECT_EQ(c.connection.send(as_bytes(pattern(5'000))), 4'000U);
    EXPECT_EQ(c.connection.send_room(), 0U);
    c.host.turn();
    c.peer.send({.flags = "A", .seq = 1'001, .ack = 5'001 + 900});
    EXPECT_FALSE(c.host.app().saw("writable"));
    c.peer.send({.flags = "A", .seq = 1'001, .ack = 5'001 + 1'460});
    EXPECT_TRUE(c.host.app().saw("writable"));
}

TEST_F(Robustness, text_may_be_sent_before_the_connection_is_open) {
    connect();
    ASSERT_EQ(connection.send(as_bytes("early")), 5U);
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .options = {.mss = 1'460}});
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, "early"}}));
}

// --- Everything at once

TEST_F(Robustness, abort_all_resets_every_connection_and_tells_that_the_process_stops) {
    open();
    Peer half(host, 2, kHostPort);
    half.send({.flags = "S", .seq = 1, .options = {.mss = 1'460}});
    host.sent();
    host.stack().stop_listening_all();
    host.stack().abort_all();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", 5'001, 1'001}}));
    EXPECT_EQ(host.app().events.back(), "closed shut_down");
    EXPECT_EQ(host.stack().live_connections(), 0U);
    expect_nothing_left();
}

TEST_F(Robustness, a_snapshot_put_back_replays_to_the_last_octet) {
    open();
    const Host::Snapshot before = host.snapshot();
    const auto play = [&] {
        host.app().events.clear();
        send("PA", "text");
        host.advance(50ms);
        connection.shutdown_write();
        host.turn();
        peer.send({.flags = "A", .seq = next, .ack = 5'002});
        peer.send({.flags = "FA", .seq = next, .ack = 5'002});
        host.advance(10s);
        next = 1'001;
        Trace trace = host.sent();
        return std::pair(trace, host.snapshot());
    };
    const auto first = play();
    host.restore(before);
    EXPECT_EQ(state(), "ESTABLISHED");
    const auto second = play();
    EXPECT_FALSE(first.first.empty());
    EXPECT_EQ(first.first, second.first);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.restore(before);
    EXPECT_TRUE(host.snapshot() == before);
}

// --- Numbers that wrap

// A life with both ISNs moved by `offset`: every segment of the host's, moved back.
Trace life_at(std::uint32_t offset) {
    Conversation c;
    const std::uint32_t us = 5'000 + offset;
    const std::uint32_t them = 1'000 + offset;
    Trace trace;
    const auto note = [&] {
        for (Wire segment : c.host.sent()) {
            segment.seq -= offset;
            if (segment.flags != "R") segment.ack -= offset;
            trace.push_back(segment);
        }
    };
    const auto from_peer = [&](std::string flags, std::uint32_t seq, std::uint32_t ack,
                               std::size_t text = 0) {
        c.peer.send({.flags = std::move(flags),
                     .seq = them + seq,
                     .ack = us + ack,
                     .text = std::string(text, 'x')});
        note();
    };
    c.listen();
    c.host.wait_for_isn(Conversation::kHostPort, Conversation::kPeerPort, us);
    c.peer.send({.flags = "S", .seq = them, .options = {.mss = 1'460, .sack_permitted = true}});
    note();
    from_peer("A", 1, 1);
    Connection connection = c.host.app().last;
    c.host.advance_to_tick();
    from_peer("A", 1, 1, 500);
    from_peer("A", 1'001, 1, 500);  // a gap
    from_peer("A", 501, 1, 500);
    connection.send(as_bytes(std::string(6'000, 's')));
    c.host.turn();
    note();
    from_peer("A", 1'501, 1'461);
    for (int i = 0; i < 3; ++i) from_peer("A", 1'501, 1'461);  // a fast retransmit
    c.host.advance(2s);                                        // and timeouts
    note();
    from_peer("A", 1'501, 6'001);
    from_peer("R", 1'600, 6'001);     // a challenge
    from_peer("A", 1'501, 9'000);     // never sent
    from_peer("A", 1'490, 6'001, 5);  // old
    connection.close();
    c.host.turn();
    note();
    c.host.advance(1s);
    note();
    // The rest is acknowledged as it comes.
    std::uint32_t acked = 0;
    for (int i = 0; i < 30 && acked < 6'002; ++i) {
        for (const Wire& segment : trace) {
            if (segment.flags.find('R') != std::string::npos || segment.seq - 5'000 > acked)
                continue;
            acked = std::max(acked, segment.seq - 5'000 + segment.len());
        }
        from_peer("A", 1'501, acked);
        c.host.advance(300ms);
        note();
    }
    EXPECT_EQ(acked, 6'002U) << "all text and the FIN";
    from_peer("FA", 1'501, 6'002);
    EXPECT_EQ(c.state(), "TIME-WAIT");
    from_peer("FA", 1'501, 6'002);
    from_peer("S", 1'400, 0);  // not beyond: an ACK
    c.host.advance(61s);
    note();
    EXPECT_EQ(c.state(), "CLOSED");
    c.expect_nothing_left();
    return trace;
}

TEST_F(Robustness, F_8_F_24_K_34_a_life_is_the_same_wherever_its_numbers_begin) {
    const Trace reference = life_at(0);
    ASSERT_GT(reference.size(), 12U);
    for (const std::uint32_t offset :
         {0x7fff'ffffU, 0x8000'0000U, 0xffff'ffffU, 0xffff'ffffU - 999, 0xffff'ffffU - 5'000,
          0xffff'ffffU - 6'500, 0x7fff'ffffU - 6'000, 0x1234'5678U, 0xffff'ffffU - 11'001}) {
        SCOPED_TRACE(offset);
        EXPECT_EQ(life_at(offset), reference);
    }
}

}  // namespace
}  // namespace lastack::test

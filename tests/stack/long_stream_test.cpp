// Streams longer than the sequence space (requirements F), in a fraction of a second: the text lies
// in one static buffer, sent by reference and received as if a port had verified it.

#include "tests/stack/long_stream.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// --- Out

std::uint64_t released_bytes = 0;
void count_release(void* context) {
    released_bytes += *static_cast<const std::size_t*>(context);
}

/// The application sends `total` bytes by reference, the peer acknowledges all of it as it comes.
void send_all(LongStream& it, std::uint64_t total) {
    static const std::vector<std::byte> text(1 << 20);
    static const std::size_t whole = text.size();
    static std::size_t rest;
    rest = static_cast<std::size_t>(total % whole);
    released_bytes = 0;
    std::uint64_t given = 0;
    Seq acked(it.iss + 1);
    for (std::uint64_t steps = 0; given < total || acked != it.shell.end; ++steps) {
        ASSERT_LT(steps, 1'000'000U) << "it does not move";
        while (given < total) {
            const bool last = total - given < whole;
            const std::size_t size = last ? rest : whole;
            if (!it.app.last.send_by_reference(Bytes(text).first(size), count_release,
                                               last ? &rest : const_cast<std::size_t*>(&whole))) {
                break;
            }
            given += size;
        }
        it.turn();
        acked = it.shell.end;
        it.now_ += 1ms;
        it.receive({.flags = "A", .seq = 1'002, .ack = acked.value()});
    }
}

// In CLOSE-WAIT: w = v + everything, and the end of the space lies anywhere around the FIN.
TEST(LongStream, F_11_S_29_S_49_more_than_the_space_leaves_and_the_fin_has_the_number_behind_it) {
    for (const std::uint64_t total : {kSpace - 1, kSpace, 2 * kSpace + 12'345}) {
        SCOPED_TRACE(total);
        LongStream it;
        it.receive({.flags = "FA", .seq = 1'001, .ack = it.iss + 1});
        ASSERT_EQ(it.in(tcp::State::CloseWait), 1U);
        send_all(it, total);
        EXPECT_EQ(released_bytes, total) << "every byte, counted in 64 bits";
        EXPECT_GE(it.shell.frames, total / 64'240);
        EXPECT_EQ(it.count(Counter::RetransSegs), 0U);
        it.app.last.shutdown_write();
        it.turn();
        const auto w = static_cast<std::uint32_t>(it.iss + 1 + total);
        EXPECT_TRUE(it.shell.last.flags.fin());
        EXPECT_EQ(it.shell.last.seq.value(), w);
        EXPECT_EQ(it.in(tcp::State::LastAck), 1U);
        it.receive({.flags = "A", .seq = 1'002, .ack = w});
        EXPECT_EQ(it.in(tcp::State::LastAck), 1U);
        it.receive({.flags = "A", .seq = 1'002, .ack = w + 1});
        EXPECT_EQ(it.in(tcp::State::LastAck), 0U);
        EXPECT_EQ(it.shell.live, 0U);
    }
}

// --- In

constexpr std::size_t kSeqAt = wire::kEthernetBytes + wire::kIpv4HeaderBytes + 4;
constexpr std::uint32_t kChunk = 1 << 15;

/// The peer sends `count` chunks, one frame rewritten for each; its clock has moved by a tick.
void receive_chunks(LongStream& it, Seq& next, std::uint64_t count) {
    ++it.clock;
    std::vector<std::byte> frame =
        it.make({.flags = "A", .seq = 0, .ack = it.iss + 1, .text = std::string(kChunk, 'p')});
    for (std::uint64_t i = 0; i < count; ++i) {
        wire::put32(frame, kSeqAt, next.value());
        it.receive_bytes(frame);
        next += kChunk;
    }
}

// After exactly 2^32 bytes the first segment's number is RCV.NXT again. A clock that has ticked
// twice in that time, once in 2^31 bytes, is what tells them apart.
TEST(LongStream, F_11_F_20_a_segment_of_a_whole_space_ago_is_told_by_one_tick_of_its_time_stamp) {
    LongStream it;
    Seq next(1'001);
    const std::vector<std::byte> first =
        it.make({.flags = "PA", .seq = 1'001, .ack = it.iss + 1, .text = "from a space ago"});
    receive_chunks(it, next, kSpace / kChunk / 2);
    const std::vector<std::byte> middle =
        it.make({.flags = "PA", .seq = 1'001, .ack = it.iss + 1, .text = "from half a space ago"});
    receive_chunks(it, next, kSpace / kChunk / 2);
    ASSERT_EQ(it.app.received, kSpace);
    ASSERT_EQ(next.value(), 1'001U);
    it.receive_bytes(first);
    it.receive_bytes(middle);
    EXPECT_EQ(it.app.received, kSpace) << "though RCV.NXT is their number";
    EXPECT_EQ(it.count(Counter::PAWSEstab), 2U);
    it.receive({.flags = "FA", .seq = 1'001, .ack = it.iss + 1, .text = "end"});
    EXPECT_EQ(it.app.received, kSpace + 3);
    EXPECT_TRUE(it.app.ended);
    EXPECT_EQ(it.shell.last.ack.value(), 1'005U);
    EXPECT_EQ(it.shell.live, 0U);
}

// Our own clock, for a peer that does the same: 2^31 bytes take 171 ms at 100 Gbit/s.
TEST(LongStream, F_20_our_time_stamp_clock_ticks_each_millisecond_and_is_offered_by_default) {
    EXPECT_TRUE(TcpOptions{}.timestamps);
    constexpr std::uint64_t kHalfSpaceMs = (kSpace / 2) * 8 / 100'000'000;
    static_assert(kHalfSpaceMs == 171);
    Conversation it;
    it.open({.mss = 1'460, .timestamps = wire::Timestamps{1, 0}});
    std::optional<std::uint32_t> before;
    for (std::uint64_t ms = 0; ms <= kHalfSpaceMs; ++ms) {
        it.peer.send({.flags = "A",
                      .seq = it.next,
                      .ack = it.sent,
                      .text = "x",
                      .options = {.timestamps = wire::Timestamps{1, 0}}});
        it.next += 1;
        it.say(1);
        const auto now = it.host.sent().back().options.timestamps->value;
        EXPECT_EQ(now, before.value_or(now - 1) + 1);
        before = now;
        it.host.advance(1ms);
    }
}

}  // namespace
}  // namespace lastack::test

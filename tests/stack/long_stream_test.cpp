// Streams longer than the sequence space (requirements F), in seconds: the text lies in one static
// buffer, sent by reference and received as if a port had verified it, so that nobody touches it.

#include "tests/stack/conversation.hpp"
#include "wire/arp.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using wire::Seq;

constexpr std::uint64_t kSpace = std::uint64_t{1} << 32;

/// What the application and the shell have to do with the stream: count.
class Counting final : public Handler {
  public:
    Connection last;
    std::uint64_t received = 0;
    bool ended = false;

    void on_open(Connection connection) override { last = connection; }
    std::size_t on_data(Connection, std::span<const Bytes> pieces) override {
        std::size_t count = 0;
        for (const Bytes piece : pieces) count += piece.size();
        received += count;
        return count;
    }
    void on_writable(Connection) override {}
    void on_peer_closed(Connection) override { ended = true; }
    void on_closed(Connection, CloseReason) override {}
};

/// Buffers are references to memory of the test's; of a frame that leaves only the numbers are
/// kept.
class NumbersOnly final : public stack::Shell {
  public:
    struct Block {
        Bytes memory;
        ReleaseFunction done;
        void* context;
        std::uint32_t references = 1;
    };

    base::BufferRef allocate(std::size_t) override { return nullptr; }
    std::span<std::byte> room(base::BufferRef) override { return {}; }
    std::size_t max_bytes() const override { return 2'048; }
    base::BufferRef wrap(Bytes memory, ReleaseFunction done, void* context) override {
        ++live;
        return reinterpret_cast<base::BufferRef>(new Block{memory, done, context});
    }
    void retain(base::BufferRef buffer) override { ++block(buffer).references; }
    void release(base::BufferRef buffer) override {
        Block& one = block(buffer);
        if (--one.references > 0) return;
        if (one.done != nullptr) one.done(one.context);
        delete &one;
        --live;
    }
    Next detach_next(base::BufferRef) override { return {nullptr, {}}; }

    void transmit(const stack::OutFrame& frame) override {
        const auto ethernet = wire::EthernetView::parse(frame.header);
        if (frame.l4_bytes == 0 || !ethernet) return;
        const auto header =
            wire::TcpView::parse(frame.header.subspan(std::size_t{14} + frame.l3_bytes))->header();
        last = header;
        const std::uint32_t len = frame.text_bytes + (header.flags.fin() ? 1U : 0U);
        end = header.seq + len;
        ++frames;
    }

    stack::Frame frame(Bytes bytes) {
        stack::Frame made{.buffer = wrap(bytes, nullptr, nullptr), .bytes = bytes};
        made.ip_checksum = made.l4_checksum = stack::Checksum::Good;
        return made;
    }

    wire::TcpHeader last;
    Seq end;
    std::uint64_t frames = 0;
    std::size_t live = 0;

  private:
    static Block& block(base::BufferRef buffer) { return *reinterpret_cast<Block*>(buffer); }
};

stack::Config fast_config() {
    stack::Config config = small_config();
    config.interfaces[0].max_text_bytes = 64'240;
    config.interfaces[0].tcp_checksum_offload = true;
    config.tcp.send_buffer = config.tcp.receive_buffer = 64 << 20;
    config.limits.trace_events = 0;
    return config;
}

/// A stack with a connection to port 80; the peer's ISN is 1000, its window 2^30.
class LongStream {
  public:
    LongStream()
        : config_(fast_config()),
          memory_(stack::Stack::arena_bytes(config_) / 64 + 1),
          stack_(stack::Stack::create(config_, std::as_writable_bytes(std::span(memory_)), shell,
                                      now_)) {
        EXPECT_TRUE(stack_.listen({Address{}, 80}, app, {}));
        learn_the_peers_address();
        Wire syn{.flags = "S", .seq = 1'000, .options = {.mss = 1'460, .window_scale = 14}};
        receive(stamped(syn));
        iss = shell.last.seq.value();
        receive({.flags = "A", .seq = 1'001, .ack = iss + 1});
    }

    void receive(Wire segment) { receive_bytes(make(std::move(segment))); }

    std::vector<std::byte> make(Wire segment) const {
        segment.source_port = 40'000;
        segment.destination_port = 80;
        return encode(stamped(std::move(segment)));
    }

    void receive_bytes(Bytes bytes) {
        const stack::Frame frame = shell.frame(bytes);
        stack_.receive({&frame, 1}, now_);
        turn();
    }

    void turn() {
        do {
            stack_.expire(now_, 1'000);
            stack_.serve(now_);
            stack_.transmit(now_);
        } while (stack_.has_work());
    }

    std::uint64_t count(Counter counter) const { return stack_.counters().value(counter); }
    std::uint32_t in(tcp::State state) const { return stack_.states().count(state); }

    NumbersOnly shell;
    Counting app;
    std::uint32_t iss = 0;
    std::uint32_t clock = 1;  // the peer's
    time::Instant now_{1s};

  private:
    Wire stamped(Wire segment) const {
        segment.options.timestamps = wire::Timestamps{clock, 0};
        if (segment.source_port == 0) {
            segment.source_port = 40'000;
            segment.destination_port = 80;
        }
        return segment;
    }

    void learn_the_peers_address() {
        std::vector<std::byte> frame(wire::kEthernetBytes + wire::kArpBytes);
        std::span<std::byte> rest(frame);
        rest = rest.subspan(wire::emit(
            {.destination = kHostMac, .source = kPeerMac, .type = wire::ether_type::kArp}, rest));
        wire::emit(wire::ArpPacket{.operation = wire::ArpOperation::Request,
                                   .sender_mac = kPeerMac,
                                   .sender_ip = kPeerAddress,
                                   .target_mac = kHostMac,
                                   .target_ip = kHostAddress},
                   rest);
        receive_bytes(frame);
    }

    struct alignas(64) Line {
        std::byte bytes[64];
    };
    stack::Config config_;
    std::vector<Line> memory_;
    stack::Stack& stack_;
};

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

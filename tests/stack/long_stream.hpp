// A stack for streams longer than the sequence space: its shell moves no bytes. Text that leaves is
// counted, text that comes is one block of the test's, as if a port had verified it.
#pragma once

#include "tests/stack/conversation.hpp"
#include "wire/arp.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace lastack::test {

using wire::Seq;

inline constexpr std::uint64_t kSpace = std::uint64_t{1} << 32;

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

inline stack::Config fast_config() {
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

    std::uint64_t count(base::Counter counter) const { return stack_.counters().value(counter); }
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

}  // namespace lastack::test

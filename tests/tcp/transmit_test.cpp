// What next_segment() takes from the send queue, and how far it walks for it.

#include "tcp/transmit.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tcp/arrive.hpp"
#include "tcp/call.hpp"
#include "tests/tcp/pieces.hpp"

namespace lastack::tcp {
namespace {

using namespace std::chrono_literals;

class Transmit : public testing::Test {
  protected:
    Config config_ = [] {
        Config config;
        config.timestamps = false;
        return config;
    }();
    base::Counters counters_;
    StateBook states_;
    Pieces pieces_;
    Env env_{config_,        counters_,        states_,          pieces_.store(),
             pieces_.runs(), pieces_.sacked(), time::Instant{1s}};
    Tcb tcb_;
    Outgoing out_;

    Transmit() { open_active(env_, Seq(999), 0, tcb_); }

    bool next() {
        out_ = {};
        return next_segment(env_, tcb_, out_);
    }

    Outcome arrive_with(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
        Segment segment;
        segment.header.flags.bits = flags;
        segment.header.seq = Seq(seq);
        segment.header.ack = Seq(ack);
        segment.header.window = 65'535;
        segment.header.options.mss = 1'000;
        return arrive(env_, tcb_, segment);
    }
    void ack(std::uint32_t number) {
        EXPECT_EQ(arrive_with(wire::TcpFlags::kAck, 5'001, number).fate, Fate::Keep);
    }
    void open() {
        ASSERT_TRUE(next());
        static_cast<void>(arrive_with(wire::TcpFlags::kSyn | wire::TcpFlags::kAck, 5'000, 1'000));
        ASSERT_TRUE(tcb_.state.is(State::Established));
    }
    void send(std::uint32_t segments) {
        for (std::uint32_t i = 0; i < segments; ++i) {
            ASSERT_TRUE(pieces_.append(tcb_.send_queue, std::string(1'000, 's')));
        }
    }
    void send_all() {
        while (next()) {
        }
    }
};

TEST_F(Transmit, H_12_a_fast_retransmit_takes_the_head_and_leaves_the_cursor_where_it_was) {
    open();
    send(8);
    send_all();
    ASSERT_EQ(tcb_.snd.nxt, Seq(9'000));
    const std::uint32_t piece = tcb_.cursor_piece;
    const std::uint32_t left = tcb_.cursor_left;
    ASSERT_EQ(tcb_.cursor_seq, Seq(9'000));
    for (int i = 0; i < 3; ++i) ack(1'000);
    ASSERT_TRUE(next());
    EXPECT_EQ(out_.header.seq, Seq(1'000));
    EXPECT_EQ(out_.first_piece, pieces_.store().head(tcb_.send_queue));
    EXPECT_EQ(out_.first_offset, 0U);
    EXPECT_EQ(tcb_.cursor_seq, Seq(9'000));
    EXPECT_EQ(tcb_.cursor_piece, piece);
    EXPECT_EQ(tcb_.cursor_left, left);
    pieces_.store().clear(tcb_.send_queue);
}

}  // namespace
}  // namespace lastack::tcp

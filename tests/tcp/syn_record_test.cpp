// What a half-open connection knows when it becomes a Tcb.

#include "tcp/syn_record.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "tcp/arrive.hpp"
#include "tcp/path.hpp"
#include "tests/tcp/pieces.hpp"

namespace lastack::tcp {
namespace {

using namespace std::chrono_literals;

class HalfOpen : public testing::Test {
  protected:
    Config config_;
    base::Counters counters_;
    StateBook states_;
    Pieces pieces_;
    Env env_{config_,        counters_,        states_,          pieces_.store(),
             pieces_.runs(), pieces_.sacked(), time::Instant{1s}};
    SynRecord record_ = [this] {
        Segment syn;
        syn.header.flags.bits = wire::TcpFlags::kSyn;
        syn.header.seq = Seq(1'000);
        syn.header.options.mss = 1'200;
        return arrive_listen(env_, {}, syn).record;
    }();

    void too_big(std::uint16_t mtu) {
        NetworkError error;
        error.kind = NetworkError::Kind::TooBig;
        error.quoted = record_.iss;
        error.next_hop_mtu = mtu;
        EXPECT_EQ(arrive(env_, record_, error).fate, Fate::Keep);
    }
};

// Beside the peer's limit, and not in its place: it is to be forgotten (H-36).
TEST_F(HalfOpen, SYNR_I02_H_36_what_the_path_carries_is_a_word_about_the_path) {
    too_big(1'000);
    Tcb tcb;
    open(env_, record_, tcb);
    EXPECT_EQ(tcb.mss, 960);
    EXPECT_EQ(tcb.path_mss, 960);
    EXPECT_EQ(tcb.peer_mss, 1'200);
    ASSERT_TRUE(tcb.timers.armed(Timer::PathMtu));
    EXPECT_EQ(tcb.timers.deadline_ms(Timer::PathMtu), env_.after_ms(600'000));
    enter(states_, tcb.state, Cause::Abort);
}

TEST_F(HalfOpen, SYNR_I02_a_later_word_counts_where_it_is_less) {
    too_big(1'000);
    too_big(1'100);
    EXPECT_EQ(record_.path_mss, 960);
    too_big(0);
    EXPECT_EQ(record_.path_mss, kSmallestPathMtu - kHeaderBytes) << "the next below 1000";
    too_big(0);
    EXPECT_EQ(record_.path_mss, kSmallestPathMtu - kHeaderBytes);
    EXPECT_EQ(counters_.value(base::Counter::PmtuReduced), 2U);
    EXPECT_EQ(counters_.value(base::Counter::PmtuRejected), 2U);
    enter(states_, record_.state, Cause::Abort);
}

TEST_F(HalfOpen, H_36_where_nothing_was_said_there_is_nothing_to_forget) {
    Tcb tcb;
    open(env_, record_, tcb);
    EXPECT_EQ(tcb.mss, 1'200);
    EXPECT_FALSE(tcb.timers.armed(Timer::PathMtu));
    enter(states_, tcb.state, Cause::Abort);
}

}  // namespace
}  // namespace lastack::tcp

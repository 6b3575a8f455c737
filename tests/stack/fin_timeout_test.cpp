// How long an orphan waits in FIN-WAIT-2 (requirements D-2 to D-7).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// Neither 2MSL nor the other default of 60 s.
stack::Config with_fin_timeout(std::chrono::milliseconds wait) {
    stack::Config config = small_config();
    config.tcp.fin_timeout = wait;
    return config;
}

class FinTimeout : public testing::Test, protected Conversation {
  protected:
    explicit FinTimeout(const stack::Config& config = with_fin_timeout(20s))
        : Conversation(config) {}

    void reach_fin_wait_2() {
        open();
        connection.close();
        host.turn();
        sent += 1;
        host.sent();
        host.advance_to_tick();
        send("A");
        ASSERT_EQ(state(), "FIN-WAIT-2");
    }
};

TEST_F(FinTimeout, D_2_D_7_an_orphan_in_fin_wait_2_goes_after_fin_timeout_without_a_word) {
    reach_fin_wait_2();
    EXPECT_EQ(host.app().events.back(), "closed orderly");
    host.advance(20s - 1ms);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(Counter::FinWait2Timeout), 1U);
    send("FA");
    EXPECT_EQ(host.sent(), (Trace{{"R", 5'002, 0}}));
    expect_nothing_left();
}

TEST_F(FinTimeout, D_5_closing_the_handle_in_fin_wait_2_leaves_a_compact_record_and_its_timeout) {
    open();
    connection.shutdown_write();
    host.turn();
    sent += 1;
    send("A");
    host.advance(10min);
    ASSERT_EQ(in_use("connection"), 1U);
    host.advance_to_tick();
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(in_use("connection"), 0U);
    EXPECT_EQ(in_use("time-wait"), 1U);
    host.advance(20s - 1ms);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

stack::Config slow_and_hasty() {
    stack::Config config = with_fin_timeout(1s);
    config.tcp.rto_min = 10s;
    return config;
}

class FinTimeoutBelowRto : public FinTimeout {
  protected:
    FinTimeoutBelowRto() : FinTimeout(slow_and_hasty()) {}
};

// 3.5 times the RTO: a FIN that is lost once goes again after one of the peer's, and is honoured.
TEST_F(FinTimeoutBelowRto, D_3_one_lost_fin_can_still_be_repaired) {
    reach_fin_wait_2();
    host.advance(35s - 1ms);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
}

class FinTimeoutBeyond2Msl : public FinTimeout {
  protected:
    FinTimeoutBeyond2Msl() : FinTimeout(with_fin_timeout(10min)) {}
};

// One timer, where Linux keeps the whole Tcb for what is beyond 2MSL.
TEST_F(FinTimeoutBeyond2Msl, D_6_the_peers_fin_is_honoured_to_the_end_and_begins_a_whole_2msl) {
    reach_fin_wait_2();
    EXPECT_EQ(in_use("connection"), 0U);
    host.advance(10min - 1s);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    send("FA");
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, next}}));
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(60s - 2ms);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(3ms);
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

}  // namespace
}  // namespace lastack::test

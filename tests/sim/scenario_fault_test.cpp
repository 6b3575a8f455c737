// Scenarios of resources that run out: K-39 of requirements.md.
#include "tests/sim/crowd.hpp"

namespace lastack::test {
namespace {

using base::Counter;

enum class Fault : std::uint8_t {
    NoBuffer,  // the mbuf pool is empty
    RingFull,  // the port takes nothing
};

void break_down(Host& host, Fault fault, bool broken) {
    if (fault == Fault::NoBuffer) host.shell().limit(broken ? 0 : SIZE_MAX);
    if (fault == Fault::RingFull) host.shell().lose(broken);
}

// A whole life, of which `fault` spoils 700 ms from `step` on: of a, of b, or of both.
class Faulty {
  public:
    static constexpr int kSteps = 7;
    enum class Of : std::uint8_t { A, B, Both };

    Faulty(Fault fault, Of of, int step) : fault_(fault), of_(of), step_(step) {}

    void live() {
        duo.open();
        duo.b.app().at_peer_closed = [this](Connection connection) {
            fail_at(3);
            connection.close();
        };
        fail_at(0);
        duo.say(duo.at_a, 3'000);
        fail_at(1);
        duo.run(1ms);
        fail_at(2);
        duo.at_a.close();  // the first FIN; b follows, which is step 3
        duo.run(1ms);
        fail_at(4);
        duo.run(1ms);
        fail_at(5);
        duo.run(1ms);
        fail_at(6);
        duo.run(700ms);
        EXPECT_TRUE(failed_);
        for (Host* host : {&duo.a, &duo.b}) break_down(*host, fault_, false);
        duo.run(5s);
    }

    Duo duo;

  private:
    // Until 700 ms later, in the run that is going on or the next.
    void fail_at(int here) {
        if (here != step_) return;
        failed_ = true;
        if (of_ != Of::B) break_down(duo.a, fault_, true);
        if (of_ != Of::A) break_down(duo.b, fault_, true);
        if (here != 3) duo.run(700ms);  // step 3 is inside an event
        if (here == 3) return;
        for (Host* host : {&duo.a, &duo.b}) break_down(*host, fault_, false);
    }

    Fault fault_;
    Of of_;
    int step_;
    bool failed_ = false;
};

TEST(Scenario, K_39_no_buffer_and_a_full_ring_at_any_step_of_the_close_are_losses_made_good) {
    for (const Fault fault : {Fault::NoBuffer, Fault::RingFull}) {
        for (const auto of : {Faulty::Of::A, Faulty::Of::B, Faulty::Of::Both}) {
            for (int step = 0; step < Faulty::kSteps; ++step) {
                SCOPED_TRACE(testing::Message()
                             << (fault == Fault::NoBuffer ? "buffer" : "ring") << " of "
                             << static_cast<int>(of) << " at " << step);
                Faulty test(fault, of, step);
                test.live();
                Duo& duo = test.duo;
                EXPECT_EQ(duo.b.app().received.size(), 3'000U);
                EXPECT_EQ(duo.state_a(), "TIME-WAIT");
                EXPECT_EQ(told(duo.a, "closed orderly"), 1U);
                EXPECT_EQ(told(duo.b, "closed orderly"), 1U);
                EXPECT_EQ(duo.sent(Duo::kFromA, 'R').size() + duo.sent(Duo::kFromB, 'R').size(),
                          0U);
                duo.expect_rest();
            }
        }
    }
}

TEST(Scenario, K_39_full_pools_refuse_and_recover) {
    stack::Config tiny = small_config();
    tiny.limits.max_connections = 4;
    Duo duo(tiny, small_config());
    const auto connections = crowd(duo, 4);
    const auto one_more = [&] {
        return duo.a.stack().connect({Address::ipv4(kPeerAddress.value), 80}, duo.a.app(), {});
    };
    EXPECT_EQ(one_more().error, Error::no_resources);
    for (Connection connection : connections) connection.abort();
    duo.run(1s);
    EXPECT_TRUE(one_more());
    duo.run(1s);
    EXPECT_EQ(duo.a.in_state(tcp::State::Established), 1U);
}

// No record for TIME-WAIT: by policy the newest goes without, or the oldest makes room.
TEST(Scenario, K_39_without_a_record_the_release_still_ends_as_the_policy_says) {
    for (const auto policy : {TimeWaitOverflow::drop_new, TimeWaitOverflow::evict_oldest}) {
        const bool drops = policy == TimeWaitOverflow::drop_new;
        SCOPED_TRACE(drops);
        stack::Config tiny = small_config();
        tiny.limits.max_time_wait = 2;
        tiny.tcp.tw_overflow = policy;
        Duo duo(tiny, small_config());
        duo.b_follows();
        auto connections = crowd(duo, 5);
        for (Connection connection : connections) {
            connection.close();
            duo.run(100ms);
        }
        EXPECT_EQ(told(duo.a, "closed orderly"), 5U);
        EXPECT_EQ(told(duo.b, "closed orderly"), 5U);
        EXPECT_EQ(duo.a.in_state(tcp::State::TimeWait), 2U);
        EXPECT_EQ(duo.a.count(Counter::TCPTimeWaitOverflow), drops ? 3U : 0U);
        EXPECT_EQ(duo.a.count(Counter::TimeWaitEvicted), drops ? 0U : 3U);
        EXPECT_EQ(duo.a.state(Duo::kPortA, 80), drops ? "TIME-WAIT" : "CLOSED");
        EXPECT_EQ(duo.a.state(Duo::kPortA + 4, 80), drops ? "CLOSED" : "TIME-WAIT");
        duo.run(61s);
        EXPECT_EQ(duo.a.in_state(tcp::State::TimeWait), 0U);
        duo.connect();  // and there is room again
        duo.at_a.close();
        duo.run(1s);
        EXPECT_EQ(duo.state_a(), "TIME-WAIT");
        duo.expect_rest();
    }
}

// C-13: nothing is destroyed before the reopening SYN is admitted, and its retransmission is.
TEST(Scenario, K_39_a_reopening_syn_without_a_record_leaves_time_wait_untouched) {
    stack::Config tiny = small_config();
    tiny.limits.max_half_open = 1;
    tiny.tcp.syn_cookies = SynCookies::never;
    Duo duo(small_config(), tiny);
    duo.open();
    duo.a.app().at_peer_closed = [](Connection connection) { connection.close(); };
    duo.at_b.close();
    duo.run(100ms);
    ASSERT_EQ(duo.state_b(), "TIME-WAIT");
    // Somebody else's SYN has the only record.
    const Wire hog{.flags = "S", .seq = 7, .source_port = 50'000, .destination_port = 80};
    duo.b.receive(encode(
        hog, {.from_mac = kHostMac, .to_mac = kPeerMac, .from = kHostAddress, .to = kPeerAddress}));
    ASSERT_EQ(duo.b.state(80, 50'000), "SYN-RECEIVED");
    duo.b.take_frames();
    duo.log.clear();
    duo.connect();
    EXPECT_EQ(duo.state_b(), "TIME-WAIT");
    EXPECT_EQ(duo.b.count(Counter::TCPReqQFullDrop), 1U);
    EXPECT_TRUE(duo.sent(Duo::kFromB, 'A').empty());
    const Wire reset{.flags = "R", .seq = 8, .source_port = 50'000, .destination_port = 80};
    duo.b.receive(encode(
        reset,
        {.from_mac = kHostMac, .to_mac = kPeerMac, .from = kHostAddress, .to = kPeerAddress}));
    ASSERT_EQ(duo.b.in_state(tcp::State::SynReceived), 0U);
    duo.run(2s);
    EXPECT_EQ(duo.state_a(), "ESTABLISHED");
    EXPECT_EQ(duo.state_b(), "ESTABLISHED");
    EXPECT_EQ(duo.b.count(Counter::TimeWaitReopened), 1U);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'S').size(), 2U);
}

}  // namespace
}  // namespace lastack::test

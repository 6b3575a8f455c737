// Scenarios of a receiver that lies to a sender: K-35 of requirements.md.
#include "tests/sim/blind.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// a sends as much as it may to a b that is played by the test.
class Receiver {
  public:
    static constexpr std::uint32_t kMss = 1'460;
    static constexpr std::uint32_t kInitial = 10 * kMss;  // RFC 6928

    explicit Receiver(stack::Config config = plain()) : duo(config, plain()) {
        duo.open();
        duo.say(duo.at_b, 1);
        duo.say(duo.at_a, 1);
        duo.run(100ms);
        first = duo.end_of(Duo::kFromA);
        next_of_b = duo.end_of(Duo::kFromB);
        duo.link.drop([](Link::Side from, const Wire&) { return from == Duo::kFromB; }, 1, kAll);
        duo.link.drop([](Link::Side from, const Wire&) { return from == Duo::kFromA; }, 1, kAll);
        duo.say(duo.at_a, 500'000);
    }

    /// Octets of text that a has sent up to, the first time or again.
    std::uint32_t reached() const {
        std::uint32_t most = 0;
        for (const Logged& one : duo.sent(Duo::kFromA, 'A')) {
            most = std::max(most, one.segment.seq + one.segment.len() - first);
        }
        return most;
    }
    void acknowledge(std::uint32_t octets) {
        duo.spoof(Duo::kFromB, {.flags = "A", .seq = next_of_b, .ack = first + octets});
    }
    void sack(std::uint32_t left, std::uint32_t right, std::uint32_t octets = 0) {
        Wire lie{.flags = "A", .seq = next_of_b, .ack = first + octets};
        lie.options.sack[0] = {wire::Seq(first + left), wire::Seq(first + right)};
        lie.options.sack_count = 1;
        duo.spoof(Duo::kFromB, lie);
    }

    static constexpr unsigned kAll = 1'000'000;
    Duo duo;
    std::uint32_t first = 0;  // of the text; what went before is acknowledged
    std::uint32_t next_of_b = 0;
};

TEST(Scenario, K_35_an_ack_divided_into_thousands_wins_no_more_than_its_octets) {
    Receiver whole;
    Receiver divided;
    ASSERT_EQ(divided.reached(), Receiver::kInitial);
    for (std::uint32_t i = 1; i <= 10; ++i) whole.acknowledge(i * Receiver::kMss);
    for (std::uint32_t octets = 5; octets <= Receiver::kInitial; octets += 5) {
        divided.acknowledge(octets);
    }
    // Slow start, by octets: what was acknowledged has left, and as much again is let in.
    EXPECT_EQ(whole.reached(), 3 * Receiver::kInitial);
    EXPECT_LE(divided.reached(), whole.reached());
    EXPECT_GE(divided.reached(), 2 * Receiver::kInitial);
}

TEST(Scenario, K_35_one_ack_wins_no_more_than_abc_limit_segments) {
    for (const std::uint8_t limit : {std::uint8_t{1}, std::uint8_t{2}}) {
        stack::Config config = plain();
        config.tcp.abc_limit = limit;
        Receiver test(config);
        test.acknowledge(Receiver::kInitial);  // ten segments at once
        EXPECT_EQ(test.reached(), 2 * Receiver::kInitial + limit * Receiver::kMss);
    }
}

TEST(Scenario, K_35_an_ack_of_what_was_not_sent_moves_nothing_and_its_text_is_not_taken) {
    Receiver test;
    ASSERT_EQ(test.reached(), Receiver::kInitial);
    unsigned lies = 0;
    for (const std::uint32_t beyond : {1U, 1'460U, 400'000U, 0x7fff'0000U}) {
        test.duo.spoof(Duo::kFromB, {.flags = "A",
                                     .seq = test.next_of_b,
                                     .ack = test.first + Receiver::kInitial + beyond,
                                     .text = "evil"});
        EXPECT_EQ(test.duo.a.count(Counter::TcpInAckUnsent), ++lies);
    }
    EXPECT_EQ(test.reached(), Receiver::kInitial);
    EXPECT_EQ(test.duo.a.app().received, "s");
    EXPECT_EQ(test.duo.a.count(Counter::TCPChallengeACK), 1U);  // E-7: in one instant
    EXPECT_EQ(test.duo.state_a(), "ESTABLISHED");
    // Where the lie is about what was sent and lost, the sender cannot know; it goes on by octets.
    test.acknowledge(Receiver::kInitial);
    EXPECT_EQ(test.reached(), 2 * Receiver::kInitial + Receiver::kMss);
    EXPECT_EQ(test.duo.b.app().received, "s");
}

TEST(Scenario, K_35_sack_blocks_that_cannot_be_true_are_counted_and_begin_no_recovery) {
    Receiver test;
    const std::uint32_t end = Receiver::kInitial;
    const std::uint64_t sent = test.duo.sent(Duo::kFromA, 'A').size();
    struct Block {
        std::uint32_t left, right;
    };
    unsigned lies = 0;
    for (const Block block : {Block{end, end + 1},              // beyond SND.MAX
                              Block{2'920, end + 1},            // half of it
                              Block{end + 5'000, end + 9'000},  // all of it
                              Block{4'380, 2'920},              // the wrong way round
                              Block{2'920, 2'920},              // empty
                              Block{0, 2'920},                  // at SND.UNA, which it would move
                              Block{0x8000'0000, 0x8000'0100}, Block{2'920, 0x8000'0000}}) {
        SCOPED_TRACE(block.left);
        for (int again = 0; again < 4; ++again) {
            test.sack(block.left, block.right);
            EXPECT_EQ(test.duo.a.count(Counter::TCPSACKDiscard), ++lies);
        }
    }
    EXPECT_EQ(test.duo.a.count(Counter::TCPSackRecovery), 0U);
    EXPECT_EQ(test.duo.a.count(Counter::RetransSegs), 0U);
    EXPECT_EQ(test.duo.sent(Duo::kFromA, 'A').size(), sent);
    // The truth begins one: three segments beyond a hole.
    test.sack(1'460, 4 * 1'460);
    EXPECT_EQ(test.duo.a.count(Counter::TCPSackRecovery), 1U);
    EXPECT_EQ(test.duo.sent(Duo::kFromA, 'A').size(), sent + 1);
    EXPECT_EQ(test.duo.sent(Duo::kFromA, 'A').back().segment.seq, test.first);
}

// The blocks are possible, and not true: the sender passes over what never arrived, until an ACK at
// their left edge gives the lie away, or its timer fires. Then all of it goes again.
TEST(Scenario, K_35_what_a_sack_block_claims_and_never_acknowledges_is_sent_again) {
    for (const bool first_too : {false, true}) {
        SCOPED_TRACE(first_too);
        Duo duo(plain(), plain());
        duo.open();
        duo.say(duo.at_a, 1);
        duo.run(100ms);
        const std::uint32_t to_b = duo.end_of(Duo::kFromA);
        Wire lie{.flags = "A", .seq = duo.end_of(Duo::kFromB), .ack = to_b};
        duo.link.drop([](Link::Side, const Wire& wire) { return !wire.text.empty(); }, 1,
                      first_too ? 11 : 10);  // the eleventh is the first one again
        duo.say(duo.at_a, 14'600, 'x');
        lie.options.sack[0] = {wire::Seq(to_b + 1'460), wire::Seq(to_b + 14'600)};
        lie.options.sack_count = 1;
        duo.spoof(Duo::kFromB, lie);
        EXPECT_EQ(duo.a.count(Counter::TCPSackRecovery), 1U);
        EXPECT_EQ(duo.a.count(Counter::TCPSACKDiscard), 0U);
        duo.run(10s);
        EXPECT_EQ(duo.b.app().received, "s" + std::string(14'600, 'x'));
        EXPECT_EQ(duo.a.count(Counter::TCPSACKReneging), first_too ? 0U : 1U);
        EXPECT_GE(duo.a.count(Counter::TCPTimeouts), first_too ? 1U : 0U);
        duo.b_follows();
        duo.at_a.close();
        duo.expect_rest();
    }
}

}  // namespace
}  // namespace lastack::test

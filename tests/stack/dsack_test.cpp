// The receiver's SACK blocks: what arrived twice (RFC 2883), the freshest first, and how many fit.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

using Blocks = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

class Dsack : public testing::Test, public Conversation {
  protected:
    explicit Dsack(const stack::Config& config = small_config()) : Conversation(config) {}

    void open_with_sack() { open({.mss = 1'460, .sack_permitted = true}); }

    /// `count` bytes at `seq`; the blocks of the one segment that answers.
    Blocks answer_to(std::uint32_t seq, std::size_t count, const std::string& flags = "A") {
        host.sent();
        peer.send({.flags = flags, .seq = seq, .ack = sent, .text = std::string(count, 'x')});
        const auto answers = host.sent();
        EXPECT_EQ(answers.size(), 1U);
        return answers.empty() ? Blocks{} : blocks_of(answers[0]);
    }
    static Blocks blocks_of(const Wire& segment) {
        Blocks blocks;
        for (std::uint8_t i = 0; i < segment.options.sack_count; ++i) {
            const auto& block = segment.options.sack[i];
            blocks.emplace_back(block.left.value(), block.right.value());
        }
        return blocks;
    }
};

TEST_F(Dsack, H_15_text_below_the_window_is_reported_once) {
    open_with_sack();
    send("A", std::string(100, 'x'));
    EXPECT_EQ(answer_to(1'001, 100), (Blocks{{1'001, 1'101}}));
    EXPECT_EQ(host.count(Counter::TCPDSACKOldSent), 1U);
    EXPECT_EQ(answer_to(1'201, 100), (Blocks{{1'201, 1'301}})) << "and not again";
}

TEST_F(Dsack, H_15_of_a_segment_that_is_half_old_the_old_half_is_reported) {
    open_with_sack();
    send("A", std::string(100, 'x'));
    EXPECT_EQ(answer_to(1'051, 100), (Blocks{{1'051, 1'101}}));
    EXPECT_EQ(host.app().received.size(), 150U);
}

TEST_F(Dsack, H_15_text_beyond_a_gap_that_arrives_twice_is_reported_with_the_run_it_lies_in) {
    open_with_sack();
    EXPECT_EQ(answer_to(1'201, 100), (Blocks{{1'201, 1'301}}));
    EXPECT_EQ(answer_to(1'301, 100), (Blocks{{1'201, 1'401}}));
    EXPECT_EQ(answer_to(1'301, 50), (Blocks{{1'301, 1'351}, {1'201, 1'401}}));
    EXPECT_EQ(host.count(Counter::TCPDSACKOfoSent), 1U);
    EXPECT_EQ(answer_to(1'151, 100), (Blocks{{1'201, 1'251}, {1'151, 1'401}}))
        << "a part of it was there";
}

TEST_F(Dsack, H_15_old_text_while_a_gap_waits_is_reported_ahead_of_what_waits) {
    open_with_sack();
    send("A", std::string(100, 'x'));
    answer_to(1'301, 100);
    EXPECT_EQ(answer_to(1'001, 100), (Blocks{{1'001, 1'101}, {1'301, 1'401}}));
}

TEST_F(Dsack, H_15_a_fin_that_arrives_twice_is_one_number_of_the_report) {
    open_with_sack();
    send("FA");
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(answer_to(1'001, 0, "FA"), (Blocks{{1'001, 1'002}}));
}

TEST_F(Dsack, H_15_H_44_a_probe_without_text_has_nothing_to_report) {
    open_with_sack();
    EXPECT_EQ(answer_to(1'000, 0), Blocks{});
}

TEST_F(Dsack, H_15_four_blocks_fit_and_three_beside_timestamps) {
    open_with_sack();
    for (std::uint32_t i = 0; i < 5; ++i) answer_to(1'101 + 200 * i, 100);
    EXPECT_EQ(answer_to(1'101, 10),
              (Blocks{{1'101, 1'111}, {1'101, 1'201}, {1'301, 1'401}, {1'501, 1'601}}));
    Conversation other;
    other.open({.mss = 1'460, .timestamps = wire::Timestamps{7, 0}, .sack_permitted = true});
    for (std::uint32_t i = 0; i < 5; ++i) {
        Wire segment{.flags = "A", .seq = 1'101 + 200 * i, .ack = 5'001, .text = "abc"};
        segment.options.timestamps = wire::Timestamps{8, 0};
        other.peer.send(segment);
    }
    EXPECT_EQ(blocks_of(other.host.sent().back()),
              (Blocks{{1'901, 1'904}, {1'101, 1'104}, {1'301, 1'304}}));
}

TEST_F(Dsack, H_15_without_sack_nothing_is_reported) {
    open();
    send("A", std::string(100, 'x'));
    EXPECT_EQ(answer_to(1'001, 100), Blocks{});
}

class DsackOff : public Dsack {
  protected:
    static stack::Config config() {
        stack::Config config = small_config();
        config.tcp.dsack = false;
        return config;
    }
    DsackOff() : Dsack(config()) {}
};

TEST_F(DsackOff, H_15_nothing_is_reported_where_the_option_says_no) {
    open_with_sack();
    send("A", std::string(100, 'x'));
    EXPECT_EQ(answer_to(1'001, 100), Blocks{});
    EXPECT_EQ(answer_to(1'201, 100), (Blocks{{1'201, 1'301}}));
    EXPECT_EQ(answer_to(1'201, 100), (Blocks{{1'201, 1'301}}));
}

}  // namespace
}  // namespace lastack::test

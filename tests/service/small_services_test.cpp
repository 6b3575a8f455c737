// Echo, discard, chargen and the composite.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "service/chargen.hpp"
#include "service/composite.hpp"
#include "service/discard.hpp"
#include "service/echo.hpp"
#include "service/pattern.hpp"
#include "tests/support/fake_core.hpp"

namespace lastack::test {
namespace {

using namespace std::chrono_literals;

class SmallServices : public ::testing::Test {
  protected:
    void start(const ApplicationFactory& make) {
        application_ = make(0);
        ASSERT_TRUE(application_->start(core_, [](std::string_view why) { ADD_FAILURE() << why; }));
    }
    bool reports(std::string_view text) const {
        return application_->report().find(text) != std::string::npos;
    }

    FakeCore core_;
    std::unique_ptr<Application> application_;
};

TEST_F(SmallServices, echo_sends_back_what_came) {
    start(service::make_echo({}));
    const Connection connection = core_.accept(7);
    core_.deliver_pieces(connection, {"one ", "two ", "three"});
    EXPECT_EQ(core_.take(connection), "one two three");
    EXPECT_EQ(core_.option(connection, Option::keep_alive), 1);
    EXPECT_TRUE(reports("\"bytes_sent\":13"));
}

TEST_F(SmallServices, echo_leaves_unread_what_it_cannot_send_and_takes_it_up_again) {
    start(service::make_echo({}));
    core_.set_send_buffer(10);
    const Connection connection = core_.accept(7);
    core_.deliver_pieces(connection, {"01234567", "89abcdef", "ghij"});
    EXPECT_EQ(core_.untaken(connection), 10U);
    EXPECT_EQ(core_.unread(connection), 10U);
    EXPECT_EQ(core_.take(connection, 4), "0123");
    EXPECT_EQ(core_.unread(connection), 6U);
    std::string rest;
    while (core_.untaken(connection) > 0) rest += core_.take(connection, 3);
    EXPECT_EQ(rest, "456789abcdefghij");
}

TEST_F(SmallServices, echo_finishes_echoing_before_it_answers_a_fin) {
    start(service::make_echo({}));
    core_.set_send_buffer(4);
    const Connection connection = core_.accept(7);
    core_.deliver(connection, "0123456789");
    core_.deliver_fin(connection);
    EXPECT_FALSE(core_.ending(connection).fin_sent);
    EXPECT_EQ(core_.take(connection), "0123");
    EXPECT_EQ(core_.take(connection), "4567");
    EXPECT_EQ(core_.take(connection), "89");
    EXPECT_TRUE(core_.over(connection));
    EXPECT_EQ(core_.ending(connection).reason, CloseReason::orderly);
}

TEST_F(SmallServices, echo_resets_and_counts_connections_beyond_its_limit) {
    start(service::make_echo({.listen = {.address = {}, .port = 7}, .max_connections = 1}));
    const Connection first = core_.accept(7);
    EXPECT_TRUE(core_.ending(core_.accept(7)).aborted);
    EXPECT_TRUE(reports("\"open\":1,\"accepted\":1,\"refused\":1"));
    core_.fail(first, CloseReason::reset);
    EXPECT_FALSE(core_.ending(core_.accept(7)).aborted);
    EXPECT_TRUE(reports("\"ended\":{\"reset\":1}"));
}

TEST_F(SmallServices, discard_reads_everything_and_closes_after_the_peer) {
    start(service::make_discard({}));
    const Connection connection = core_.accept(9);
    core_.deliver(connection, std::string(5'000, 'x'));
    EXPECT_EQ(core_.unread(connection), 0U);
    core_.deliver_fin(connection);
    EXPECT_TRUE(core_.ending(connection).closed);
    EXPECT_EQ(core_.take(connection), "");
    EXPECT_TRUE(core_.over(connection));
    EXPECT_TRUE(reports("\"bytes_received\":5000"));
}

/// Line `number` of RFC 864's pattern: a window of 72 on the ring of printable characters.
std::string chargen_line(std::size_t number) {
    std::string ring;
    for (char c = ' '; c <= '~'; ++c) ring += c;
    return (ring + ring).substr(number % ring.size(), 72) + "\r\n";
}

TEST_F(SmallServices, chargen_sends_the_lines_of_rfc_864_without_end_or_gap) {
    start(service::make_chargen({}));
    core_.set_send_buffer(5'000);
    const Connection connection = core_.accept(19);
    std::string text;
    while (text.size() < 74 * 2'000) text += core_.take(connection, 1'234);
    EXPECT_TRUE(text.starts_with(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    for (std::size_t i = 0; i < 2'000; ++i) {
        ASSERT_EQ(text.substr(i * 74, 74), chargen_line(i)) << i;
    }
}

TEST_F(SmallServices, chargen_fills_the_send_buffer_and_no_more) {
    start(service::make_chargen({}));
    core_.set_send_buffer(100'000);
    const Connection connection = core_.accept(19);
    EXPECT_EQ(core_.untaken(connection), 100'000U);
    core_.take(connection, 1);
    EXPECT_EQ(core_.untaken(connection), 100'000U);
}

TEST_F(SmallServices, chargen_ends_when_the_peer_or_the_process_does) {
    start(service::make_chargen({}));
    core_.set_send_buffer(1'000);
    const Connection left = core_.accept(19);
    core_.deliver(left, "ignored");
    core_.deliver_fin(left);
    EXPECT_TRUE(core_.ending(left).closed);
    const Connection open = core_.accept(19);
    application_->drain();
    EXPECT_FALSE(core_.listening(19));
    EXPECT_TRUE(core_.ending(open).closed);
    core_.take(open);
    core_.take(left);
    EXPECT_TRUE(core_.over(open));
    EXPECT_EQ(core_.references_held(), 0U);
    EXPECT_EQ(core_.stale_calls(), 0U);
}

// --- Composite

class Part final : public Application {
  public:
    explicit Part(bool* done) : done_(done) {}
    bool start(Core&, const std::function<void(std::string_view)>&) override { return true; }
    bool finished() const override { return *done_; }
    std::string report() const override { return "{\"a\":1}"; }

  private:
    bool* done_;
};

TEST_F(SmallServices, a_composite_runs_its_parts_on_one_core) {
    start(service::make_composite({.parts = {{"echo", service::make_echo({}), false},
                                             {"discard", service::make_discard({}), false}}}));
    EXPECT_TRUE(core_.listening(7));
    EXPECT_TRUE(core_.listening(9));
    EXPECT_FALSE(application_->finished()) << "servers never finish";
    EXPECT_TRUE(application_->report().starts_with("{\"echo\":{\"service\":\"echo\","));
    EXPECT_TRUE(reports(",\"discard\":{\"service\":\"discard\","));
    application_->drain();
    EXPECT_FALSE(core_.listening(7));
    EXPECT_FALSE(core_.listening(9));
}

TEST_F(SmallServices, a_composite_has_finished_when_all_that_can_finish_have) {
    bool first = false;
    bool second = false;
    const auto make = [](bool* done) {
        return [done](unsigned) { return std::make_unique<Part>(done); };
    };
    start(service::make_composite({.parts = {{"one", make(&first), true},
                                             {"two", make(&second), true},
                                             {"echo", service::make_echo({}), false}}}));
    EXPECT_FALSE(application_->finished());
    first = true;
    EXPECT_FALSE(application_->finished());
    second = true;
    EXPECT_TRUE(application_->finished());
}

TEST_F(SmallServices, a_composite_fails_with_the_part_that_fails) {
    application_ = service::make_composite({.parts = {{"one", service::make_echo({}), false},
                                                      {"two", service::make_echo({}), false}}})(0);
    std::string why;
    EXPECT_FALSE(application_->start(core_, [&](std::string_view text) { why = text; }));
    EXPECT_TRUE(why.starts_with("echo: cannot listen on 0.0.0.0:7: address in use; ")) << why;
}

// --- Pattern

TEST(Pattern, is_the_documented_generator) {
    // splitmix64 from state 0 begins e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f.
    const Bytes begin = service::pattern_at(0, 3);
    EXPECT_EQ(begin[0], std::byte{0xe2});
    EXPECT_EQ(begin[1], std::byte{0x6e});
    EXPECT_EQ(begin[2], std::byte{0x06});
}

TEST(Pattern, repeats_after_its_period_and_not_after_a_power_of_two) {
    using service::kPatternPeriod;
    EXPECT_TRUE(service::matches_pattern(kPatternPeriod, service::pattern_at(0, 60'000)));
    for (std::uint64_t shift = 1; shift < (1ULL << 40); shift <<= 1) {
        EXPECT_FALSE(service::matches_pattern(shift, service::pattern_at(0, 64))) << shift;
    }
}

TEST(Pattern, slices_end_at_the_blocks_end) {
    EXPECT_EQ(service::pattern_at(service::kPatternPeriod - 5, 100).size(), 5U);
    EXPECT_EQ(service::pattern_at(0, 100).size(), 100U);
    EXPECT_EQ(service::pattern_at(0, 1ULL << 40).size(), service::kPatternPeriod);
}

}  // namespace
}  // namespace lastack::test

// close() with a linger time (D-14): what the application hears, and when.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Linger : public testing::Test, protected Conversation {
  protected:
    void close_with(std::int64_t linger_ms) {
        ASSERT_TRUE(connection.set_option(Option::linger_ms, linger_ms));
        connection.close();
        host.turn();
    }
    void ack_fin() { peer.send({.flags = "A", .seq = next, .ack = sent + 1}); }
    bool told() { return !host.app().events.empty() && closed(host.app().events.back()); }
    static bool closed(const std::string& event) { return event.starts_with("closed"); }
    std::size_t endings() {
        return static_cast<std::size_t>(std::ranges::count_if(host.app().events, closed));
    }
};

TEST_F(Linger, D_14_S_58_the_ack_of_the_fin_ends_the_wait) {
    open();
    close_with(5'000);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
    EXPECT_FALSE(told());
    host.advance(4'900ms);
    EXPECT_FALSE(told());
    ack_fin();
    EXPECT_EQ(host.app().events.back(), "closed orderly");
    EXPECT_FALSE(connection.valid());
    host.advance(10s);
    EXPECT_EQ(endings(), 1U);
    EXPECT_EQ(host.count(Counter::LingerExpired), 0U);
}

TEST_F(Linger, D_14_the_time_passes_and_the_connection_goes_on_as_an_orphan) {
    open();
    close_with(5'000);
    host.advance(4'999ms);
    EXPECT_FALSE(told());
    EXPECT_TRUE(connection.valid());
    host.advance(1ms);
    EXPECT_EQ(host.app().events.back(), "closed linger_expired");
    EXPECT_FALSE(connection.valid()) << "the handle is stale";
    EXPECT_EQ(host.count(Counter::LingerExpired), 1U);
    EXPECT_EQ(state(), "FIN-WAIT-1") << "not reset";
    for (const Wire& segment : host.sent()) EXPECT_EQ(segment.flags, "FA");
    ack_fin();
    EXPECT_EQ(state(), "FIN-WAIT-2");
    next += 1;
    peer.send({.flags = "FA", .seq = next - 1, .ack = sent + 1});
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(61s);
    EXPECT_EQ(endings(), 1U) << "nobody is told twice";
    expect_nothing_left();
}

TEST_F(Linger, D_14_D_17_what_goes_on_without_an_owner_ends_by_its_retries) {
    open();
    close_with(1'000);
    host.advance(5min);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::OrphanKilled), 1U);
    EXPECT_EQ(endings(), 1U);
    expect_nothing_left();
}

TEST_F(Linger, D_14_K_37_the_old_handle_reaches_neither_the_orphan_nor_the_next_in_its_slot) {
    open();
    close_with(1'000);
    host.advance(1s);
    connection.abort();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(host.count(Counter::StaleHandle), 1U);
    ack_fin();
    const auto result =
        host.stack().connect({Address::ipv4(kPeerAddress.value), 99}, host.app(), {});
    ASSERT_TRUE(result);
    host.turn();
    connection.abort();
    EXPECT_TRUE(result.connection.valid());
    EXPECT_EQ(host.count(Counter::StaleHandle), 2U);
}

TEST_F(Linger, D_14_in_last_ack_the_wait_is_the_same) {
    open();
    send("FA");
    close_with(2'000);
    ASSERT_EQ(state(), "LAST-ACK");
    host.advance(1'999ms);
    EXPECT_FALSE(told());
    host.advance(1ms);
    EXPECT_EQ(host.app().events.back(), "closed linger_expired");
    ack_fin();
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(endings(), 1U);
    expect_nothing_left();
}

TEST_F(Linger, D_14_after_shutdown_write_it_begins_at_the_close) {
    open();
    connection.shutdown_write();
    host.turn();
    host.advance(3s);
    host.advance_to_tick();
    close_with(2'000);
    host.advance(1'999ms);
    EXPECT_FALSE(told());
    host.advance(1ms);
    EXPECT_EQ(host.app().events.back(), "closed linger_expired");
}

TEST_F(Linger, D_14_where_the_fin_was_acknowledged_already_nothing_is_waited_for) {
    open();
    connection.shutdown_write();
    host.turn();
    ack_fin();
    ASSERT_EQ(state(), "FIN-WAIT-2");
    close_with(2'000);
    EXPECT_EQ(host.app().events.back(), "closed orderly");
}

TEST_F(Linger, D_12_off_the_application_hears_when_all_is_done_however_long_it_takes) {
    open();
    close_with(-1);
    host.advance(100s);
    EXPECT_FALSE(told());
    ack_fin();
    EXPECT_EQ(host.app().events.back(), "closed orderly");
}

TEST_F(Linger, D_14_an_abort_while_it_waits_is_an_abort) {
    open();
    close_with(5'000);
    connection.abort();
    host.turn();
    EXPECT_EQ(host.app().events.back(), "closed aborted");
    host.advance(10s);
    EXPECT_EQ(endings(), 1U);
}

TEST_F(Linger, D_14_an_abort_inside_the_last_event_ends_the_orphan_at_once) {
    host.app().at_closed = [](Connection c, CloseReason) { c.abort(); };
    open();
    close_with(5'000);
    host.advance(5s);
    host.turn();
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(endings(), 1U);
    expect_nothing_left();
}

TEST_F(Linger, D_14_the_time_is_at_most_24_days) {
    open();
    EXPECT_TRUE(connection.set_option(Option::linger_ms, 24LL * 24 * 3'600'000));
    EXPECT_FALSE(connection.set_option(Option::linger_ms, 24LL * 24 * 3'600'000 + 1));
    EXPECT_FALSE(connection.set_option(Option::linger_ms, -2));
}

}  // namespace
}  // namespace lastack::test

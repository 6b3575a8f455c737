// Load against a server on a second core, and against answers made by hand.
#include "service/load.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "service/echo.hpp"
#include "service/http.hpp"
#include "service/pattern.hpp"
#include "tests/support/fake_pair.hpp"

namespace lastack::test {
namespace {

using namespace std::chrono_literals;
using service::LoadOptions;

class LoadTest : public ::testing::Test {
  protected:
    LoadTest() {
        options_.target = {.address = Address::ipv4(0xc612'0001), .port = 80};
        options_.count = 1;
        http_.max_connections = 512;
    }
    void serve(const ApplicationFactory& make) {
        server_ = make(0);
        ASSERT_TRUE(
            server_->start(server_core_, [](std::string_view why) { ADD_FAILURE() << why; }));
    }
    void start() {
        load_ = service::make_load(options_)(0);
        ASSERT_TRUE(load_->start(core_, [](std::string_view why) { ADD_FAILURE() << why; }));
    }
    /// Runs to the end, at most for `patience`.
    void run(std::chrono::milliseconds patience = 60s) {
        start();
        for (; patience > 0ms && !load_->finished(); patience -= 1ms) pair_.advance(1ms);
        EXPECT_TRUE(load_->finished());
    }
    nlohmann::json report() const { return nlohmann::json::parse(load_->report()); }
    std::string complaint() {
        std::string why;
        load_ = service::make_load(options_)(0);
        EXPECT_FALSE(load_->start(core_, [&](std::string_view text) { why = text; }));
        return why;
    }
    /// Starts one connection to nobody, for a test that answers by hand.
    Connection connect_by_hand() {
        start();
        core_.advance(1ms);
        const Connection connection = core_.connects().at(0);
        core_.establish(connection);
        return connection;
    }
    /// The one error of the run that has failed by now.
    std::string the_error() const {
        const nlohmann::json result = report();
        std::string found;
        EXPECT_EQ(result["failed"], 1) << result.dump(1);
        for (const auto& [key, count] : result["errors"].items()) {
            if (count == 1) found = key;
        }
        return found;
    }

    FakeCore core_;
    FakeCore server_core_;
    FakePair pair_{core_, server_core_};
    LoadOptions options_;
    service::HttpOptions http_;
    std::unique_ptr<Application> load_;
    std::unique_ptr<Application> server_;
};

TEST_F(LoadTest, closed_loop_makes_as_many_connections_as_asked_for) {
    serve(service::make_http(http_));
    options_.count = 100;
    options_.concurrency = 10;
    run();
    const nlohmann::json result = report();
    EXPECT_EQ(result["started"], 100);
    EXPECT_EQ(result["succeeded"], 100);
    EXPECT_EQ(result["failed"], 0);
    EXPECT_EQ(result["exchanges"], 100);
    EXPECT_EQ(result["open"], 0);
    EXPECT_EQ(result["latency_us"]["connect"]["count"], 100);
    EXPECT_EQ(result["latency_us"]["exchange"]["count"], 100);
    EXPECT_EQ(result["latency_us"]["close"]["count"], 100);
    EXPECT_EQ(result["conditions"]["target"], "198.18.0.1:80");
    EXPECT_EQ(result["conditions"]["concurrency"], 10);
    EXPECT_EQ(core_.timers(), 0U);
    EXPECT_EQ(core_.stale_calls(), 0U);
    EXPECT_EQ(server_core_.stale_calls(), 0U);
}

TEST_F(LoadTest, no_more_connections_are_open_than_the_concurrency) {
    options_.count = 100;
    options_.concurrency = 7;
    start();
    core_.advance(5ms);
    EXPECT_EQ(core_.connects().size(), 7U);
    core_.fail(core_.connects()[3], CloseReason::refused);
    EXPECT_EQ(core_.connects().size(), 8U) << "the next one starts as one ends";
}

TEST_F(LoadTest, the_client_closes_first_when_told_so) {
    serve(service::make_http(http_));
    options_.count = 20;
    run();
    EXPECT_EQ(report()["succeeded"], 20);
    EXPECT_EQ(pair_.client_closed_first(), 20U);
    EXPECT_EQ(pair_.server_closed_first(), 0U);
}

TEST_F(LoadTest, the_server_closes_first_when_told_so) {
    serve(service::make_http(http_));
    options_.count = 20;
    options_.first_closer = LoadOptions::FirstCloser::server;
    options_.requests_per_connection = 3;
    run();
    EXPECT_EQ(report()["succeeded"], 20);
    EXPECT_EQ(report()["exchanges"], 60);
    EXPECT_EQ(pair_.client_closed_first(), 0U);
    EXPECT_EQ(pair_.server_closed_first(), 20U);
}

TEST_F(LoadTest, keep_alive_carries_several_requests) {
    serve(service::make_http(http_));
    options_.requests_per_connection = 5;
    options_.count = 4;
    run();
    EXPECT_EQ(report()["exchanges"], 20);
    EXPECT_EQ(report()["succeeded"], 4);
}

TEST_F(LoadTest, large_bodies_are_compared_byte_for_byte) {
    serve(service::make_http(http_));
    options_.path = "/bytes/300000";
    options_.requests_per_connection = 2;
    core_.set_send_buffer(50);
    server_core_.set_send_buffer(7'777);
    run();
    EXPECT_EQ(report()["succeeded"], 1);
    EXPECT_GT(report()["bytes_received"], 600'000);
}

TEST_F(LoadTest, posts_to_echo_come_back) {
    serve(service::make_http(http_));
    options_.path = "/echo";
    options_.post = true;
    options_.payload_bytes = 70'000;
    options_.requests_per_connection = 3;
    core_.set_send_buffer(1'000);
    run();
    EXPECT_EQ(report()["succeeded"], 1);
    EXPECT_EQ(report()["exchanges"], 3);
}

TEST_F(LoadTest, the_echo_service_is_spoken_too) {
    serve(service::make_echo({}));
    options_.target.port = 7;
    options_.mode = LoadOptions::Mode::echo;
    options_.payload_bytes = 3'000;
    options_.requests_per_connection = 4;
    options_.count = 10;
    run();
    EXPECT_EQ(report()["succeeded"], 10);
    EXPECT_EQ(report()["exchanges"], 40);
    EXPECT_EQ(report()["bytes_sent"], 10 * 4 * 3'000);
    EXPECT_EQ(report()["bytes_received"], 10 * 4 * 3'000);
    EXPECT_EQ(pair_.client_closed_first(), 10U);
}

// --- Open loop

TEST_F(LoadTest, open_loop_starts_connections_when_they_are_due) {
    options_.rate = 1'000;
    options_.count = 500;
    start();
    core_.advance(1ms);
    EXPECT_LE(core_.connects().size(), 2U);
    core_.advance(99ms);
    EXPECT_NEAR(static_cast<double>(core_.connects().size()), 101, 1);
    core_.advance(1s);
    EXPECT_EQ(core_.connects().size(), 500U) << "answers do not matter to the pace";
}

TEST_F(LoadTest, open_loop_catches_up_in_bounded_bursts) {
    options_.rate = 100'000;
    options_.count = 1'000'000;
    options_.max_burst = 300;
    start();
    core_.advance(1ms);
    const std::size_t before = core_.connects().size();
    core_.advance(1ms);
    EXPECT_LE(core_.connects().size() - before, 300U);
}

TEST_F(LoadTest, a_stalled_server_is_charged_for_every_connection_that_had_to_wait) {
    // One slot, ten connections due a second, each answered after a second: the n-th waits n * 900
    // ms.
    serve(service::make_http(http_));
    options_.rate = 10;
    options_.max_connections = 1;
    options_.path = "/delay/1000";
    options_.count = 10;
    run(30s);
    const nlohmann::json result = report();
    EXPECT_EQ(result["succeeded"], 10);
    EXPECT_NEAR(result["latency_us"]["exchange"]["max"], 10 * 1e6 - 9 * 1e5, 5e4);
    EXPECT_NEAR(result["latency_us"]["exchange"]["p50"], 5 * 1e6 - 4 * 1e5, 1e5);
    EXPECT_NEAR(result["worst_start_delay_us"], 9 * 1e6 - 9 * 1e5, 5e4);
}

TEST_F(LoadTest, a_run_for_which_no_timer_is_left_says_so_and_ends) {
    options_.count = 10;
    std::vector<std::string> complaints;
    load_ = service::make_load(options_)(0);
    core_.refuse_connects(Error::unreachable);  // so that it has to wait, with nothing open
    ASSERT_TRUE(load_->start(core_, [&](std::string_view why) { complaints.emplace_back(why); }));
    core_.set_max_timers(0);  // others hold all of them when it wants its own back
    EXPECT_FALSE(load_->finished());
    core_.advance(1ms);
    EXPECT_TRUE(load_->finished());
    EXPECT_EQ(complaints, std::vector<std::string>{"load: no timer is free, and the run ends "
                                                   "early; raise limits.max_timers"});
    EXPECT_EQ(report()["gave_up"], true);
    EXPECT_EQ(report()["started"], 1);
}

TEST_F(LoadTest, a_run_without_a_timer_goes_on_from_a_connection_that_ends) {
    options_.rate = 10;
    options_.count = 2;
    start();
    core_.set_max_timers(1);  // the deadlines have it when the second one's is wanted
    core_.advance(1ms);
    ASSERT_EQ(core_.connects().size(), 1U);
    core_.advance(500ms);
    EXPECT_EQ(core_.connects().size(), 1U);
    EXPECT_FALSE(load_->finished());
    core_.fail(core_.connects()[0], CloseReason::reset);
    EXPECT_EQ(core_.connects().size(), 2U);
    EXPECT_EQ(report()["gave_up"], false);
}

TEST_F(LoadTest, an_abortive_close_sets_linger_0_and_counts_as_success) {
    options_.abortive_close = true;
    const Connection connection = connect_by_hand();
    core_.take(connection);
    core_.deliver(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(core_.option(connection, Option::linger_ms), 0);
    EXPECT_TRUE(core_.ending(connection).closed);
    core_.fail(connection, CloseReason::aborted);  // what the stack says of such a close
    EXPECT_EQ(report()["succeeded"], 1);
    EXPECT_EQ(report()["failed"], 0);
}

TEST_F(LoadTest, a_close_that_is_not_abortive_does_not_succeed_by_an_abort) {
    const Connection connection = connect_by_hand();
    core_.take(connection);
    core_.deliver(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    core_.fail(connection, CloseReason::aborted);
    EXPECT_EQ(the_error(), "aborted");
}

TEST_F(LoadTest, one_that_stays_is_over_but_not_finished) {
    serve(service::make_http(http_));
    options_.stay = true;
    start();
    for (int i = 0; i < 100; ++i) pair_.advance(1ms);
    EXPECT_EQ(report()["succeeded"], 1);
    EXPECT_EQ(report()["finished"], true);
    EXPECT_FALSE(load_->finished());
}

TEST_F(LoadTest, duration_ends_the_run) {
    serve(service::make_http(http_));
    options_.rate = 100;
    options_.count = 0;
    options_.duration = 500ms;
    run(600ms);
    EXPECT_EQ(report()["started"], 50);
    EXPECT_NEAR(report()["connections_per_s"], 100, 5);
}

TEST_F(LoadTest, duration_ends_a_closed_loop_too) {
    serve(service::make_http(http_));
    options_.path = "/delay/100";
    options_.count = 0;
    options_.duration = 1s;
    options_.concurrency = 3;
    run(1'200ms);
    EXPECT_NEAR(report()["succeeded"], 30, 3);
}

TEST_F(LoadTest, the_warm_up_is_made_and_not_measured) {
    serve(service::make_http(http_));
    options_.rate = 100;
    options_.warm_up = 200ms;
    options_.count = 30;
    run();
    const nlohmann::json result = report();
    EXPECT_EQ(result["warm_up"]["succeeded"], 20);
    EXPECT_EQ(result["succeeded"], 30);
    EXPECT_EQ(result["latency_us"]["connect"]["count"], 30);
    EXPECT_NEAR(result["elapsed_s"], 0.29, 0.02);
}

TEST_F(LoadTest, draining_starts_nothing_new) {
    serve(service::make_http(http_));
    options_.rate = 1'000;
    options_.count = 1'000'000;
    start();
    pair_.advance(10ms);
    EXPECT_FALSE(load_->finished());
    load_->drain();
    pair_.advance(1ms);
    EXPECT_TRUE(load_->finished());
    const std::size_t so_far = core_.connects().size();
    pair_.advance(50ms);
    EXPECT_EQ(core_.connects().size(), so_far);
}

// --- Local addresses

TEST_F(LoadTest, local_addresses_are_used_in_turn) {
    options_.local_addresses = {Address::ipv4(0xc612'0101), Address::ipv4(0xc612'0102)};
    options_.count = 4;
    options_.concurrency = 4;
    start();
    core_.advance(1ms);
    ASSERT_EQ(core_.connects().size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(core_.local_of(core_.connects()[i]).address, options_.local_addresses[i % 2]);
    }
}

TEST_F(LoadTest, all_local_addresses_are_tried_before_no_free_port_counts) {
    options_.local_addresses = {Address::ipv4(0xc612'0101), Address::ipv4(0xc612'0102)};
    core_.refuse_connects(Error::no_free_port);
    start();
    core_.advance(1ms);
    EXPECT_EQ(core_.connect_calls(), 2U);
    EXPECT_EQ(the_error(), "no_free_port");
    EXPECT_TRUE(load_->finished());
}

// --- Errors by kind

TEST_F(LoadTest, closed_loop_does_not_spin_on_refusals_of_the_stack) {
    core_.refuse_connects(Error::no_resources);
    options_.count = 100;
    start();
    core_.advance(10ms);
    EXPECT_LE(core_.connect_calls(), 11U);
    core_.advance(200ms);
    EXPECT_EQ(report()["errors"]["no_resources"], 100);
    EXPECT_TRUE(load_->finished());
}

TEST_F(LoadTest, open_loop_counts_every_connection_that_the_stack_refuses_at_its_due_time) {
    core_.refuse_connects(Error::unreachable);
    options_.rate = 10'000;
    options_.count = 1'000;
    start();
    core_.advance(110ms);
    EXPECT_EQ(report()["errors"]["unreachable"], 1'000);
    EXPECT_TRUE(load_->finished());
}

TEST_F(LoadTest, a_closed_port_is_refused) {
    run(10ms);
    EXPECT_EQ(the_error(), "refused");
}

TEST_F(LoadTest, each_way_to_end_has_its_own_count) {
    const std::pair<CloseReason, const char*> cases[] = {
        {CloseReason::reset, "reset"},
        {CloseReason::timed_out, "timed_out"},
        {CloseReason::unreachable, "unreachable"},
        {CloseReason::no_resources, "no_resources"},
        {CloseReason::shut_down, "shut_down"},
    };
    options_.count = 5;
    start();
    for (std::size_t i = 0; i < 5; ++i) {
        core_.advance(1ms);
        core_.fail(core_.connects().at(i), cases[i].first);
        EXPECT_EQ(report()["errors"][cases[i].second], 1);
    }
    EXPECT_EQ(report()["failed"], 5);
}

TEST_F(LoadTest, a_server_that_does_not_answer_times_out_at_the_limit_and_not_before) {
    options_.timeout = 2s;
    const Connection connection = connect_by_hand();
    core_.take(connection);
    core_.advance(1'999ms);
    EXPECT_FALSE(core_.over(connection));
    core_.advance(1ms);
    EXPECT_TRUE(core_.ending(connection).aborted);
    EXPECT_EQ(the_error(), "timed_out");
    EXPECT_TRUE(load_->finished());
}

TEST_F(LoadTest, wrong_answers_are_bad) {
    for (const char* answer :
         {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "\r\n\r\n",
          "HTTP/1.1 2OO OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nWRONG",
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xe2\x6e\x06\x1b",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"}) {
        FakeCore core;
        options_.path = "/bytes/5";
        load_ = service::make_load(options_)(0);
        ASSERT_TRUE(load_->start(core, [](std::string_view) {}));
        core.advance(1ms);
        const Connection connection = core.connects().at(0);
        core.establish(connection);
        core.deliver(connection, answer);
        EXPECT_EQ(the_error(), "bad_answer") << answer;
        EXPECT_TRUE(core.over(connection));
    }
}

TEST_F(LoadTest, an_answer_that_the_server_cuts_off_is_short) {
    const Connection connection = connect_by_hand();
    core_.deliver(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
    core_.deliver_fin(connection);
    EXPECT_EQ(the_error(), "short_answer");
}

TEST_F(LoadTest, an_answer_without_a_length_ends_with_the_connection) {
    options_.first_closer = LoadOptions::FirstCloser::server;
    const Connection connection = connect_by_hand();
    EXPECT_NE(core_.take(connection).find("\r\nConnection: close\r\n"), std::string::npos);
    core_.deliver(connection, "HTTP/1.0 200 OK\r\n\r\nwhatever");
    core_.deliver_fin(connection);
    core_.take(connection);
    EXPECT_EQ(report()["succeeded"], 1);
}

TEST_F(LoadTest, interim_and_chunked_answers_are_understood_byte_by_byte) {
    options_.path = "/bytes/3";
    const Connection connection = connect_by_hand();
    for (const char c :
         std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n"
                     "\r\n1\r\n\xe2\r\n2;x\r\n\x6e\x06\r\n0\r\n\r\n")) {
        core_.deliver(connection, std::string_view(&c, 1));
    }
    core_.take(connection);
    EXPECT_EQ(report()["succeeded"], 1) << report().dump(1);
}

TEST_F(LoadTest, a_wrong_echo_is_bad_and_so_is_one_byte_too_many) {
    options_.mode = LoadOptions::Mode::echo;
    options_.payload_bytes = 10;
    const Connection connection = connect_by_hand();
    const std::string sent = core_.take(connection);
    ASSERT_EQ(sent.size(), 10U);
    core_.deliver(connection, sent + "!");
    EXPECT_EQ(the_error(), "bad_answer");
}

TEST_F(LoadTest, a_server_that_does_not_close_when_asked_times_out) {
    options_.first_closer = LoadOptions::FirstCloser::server;
    options_.timeout = 3s;
    const Connection connection = connect_by_hand();
    core_.deliver(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    core_.advance(2'999ms);
    EXPECT_FALSE(core_.over(connection));
    core_.advance(1ms);
    EXPECT_EQ(the_error(), "timed_out");
}

// --- Options

TEST_F(LoadTest, impossible_options_are_explained) {
    options_.count = 0;
    EXPECT_EQ(complaint(), "load: set count or duration, or it never ends");
    options_.count = 1;
    options_.target.port = 0;
    EXPECT_TRUE(complaint().starts_with("load: target needs an address and a port"));
    options_.target.port = 80;
    options_.path = "no slash";
    EXPECT_TRUE(complaint().starts_with("load: path must begin with /"));
    options_.path = "/x\r\nInjected: yes";
    EXPECT_TRUE(complaint().starts_with("load: path must begin with /"));
    options_.mode = LoadOptions::Mode::echo;
    options_.first_closer = LoadOptions::FirstCloser::server;
    EXPECT_TRUE(complaint().starts_with("load: an echo server never closes first"));
    options_.concurrency = 0;
    EXPECT_TRUE(complaint().starts_with("load: set rate (open loop) or concurrency"));
}

}  // namespace
}  // namespace lastack::test

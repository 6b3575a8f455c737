// The services over the real thing: load on one Stack, a server on another, a Link between them.
//
// FakeCore tells what a service does; this tells that the contract which FakeCore plays is the one
// that the Stack keeps.
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "service/echo.hpp"
#include "service/http.hpp"
#include "service/load.hpp"
#include "tests/support/link.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using service::HttpOptions;
using service::LoadOptions;

constexpr wire::Ipv4Address kServer = kHostAddress;
constexpr wire::Ipv4Address kClient = kPeerAddress;

class OverStack : public ::testing::Test {
  protected:
    OverStack() {
        load_.target = {.address = Address::ipv4(kServer.value), .port = 80};
        load_.count = 20;
        load_.concurrency = 4;
        http_.max_connections = 64;
    }
    void serve(const ApplicationFactory& make) {
        server_ = make(0);
        ASSERT_TRUE(server_->start(b_.stack(), [](std::string_view why) { ADD_FAILURE() << why; }));
    }
    nlohmann::json run(time::Duration patience = 120s) {
        client_ = service::make_load(load_)(0);
        EXPECT_TRUE(client_->start(a_.stack(), [](std::string_view why) { ADD_FAILURE() << why; }));
        link_.run_until([&] { return client_->finished(); }, patience);
        link_.run(5s);  // the last closes reach the other side; all but TIME-WAIT is over
        return nlohmann::json::parse(client_->report());
    }
    /// Every connection right, each closed in order, nothing left but TIME-WAIT at one side.
    void expect_all_right(const nlohmann::json& report, const Host& closer, const Host& other) {
        EXPECT_EQ(report["succeeded"], load_.count) << report.dump(1);
        EXPECT_EQ(report["failed"], 0);
        EXPECT_EQ(closer.in_state(tcp::State::TimeWait), load_.count);
        EXPECT_EQ(other.in_state(tcp::State::TimeWait), 0U);
        for (const Host* host : {&a_, &b_}) {
            EXPECT_EQ(host->count(base::Counter::StaleHandle), 0U);
            EXPECT_EQ(host->count(base::Counter::OutRsts), 0U);
        }
        EXPECT_EQ(a_.stack().live_connections(), 0U);
        EXPECT_EQ(b_.stack().live_connections(), 0U);
        EXPECT_TRUE(a_.stack().quiescent());
        EXPECT_TRUE(b_.stack().quiescent());
    }

    Host a_{config_at(kClient, kPeerMac)};
    Host b_{config_at(kServer, kHostMac)};
    Link link_{a_, b_, seed_or(80)};
    LoadOptions load_;
    HttpOptions http_;
    std::unique_ptr<Application> client_;
    std::unique_ptr<Application> server_;
};

TEST_F(OverStack, http_with_the_client_closing_first_leaves_time_wait_at_the_client) {
    serve(service::make_http(http_));
    expect_all_right(run(), a_, b_);
}

TEST_F(OverStack, http_with_the_server_closing_first_leaves_time_wait_at_the_server) {
    serve(service::make_http(http_));
    load_.first_closer = LoadOptions::FirstCloser::server;
    expect_all_right(run(), b_, a_);
}

TEST_F(OverStack, keep_alive_pipes_many_exchanges_through_one_connection) {
    serve(service::make_http(http_));
    load_.requests_per_connection = 50;
    load_.count = 3;
    const nlohmann::json report = run();
    expect_all_right(report, a_, b_);
    EXPECT_EQ(report["exchanges"], 150);
}

TEST_F(OverStack, a_large_body_arrives_whole) {
    serve(service::make_http(http_));
    load_.path = "/bytes/3000000";
    load_.count = 2;
    load_.concurrency = 2;
    expect_all_right(run(), a_, b_);
}

TEST_F(OverStack, a_large_body_is_echoed_whole_both_ways_at_once) {
    serve(service::make_http(http_));
    load_.path = "/echo";
    load_.post = true;
    load_.payload_bytes = 3'000'000;
    load_.count = 1;
    load_.concurrency = 1;
    expect_all_right(run(), a_, b_);
}

TEST_F(OverStack, the_echo_service_finishes_before_it_closes) {
    serve(service::make_echo({}));
    load_.target.port = 7;
    load_.mode = LoadOptions::Mode::echo;
    load_.payload_bytes = 20'000;
    expect_all_right(run(), a_, b_);
}

TEST_F(OverStack, answers_are_right_over_a_wire_that_loses_and_reorders) {
    link_.set_conditions({.loss = 0.03, .duplication = 0.02, .reordering = 0.05});
    serve(service::make_http(http_));
    load_.path = "/bytes/60000";
    load_.timeout = 100s;
    const nlohmann::json report = run(600s);
    EXPECT_EQ(report["succeeded"], load_.count) << report.dump(1);
    EXPECT_EQ(b_.count(base::Counter::StaleHandle), 0U);
}

TEST_F(OverStack, delays_come_by_the_stacks_own_timers) {
    serve(service::make_http(http_));
    load_.path = "/delay/70";
    load_.count = 8;
    const nlohmann::json report = run();
    EXPECT_EQ(report["succeeded"], 8) << report.dump(1);
    EXPECT_GE(report["latency_us"]["exchange"]["min"], 70'000);
    EXPECT_LE(report["latency_us"]["exchange"]["max"], 80'000);
}

TEST_F(OverStack, a_port_without_a_listener_is_refused) {
    load_.count = 3;
    const nlohmann::json report = run();
    EXPECT_EQ(report["errors"]["refused"], 3) << report.dump(1);
}

}  // namespace
}  // namespace lastack::test

// The API without HTTP around it: questions in, JSON out.
#include "control/server/api.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/control/fake_inspector.hpp"

namespace lastack::control {
namespace {

using Json = nlohmann::ordered_json;
using tcp::State;

class ApiTest : public testing::Test {
  protected:
    Response ask(const std::string& path, std::map<std::string, std::string> query = {},
                 const std::string& method = "GET") {
        Api api(inspector, about);
        return api.answer({.method = method, .path = path, .query = std::move(query)});
    }
    Json json(const std::string& path, std::map<std::string, std::string> query = {}) {
        const Response response = ask(path, std::move(query));
        EXPECT_EQ(response.status, 200) << response.body;
        EXPECT_EQ(response.content_type, "application/json");
        Json body = Json::parse(response.body);
        EXPECT_EQ(body.at("schema"), 1);
        return body;
    }
    void expect_problem(const Response& response, int status, const std::string& detail) {
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(response.content_type, "application/problem+json");
        const Json body = Json::parse(response.body);
        EXPECT_EQ(body.at("status"), status);
        EXPECT_EQ(body.at("detail"), detail);
        EXPECT_FALSE(body.at("title").get<std::string>().empty());
    }

    FakeInspector inspector;
    AboutDaemon about{.version = "1.2.3",
                      .config_file = "t.toml",
                      .config_text = "[tcp]\n",
                      .services = {"http 0.0.0.0:80"},
                      .tcp = {},
                      .trace_events = 1'000,
                      .pid = 42};
};

TEST_F(ApiTest, StatusTellsWhoRunsWhatAndHow) {
    inspector.rows = {listener_row(80), connection_row(80, 1, State::TimeWait)};
    inspector.worker_status = {
        .worker = 0, .lcore = 3, .running = true, .busy_cycles = 1, .idle_cycles = 3};
    worker::PortStatus& port = inspector.port_statuses.emplace_back();
    port.device = "net_tap0";
    port.rx_packets = 7;
    const Json body = json("/v1/status");
    EXPECT_EQ(body.at("version"), "1.2.3");
    EXPECT_EQ(body.at("pid"), 42);
    EXPECT_EQ(body.at("services"), Json::array({"http 0.0.0.0:80"}));
    EXPECT_EQ(body.at("states").at("LISTEN"), 1);
    EXPECT_EQ(body.at("states").at("TIME-WAIT"), 1);
    EXPECT_EQ(body.at("states").size(), 11U);
    EXPECT_EQ(body.at("workers").at(0).at("lcore"), 3);
    EXPECT_EQ(body.at("workers").at(0).at("busy_ratio"), 0.25);
    EXPECT_EQ(body.at("ports").at(0).at("rx_packets"), 7);
    EXPECT_EQ(body.at("notices"), Json::array({"ordinary pages are in use"}));
    EXPECT_EQ(body.at("drain").at("draining"), false);
}

TEST_F(ApiTest, ConnectionsAreRowsWithQueuesAndTimers) {
    stack::ConnectionRow row = connection_row(80, 41'234, State::TimeWait);
    row.timer = stack::TimerName::TimeWait;
    row.timer_remaining_ms = 55'000;
    inspector.rows = {row};
    const Json body = json("/v1/connections");
    EXPECT_EQ(body.at("next"), nullptr);
    EXPECT_EQ(body.at("connections"),
              Json::parse(R"([{"local": {"address": "198.18.0.2", "port": 80},
                               "remote": {"address": "198.18.0.1", "port": 41234},
                               "state": "TIME-WAIT", "orphan": false, "recv_q": 0, "send_q": 0,
                               "timer": "timewait", "timer_ms": 55000, "retransmits": 0,
                               "worker": 0}])"));
}

TEST_F(ApiTest, AListingGoesOnWhereItStoppedAndMissesNothing) {
    for (std::uint16_t port = 1; port <= 1'000; ++port) {
        inspector.rows.push_back(connection_row(80, port, State::Established));
    }
    inspector.worker_count = 2;  // the same rows again
    std::vector<int> seen(1'001);
    std::string cursor;
    int pages = 0;
    do {
        std::map<std::string, std::string> query{{"limit", "300"}};
        if (!cursor.empty()) query["cursor"] = cursor;
        const Json body = json("/v1/connections", query);
        for (const Json& row : body.at("connections")) {
            ++seen[row.at("remote").at("port").get<std::size_t>()];
        }
        cursor = body.at("next").is_null() ? "" : body.at("next").get<std::string>();
        ++pages;
    } while (!cursor.empty() && pages < 100);
    EXPECT_EQ(seen[0], 0);
    EXPECT_EQ(std::count(seen.begin() + 1, seen.end(), 2), 1'000);
    EXPECT_GT(pages, 2);
}

TEST_F(ApiTest, AFilterThatMatchesNothingStillEndsAnAnswerInBoundedTime) {
    inspector.rows.assign(1'000, connection_row(80, 1, State::Established));
    inspector.rows_per_page = 1;
    const Json body = json("/v1/connections", {{"dport", "9"}});
    EXPECT_TRUE(body.at("connections").empty());
    EXPECT_EQ(body.at("next"), "0.0.64.1000.0");
}

TEST_F(ApiTest, AListingSaysHowManyRecordsHaveChangedUnderIt) {
    inspector.rows.assign(10, connection_row(80, 1, State::Established));
    inspector.rows_per_page = 1;
    inspector.worker_count = 2;
    inspector.changes_per_page = 3;  // at the first page of a worker none has, at the tenth 27
    const Json whole = json("/v1/connections");
    EXPECT_EQ(whole.at("changed"), 54);
    EXPECT_TRUE(whole.at("next").is_null());

    const Json half = json("/v1/connections", {{"limit", "15"}});
    EXPECT_EQ(half.at("changed"), 27 + 12);
    const Json rest = json("/v1/connections", {{"cursor", half.at("next").get<std::string>()}});
    EXPECT_EQ(rest.at("changed"), 54);
    EXPECT_TRUE(rest.at("next").is_null());
}

TEST_F(ApiTest, ListingsAreFilteredByStateAndEndpoints) {
    inspector.rows = {listener_row(80), connection_row(80, 1, State::TimeWait),
                      connection_row(80, 2, State::Established),
                      connection_row(7, 3, State::TimeWait)};
    const auto ports = [this](std::map<std::string, std::string> query) {
        std::vector<int> out;
        const Json body = json("/v1/connections", std::move(query));
        for (const Json& row : body.at("connections")) {
            out.push_back(row.at("remote").at("port").get<int>());
        }
        return out;
    };
    EXPECT_EQ(ports({{"state", "TIME-WAIT"}}), (std::vector{1, 3}));
    EXPECT_EQ(ports({{"state", "TIME-WAIT,ESTABLISHED"}}), (std::vector{1, 2, 3}));
    EXPECT_EQ(ports({{"sport", "7"}}), (std::vector{3}));
    EXPECT_EQ(ports({{"dport", "2"}}), (std::vector{2}));
    EXPECT_EQ(ports({{"dst", "198.18.0.0/24"}}), (std::vector{1, 2, 3}));
    EXPECT_EQ(ports({{"src", "198.18.0.2"}, {"state", "LISTEN"}}), std::vector<int>{});
}

TEST_F(ApiTest, CountersAreSummedOverWorkersAndCarryTheMib) {
    inspector.worker_count = 3;
    inspector.counter_values[static_cast<std::size_t>(base::Counter::ActiveOpens)] = 5;
    inspector.rows = {connection_row(1, 1, State::Established),
                      connection_row(1, 2, State::CloseWait), listener_row(1)};
    const auto value = [](const Json& body, std::string_view name) {
        for (const Json& row : body.at("counters")) {
            if (row.at("name") == name) return row.at("value").get<int>();
        }
        return -1;
    };
    const Json all = json("/v1/counters");
    EXPECT_EQ(value(all, "ActiveOpens"), 15);
    EXPECT_EQ(value(all, "PassiveOpens"), 0);
    EXPECT_EQ(all.at("counters").size(), base::kCounterCount);
    EXPECT_EQ(all.at("mib").at("CurrEstab"), 6);
    EXPECT_EQ(all.at("mib").at("RtoMin"), 200);
    EXPECT_EQ(value(json("/v1/counters", {{"worker", "1"}}), "ActiveOpens"), 5);
    EXPECT_EQ(ask("/v1/counters", {{"worker", "3"}}).status, 400);
}

TEST_F(ApiTest, TheTraceComesInPagesWithTheTimeOfDay) {
    for (std::uint64_t number = 10; number < 15; ++number) {
        stack::TraceEvent event;
        event.number = number;
        event.at = time::Instant(std::chrono::seconds(101));
        event.local.port = number % 2 == 0 ? 80 : 7;
        event.kind = stack::TraceEvent::Kind::Sent;
        event.flags.bits = wire::TcpFlags::kSyn;
        event.seq = wire::Seq(0xffff'fff0);
        inspector.events.push_back(event);
    }
    const Json body = json("/v1/trace", {{"from", "11"}, {"sport", "80"}});
    ASSERT_EQ(body.at("events").size(), 2U);
    EXPECT_EQ(body.at("events").at(0).at("number"), 12);
    EXPECT_EQ(body.at("events").at(0).at("wall_ns"), 1'000'001'000'000'000);
    EXPECT_EQ(body.at("events").at(0).at("seq"), 0xffff'fff0);
    EXPECT_EQ(body.at("events").at(0).at("flags"), 2);
    EXPECT_EQ(body.at("next"), 15);
    EXPECT_EQ(body.at("until"), 11 + 1'000) << "the first number, and as many as the trace holds";
    EXPECT_EQ(body.at("end"), true);
}

TEST_F(ApiTest, PortsMemoryNeighboursAndServices) {
    inspector.port_statuses.emplace_back().xstats = {{"rx_q0_errors", 4}};
    inspector.memory_rows = {
        {.name = "connection", .record_bytes = 328, .capacity = 10, .in_use = 2}};
    inspector.neighbour_rows = {{.port = 0,
                                 .address = Address::ipv4(0xc6120001),
                                 .mac = {},
                                 .state = "incomplete",
                                 .age_ms = 5}};
    inspector.report_text = R"({"http": {"requests": 3}})";
    EXPECT_EQ(json("/v1/ports").at("ports").at(0).at("xstats").at("rx_q0_errors"), 4);
    const Json memory = json("/v1/memory").at("workers").at(0).at("pools").at(0);
    EXPECT_EQ(memory.at("in_use"), 2);
    const Json neighbour = json("/v1/neighbours").at("workers").at(0).at("neighbours").at(0);
    EXPECT_EQ(neighbour.at("address"), "198.18.0.1");
    EXPECT_EQ(neighbour.at("mac"), nullptr) << "unresolved";
    EXPECT_EQ(json("/v1/services").at("workers").at(0).at("report").at("http").at("requests"), 3);
    EXPECT_EQ(json("/v1/config").at("toml"), "[tcp]\n");
}

TEST_F(ApiTest, AReportThatIsNotJsonIsPassedOnAsText) {
    inspector.report_text = "not json \xff";
    const Json report = json("/v1/services").at("workers").at(0).at("report");
    EXPECT_EQ(report.get<std::string>().substr(0, 9), "not json ");
}

TEST_F(ApiTest, DrainBeginsWithTheConfiguredPatienceOrTheOneAskedFor) {
    EXPECT_EQ(ask("/v1/drain", {}, "POST").status, 200);
    EXPECT_EQ(ask("/v1/drain", {{"patience", "500ms"}}, "POST").status, 200);
    using std::chrono::milliseconds;
    EXPECT_EQ(inspector.drains_so_far(),
              (std::vector<milliseconds>{milliseconds(10'000), milliseconds(500)}));
    expect_problem(ask("/v1/drain", {{"patience", "5"}}, "POST"), 400,
                   "patience: expected a duration such as \"10s\", found \"5\"");
    EXPECT_EQ(inspector.drains_so_far().size(), 2U);
}

TEST_F(ApiTest, WhatIsNotThereIsAProblemThatSaysWhatIs) {
    const Response missing = ask("/v1/nothing");
    EXPECT_EQ(missing.status, 404);
    EXPECT_NE(missing.body.find("/v1/status /v1/connections"), std::string::npos);
    const Response wrong = ask("/v1/drain");
    expect_problem(wrong, 405, "GET /v1/drain: expected POST");
    EXPECT_EQ(wrong.allow, "POST");
}

TEST_F(ApiTest, ParametersThatMeanNothingAreRefused) {
    expect_problem(ask("/v1/status", {{"x", "1"}}), 400, "x: /v1/status takes none");
    expect_problem(ask("/v1/connections", {{"limit", "10001"}}), 400,
                   "limit: expected a number from 0 to 10000, found \"10001\"");
    expect_problem(ask("/v1/connections", {{"sport", "65536"}}), 400,
                   "sport: expected a number from 0 to 65535, found \"65536\"");
    expect_problem(ask("/v1/connections", {{"state", "TIMEWAIT"}}), 400,
                   "state: expected RFC 9293's names, such as TIME-WAIT, found \"TIMEWAIT\"");
    expect_problem(
        ask("/v1/connections", {{"src", "198.18"}}), 400,
        "src: expected an address, or a network such as 198.18.0.0/24, found \"198.18\"");
    expect_problem(ask("/v1/connections", {{"cursor", "1.2"}}), 400,
                   "cursor: expected the \"next\" of an earlier answer, found \"1.2\"");
}

TEST_F(ApiTest, AWorkerThatDoesNotAnswerIsNamed) {
    inspector.outcome = worker::Outcome::timed_out;
    expect_problem(ask("/v1/connections"), 503, "worker 0 is busy");
    expect_problem(ask("/v1/trace"), 503, "worker 0 is busy");
    expect_problem(ask("/v1/memory"), 503, "worker 0 is busy");
    inspector.outcome = worker::Outcome::no_such_worker;
    expect_problem(ask("/v1/trace", {{"worker", "9"}}), 404, "worker 0 is busy");
    EXPECT_EQ(ask("/v1/status").status, 200) << "what is read straight away is there still";
}

}  // namespace
}  // namespace lastack::control

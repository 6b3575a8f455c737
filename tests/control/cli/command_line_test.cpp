// lastackctl against the real server and API, with a fake inspector behind them.
#include "control/cli/command_line.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "control/server/api.hpp"
#include "control/server/http_server.hpp"
#include "tests/control/fake_inspector.hpp"
#include "tests/control/ladder/script.hpp"
#include "tests/control/temporary_directory.hpp"
#include "tests/support/golden.hpp"

namespace lastack::control::cli {
namespace {

using tcp::State;

class CommandLine : public testing::Test {
  protected:
    ExitCode ctl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", socket});
        out.str("");
        err.str("");
        return run(std::move(arguments), {.out = out, .err = err});
    }
    std::string output(std::vector<std::string> arguments) {
        EXPECT_EQ(ctl(std::move(arguments)), ExitCode::ok) << err.str();
        return out.str();
    }

    TemporaryDirectory directory;
    std::string socket = directory.file("control.sock");
    FakeInspector inspector;
    Api api{inspector,
            {.version = "1.2.3",
             .config_file = "t.toml",
             .config_text = "[tcp]\n",
             .services = {"http 0.0.0.0:80"},
             .tcp = {},
             .trace_events = 1'000,
             .pid = 42,
             .started = std::chrono::system_clock::now() - std::chrono::hours(25)}};
    HttpServer server{{.socket = socket, .on_thread_start = {}},
                      [this](const Request& request) { return api.answer(request); }};
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(CommandLine, SsShowsWhatLinuxsWouldByDefaultAndByFlags) {
    inspector.rows = {listener_row(80), connection_row(80, 1, State::TimeWait),
                      connection_row(80, 2, State::Established),
                      connection_row(80, 3, State::SynReceived)};
    const auto states = [this](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"ss", "-H"});
        std::istringstream lines(output(std::move(arguments)));
        std::string found;
        for (std::string line; std::getline(lines, line);) {
            found += line.substr(0, line.find(' ')) + " ";
        }
        return found;
    };
    EXPECT_EQ(states({}), "ESTAB ");
    EXPECT_EQ(states({"-tan"}), "LISTEN TIME-WAIT ESTAB SYN-RECV ");
    EXPECT_EQ(states({"-l"}), "LISTEN ");
    EXPECT_EQ(states({"state", "time-wait"}), "TIME-WAIT ");
    EXPECT_EQ(states({"-a", "dport = :2 or dport = :3"}), "ESTAB SYN-RECV ");
    EXPECT_EQ(states({"state", "bucket", "dst", "198.18.0.0/24"}), "TIME-WAIT SYN-RECV ");
    EXPECT_EQ(ctl({"ss", "state", "asleep"}), ExitCode::usage);
}

TEST_F(CommandLine, SsReadsAllPagesOfALongListing) {
    inspector.rows.assign(30'000, connection_row(80, 7, State::TimeWait));
    for (std::size_t i = 0; i < inspector.rows.size(); ++i) {
        inspector.rows[i].remote.port = static_cast<std::uint16_t>(i);
    }
    const std::string text = output({"ss", "-H", "state", "time-wait"});
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 30'000);
}

TEST_F(CommandLine, SsShowsAConnectionThatChangedBetweenPagesOnceAndAsItWasLast) {
    inspector.rows = {connection_row(80, 1, State::Established),
                      connection_row(80, 2, State::Established),
                      connection_row(80, 1, State::TimeWait)};
    inspector.rows_per_page = 2;
    const auto json = nlohmann::json::parse(output({"ss", "-a", "--json"}));
    ASSERT_EQ(json.at("connections").size(), 2U) << json;
    EXPECT_EQ(json.at("connections").at(0).at("state"), "TIME-WAIT");
    EXPECT_EQ(json.at("connections").at(0).at("remote").at("port"), 1);
    const std::string text = output({"ss", "-a", "-H"});
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
}

TEST_F(CommandLine, SsSaysHowManyRecordsChangedWhileItListed) {
    inspector.rows.assign(6, connection_row(80, 1, State::Established));
    inspector.rows_per_page = 2;
    EXPECT_EQ(nlohmann::json::parse(output({"ss", "--json"})).at("changed"), 0);
    output({"ss"});
    EXPECT_EQ(err.str(), "");
    inspector.changes_per_page = 5;
    EXPECT_EQ(nlohmann::json::parse(output({"ss", "--json"})).at("changed"), 10);
    output({"ss"});
    EXPECT_EQ(err.str(), "10 changes of state while these were listed\n");
}

TEST_F(CommandLine, LadderEndsThoughTheWorkerGoesOnRecording) {
    inspector.events.resize(300);
    for (std::size_t i = 0; i < inspector.events.size(); ++i) {
        inspector.events[i].number = i;
        inspector.events[i].local = {.address = Address::ipv4(0xc6120002), .port = 80};
        inspector.events[i].remote = {.address = Address::ipv4(0xc6120001), .port = 7};
    }
    inspector.new_events_per_question = 300;  // more than a page: no question finds the end
    EXPECT_EQ(ctl({"ladder", "sport = :81"}), ExitCode::refused);
    EXPECT_EQ(out.str(), "Nothing in the trace matches.\n");
    EXPECT_EQ(ctl({"ladder", "sport = :80"}), ExitCode::ok) << err.str();
}

TEST_F(CommandLine, NstatPrintsCountersByLinuxsNames) {
    inspector.counter_values[static_cast<std::size_t>(base::Counter::TimeWaitEntered)] = 9;
    EXPECT_EQ(output({"nstat", "*TimeWait*"}),
              "#lastack\nTcpExtTimeWaitEntered           9                 0.0\n");
    const auto json = nlohmann::json::parse(output({"nstat", "-j", "-z"}));
    EXPECT_EQ(json.at("lastack").at("TcpExtTimeWaitEntered"), 9);
    EXPECT_EQ(json.at("lastack").at("TcpRtoMin"), 200);
    EXPECT_EQ(json.at("lastack").at("TcpActiveOpens"), 0);
}

TEST_F(CommandLine, LadderDrawsTheLastWholeConnection) {
    ladder::Script script = ladder::passive_open();
    script.after_us(10)
        .received(ladder::kFin | ladder::kAck, {.seq = 1, .ack = 1}, State::CloseWait)
        .changed(tcp::Cause::Close, State::LastAck)
        .sent(ladder::kFin | ladder::kAck, {.seq = 1, .ack = 2})
        .after_us(10)
        .received(ladder::kAck, {.seq = 2, .ack = 2}, State::Closed);
    for (const ladder::Event& from : script.events()) {
        stack::TraceEvent event;
        event.number = inspector.events.size();
        event.at = time::Instant(from.at);
        event.local = from.local;
        event.remote = from.remote;
        event.kind = static_cast<stack::TraceEvent::Kind>(from.kind);
        event.before = from.before;
        event.after = from.after;
        event.cause = from.cause;
        event.flags = from.flags;
        event.seq = from.seq;
        event.ack = from.ack;
        inspector.events.push_back(event);
    }
    test::expect_golden("ctl_ladder.txt", output({"ladder", "--live", "sport = :80"}));
    const auto json = nlohmann::json::parse(output({"ladder", "--json"}));
    EXPECT_EQ(json.at("steps").at(0).at("inferred_peer_state"), "SYN-SENT");
    EXPECT_EQ(ctl({"ladder", "sport = :81"}), ExitCode::refused);
    EXPECT_EQ(out.str(), "Nothing in the trace matches.\n");
    EXPECT_EQ(ctl({"ladder", "--number", "2"}), ExitCode::refused);
}

TEST_F(CommandLine, StatusIsReadableAtAGlance) {
    inspector.rows = {listener_row(80)};
    inspector.worker_status = {.worker = 0,
                               .lcore = 1,
                               .running = true,
                               .turns = 123'456,
                               .busy_cycles = 1,
                               .idle_cycles = 3};
    worker::PortStatus& port = inspector.port_statuses.emplace_back();
    port.device = "net_tap0,iface=la0";
    port.driver = "net_tap";
    port.link_up = true;
    port.rx_packets = 22;
    port.tx_packets = 11;
    std::string text = output({"status"});
    const std::size_t uptime = text.find("up 1d 01:00:0");  // the second depends on the machine
    ASSERT_NE(uptime, std::string::npos) << text;
    text.replace(uptime, 14, "up SOME TIME");
    test::expect_golden("ctl_status.txt", text);
    EXPECT_EQ(nlohmann::json::parse(output({"status", "--json"})).at("pid"), 42);
}

TEST_F(CommandLine, ShowPrintsTablesOfMemoryAndNeighbours) {
    inspector.memory_rows = {
        {.name = "connection", .record_bytes = 328, .capacity = 65'536, .in_use = 2},
        {.name = "mbufs rx", .record_bytes = 2'368, .capacity = 8, .in_use = 0}};
    inspector.neighbour_rows = {{.port = 0,
                                 .address = Address::ipv4(0xc6120001),
                                 .mac = {{2, 0, 0, 0, 0, 1}},
                                 .state = "reachable",
                                 .age_ms = 29}};
    EXPECT_EQ(output({"show", "memory"}),
              "worker  name        record_bytes  capacity  in_use\n"
              "     0  connection           328     65536       2\n"
              "     0  mbufs rx            2368         8       0\n");
    EXPECT_EQ(output({"show", "neigh"}),
              "worker  port  address     mac                state      age_ms\n"
              "     0     0  198.18.0.1  02:00:00:00:00:01  reachable      29\n");
    EXPECT_EQ(output({"show", "config"}), "[tcp]\n");
}

TEST_F(CommandLine, DrainAsksTheDaemon) {
    inspector.progress.live_connections = 3;
    EXPECT_EQ(output({"drain", "--patience", "2s"}), "draining: 3 connections are open\n");
    EXPECT_EQ(inspector.drains_so_far(),
              std::vector<worker::Patience>{std::chrono::milliseconds(2'000)});
    EXPECT_EQ(ctl({"drain", "--patience", "soon"}), ExitCode::refused);
    EXPECT_EQ(err.str(),
              "lastackctl: A parameter means nothing: patience: expected a duration "
              "such as \"10s\", found \"soon\"\n");
}

TEST_F(CommandLine, AnErrorOfTheDaemonIsShown) {
    inspector.outcome = worker::Outcome::timed_out;
    EXPECT_EQ(ctl({"ss"}), ExitCode::refused);
    EXPECT_EQ(err.str(), "lastackctl: The worker is too busy: worker 0 is busy\n");
}

TEST_F(CommandLine, ExplainNeedsNoDaemon) {
    socket = directory.file("none.sock");
    EXPECT_EQ(output({"explain", "FinRetrans"}), "TcpExtFinRetrans: FINs sent again.\n");
    EXPECT_EQ(ctl({"explain", "FinRetran"}), ExitCode::refused);
    EXPECT_EQ(err.str(), "lastackctl: there is no counter FinRetran; similar: TcpExtFinRetrans\n");
}

TEST_F(CommandLine, WithoutADaemonTheExitCodeIs3AndWithoutSenseIs2) {
    EXPECT_EQ(ctl({}), ExitCode::usage);
    EXPECT_EQ(ctl({"frobnicate"}), ExitCode::usage);
    EXPECT_EQ(ctl({"--help"}), ExitCode::ok);
    EXPECT_NE(out.str().find("ladder"), std::string::npos);
    socket = directory.file("none.sock");
    EXPECT_EQ(ctl({"status"}), ExitCode::no_daemon);
}

}  // namespace
}  // namespace lastack::control::cli

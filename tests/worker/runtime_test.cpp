#include "lastack/runtime.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/port/device_faults.hpp"
#include "tests/port/ring_port.hpp"
#include "tests/worker/raw_peer.hpp"
#include "tests/worker/test_echo.hpp"
#include "worker/runtime_impl.hpp"

namespace lastack::worker {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kSyn = wire::TcpFlags::kSyn;
constexpr std::uint8_t kAck = wire::TcpFlags::kAck;
constexpr std::uint8_t kFin = wire::TcpFlags::kFin;
constexpr std::uint8_t kRst = wire::TcpFlags::kRst;
constexpr std::uint16_t kPeerPort = 40'000;

Options options_for(const std::string& device) {
    Options options;
    options.ports.push_back({.device = device,
                             .addresses = {{.address = Address::ipv4(kOurAddress.value)}},
                             .mac = "02:00:00:00:00:01"});
    options.limits = {.max_connections = 64,
                      .max_time_wait = 64,
                      .max_half_open = 64,
                      .max_listeners = 4,
                      .max_timers = 16,
                      .mbufs = 4'096,
                      .trace_events = 1'024};
    return options;
}

ApplicationFactory echo() {
    return [](unsigned) { return std::make_unique<TestEcho>(); };
}

/// A Runtime whose cable ends in the test, running on a thread of its own.
class RunningEcho {
  public:
    RunningEcho()
        : frames_(port::small_pools(), 9, 0), runtime_(options_for(ring_.device()), echo()) {
        thread_ = std::thread([this] { result_ = runtime_.run(); });
        say(arp_reply_frame());
    }
    ~RunningEcho() { finish(); }

    Runtime::Impl& inside() { return runtime_.impl(); }
    Runtime& runtime() { return runtime_; }

    void say(const std::string& frame) {
        ring_.arrive(port::mbuf_with(frames_[port::PoolName::Rx], frame));
    }
    void say(const Said& said, std::uint16_t our_port = TestEcho::kPort) {
        say(frame_of(said, kPeerPort, our_port));
    }

    /// The next segment, ARP and the like left out; one without meaning where none comes.
    Said hear() {
        for (int i = 0; i < 5'000; ++i) {
            collect();
            if (!heard_.empty()) {
                const Said said = heard_.front();
                heard_.erase(heard_.begin());
                return said;
            }
            std::this_thread::sleep_for(milliseconds(1));
        }
        ADD_FAILURE() << "nothing was said";
        return {};
    }

    /// Whether everything came back, when what the peer heard is given back too.
    bool conserved() {
        collect();
        const auto count = inside().conservation();
        return count && count->holds() && count->mbufs_missing == 0;
    }

    /// Ends the run where it has not ended, and returns what run() returned.
    int finish(milliseconds patience = milliseconds(0)) {
        if (thread_.joinable()) {
            runtime_.stop(patience);
            thread_.join();
        }
        return result_;
    }
    void wait_until_it_ends() { thread_.join(); }

    /// Opens a connection from kPeerPort and returns the first number of ours behind the SYN.
    std::uint32_t open() {
        say(Said{.flags = kSyn, .seq = 1000});
        const Said answer = hear();
        EXPECT_EQ(answer.flags, kSyn | kAck);
        EXPECT_EQ(answer.ack, 1001U);
        say(Said{.flags = kAck, .seq = 1001, .ack = answer.seq + 1});
        return answer.seq + 1;
    }

  private:
    void collect() {
        for (rte_mbuf* const mbuf : ring_.sent()) {
            if (const auto said = segment_in(port::text_of(mbuf))) heard_.push_back(*said);
            rte_pktmbuf_free(mbuf);
        }
    }

    port::Pools frames_;  // the peer's own mbufs; it must outlive what waits in the ring
    port::RingPort ring_;
    std::vector<Said> heard_;
    Runtime runtime_;
    std::thread thread_;
    int result_ = -1;
};

class RuntimeTest : public testing::Test {
  protected:
    RuntimeTest() { port::eal_of_tests(); }
};

TEST_F(RuntimeTest, J_36_AWholeConnectionOverARingLeavesNothingBehind) {
    RunningEcho echo;
    const std::uint32_t first = echo.open();
    echo.say(Said{.flags = kAck, .seq = 1001, .ack = first, .text = "hello"});
    const Said answer = echo.hear();
    EXPECT_EQ(answer.text, "hello");
    EXPECT_EQ(answer.ack, 1006U);
    echo.say(Said{.flags = kFin | kAck, .seq = 1006, .ack = first + 5});
    const Said fin = echo.hear();
    EXPECT_EQ(fin.flags & (kFin | kAck), kFin | kAck);
    EXPECT_EQ(fin.ack, 1007U);
    echo.say(Said{.flags = kAck, .seq = 1007, .ack = first + 6});

    EXPECT_EQ(echo.finish(milliseconds(5'000)), 0);
    EXPECT_TRUE(echo.conserved());
}

TEST_F(RuntimeTest, J_36_ConnectionsCutShortByTheEndAreResetAndLeaveNothingBehind) {
    RunningEcho echo;
    const std::uint32_t first = echo.open();
    echo.say(Said{.flags = kAck, .seq = 1001, .ack = first, .text = "unanswered"});
    EXPECT_EQ(echo.hear().text, "unanswered");
    EXPECT_EQ(echo.finish(milliseconds(20)), 0);
    EXPECT_TRUE(echo.conserved());
    Said last = echo.hear();
    while ((last.flags & kRst) == 0) last = echo.hear();
    EXPECT_EQ(last.seq, first + 10);
}

TEST_F(RuntimeTest, D_27_DrainingLetsAnOpenConnectionFinishAndTakesNoNewOne) {
    RunningEcho echo;
    const std::uint32_t first = echo.open();
    echo.say(Said{.flags = kAck, .seq = 1001, .ack = first, .text = "a"});
    EXPECT_EQ(echo.hear().text, "a");
    echo.runtime().stop(milliseconds(10'000));
    while (!echo.inside().drain_progress().draining ||
           echo.inside().report(0, kPatience).value.find("true") == std::string::npos) {
        std::this_thread::yield();
    }
    echo.say(frame_of({.flags = kSyn, .seq = 5000}, 41'000, TestEcho::kPort));
    EXPECT_EQ(echo.hear().flags, kRst | kAck) << "nobody listens any more";
    EXPECT_EQ(echo.inside().drain_progress().live_connections, 1U);
    EXPECT_GT(echo.inside().drain_progress().patience_left, milliseconds(1'000));

    echo.say(Said{.flags = kFin | kAck, .seq = 1002, .ack = first + 1});
    EXPECT_EQ(echo.hear().flags & kFin, kFin);
    echo.say(Said{.flags = kAck, .seq = 1003, .ack = first + 2});
    echo.wait_until_it_ends();
    EXPECT_TRUE(echo.conserved());
}

TEST_F(RuntimeTest, ControlIsAnsweredWhileTheWorkerRuns) {
    RunningEcho echo;
    echo.open();
    echo.say(Said{.flags = kSyn, .seq = 1}, 9);
    EXPECT_EQ(echo.hear().flags, kRst | kAck);
    Inspector& control = echo.inside();

    bool listed = false;
    stack::ListCursor cursor;
    for (int pages = 0; !cursor.done; ++pages) {
        ASSERT_LT(pages, 1'000);
        const auto page = control.list(0, cursor, {}, kPatience);
        ASSERT_TRUE(page) << page.complaint;
        for (const stack::ConnectionRow& row : page.value.rows) {
            listed =
                listed || (row.state == tcp::State::Established && row.remote.port == kPeerPort);
        }
        cursor = page.value.next;
    }
    EXPECT_TRUE(listed);

    const auto trace = control.trace(0, 0, kPatience);
    ASSERT_TRUE(trace) << trace.complaint;
    EXPECT_GE(trace.value.events.size(), 3U);
    EXPECT_GT(trace.value.next_number, trace.value.events.back().number);
    const auto rest = control.trace(0, trace.value.next_number, kPatience);
    EXPECT_TRUE(rest && rest.value.events.empty());

    const auto neighbours = control.neighbours(0, kPatience);
    ASSERT_TRUE(neighbours);
    ASSERT_EQ(neighbours.value.size(), 1U);
    EXPECT_EQ(neighbours.value[0].mac, kPeerMac);

    EXPECT_EQ(control.report(0, kPatience).value, "{\"opened\":1,\"draining\":false}");
    EXPECT_EQ(control.gauges(0).count[static_cast<std::size_t>(tcp::State::Established)], 1U);
    EXPECT_EQ(control.counters(0)[static_cast<std::size_t>(base::Counter::PassiveOpens)], 1U);
    EXPECT_TRUE(control.status(0).running);
    EXPECT_GT(control.status(0).turns, 0U);
}

TEST_F(RuntimeTest, PortsAndMemoryAreReported) {
    RunningEcho echo;
    echo.open();
    const std::vector<PortStatus> ports = echo.inside().ports();
    ASSERT_EQ(ports.size(), 1U);
    EXPECT_EQ(ports[0].driver, "net_ring");
    EXPECT_EQ(ports[0].mac, kOurMac);
    EXPECT_TRUE(ports[0].link_up);
    EXPECT_GE(ports[0].rx_packets, 2U);
    const auto memory = echo.inside().memory(0, kPatience);
    ASSERT_TRUE(memory) << memory.complaint;
    bool mbufs = false;
    for (const MemoryRow& row : memory.value) {
        if (row.name != "mbufs rx") continue;
        mbufs = true;
        EXPECT_EQ(row.capacity, 4'096U);
    }
    EXPECT_TRUE(mbufs);
}

TEST_F(RuntimeTest, AWorkerThatDoesNotExistIsNamed) {
    RunningEcho echo;
    const auto answer = echo.inside().report(7, kPatience);
    EXPECT_EQ(answer.outcome, Outcome::no_such_worker);
    EXPECT_EQ(answer.complaint, "there is no worker 7");
    EXPECT_EQ(echo.inside().counters(7), CounterValues{});
}

TEST_F(RuntimeTest, AfterTheRunQuestionsAreRefusedAndNumbersRemain) {
    RunningEcho echo;
    echo.open();
    echo.finish();
    EXPECT_EQ(echo.inside().report(0, kPatience).outcome, Outcome::stopped);
    EXPECT_FALSE(echo.inside().status(0).running);
    EXPECT_TRUE(echo.inside().ports().empty());
    EXPECT_EQ(echo.inside().counters(0)[static_cast<std::size_t>(base::Counter::PassiveOpens)], 1U);
    EXPECT_THROW(echo.runtime().run(), StartError);
}

TEST_F(RuntimeTest, ADevicesEventsReachTheStack) {
    RunningEcho echo;
    echo.open();
    EXPECT_EQ(echo.inside().ports()[0].resets, 0U);
    echo.inside().device_event(0, port::PortEvent::ResetNeeded);
    for (int i = 0; i < 5'000 && echo.inside().ports()[0].resets == 0; ++i) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_EQ(echo.inside().ports()[0].resets, 1U);
    echo.say(Said{.flags = kSyn, .seq = 1}, 9);
    EXPECT_EQ(echo.hear().flags, kRst | kAck) << "frames come and go after a reset";

    echo.inside().device_event(0, port::PortEvent::Removed);
    EXPECT_FALSE(echo.inside().ports()[0].link_up);
    EXPECT_EQ(echo.finish(), 0) << "a device pulled out does not keep the run from ending";
    EXPECT_TRUE(echo.conserved());
}

TEST_F(RuntimeTest, AResetThatFailsIsTriedAgainUntilItSucceeds) {
    RunningEcho echo;
    echo.open();
    port::device_faults().starts_that_fail = 2;
    const auto began = std::chrono::steady_clock::now();
    echo.inside().device_event(0, port::PortEvent::ResetNeeded);
    for (int i = 0; i < 5'000 && echo.inside().ports()[0].resets == 0; ++i) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_EQ(echo.inside().ports()[0].resets, 1U);
    EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(1'000)) << "two pauses of 500";
    EXPECT_TRUE(echo.inside().ports()[0].link_up);
    echo.say(arp_reply_frame());  // neighbours were forgotten with the link
    echo.say(Said{.flags = kSyn, .seq = 1}, 9);
    EXPECT_EQ(echo.hear().flags, kRst | kAck) << "frames come and go again";
    EXPECT_EQ(echo.finish(), 0);
    EXPECT_TRUE(echo.conserved());
}

TEST_F(RuntimeTest, ADeviceThatIsGoneIsNotResetAnyMore) {
    RunningEcho echo;
    echo.open();
    port::device_faults().starts_that_fail = 1'000'000;
    const int before = port::device_faults().starts;
    echo.inside().device_event(0, port::PortEvent::ResetNeeded);
    for (int i = 0; i < 5'000 && port::device_faults().starts < before + 2; ++i) {
        std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_EQ(port::device_faults().starts, before + 2) << "the reset and one more try";
    EXPECT_FALSE(echo.inside().ports()[0].link_up);
    echo.inside().device_event(0, port::PortEvent::Removed);
    std::this_thread::sleep_for(milliseconds(700));
    EXPECT_EQ(port::device_faults().starts, before + 2);
    port::device_faults().starts_that_fail = 0;
    EXPECT_EQ(echo.finish(), 0);
    EXPECT_TRUE(echo.conserved());
}

/// An application that refuses to start, throws, or has nothing to do.
class Odd final : public Application {
  public:
    enum class Way { RefusesToStart, Throws, HasNothingToDo };
    explicit Odd(Way way) : way_(way) {}
    bool start(Core&, const std::function<void(std::string_view)>& complain) override {
        if (way_ == Way::Throws) throw std::runtime_error("thrown at start");
        if (way_ == Way::RefusesToStart) complain("refused to start");
        return way_ != Way::RefusesToStart;
    }
    bool finished() const override { return true; }

  private:
    Way way_;
};

int run_with(Odd::Way way) {
    port::RingPort ring;
    Runtime runtime(options_for(ring.device()),
                    [way](unsigned) { return std::make_unique<Odd>(way); });
    const int result = runtime.run();
    for (rte_mbuf* const mbuf : ring.sent()) rte_pktmbuf_free(mbuf);
    EXPECT_TRUE(runtime.impl().conservation()->holds());
    EXPECT_EQ(runtime.impl().conservation()->mbufs_missing, 0U);
    return result;
}

TEST_F(RuntimeTest, AFinishedApplicationEndsTheRun) {
    EXPECT_EQ(run_with(Odd::Way::HasNothingToDo), 0);
}

TEST_F(RuntimeTest, AnApplicationThatRefusesToStartEndsItWithAnError) {
    EXPECT_EQ(run_with(Odd::Way::RefusesToStart), 1);
}

TEST_F(RuntimeTest, AnApplicationThatThrowsEndsItWithAnError) {
    EXPECT_EQ(run_with(Odd::Way::Throws), 1);
}

std::string start_error(const Options& options) {
    try {
        const Runtime runtime(options, echo());
    } catch (const StartError& error) {
        return error.what();
    }
    return "";
}

TEST_F(RuntimeTest, APortThatCannotBeOpenedIsAStartError) {
    EXPECT_NE(start_error(options_for("net_nonesuch0")).find("port net_nonesuch0"),
              std::string::npos);
    // Nothing is left of it: the next one starts.
    const port::RingPort ring;
    EXPECT_EQ(start_error(options_for(ring.device())), "");
}

TEST_F(RuntimeTest, MbufsThatDoNotFitAreAStartErrorWithTheirSum) {
    const port::RingPort ring;
    Options options = options_for(ring.device());
    options.limits.mbufs = 1'000'000;
    EXPECT_NE(start_error(options).find("limits.mbufs: the mbufs need"), std::string::npos);
}

TEST_F(RuntimeTest, RecordsThatDoNotFitAreAStartErrorWithTheirSum) {
    const port::RingPort ring;
    Options options = options_for(ring.device());
    options.limits.max_connections = 200'000'000;
    const std::string error = start_error(options);
    for (const char* part : {"limits.max_connections = 200000000: ", "limits.max_time_wait = ",
                             "in all ", "lower limits.max_connections or limits.max_time_wait"}) {
        EXPECT_NE(error.find(part), std::string::npos) << error;
    }
    const port::RingPort another;
    EXPECT_EQ(start_error(options_for(another.device())), "") << "nothing is left of the attempt";
}

TEST_F(RuntimeTest, ACpuThatWeMayNotUseIsAStartError) {
    const port::RingPort ring;
    Options options = options_for(ring.device());
    options.worker.core = 1'000;
    EXPECT_NE(start_error(options).find("worker.core"), std::string::npos);
}

}  // namespace
}  // namespace lastack::worker

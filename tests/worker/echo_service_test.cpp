// docs/examples/echo_service.cpp, the very text, compiled and run: over a ring port, against a peer
// made by hand, and ended by SIGTERM as an operator would.

// Its main() is ours to call here. (Before everything else, so that it sees its own includes only.)
#define main echo_service_main
#include "docs/examples/echo_service.cpp"
#undef main

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "tests/port/ring_port.hpp"
#include "tests/worker/raw_peer.hpp"

namespace lastack::worker {
namespace {

constexpr std::uint8_t kSyn = wire::TcpFlags::kSyn;
constexpr std::uint8_t kAck = wire::TcpFlags::kAck;
constexpr std::uint8_t kFin = wire::TcpFlags::kFin;
constexpr std::uint16_t kPeerPort = 40'000;
constexpr std::uint16_t kEchoPort = 7;

/// The example has lastack's default limits, which need more memory than other tests.
port::Eal& eal_of_the_example() {
    static port::Eal eal([] {
        port::EalConfig config = port::eal_config_of_tests();
        config.memory_mib = 512;
        return config;
    }());
    return eal;
}

/// The program on a thread of its own, its cable's other end here.
class RunningExample {
  public:
    RunningExample() : frames_(port::small_pools(), 9, 0) {
        thread_ = std::thread([this, device = ring_.device()]() mutable {
            std::string program = "echo_service";
            std::array<char*, 3> arguments{program.data(), device.data(), nullptr};
            result_ = echo_service_main(2, arguments.data());
        });
    }
    ~RunningExample() { finish(); }

    int finish() {
        if (thread_.joinable()) {
            std::raise(SIGTERM);
            thread_.join();
        }
        return result_;
    }

    void say(std::string frame) {
        frame.replace(0, mac_.size(), mac_);
        ring_.arrive(port::mbuf_with(frames_[port::PoolName::Rx], frame));
    }
    void say(const Said& said) { say(frame_of(said, kPeerPort, kEchoPort)); }

    /// The next segment.
    Said hear() {
        while (const auto frame = next_frame()) {
            if (const auto said = segment_in(*frame)) return *said;
        }
        ADD_FAILURE() << "nothing was said";
        return {};
    }

    /// The example leaves its MAC to the port; its announcement tells it.
    void get_acquainted() {
        const auto announcement = next_frame();
        ASSERT_TRUE(announcement.has_value());
        mac_ = announcement->substr(6, 6);
        say(arp_reply_frame());
    }

  private:
    std::optional<std::string> next_frame() {
        for (int i = 0; i < 10'000 && heard_.empty(); ++i) {
            for (rte_mbuf* const mbuf : ring_.sent()) {
                heard_.push_back(port::text_of(mbuf));
                rte_pktmbuf_free(mbuf);
            }
            if (heard_.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        if (heard_.empty()) return std::nullopt;
        std::string frame = heard_.front();
        heard_.erase(heard_.begin());
        return frame;
    }

    port::Eal& eal_ = eal_of_the_example();
    port::Pools frames_;
    port::RingPort ring_;
    std::string mac_;
    std::vector<std::string> heard_;
    std::thread thread_;
    int result_ = -1;
};

TEST(EchoService, TheExampleSaysBackWhatItHearsClosesWhenThePeerHasAndEndsOnSigterm) {
    RunningExample example;
    example.get_acquainted();
    example.say(Said{.flags = kSyn, .seq = 1'000});
    const Said open = example.hear();
    ASSERT_EQ(open.flags, kSyn | kAck);
    EXPECT_EQ(open.ack, 1'001U);
    const std::uint32_t first = open.seq + 1;

    example.say(Said{.flags = kAck, .seq = 1'001, .ack = first, .text = "forty lines"});
    const Said echo = example.hear();
    EXPECT_EQ(echo.text, "forty lines");
    EXPECT_EQ(echo.seq, first);
    EXPECT_EQ(echo.ack, 1'012U);

    example.say(Said{.flags = kFin | kAck, .seq = 1'012, .ack = first + 11});
    const Said fin = example.hear();
    EXPECT_EQ(fin.flags & (kFin | kAck), kFin | kAck);
    EXPECT_EQ(fin.ack, 1'013U);
    example.say(Said{.flags = kAck, .seq = 1'013, .ack = first + 12});

    EXPECT_EQ(example.finish(), 0);
}

TEST(EchoService, APortThatDoesNotExistIsOneMessageWithARemedyAndExitCode1) {
    static_cast<void>(eal_of_the_example());
    testing::internal::CaptureStderr();
    std::string program = "echo_service";
    std::string device = "0000:99:00.0";
    std::array<char*, 3> arguments{program.data(), device.data(), nullptr};
    EXPECT_EQ(echo_service_main(2, arguments.data()), 1);
    const std::string message = testing::internal::GetCapturedStderr();
    EXPECT_NE(message.find("echo_service: "), std::string::npos) << message;
    EXPECT_NE(message.find("0000:99:00.0"), std::string::npos) << message;
}

}  // namespace
}  // namespace lastack::worker

#include "worker/capture_replay.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <vector>

#include "lastack/runtime.hpp"
#include "tests/port/eal_for_tests.hpp"
#include "tests/worker/raw_peer.hpp"
#include "tests/worker/test_echo.hpp"
#include "worker/runtime_impl.hpp"

namespace lastack::worker {
namespace {

constexpr std::uint8_t kSyn = wire::TcpFlags::kSyn;
constexpr std::uint8_t kAck = wire::TcpFlags::kAck;
constexpr std::uint8_t kFin = wire::TcpFlags::kFin;
constexpr std::uint16_t kPeerPort = 40'000;

struct Captured {
    std::uint64_t at_us = 0;
    std::string frame;
};

void put_word(std::ofstream& file, std::uint32_t word) {
    file.write(reinterpret_cast<const char*>(&word), sizeof word);
}

/// The classic format, microseconds, Ethernet.
void write_capture(const std::filesystem::path& path, const std::vector<Captured>& frames) {
    std::ofstream file(path, std::ios::binary);
    for (const std::uint32_t word : {0xa1b2c3d4U, 0x00040002U, 0U, 0U, 65'535U, 1U}) {
        put_word(file, word);
    }
    for (const Captured& captured : frames) {
        const auto bytes = static_cast<std::uint32_t>(captured.frame.size());
        put_word(file, static_cast<std::uint32_t>(captured.at_us / 1'000'000));
        put_word(file, static_cast<std::uint32_t>(captured.at_us % 1'000'000));
        put_word(file, bytes);
        put_word(file, bytes);
        file << captured.frame;
    }
}

std::vector<std::string> read_capture(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> out;
    file.seekg(24);
    std::uint32_t record[4];
    while (file.read(reinterpret_cast<char*>(record), sizeof record)) {
        std::string frame(record[2], '\0');
        file.read(frame.data(), static_cast<std::streamsize>(frame.size()));
        out.push_back(frame);
    }
    return out;
}

class CaptureReplayTest : public testing::Test {
  protected:
    CaptureReplayTest() {
        port::eal_of_tests();
        folder_ =
            std::filesystem::temp_directory_path() / ("lastack-replay-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder_);
    }
    ~CaptureReplayTest() override { std::filesystem::remove_all(folder_); }

    /// Replays the frames to the echo service; what it sent.
    std::vector<std::string> replay(const std::vector<Captured>& frames) {
        write_capture(folder_ / "in.pcap", frames);
        Options options;
        options.ports.push_back({.device = "net_pcap0,rx_pcap=" + (folder_ / "in.pcap").string() +
                                           ",tx_pcap=" + (folder_ / "out.pcap").string(),
                                 .addresses = {{.address = Address::ipv4(kOurAddress.value)}},
                                 .mac = "02:00:00:00:00:01"});
        options.limits = {.max_connections = 64,
                          .max_time_wait = 64,
                          .max_half_open = 64,
                          .max_listeners = 4,
                          .max_timers = 16,
                          .mbufs = 4'096,
                          .trace_events = 1'024};
        options.debug.replay = true;
        {
            Runtime runtime(options, [](unsigned) { return std::make_unique<TestEcho>(); });
            EXPECT_EQ(runtime.run(), 0);
            EXPECT_TRUE(runtime.impl().conservation()->holds());
            left_ = runtime.impl().status(0).live_connections;
        }
        return read_capture(folder_ / "out.pcap");
    }
    static std::vector<Said> segments_of(const std::vector<std::string>& frames) {
        std::vector<Said> out;
        for (const std::string& frame : frames) {
            if (const auto said = segment_in(frame)) out.push_back(*said);
        }
        return out;
    }
    static Captured at(std::uint64_t ms, const Said& said) {
        return {1'700'000'000'000'000 + ms * 1000, frame_of(said, kPeerPort, TestEcho::kPort)};
    }
    static Captured arp_at(std::uint64_t ms) {
        return {1'700'000'000'000'000 + ms * 1000, arp_reply_frame()};
    }
    static Captured arp() { return arp_at(0); }

    std::filesystem::path folder_;
    std::uint32_t left_ = 0;
};

TEST_F(CaptureReplayTest, AConversationIsAnsweredTheSameEveryTime) {
    // Which number it will choose is learned from a first replay: secrets and time are the same.
    const std::vector<Captured> opening{arp(), at(1, {.flags = kSyn, .seq = 1000})};
    const std::vector<Said> first = segments_of(replay(opening));
    ASSERT_FALSE(first.empty());
    ASSERT_EQ(first[0].flags, kSyn | kAck);
    const std::uint32_t ours = first[0].seq + 1;

    std::vector<Captured> whole = opening;
    whole.push_back(at(2, {.flags = kAck, .seq = 1001, .ack = ours}));
    whole.push_back(at(3, {.flags = kAck, .seq = 1001, .ack = ours, .text = "hello"}));
    whole.push_back(at(100, {.flags = kFin | kAck, .seq = 1006, .ack = ours + 5}));
    whole.push_back(at(101, {.flags = kAck, .seq = 1007, .ack = ours + 6}));
    const std::vector<std::string> once = replay(whole);
    EXPECT_EQ(replay(whole), once);
    EXPECT_EQ(left_, 0U);

    const std::vector<Said> said = segments_of(once);
    ASSERT_EQ(said.size(), 3U);
    EXPECT_EQ(said[0].seq, ours - 1);
    EXPECT_EQ(said[1].text, "hello");
    EXPECT_EQ(said[2].flags & kFin, kFin);
}

TEST_F(CaptureReplayTest, TimersRunInTheCapturesTimeAndOnBehindItsEnd) {
    // Nobody acknowledges the SYN-ACK, and nobody answers ARP later on: what is sent again within
    // the second before the second capture frame is heard, the rest goes on behind the end.
    const std::vector<Said> short_one =
        segments_of(replay({arp(), at(1, {.flags = kSyn, .seq = 1000}), arp_at(900)}));
    const std::vector<Said> long_one = segments_of(
        replay({arp(), at(1, {.flags = kSyn, .seq = 1000}), arp_at(7'000), arp_at(31'500)}));
    EXPECT_GE(short_one.size(), 2U);
    EXPECT_GT(long_one.size(), short_one.size()) << "the peer was still there at 7 and at 31 s";
    for (const Said& one : long_one) EXPECT_EQ(one.flags, kSyn | kAck);
}

TEST_F(CaptureReplayTest, AnEmptyCaptureEndsAtOnce) {
    EXPECT_TRUE(segments_of(replay({})).empty());
}

}  // namespace
}  // namespace lastack::worker

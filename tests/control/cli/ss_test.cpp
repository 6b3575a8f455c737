#include "control/cli/ss.hpp"

#include <gtest/gtest.h>

#include "tests/support/golden.hpp"

namespace lastack::control::cli {
namespace {

Row row(const char* local, const char* remote, tcp::State state) {
    Row out;
    out.local = Endpoint::parse(local).value_or(Endpoint());
    out.remote = Endpoint::parse(remote).value_or(Endpoint());
    out.state = state;
    return out;
}

std::vector<Row> one_of_each() {
    std::vector<Row> rows{row("0.0.0.0:80", "", tcp::State::Listen)};
    rows.back().send_queue_bytes = 16'384;
    for (std::size_t i = 2; i < tcp::kStateCount; ++i) {
        rows.push_back(row("198.18.0.2:80", "198.18.0.1:41234", static_cast<tcp::State>(i)));
        rows.back().remote.port = static_cast<std::uint16_t>(41'230 + i);
    }
    rows[3].receive_queue_bytes = 1'460;
    rows[3].worker = 1;
    rows[4].orphan = true;
    rows[4].send_queue_bytes = 1;
    rows[4].timer = "on";
    rows[4].timer_ms = 3'500;
    rows[4].retransmits = 2;
    rows.back().timer = "timewait";
    rows.back().timer_ms = 55'123;
    rows.push_back(row("[2001:db8::2]:80", "[2001:db8::1]:9", tcp::State::Established));
    return rows;
}

TEST(Ss, PrintsLinuxsColumnsAndStates) {
    test::expect_golden("ss_plain.txt", format_ss(one_of_each(), {}));
}

TEST(Ss, ShowsTimersOwnersAndRetransmissionsWhereAskedFor) {
    test::expect_golden("ss_options.txt",
                        format_ss(one_of_each(), {.timers = true, .extended = true, .info = true}));
}

TEST(Ss, WithoutHeaderAnEmptyListingIsEmpty) {
    EXPECT_EQ(format_ss({}, {.header = false}), "");
    EXPECT_EQ(format_ss({}, {}), "State  Recv-Q  Send-Q  Local Address:Port  Peer Address:Port\n");
}

TEST(Ss, TimersAreWrittenAsLinuxWritesThem) {
    EXPECT_EQ(timer_text(0), "0ms");
    EXPECT_EQ(timer_text(200), "200ms");
    EXPECT_EQ(timer_text(999), "999ms");
    EXPECT_EQ(timer_text(1'000), "1sec");
    EXPECT_EQ(timer_text(3'500), "3.500ms");
    EXPECT_EQ(timer_text(9'999), "9.999ms");
    EXPECT_EQ(timer_text(10'999), "10sec");
    EXPECT_EQ(timer_text(55'123), "55sec");
    EXPECT_EQ(timer_text(60'000), "1min");
    EXPECT_EQ(timer_text(90'000), "1min30sec");
    EXPECT_EQ(timer_text(7'199'000), "119min");
}

TEST(Ss, TheSummaryCountsEveryState) {
    std::array<std::uint64_t, tcp::kStateCount> count{};
    count[static_cast<std::size_t>(tcp::State::Listen)] = 2;
    count[static_cast<std::size_t>(tcp::State::TimeWait)] = 10'000;
    test::expect_golden("ss_summary.txt", format_summary(count));
}

}  // namespace
}  // namespace lastack::control::cli

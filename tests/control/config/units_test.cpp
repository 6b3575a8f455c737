#include "control/config/units.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace lastack::control {
namespace {

using std::chrono::milliseconds;

struct DurationCase {
    const char* text;
    std::int64_t ms;
};

TEST(Units, DurationsAreANumberAndAUnit) {
    constexpr std::array kCases{
        DurationCase{"0s", 0},          DurationCase{"1ms", 1},
        DurationCase{"500ms", 500},     DurationCase{"30s", 30'000},
        DurationCase{"1.5s", 1500},     DurationCase{"1.500s", 1500},
        DurationCase{"2min", 120'000},  DurationCase{"2h", 7'200'000},
        DurationCase{"1d", 86'400'000}, DurationCase{"0.5min", 30'000},
        DurationCase{"0.001s", 1},
    };
    for (const DurationCase& c : kCases) {
        EXPECT_EQ(parse_duration(c.text), milliseconds(c.ms)) << c.text;
    }
}

TEST(Units, WhatIsNotADurationIsRefused) {
    for (const char* text : {"", "30", "s", "30 s", " 30s", "30s ", "-1s", "+1s", "1.s", ".5s",
                             "1.0001s", "1.00001s", "0.5ms", "30sec", "30m", "1h30min", "0x10s"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Units, ADurationIsRefusedExactlyWhereItStopsFitting) {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(parse_duration(std::to_string(most) + "ms"), milliseconds(most));
    EXPECT_FALSE(parse_duration("9223372036854775808ms"));
    EXPECT_EQ(parse_duration("9223372036854775s"), milliseconds(9'223'372'036'854'775'000));
    EXPECT_EQ(parse_duration("9223372036854775.807s"), milliseconds(most));
    EXPECT_FALSE(parse_duration("9223372036854775.808s"));
    EXPECT_FALSE(parse_duration("9223372036854776s"));
}

TEST(Units, DurationsArePrintedInTheirLargestWholeUnit) {
    EXPECT_EQ(format_duration(milliseconds(0)), "0s");
    EXPECT_EQ(format_duration(milliseconds(500)), "500ms");
    EXPECT_EQ(format_duration(milliseconds(1'500)), "1500ms");
    EXPECT_EQ(format_duration(milliseconds(30'000)), "30s");
    EXPECT_EQ(format_duration(milliseconds(75'000)), "75s");
    EXPECT_EQ(format_duration(milliseconds(120'000)), "2min");
    EXPECT_EQ(format_duration(milliseconds(7'200'000)), "2h");
    EXPECT_EQ(format_duration(milliseconds(86'400'000)), "1d");
}

struct SizeCase {
    const char* text;
    std::int64_t bytes;
};

TEST(Units, SizesAreBytesWithOrWithoutAUnit) {
    constexpr std::array kCases{
        SizeCase{"0", 0},          SizeCase{"1500", 1500},       SizeCase{"1500B", 1500},
        SizeCase{"64KiB", 65'536}, SizeCase{"64MiB", 64 << 20},  SizeCase{"1GiB", 1 << 30},
        SizeCase{"64kB", 64'000},  SizeCase{"64MB", 64'000'000}, SizeCase{"1GB", 1'000'000'000},
    };
    for (const SizeCase& c : kCases) EXPECT_EQ(parse_size(c.text), c.bytes) << c.text;
}

TEST(Units, WhatIsNotASizeIsRefused) {
    for (const char* text : {"", "MiB", "1.5MiB", "64 MiB", "64mib", "-1", "64K", "64M", "64Mb"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(Units, ASizeIsRefusedExactlyWhereItStopsFitting) {
    EXPECT_EQ(parse_size("8589934591GiB"), 8'589'934'591LL << 30);
    EXPECT_FALSE(parse_size("8589934592GiB"));
}

TEST(Units, WhatIsPrintedReadsBackTheSame) {
    for (const std::int64_t number : {0LL, 1LL, 999LL, 1'000LL, 1'024LL, 1'536LL, 65'535LL,
                                      1LL << 20, 3LL << 30, 86'400'000LL, 90'000'000LL}) {
        EXPECT_EQ(parse_size(format_size(number)), number);
        EXPECT_EQ(parse_duration(format_duration(milliseconds(number))), milliseconds(number));
    }
}

}  // namespace
}  // namespace lastack::control

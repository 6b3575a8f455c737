#include "control/config/nearest.hpp"

#include <gtest/gtest.h>

namespace lastack::control {
namespace {

TEST(Nearest, DistanceCountsInsertionsDeletionsReplacementsAndSwaps) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("msl", "msl"), 0U);
    EXPECT_EQ(edit_distance("msl", "mls"), 1U);
    EXPECT_EQ(edit_distance("msl", "ms"), 1U);
    EXPECT_EQ(edit_distance("msl", "amsl"), 1U);
    EXPECT_EQ(edit_distance("msl", "mtl"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, AMisspeltKeyIsFoundInItsSection) {
    EXPECT_EQ(nearest_key("tcp", "mls"), "tcp.msl");
    EXPECT_EQ(nearest_key("tcp", "fin_timout"), "tcp.fin_timeout");
    EXPECT_EQ(nearest_key("port", "adresses"), "port.addresses");
    EXPECT_EQ(nearest_key("sysctl", "tcp_fin_time_out"), "sysctl.tcp_fin_timeout");
}

TEST(Nearest, AKeyInTheWrongSectionIsFoundInItsOwn) {
    EXPECT_EQ(nearest_key("tcp", "max_time_wait"), "limits.max_time_wait");
    EXPECT_EQ(nearest_key("tcp", "tcp_fin_timeout"), "sysctl.tcp_fin_timeout");
    EXPECT_EQ(nearest_key("", "msl"), "tcp.msl");
}

TEST(Nearest, WhatResemblesNothingGetsNoSuggestion) {
    EXPECT_EQ(nearest_key("tcp", "congestion_window_validation"), "");
    EXPECT_EQ(suggestion(""), "");
    EXPECT_EQ(suggestion("tcp.msl"), "; did you mean tcp.msl?");
}

TEST(Nearest, ASectionIsFoundToo) {
    EXPECT_EQ(nearest_section("tpc"), "tcp");
    EXPECT_EQ(nearest_section("limit"), "limits");
    EXPECT_EQ(nearest_section("ports"), "port");
    EXPECT_EQ(nearest_section("sysctls"), "sysctl");
}

}  // namespace
}  // namespace lastack::control

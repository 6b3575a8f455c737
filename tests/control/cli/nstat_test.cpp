#include "control/cli/nstat.hpp"

#include <gtest/gtest.h>

namespace lastack::control::cli {
namespace {

TEST(Nstat, TheGroupStandsBeforeTheNameOnce) {
    EXPECT_EQ(full_name("Tcp", "ActiveOpens"), "TcpActiveOpens");
    EXPECT_EQ(full_name("TcpExt", "TCPTimeouts"), "TcpExtTCPTimeouts");
    EXPECT_EQ(full_name("Ip", "IpInReceives"), "IpInReceives");
    EXPECT_EQ(full_name("Icmp", "IcmpInMsgs"), "IcmpInMsgs");
}

TEST(Nstat, ZerosAndPatternsDecideWhatIsShown) {
    const std::vector<CounterLine> lines{
        {"TcpActiveOpens", 5}, {"TcpExtTCPTimeouts", 0}, {"IpInReceives", 7}};
    EXPECT_EQ(select(lines, {}).size(), 2U);
    EXPECT_EQ(select(lines, {.zeros = true, .patterns = {}}).size(), 3U);
    EXPECT_EQ(select(lines, {.zeros = true, .patterns = {"tcp*"}}).size(), 2U);
    EXPECT_EQ(select(lines, {.zeros = false, .patterns = {"Udp*", "Ip*"}}).size(), 1U);
}

TEST(Nstat, ColumnsAreLinuxs) {
    EXPECT_EQ(format_nstat({{"TcpActiveOpens", 5}, {"TcpMaxConn", -1}}),
              "#lastack\n"
              "TcpActiveOpens                  5                 0.0\n"
              "TcpMaxConn                      -1                0.0\n");
}

TEST(Nstat, EveryCounterIsExplainedByItsSentence) {
    EXPECT_EQ(explain("TimeWaitEntered"),
              "TcpExtTimeWaitEntered: Connections that entered TIME-WAIT.");
    EXPECT_EQ(explain("tcpexttimewaitentered"), explain("TimeWaitEntered"));
    EXPECT_EQ(explain("CurrEstab"), "TcpCurrEstab: Connections in ESTABLISHED or CLOSE-WAIT now.");
    EXPECT_FALSE(explain("TimeWait"));
    EXPECT_FALSE(explain(""));
}

TEST(Nstat, SimilarNamesAreFoundByAPart) {
    const std::vector<std::string> names = names_like("finretr");
    EXPECT_EQ(names, std::vector<std::string>{"TcpExtFinRetrans"});
    EXPECT_TRUE(names_like("no such thing").empty());
}

}  // namespace
}  // namespace lastack::control::cli

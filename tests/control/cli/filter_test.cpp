#include "control/cli/filter.hpp"

#include <gtest/gtest.h>

namespace lastack::control::cli {
namespace {

Endpoint at(const char* text) {
    return *Endpoint::parse(text);
}

/// Whether the filter takes 198.18.0.2:80 <-> 198.18.0.1:41234.
bool takes(const std::vector<std::string>& words) {
    return Filter::parse(words).matches(at("198.18.0.2:80"), at("198.18.0.1:41234"));
}

std::string error_of(const std::vector<std::string>& words) {
    try {
        Filter::parse(words);
        return "no error";
    } catch (const FilterError& error) {
        return error.what();
    }
}

TEST(Filter, WithoutWordsTakesEverything) {
    EXPECT_TRUE(takes({}));
    EXPECT_TRUE(Filter().matches(at("198.18.0.2:80"), at("198.18.0.1:1")));
    EXPECT_FALSE(Filter::parse({}).states());
}

TEST(Filter, ComparesPortsLikeSs) {
    EXPECT_TRUE(takes({"sport = :80"}));
    EXPECT_TRUE(takes({"sport", "=", ":80"}));
    EXPECT_TRUE(takes({"sport=:80"}));
    EXPECT_TRUE(takes({"sport", "80"}));
    EXPECT_TRUE(takes({"sport eq 80"}));
    EXPECT_FALSE(takes({"sport = :81"}));
    EXPECT_TRUE(takes({"sport != :81"}));
    EXPECT_TRUE(takes({"dport > :1024"}));
    EXPECT_TRUE(takes({"dport ge 41234"}));
    EXPECT_FALSE(takes({"dport gt 41234"}));
    EXPECT_TRUE(takes({"sport <= :80"}));
    EXPECT_FALSE(takes({"sport < :80"}));
}

TEST(Filter, KnowsAddressesNetworksAndEndpoints) {
    EXPECT_TRUE(takes({"src 198.18.0.2"}));
    EXPECT_FALSE(takes({"src 198.18.0.1"}));
    EXPECT_TRUE(takes({"dst 198.18.0.0/24"}));
    EXPECT_FALSE(takes({"dst 198.18.0.0/32"}));
    EXPECT_TRUE(takes({"dst 0.0.0.0/0"}));
    EXPECT_TRUE(takes({"dst 198.18.0.1:41234"}));
    EXPECT_FALSE(takes({"dst 198.18.0.1:41235"}));
    EXPECT_TRUE(takes({"src :80"}));
    EXPECT_TRUE(takes({"src *:80"}));
    EXPECT_TRUE(takes({"dst != 198.19.0.0/16"}));
    EXPECT_FALSE(takes({"dst 2001:db8::/32"})) << "another family";
}

TEST(Filter, AndBindsCloserThanOrAndNotCloserThanBoth) {
    EXPECT_TRUE(takes({"sport = :80 and dport = :41234"}));
    EXPECT_TRUE(takes({"sport = :80 dport = :41234"}));
    EXPECT_FALSE(takes({"sport = :80 and dport = :1"}));
    EXPECT_TRUE(takes({"sport = :80 or sport = :1 and dport = :1"}));
    EXPECT_FALSE(takes({"( sport = :80 or sport = :1 ) and dport = :1"}));
    EXPECT_FALSE(takes({"(sport=:80 or sport=:1) and dport=:1"}));
    EXPECT_TRUE(takes({"not sport = :1 and dport = :41234"}));
    EXPECT_TRUE(takes({"! ( sport = :1 )"}));
    EXPECT_FALSE(takes({"not not not sport = :80"}));
    EXPECT_TRUE(takes({"sport = :1 || sport = :80 && dport = :41234"}));
}

TEST(Filter, NamesOfStatesAndGroups) {
    const auto states = [](const std::vector<std::string>& words) {
        std::string text;
        const auto set = Filter::parse(words).states();
        for (std::size_t i = 0; set && i < set->size(); ++i) {
            if ((*set)[i]) {
                text +=
                    (text.empty() ? "" : " ") + std::string(ss_name(static_cast<tcp::State>(i)));
            }
        }
        return text;
    };
    EXPECT_EQ(states({"state", "time-wait"}), "TIME-WAIT");
    EXPECT_EQ(states({"state TIME-WAIT state established"}), "ESTAB TIME-WAIT");
    EXPECT_EQ(states({"state syn-received"}), "SYN-RECV") << "RFC 9293's names too";
    EXPECT_EQ(states({"state bucket"}), "SYN-RECV TIME-WAIT");
    EXPECT_EQ(states({"state connected"}),
              "SYN-SENT SYN-RECV ESTAB FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK "
              "TIME-WAIT");
    EXPECT_EQ(states({"state synchronized"}),
              "SYN-RECV ESTAB FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT");
    EXPECT_EQ(states({"state big"}),
              "UNCONN LISTEN SYN-SENT ESTAB FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK");
    EXPECT_EQ(states({"state connected exclude time-wait exclude established"}),
              "SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK");
    const Filter both = Filter::parse({"state", "time-wait", "sport", "=", ":80"});
    EXPECT_TRUE(both.states());
    EXPECT_FALSE(both.matches(at("198.18.0.2:81"), at("198.18.0.1:1")));
}

TEST(Filter, AMistakeIsShownWithWhatWasExpected) {
    EXPECT_EQ(error_of({"state sleeping"}),
              "filter: expected a state such as time-wait, or all, connected, synchronized, "
              "bucket, big, found \"sleeping\"");
    EXPECT_EQ(error_of({"sport = :http"}), "filter: expected a port such as :80, found \":http\"");
    EXPECT_EQ(error_of({"sport = :65536"}),
              "filter: expected a port such as :80, found \":65536\"");
    EXPECT_EQ(error_of({"dst 198.18"}),
              "filter: expected an address such as 198.18.0.1, 198.18.0.0/24 or 198.18.0.1:80, "
              "found \"198.18\"");
    EXPECT_EQ(error_of({"dst 198.18.0.0/33"}),
              "filter: expected an address such as 198.18.0.1, 198.18.0.0/24 or 198.18.0.1:80, "
              "found \"198.18.0.0/33\"");
    EXPECT_EQ(error_of({"dst > 198.18.0.0"}),
              "filter: expected = or != before an address, found \"198.18.0.0\"");
    EXPECT_EQ(error_of({"( sport = :80"}), "filter: expected \")\", found the end");
    EXPECT_EQ(error_of({"sport = :80 )"}), "filter: expected the end, found \")\"");
    EXPECT_EQ(error_of({"sport = :80 and"}),
              "filter: expected sport, dport, src, dst, not or \"(\", found the end");
    EXPECT_EQ(error_of({"port = :80"}),
              "filter: expected sport, dport, src, dst, not or \"(\", found \"port\"");
}

/// "sport=80 src=198.18.0.2/32"
std::string implied(const std::vector<std::string>& words) {
    std::string text;
    for (const Filter::Parameter& parameter : Filter::parse(words).implied()) {
        text += (text.empty() ? "" : " ") + parameter.name + "=" + parameter.value;
    }
    return text;
}

TEST(Filter, SaysInTheApisWordsWhatEveryMatchHas) {
    EXPECT_EQ(implied({}), "");
    EXPECT_EQ(implied({"sport = :80"}), "sport=80");
    EXPECT_EQ(implied({"sport = :80 and dst 198.18.0.0/24"}), "sport=80 dst=198.18.0.0/24");
    EXPECT_EQ(implied({"src 198.18.0.2:80"}), "src=198.18.0.2/32 sport=80");
    EXPECT_EQ(implied({"( dport = :7 ) ( src = *:9 )"}), "dport=7 sport=9");
    EXPECT_EQ(implied({"sport = :80 and sport = :81"}), "sport=80") << "nothing matches anyway";
}

TEST(Filter, ImpliesNothingThatAMatchMayLack) {
    EXPECT_EQ(implied({"sport = :80 or dport = :80"}), "");
    EXPECT_EQ(implied({"( sport = :80 or sport = :81 ) and dport = :7"}), "dport=7");
    EXPECT_EQ(implied({"not sport = :80"}), "");
    EXPECT_EQ(implied({"sport != :80"}), "");
    EXPECT_EQ(implied({"sport > :80"}), "");
    EXPECT_EQ(implied({"src != 198.18.0.2"}), "");
    EXPECT_EQ(implied({"src 2001:db8::1"}), "") << "the API takes networks of IPv4";
}

}  // namespace
}  // namespace lastack::control::cli

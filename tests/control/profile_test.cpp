// tcp.profile (requirements, section M): defaults for the options that the RFCs and Linux dispute,
// with the last word for whoever sets one.
#include "lastack/profile.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "control/config.hpp"
#include "control/config/key.hpp"

namespace lastack::control {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPort = R"([[port]]
device = "net_tap0,iface=la0"
addresses = ["198.18.0.2/24"]
)";

Config loaded(const std::string& text, const std::vector<std::string>& sets = {}) {
    const LoadResult result = load(std::string(kPort) + text, "t.toml", sets);
    for (const Problem& problem : result.problems) ADD_FAILURE() << problem.to_string();
    return result.config;
}

const Section& tcp_section() {
    for (const Section& section : all_sections()) {
        if (section.name == "tcp") return section;
    }
    throw std::logic_error("no [tcp]");
}

constexpr std::array<std::string_view, 3> kNames{"lastack", "linux", "rfc"};

Profile profile_of(std::size_t index) {
    return static_cast<Profile>(index);
}

/// The names of the keys whose values differ.
std::set<std::string> differences(const TcpOptions& a, const TcpOptions& b) {
    std::set<std::string> names;
    for (const Key& key : tcp_section().keys) {
        if (key.get(&a) != key.get(&b)) names.emplace(key.name);
    }
    return names;
}

TEST(ConfigProfile, M_a_profile_in_the_file_is_tcp_options_of_that_profile) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const Config config = loaded("[tcp]\nprofile = \"" + std::string(kNames[i]) + "\"\n");
        EXPECT_EQ(differences(config.options.tcp, tcp_options(profile_of(i))),
                  std::set<std::string>{})
            << kNames[i];
    }
}

TEST(ConfigProfile, M_every_disputed_option_has_a_key_of_its_name) {
    for_each_conflict([](const auto& conflict) {
        const Key* key = find_key(tcp_section(), conflict.name);
        ASSERT_NE(key, nullptr) << conflict.name;
        TcpOptions changed;
        for (const Profile profile : {Profile::linux_kernel, Profile::rfc}) {
            changed.*conflict.option = conflict.of(profile);
            const bool same = conflict.of(profile) == conflict.lastack;
            const TcpOptions plain;
            EXPECT_EQ(key->get(&changed) == key->get(&plain), same) << conflict.name;
        }
    });
}

TEST(ConfigProfile, M_a_key_wins_over_the_profile_wherever_it_stands) {
    for (const char* text :
         {"[tcp]\nmsl = \"7s\"\nprofile = \"rfc\"\n", "[tcp]\nprofile = \"rfc\"\nmsl = \"7s\"\n"}) {
        const Config config = loaded(text);
        EXPECT_EQ(config.options.tcp.msl, milliseconds(7'000)) << text;
        EXPECT_EQ(config.options.tcp.rto_min, milliseconds(1'000)) << text;
        EXPECT_EQ(differences(config.options.tcp, tcp_options(Profile::rfc)),
                  std::set<std::string>{"msl"});
    }
}

TEST(ConfigProfile, M_so_does_a_key_that_says_what_lastack_would) {
    const Config config = loaded("[tcp]\nrfc1337 = true\nprofile = \"linux\"\n");
    EXPECT_TRUE(config.options.tcp.rfc1337);
    EXPECT_FALSE(config.options.tcp.tw_return);
}

TEST(ConfigProfile, M_so_does_a_name_of_linuxs) {
    const Config config = loaded("[sysctl]\ntcp_rfc1337 = 1\n[tcp]\nprofile = \"linux\"\n");
    EXPECT_TRUE(config.options.tcp.rfc1337);
    EXPECT_EQ(config.options.tcp.tw_reuse, TimeWaitReuse::loopback);
}

TEST(ConfigProfile, M_a_profile_by_set_wins_over_the_files_and_not_over_the_files_keys) {
    const Config config = loaded("[tcp]\nprofile = \"linux\"\nmsl = \"7s\"\n",
                                 {"tcp.tw_return=false", "tcp.profile=rfc"});
    EXPECT_EQ(config.options.tcp.profile, Profile::rfc);
    EXPECT_EQ(differences(config.options.tcp, tcp_options(Profile::rfc)),
              (std::set<std::string>{"msl", "tw_return"}));
}

TEST(ConfigProfile, M_an_unknown_profile_is_named_with_its_place) {
    const LoadResult result = load(std::string(kPort) + "[tcp]\nprofile = \"bsd\"\n", "t.toml", {});
    ASSERT_EQ(result.problems.size(), 1U);
    EXPECT_EQ(result.problems[0].to_string(),
              "t.toml:5:11: tcp.profile: expected \"lastack\", \"linux\" or \"rfc\", found "
              "\"bsd\"");
}

TEST(ConfigProfile, M_print_shows_where_the_profiles_values_come_from_and_reads_back) {
    const Config config = loaded("[tcp]\nprofile = \"linux\"\nrfc1337 = true\n");
    const std::string printed = print(config);
    const auto line_of = [&](const std::string& key) {
        const std::size_t at = printed.find("\n" + key + " = ") + 1;
        return printed.substr(at, printed.find('\n', at) - at);
    };
    EXPECT_TRUE(line_of("profile").ends_with("# t.toml:5")) << line_of("profile");
    EXPECT_TRUE(line_of("rfc1337").ends_with("# t.toml:6")) << line_of("rfc1337");
    EXPECT_TRUE(line_of("tw_return").ends_with("# t.toml:5")) << "by the profile";
    EXPECT_TRUE(line_of("msl").ends_with("# default")) << "no other with this profile";
    const LoadResult again = load(printed, "again.toml", {});
    ASSERT_TRUE(again);
    EXPECT_EQ(differences(again.config.options.tcp, config.options.tcp), std::set<std::string>{});
}

TEST(ConfigProfile, M_what_contradicts_the_profile_is_an_error_where_it_was_written) {
    const LoadResult result = load(
        std::string(kPort) + "[tcp]\nprofile = \"rfc\"\nrto_initial = \"500ms\"\n", "t.toml", {});
    ASSERT_EQ(result.problems.size(), 1U);
    EXPECT_EQ(result.problems[0].message, "tcp.rto_min (1s) is above tcp.rto_initial (500ms)");
    EXPECT_EQ(result.problems[0].place.line, 5U) << "the profile's line";
}

TEST(ConfigProfile, M_7_D_K_0_is_no_limit_by_our_name_and_the_shortest_by_linuxs) {
    EXPECT_EQ(loaded("[tcp]\nfin_timeout = \"0s\"\n").options.tcp.fin_timeout, milliseconds(0));
    EXPECT_EQ(loaded("[sysctl]\ntcp_fin_timeout = 0\n").options.tcp.fin_timeout, milliseconds(1));
}

// --- docs/operations.md

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = 2; at < line.size();) {
        const std::size_t end = line.find(" |", at);
        cells.push_back(line.substr(at, end - at));
        at = end == std::string::npos ? end : end + 3;
    }
    return cells;
}

// The words of the table are those that the keys take, and no key that differs is missing.
TEST(ConfigProfile, M_the_operators_table_has_the_words_of_the_keys) {
    std::ifstream page(std::string(LASTACK_GOLDEN_DIR) + "/../../../docs/operations.md");
    ASSERT_TRUE(page.is_open());
    std::set<std::string> shown;
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| M-")) continue;
        const std::vector<std::string> cells = cells_of(line);
        ASSERT_GE(cells.size(), 6U) << line;
        if (!cells[1].starts_with('`')) continue;
        const std::string name = cells[1].substr(1, cells[1].size() - 2);
        shown.insert(name);
        const Key* key = find_key(tcp_section(), name);
        ASSERT_NE(key, nullptr) << line;
        for (std::size_t i = 0; i < kNames.size(); ++i) {
            const TcpOptions options = tcp_options(profile_of(i));
            // The word may be below another key's value: only this one is looked at.
            const LoadResult result =
                load(kPort, "t.toml", std::vector{"tcp." + name + "=" + cells[2 + i]});
            EXPECT_EQ(key->get(&result.config.options.tcp), key->get(&options))
                << kNames[i] << ": " << line;
        }
    }
    std::set<std::string> differing;
    for (std::size_t i = 1; i < kNames.size(); ++i) {
        differing.merge(differences(tcp_options(profile_of(i)), TcpOptions{}));
    }
    differing.erase("profile");
    for (const std::string& name : differing) EXPECT_TRUE(shown.contains(name)) << name;
}

}  // namespace
}  // namespace lastack::control

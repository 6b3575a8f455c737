// The profiles (requirements, section M): one list says what each of them makes of an option, and
// docs/operations.md shows it.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <type_traits>
#include <vector>

#include "lastack/profile.hpp"
#include "tests/stack/conflict.hpp"

namespace lastack::test {
namespace {

// An option under a profile is what the list says, and a default where no profile says anything.
TEST(Profile, M_each_profile_sets_what_its_column_says) {
    for (const Profile profile : {Profile::lastack, Profile::linux_kernel, Profile::rfc}) {
        const TcpOptions options = tcp_options(profile);
        EXPECT_EQ(options.profile, profile);
        for_each_conflict([&](const auto& conflict) {
            EXPECT_EQ(options.*conflict.option, conflict.of(profile)) << conflict.name;
        });
        EXPECT_EQ(options.retries2, TcpOptions{}.retries2);
        EXPECT_EQ(options.receive_buffer, TcpOptions{}.receive_buffer);
    }
}

TEST(Profile, M_lastack_is_what_options_are_without_a_profile) {
    const TcpOptions plain;
    for_each_conflict([&](const auto& conflict) {
        EXPECT_EQ(plain.*conflict.option, conflict.lastack) << conflict.name;
    });
    EXPECT_EQ(plain.profile, Profile::lastack);
}

// Some option differs between any two of them, and what the application sets afterwards wins.
TEST(Profile, M_an_option_set_afterwards_has_the_last_word) {
    TcpOptions options = tcp_options(Profile::rfc);
    EXPECT_EQ(options.msl, 120s);
    options.msl = 30s;
    Disputed talk([&](TcpOptions& tcp) { tcp = options; });
    talk.enter_time_wait();
    EXPECT_EQ(talk.time_left(), 50s) << "M-5: 2 x 30s, ten of them gone";
}

TEST(Profile, M_5_the_rfcs_2msl_is_240_seconds) {
    Disputed talk([](TcpOptions& tcp) { tcp = tcp_options(Profile::rfc); });
    talk.enter_time_wait();
    EXPECT_EQ(talk.time_left(), 230s);
}

TEST(Profile, M_1_linux_and_the_rfc_take_a_reset_in_time_wait_lastack_does_not) {
    for (const Profile profile : {Profile::lastack, Profile::linux_kernel, Profile::rfc}) {
        Disputed talk([profile](TcpOptions& tcp) { tcp = tcp_options(profile); });
        talk.enter_time_wait();
        talk.peer.send({.flags = "R", .seq = 1'002});
        EXPECT_EQ(talk.state(), profile == Profile::lastack ? "TIME-WAIT" : "CLOSED");
    }
}

// M-8: the RFC's R2 of a SYN is at least three minutes (MUST-23).
TEST(Profile, M_8_the_rfcs_open_goes_on_for_three_minutes) {
    Disputed strict([](TcpOptions& tcp) { tcp = tcp_options(Profile::rfc); });
    strict.connect();
    strict.host.advance(3min - 10ms);
    EXPECT_EQ(strict.state(), "SYN-SENT");
    Disputed plain(kAsEver);
    plain.connect();
    plain.host.advance(3min);
    EXPECT_EQ(plain.state(), "CLOSED");
}

TEST(Profile, M_9_the_rfcs_retransmission_waits_a_second_ours_200_milliseconds) {
    for (const Profile profile : {Profile::lastack, Profile::linux_kernel, Profile::rfc}) {
        Disputed talk([profile](TcpOptions& tcp) { tcp = tcp_options(profile); });
        talk.open();
        talk.say(10);
        talk.send("A");
        talk.host.advance_to_tick();
        talk.say(10);
        talk.host.sent();
        const time::Duration wait = profile == Profile::rfc ? time::Duration(1s) : 200ms;
        talk.host.advance(wait - 1ms);
        EXPECT_EQ(talk.host.sent(), Trace{});
        talk.host.advance(1ms);
        EXPECT_EQ(talk.host.sent().size(), 1U);
    }
}

TEST(Profile, M_15_C_23_at_the_cap_linux_drops_the_new_record_and_we_the_oldest) {
    for (const Profile profile : {Profile::lastack, Profile::linux_kernel, Profile::rfc}) {
        stack::Config config =
            small_config_but([profile](TcpOptions& tcp) { tcp = tcp_options(profile); });
        config.limits.max_time_wait = 1;
        Host host(config);
        ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
        for (std::uint16_t port = 1; port <= 2; ++port) {
            Peer peer(host, port, 80);
            const std::uint32_t una = peer.open(1'000, {.mss = 1'460}) + 2;
            host.app().last.close();
            host.turn();
            peer.send({.flags = "FA", .seq = 1'001, .ack = una});
            host.sent();
        }
        const bool drops_new = profile == Profile::linux_kernel;
        EXPECT_EQ(host.state(80, 1), drops_new ? "TIME-WAIT" : "CLOSED");
        EXPECT_EQ(host.state(80, 2), drops_new ? "CLOSED" : "TIME-WAIT");
    }
}

// --- The page

std::string word(bool value) {
    return value ? "true" : "false";
}
std::string word(std::chrono::milliseconds value) {
    if (value.count() % 1'000 != 0) return std::to_string(value.count()) + "ms";
    return std::to_string(value.count() / 1'000) + "s";
}
std::string word(std::uint8_t value) {
    return std::to_string(value);
}

/// Where the page's row for an option should begin, and its values where they are no names.
template <class T>
std::string page_row(const Conflict<T>& conflict) {
    std::string row =
        "| " + std::string(conflict.row) + " | `" + std::string(conflict.name) + "` | ";
    if constexpr (!std::is_enum_v<T>) {
        row += word(conflict.lastack) + " | " + word(conflict.linux_kernel) + " | " +
               word(conflict.rfc) + " | ";
    }
    return row;
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = 2; at < line.size();) {
        const std::size_t end = line.find(" | ", at);
        cells.push_back(line.substr(at, end - at));
        at = end == std::string::npos ? end : end + 3;
    }
    return cells;
}

TEST(Profile, M_the_operators_page_shows_every_option_of_every_profile) {
    std::ifstream page(LASTACK_SOURCE_ROOT "/docs/operations.md");
    ASSERT_TRUE(page.is_open());
    std::vector<std::string> rows;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("| M-")) rows.push_back(line);
    }
    for (int row = 1; row <= 26; ++row) {
        const std::string begin = "| M-" + std::to_string(row) + " | ";
        const auto found = std::ranges::any_of(
            rows, [&](const std::string& line) { return line.starts_with(begin); });
        EXPECT_TRUE(found) << begin;
    }
    for_each_conflict([&](const auto& conflict) {
        const std::string begin = page_row(conflict);
        for (const std::string& line : rows) {
            if (!line.starts_with(begin)) continue;
            const std::vector<std::string> cells = split(line);
            ASSERT_GE(cells.size(), 6U) << line;
            // Equal values have equal names, and others have others.
            EXPECT_EQ(cells[2] == cells[3], conflict.lastack == conflict.linux_kernel) << line;
            EXPECT_EQ(cells[2] == cells[4], conflict.lastack == conflict.rfc) << line;
            EXPECT_EQ(cells[3] == cells[4], conflict.linux_kernel == conflict.rfc) << line;
            return;
        }
        ADD_FAILURE() << "docs/operations.md has no row that begins " << begin;
    });
}

}  // namespace
}  // namespace lastack::test

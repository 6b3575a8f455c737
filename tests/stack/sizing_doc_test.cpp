// docs/teardown.md says how large TIME-WAIT is and how many there will be: each figure is computed
// again here, from the page's own text and from the code (C-19, C-38, S-74, S-81).

#include <cmath>
#include <fstream>
#include <sstream>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

std::vector<std::string> lines_of_the_page() {
    std::ifstream page(LASTACK_SOURCE_ROOT "/docs/teardown.md");
    EXPECT_TRUE(page.is_open());
    std::vector<std::string> lines;
    for (std::string line; std::getline(page, line);) lines.push_back(line);
    return lines;
}

std::string text_of_the_page() {
    std::string text;
    for (const std::string& line : lines_of_the_page()) text += line + ' ';
    return text;
}

/// The cells of the rows of the table whose head begins with `first`.
std::vector<std::vector<std::string>> table(std::string_view first) {
    std::vector<std::vector<std::string>> rows;
    bool inside = false;
    for (const std::string& line : lines_of_the_page()) {
        if (line.starts_with("| " + std::string(first))) {
            inside = true;
        } else if (!line.starts_with('|')) {
            inside = false;
        } else if (inside && !line.starts_with("|-")) {
            std::vector<std::string>& cells = rows.emplace_back();
            std::istringstream in(line.substr(1));
            for (std::string cell; std::getline(in, cell, '|');) cells.push_back(cell);
        }
    }
    return rows;
}

/// "1,536 MB" -> 1536e6, "60 s" -> 60, "3.84 MB" -> 3.84e6.
double number_of(const std::string& cell) {
    std::string digits;
    for (const char c : cell) {
        if ((c >= '0' && c <= '9') || c == '.') digits += c;
    }
    return std::stod(digits) * (cell.find("MB") != std::string::npos ? 1e6 : 1);
}

/// What one record more costs, everything included.
double arena_octets_per_record() {
    const auto octets = [](std::uint32_t records) {
        stack::Config config = small_config();
        config.limits.max_time_wait = records;
        return stack::Stack::arena_bytes(config);
    };
    constexpr std::uint32_t kMany = 1 << 22;
    return static_cast<double>(octets(2 * kMany) - octets(kMany)) / kMany;
}

TEST(SizingPage, C_19_S_74_a_record_is_less_than_a_cache_line_all_told_and_the_page_says_so) {
    EXPECT_EQ(sizeof(stack::TimeWaitSlot), 44U);
    EXPECT_EQ(sizeof(tcp::TimeWaitRecord), 32U);
    EXPECT_NEAR(arena_octets_per_record(), 55.9, 0.05);
    const std::string text = text_of_the_page();
    for (const char* fact : {"A `TimeWaitSlot` is 44 octets", "both ports (8), the record (32)",
                             "55.9 octets of the arena"}) {
        EXPECT_NE(text.find(fact), std::string::npos) << fact;
    }
}

TEST(SizingPage, C_38_S_81_the_population_is_the_rate_times_2MSL) {
    const auto rows = table("closes per second");
    ASSERT_EQ(rows.size(), 4U);
    for (const auto& row : rows) {
        ASSERT_GE(row.size(), 5U);
        const double records = number_of(row[0]) * number_of(row[1]);
        EXPECT_EQ(number_of(row[2]), records);
        EXPECT_DOUBLE_EQ(number_of(row[3]), records * sizeof(stack::TimeWaitSlot));
        EXPECT_DOUBLE_EQ(number_of(row[4]), records * std::ceil(arena_octets_per_record()));
    }
    EXPECT_EQ(number_of(rows[3][2]), 24e6) << "the largest that the requirements name";
}

TEST(SizingPage, C_38_a_clients_ceiling_is_its_ports_in_2MSL) {
    const auto rows = table("ports");
    ASSERT_EQ(rows.size(), 3U);
    for (const auto& row : rows) {
        ASSERT_GE(row.size(), 4U);
        unsigned first = 0;
        unsigned last = 0;
        ASSERT_EQ(std::sscanf(row[1].c_str(), " %u to %u", &first, &last), 2);
        EXPECT_EQ(number_of(row[0]), last - first + 1);
        // Rounded down: the ceiling is not reached by rounding.
        EXPECT_EQ(number_of(row[3]), std::floor(number_of(row[0]) / number_of(row[2])));
    }
    unsigned first = 0;
    unsigned last = 0;
    ASSERT_EQ(std::sscanf(rows[0][1].c_str(), " %u to %u", &first, &last), 2);
    EXPECT_EQ(first, TcpOptions{}.port_first);
    EXPECT_EQ(last, TcpOptions{}.port_last);
    EXPECT_EQ(number_of(rows[0][2]), 2 * std::chrono::duration<double>(TcpOptions{}.msl).count());
}

// The arithmetic, with records: 20 closes a second for 3 s, 2MSL of 1 s.
TEST(SizingPage, S_81_a_steady_rate_of_closes_has_the_population_that_the_page_says) {
    stack::Config config = small_config();
    config.tcp.msl = 500ms;
    Host host(config);
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    host.advance_to_tick();
    for (std::uint16_t port = 1; port <= 60; ++port) {
        Peer peer(host, port, 80);
        const std::uint32_t iss = peer.open(1'000);
        host.app().last.close();
        host.turn();
        peer.send({.flags = "FA", .seq = 1'001, .ack = iss + 2});
        host.sent();
        const std::uint32_t expected = std::min<std::uint32_t>(port, 20);
        EXPECT_EQ(host.in_state(tcp::State::TimeWait), expected) << port;
        host.advance(50ms);
    }
    EXPECT_EQ(host.count(Counter::TimeWaitEntered), 60U);
}

// S-74: what a connection had beside its record is given back in the turn that enters TIME-WAIT.
TEST(SizingPage, S_74_C_19_entering_TIME_WAIT_frees_the_Tcb_the_buffers_and_the_pieces) {
    Conversation talk;
    talk.open();
    talk.send("PA", "hello");
    talk.say(3'000);
    talk.send("A");
    talk.connection.close();
    talk.host.turn();
    const auto in_use = [&](std::string_view name) {
        for (const stack::PoolUse& pool : talk.host.stack().memory()) {
            if (pool.name == name) return pool.in_use;
        }
        return 0xffffU;
    };
    EXPECT_EQ(in_use("connection"), 1U);
    talk.peer.send({.flags = "FA", .seq = talk.next, .ack = talk.sent + 1});
    ASSERT_EQ(talk.state(), "TIME-WAIT");
    EXPECT_EQ(in_use("connection"), 0U);
    EXPECT_EQ(in_use("piece"), 0U);
    EXPECT_EQ(in_use("time-wait"), 1U);
    EXPECT_EQ(talk.host.shell().live(), 0U);
    for (const stack::PoolUse& pool : talk.host.stack().memory()) {
        const bool time_wait = pool.name == std::string_view("time-wait");
        EXPECT_EQ(time_wait ? pool.record_bytes : 44U, 44U) << "J: and reported";
    }
}

}  // namespace
}  // namespace lastack::test

#include "ip/routes.hpp"

#include <gtest/gtest.h>

#include "tests/support/arena_memory.hpp"

namespace lastack::test {
namespace {

using ip::RouteTable;
using wire::Ipv4Address;

struct Table {
    explicit Table(std::uint32_t capacity)
        : memory([&](base::Arena& a) { RouteTable(a, capacity); }),
          arena(memory.bytes()),
          routes(arena, capacity) {}
    ArenaMemory memory;
    base::Arena arena;
    RouteTable routes;
};

constexpr Ipv4Address kOwn{0xc612'0001};       // 198.18.0.1, interface 0
constexpr Ipv4Address kOwnOther{0xc613'0001};  // 198.19.0.1, interface 1
constexpr Ipv4Address kGateway{0xc612'00fe};
constexpr Ipv4Address kGateway2{0xc612'00fd};

TEST(Routes, I_10_the_longest_prefix_decides_whatever_the_order_of_adding) {
    Table t(3);
    t.routes.add({{{0}, 0}, kGateway, kOwn, 0});
    t.routes.add({{kOwn, 24}, {}, kOwn, 0});
    t.routes.add({{{0xc612'0700}, 24}, kGateway2, kOwn, 0});
    struct {
        Ipv4Address remote, hop;
    } const cases[] = {
        {{0xc612'0063}, {0xc612'0063}},  // on the link: itself
        {{0xc612'0763}, kGateway2},
        {{0x0808'0808}, kGateway},
    };
    for (const auto& c : cases) {
        const auto hop = t.routes.find(c.remote);
        ASSERT_TRUE(hop) << std::hex << c.remote.value;
        EXPECT_EQ(hop->address, c.hop) << std::hex << c.remote.value;
        EXPECT_EQ(hop->source, kOwn);
    }
}

TEST(Routes, among_equal_prefixes_the_first_added_wins) {
    Table t(2);
    t.routes.add({{{0}, 0}, kGateway, kOwn, 0});
    t.routes.add({{{0}, 0}, kGateway2, kOwn, 0});
    EXPECT_EQ(t.routes.find({0x0808'0808})->address, kGateway);
}

TEST(Routes, I_10_without_a_match_there_is_no_route) {
    Table t(1);
    t.routes.add({{kOwn, 24}, {}, kOwn, 0});
    EXPECT_FALSE(t.routes.find({0x0808'0808}));
    EXPECT_FALSE(Table(0).routes.find(kOwn));
}

TEST(Routes, I_3_a_given_local_address_leaves_only_by_its_own_interface) {
    Table t(4);
    t.routes.add({{kOwn, 24}, {}, kOwn, 0});
    t.routes.add({{kOwnOther, 24}, {}, kOwnOther, 1});
    t.routes.add({{{0}, 0}, kGateway, kOwn, 0});
    const auto hop = t.routes.find({0xc612'0063}, kOwn, 0);
    ASSERT_TRUE(hop);
    EXPECT_EQ(hop->interface, 0);
    EXPECT_FALSE(t.routes.find({0xc612'0063}, kOwnOther, 1)) << "not its neighbour, no gateway";
    EXPECT_EQ(t.routes.find({0xc613'0063}, kOwn, 0)->address, kGateway);
}

TEST(Routes, a_second_address_of_the_interface_stays_the_source) {
    Table t(1);
    t.routes.add({{{0}, 0}, kGateway, kOwn, 0});
    constexpr Ipv4Address second{0xc612'0002};
    EXPECT_EQ(t.routes.find({0x0808'0808}, second, 0)->source, second);
}

TEST(Routes, a_full_table_says_so) {
    Table t(1);
    EXPECT_TRUE(t.routes.add({{kOwn, 24}, {}, kOwn, 0}));
    EXPECT_FALSE(t.routes.add({{kOwnOther, 24}, {}, kOwnOther, 1}));
    EXPECT_EQ(t.routes.rows().size(), 1U);
}

}  // namespace
}  // namespace lastack::test

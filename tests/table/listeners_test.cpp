#include "table/listeners.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/support/arena_memory.hpp"
#include "tests/support/seed.hpp"

namespace lastack::table {
namespace {

constexpr wire::Ipv4Address kAny{};
constexpr wire::Ipv4Address kOne{0xc612'0001};
constexpr wire::Ipv4Address kTwo{0xc612'0002};

template <class Address>
struct Host {
    explicit Host(std::uint32_t capacity)
        : memory([&](base::Arena& measuring) { Listeners<Address>(measuring, capacity); }),
          arena(memory.bytes()),
          listeners(arena, capacity) {}

    test::ArenaMemory memory;
    base::Arena arena;
    Listeners<Address> listeners;
};

TEST(Listeners, AnExactAddressWinsOverAnyAddress) {
    Host<wire::Ipv4Address> host(4);
    EXPECT_EQ(host.listeners.find(kOne, 80), base::kNoIndex);
    EXPECT_TRUE(host.listeners.insert(kAny, 80, 10));
    EXPECT_EQ(host.listeners.find(kOne, 80), 10U);
    EXPECT_TRUE(host.listeners.insert(kOne, 80, 11));
    EXPECT_EQ(host.listeners.find(kOne, 80), 11U);
    EXPECT_EQ(host.listeners.find(kTwo, 80), 10U);
    EXPECT_EQ(host.listeners.find(kOne, 81), base::kNoIndex);
}

TEST(Listeners, AskingForExactlyAnAddressDoesNotFallBackToAny) {
    Host<wire::Ipv4Address> host(4);
    host.listeners.insert(kAny, 80, 10);
    EXPECT_EQ(host.listeners.find_exact(kOne, 80), base::kNoIndex);
    EXPECT_EQ(host.listeners.find_exact(kAny, 80), 10U);
}

TEST(Listeners, TheSameAddressAndPortIsRefusedTwice) {
    Host<wire::Ipv4Address> host(4);
    EXPECT_TRUE(host.listeners.insert(kOne, 80, 1));
    EXPECT_FALSE(host.listeners.insert(kOne, 80, 2));
    EXPECT_EQ(host.listeners.find(kOne, 80), 1U);
    EXPECT_TRUE(host.listeners.insert(kAny, 80, 3));
    EXPECT_FALSE(host.listeners.insert(kAny, 80, 4));
    EXPECT_EQ(host.listeners.size(), 2U);
}

TEST(Listeners, AnErasedOneUncoversAnyAddress) {
    Host<wire::Ipv4Address> host(4);
    host.listeners.insert(kAny, 80, 10);
    host.listeners.insert(kOne, 80, 11);
    EXPECT_TRUE(host.listeners.erase(kOne, 80));
    EXPECT_FALSE(host.listeners.erase(kOne, 80));
    EXPECT_EQ(host.listeners.find(kOne, 80), 10U);
    EXPECT_TRUE(host.listeners.insert(kOne, 80, 12));
}

TEST(Listeners, FullIsAnAnswer) {
    Host<wire::Ipv4Address> host(2);
    EXPECT_TRUE(host.listeners.insert(kOne, 1, 1));
    EXPECT_TRUE(host.listeners.insert(kOne, 2, 2));
    EXPECT_FALSE(host.listeners.insert(kOne, 3, 3));
    EXPECT_FALSE(host.listeners.uses_port(3));
    EXPECT_TRUE(host.listeners.erase(kOne, 1));
    EXPECT_TRUE(host.listeners.insert(kOne, 3, 3));
}

TEST(Listeners, G_34_KnowsWhichPortsAreListenedOnUponAnyAddress) {
    Host<wire::Ipv4Address> host(4);
    host.listeners.insert(kOne, 80, 1);
    host.listeners.insert(kTwo, 80, 2);
    EXPECT_TRUE(host.listeners.uses_port(80));
    EXPECT_FALSE(host.listeners.uses_port(81));
    host.listeners.erase(kOne, 80);
    EXPECT_TRUE(host.listeners.uses_port(80));
    host.listeners.erase(kTwo, 80);
    EXPECT_FALSE(host.listeners.uses_port(80));
}

TEST(Listeners, Ipv6WorksAlike) {
    Host<wire::Ipv6Address> host(4);
    wire::Ipv6Address one, two;
    one.octets[15] = 1;
    two.octets[15] = 2;
    EXPECT_TRUE(host.listeners.insert({}, 80, 10));
    EXPECT_TRUE(host.listeners.insert(one, 80, 11));
    EXPECT_EQ(host.listeners.find(one, 80), 11U);
    EXPECT_EQ(host.listeners.find(two, 80), 10U);
}

TEST(Listeners, AgreesWithAMapUnderRandomUse) {
    std::mt19937_64 random(test::seed_or(5));
    Host<wire::Ipv4Address> host(50);
    std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint32_t> model;
    for (std::uint32_t step = 0; step < 50'000; ++step) {
        const wire::Ipv4Address address{static_cast<std::uint32_t>(random() % 8)};
        const auto port = static_cast<std::uint16_t>(random() % 12);
        const std::pair key{address.value, port};
        if (random() % 2 == 0) {
            const bool expected = !model.contains(key) && model.size() < 50;
            ASSERT_EQ(host.listeners.insert(address, port, step), expected);
            if (expected) model[key] = step;
        } else {
            ASSERT_EQ(host.listeners.erase(address, port), model.erase(key) == 1);
        }
        for (std::uint32_t other = 0; other < 8; ++other) {
            const auto exact = model.find({other, port});
            const auto any = model.find({0, port});
            const std::uint32_t expected = exact != model.end() ? exact->second
                                           : any != model.end() ? any->second
                                                                : base::kNoIndex;
            ASSERT_EQ(host.listeners.find({other}, port), expected);
        }
        const auto first = model.lower_bound({0, 0});
        bool used = false;
        for (auto it = first; it != model.end(); ++it) used |= it->first.second == port;
        ASSERT_EQ(host.listeners.uses_port(port), used);
    }
}

}  // namespace
}  // namespace lastack::table

// That a reader who asks the versions is never given words of two lives, however long it takes
// between two of them. Run it under ThreadSanitizer as well.
#include "base/published.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "tests/support/arena_memory.hpp"

namespace lastack::base {
namespace {

/// Words of one life are alike.
struct Record {
    std::array<Published<std::uint32_t>, 6> words;
};

struct Bed {
    static constexpr std::uint32_t kRecords = 3;

    explicit Bed(std::span<std::byte> memory) : arena(memory), versions(arena, kRecords) {}

    void give_to(std::uint32_t index, std::uint32_t life) {
        versions.begin_change(index);
        for (auto& word : records[index].words) word = life;
        versions.end_change(index);
    }

    std::array<Record, kRecords> records;
    Arena arena;
    StripedVersions versions;
};

struct Met {
    std::uint64_t whole = 0;
    std::uint64_t refused = 0;
    std::uint64_t torn = 0;
};

// It yields in the middle now and then, as a thread may that loses its CPU there.
Met read_until(const std::atomic<bool>& done, const Bed& bed) {
    Met met;
    for (std::uint64_t turn = 0; !done.load(std::memory_order_relaxed); ++turn) {
        const auto index = static_cast<std::uint32_t>(turn % Bed::kRecords);
        const std::uint32_t version = bed.versions.read(index);
        std::array<std::uint32_t, 6> words{};
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (i == turn % words.size() && turn % 5 == 0) std::this_thread::yield();
            words[i] = bed.records[index].words[i].shared();
        }
        if (!bed.versions.stands(index, version)) {
            ++met.refused;
            continue;
        }
        ++met.whole;
        for (const std::uint32_t word : words) met.torn += word == words[0] ? 0U : 1U;
    }
    return met;
}

TEST(Published, NoReaderWhoAsksTheVersionsTakesWordsOfTwoLives) {
    constexpr std::uint32_t kLives = 400'000;
    test::ArenaMemory memory([](Arena& arena) { StripedVersions(arena, Bed::kRecords); });
    Bed bed(memory.bytes());
    std::atomic<bool> done{false};
    std::array<Met, 2> met;
    std::vector<std::thread> readers;
    for (Met& of_one : met) readers.emplace_back([&] { of_one = read_until(done, bed); });
    for (std::uint32_t life = 1; life <= kLives; ++life) {
        bed.give_to(life % Bed::kRecords, life);
        if (life % 64 == 0) std::this_thread::yield();
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    for (const Met& of_one : met) {
        EXPECT_GT(of_one.whole, 100U);
        EXPECT_GT(of_one.refused, 0U) << "nothing was put to the test";
        EXPECT_EQ(of_one.torn, 0U);
    }
}

TEST(Published, WhatIsBeingChangedDoesNotStand) {
    test::ArenaMemory memory([](Arena& arena) { StripedVersions(arena, 200); });
    Arena arena(memory.bytes());
    StripedVersions versions(arena, 200);
    const std::uint32_t before = versions.read(70);
    EXPECT_TRUE(versions.stands(70, before));
    versions.begin_change(70);
    EXPECT_FALSE(versions.stands(70, before));
    EXPECT_FALSE(versions.stands(70, versions.read(70)));
    versions.end_change(70);
    EXPECT_FALSE(versions.stands(70, before));
    EXPECT_TRUE(versions.stands(70, versions.read(70)));
    EXPECT_TRUE(versions.stands(199, versions.read(199))) << "another stripe";
}

}  // namespace
}  // namespace lastack::base

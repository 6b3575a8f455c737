#include "tests/model/spool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>

#include "tests/support/seed.hpp"

namespace lastack::model {
namespace {

// Against a queue of lengths and first words, through the file and back, several times round.
TEST(Spool, gives_back_what_went_in_in_order_by_way_of_the_file) {
    std::mt19937_64 random(test::seed_or(20'261'125));
    Spool spool(std::size_t{8} << 20);
    struct Expected {
        std::uint32_t size;
        std::uint64_t word;
    };
    std::deque<Expected> expected;
    std::vector<std::byte> bytes(200'000);
    std::uint64_t most_in_file = 0;
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 400; ++i) {
            const auto size = static_cast<std::uint32_t>(8 + random() % (bytes.size() - 8));
            const std::uint64_t word = random();
            std::memcpy(bytes.data(), &word, sizeof(word));
            spool.push(std::span(bytes).first(size));
            expected.push_back({size, word});
        }
        most_in_file = std::max(most_in_file, spool.bytes_in_file());
        for (std::size_t left = round == 3 ? expected.size() : 350; left > 0; --left) {
            const auto out = spool.pop();
            ASSERT_EQ(out.size(), expected.front().size);
            std::uint64_t word = 0;
            std::memcpy(&word, out.data(), sizeof(word));
            ASSERT_EQ(word, expected.front().word);
            expected.pop_front();
        }
        EXPECT_LE(spool.bytes_in_memory(), std::uint64_t{32} << 20);
    }
    EXPECT_GT(most_in_file, 0U);
    EXPECT_LE(most_in_file, std::uint64_t{64} << 20) << "places in the file are used again";
}

TEST(Spool, an_empty_string_is_one_too_and_a_short_queue_has_no_file) {
    Spool spool;
    for (int i = 0; i < 1'000; ++i) spool.push({});
    for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(spool.pop().empty());
    EXPECT_EQ(spool.bytes_in_file(), 0U);
}

}  // namespace
}  // namespace lastack::model

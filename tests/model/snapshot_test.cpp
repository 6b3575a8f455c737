#include "tests/model/snapshot.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <optional>
#include <random>

#include "tests/support/seed.hpp"

namespace lastack::model {
namespace {

class ImagesTest : public testing::Test {
  protected:
    static constexpr std::size_t kLines = 64;
    struct alignas(64) Memory {
        std::array<std::uint64_t, kLines * 8> words{};
        bool operator==(const Memory&) const = default;
    };

    ImagesTest() {
        for (std::size_t i = 0; i < memory_.words.size(); i += 3 * 8) memory_.words[i] = i;
        images_.emplace(bytes());
    }
    std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(memory_.words)); }
    bool learn() { return images_->learn(std::array{bytes()}); }
    std::vector<std::byte> copy() {
        std::vector<std::byte> out;
        images_->copy(out);
        return out;
    }

    Memory memory_;
    std::optional<Images> images_;
};

TEST_F(ImagesTest, a_line_that_changes_is_learned_once_and_is_what_it_was) {
    const Memory first = memory_;
    EXPECT_FALSE(learn());
    for (const std::size_t word :
         {0U, 9U, 24U, 511U}) {  // of lines that hold something, and nothing
        memory_.words[word] += 7;
        EXPECT_TRUE(learn()) << word;
        EXPECT_EQ(memory_, first);
        memory_.words[word] += 8;
        EXPECT_FALSE(learn()) << word;
        images_->return_here();
        EXPECT_EQ(memory_, first);
    }
    EXPECT_EQ(images_->copy_bytes(), 4U * 64);
}

TEST_F(ImagesTest, only_the_named_parts_are_looked_at) {
    memory_.words[100] = 1;
    EXPECT_FALSE(images_->learn(std::array{bytes().first(12 * 64), bytes().last(64)}));
    EXPECT_TRUE(images_->learn(std::array{bytes().subspan(12 * 64, 64)}));
}

// A walk over memory whose lines come into use bit by bit: what went in comes out, in order.
TEST_F(ImagesTest, copies_come_back_in_the_order_in_which_they_were_taken) {
    std::mt19937_64 random(test::seed_or(20'261'125));
    struct Waiting {
        std::vector<std::byte> image;
        Memory expected;
    };
    std::deque<Waiting> waiting;
    waiting.push_back({{}, memory_});
    for (int state = 0; state < 2'000; ++state) {
        const Waiting here = std::move(waiting.front());
        waiting.pop_front();
        images_->put_back(here.image);
        ASSERT_EQ(memory_, here.expected);
        const std::size_t reach = 8 + static_cast<std::size_t>(state) / 4;
        for (int successor = 0; successor < 2; ++successor) {
            memory_.words[random() % reach] = random();
            const Memory wanted = memory_;
            if (learn()) {
                images_->return_here();
                memory_ = wanted;
            }
            if (successor == 0 || waiting.size() < 100) {
                const auto image = images_->take(copy());
                waiting.push_back({{image.begin(), image.end()}, wanted});
            }
            images_->return_here();
            ASSERT_EQ(memory_, here.expected);
        }
    }
}

}  // namespace
}  // namespace lastack::model

#include "base/arena.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace lastack::base {
namespace {

struct alignas(kCacheLine) Memory {
    std::array<std::byte, 1024> bytes{};
};

struct Slot {
    std::uint32_t number = 7;
    std::uint8_t flag = 3;
};

// What a core carves at start, in small.
void carve_all(Arena& arena) {
    arena.carve<std::uint8_t>(3);
    arena.carve<Slot>(5);
    arena.carve<std::uint64_t>(9);
}

TEST(Arena, MeasuringNeedsNoMemoryAndCountsWhatCarvingUses) {
    Arena measuring;
    carve_all(measuring);
    EXPECT_TRUE(measuring.measuring());

    Memory memory;
    Arena real(memory.bytes);
    carve_all(real);
    EXPECT_FALSE(real.measuring());
    EXPECT_EQ(real.used_bytes(), measuring.used_bytes());
}

TEST(Arena, EveryRunOfObjectsStartsOnACacheLineOfItsOwn) {
    Memory memory;
    Arena arena(memory.bytes);
    const auto small = arena.carve<std::uint8_t>(1);
    const auto slots = arena.carve<Slot>(2);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slots.data()) % kCacheLine, 0U);
    EXPECT_EQ(reinterpret_cast<const std::byte*>(slots.data()) -
                  reinterpret_cast<const std::byte*>(small.data()),
              static_cast<std::ptrdiff_t>(kCacheLine));
}

TEST(Arena, ObjectsAreInitialisedWhateverTheMemoryHeld) {
    Memory memory;
    std::memset(memory.bytes.data(), 0xa5, memory.bytes.size());
    Arena arena(memory.bytes);
    for (const Slot& slot : arena.carve<Slot>(4)) {
        EXPECT_EQ(slot.number, 7U);
        EXPECT_EQ(slot.flag, 3U);
    }
    for (const std::uint64_t word : arena.carve<std::uint64_t>(4)) EXPECT_EQ(word, 0U);
}

TEST(Arena, CarvingToTheLastByteIsAllowed) {
    Memory memory;
    Arena arena(memory.bytes);
    EXPECT_EQ(arena.carve<std::byte>(1024).size(), 1024U);
    EXPECT_EQ(arena.used_bytes(), 1024U);
}

TEST(ArenaDeathTest, CarvingBeyondTheEndAborts) {
    Memory memory;
    Arena arena(memory.bytes);
    EXPECT_DEATH(arena.carve<std::byte>(1025), "assertion failed: used_ <= memory_.size");
}

TEST(ArenaDeathTest, MemoryThatIsNotAlignedToACacheLineAborts) {
    Memory memory;
    const std::span<std::byte> crooked = std::span(memory.bytes).subspan(1);
    EXPECT_DEATH(Arena{crooked}, "assertion failed");
}

TEST(Arena, ACopyOfItsBytesIsACopyOfTheState) {
    Memory memory;
    Arena arena(memory.bytes);
    const auto slots = arena.carve<Slot>(3);
    slots[1].number = 42;
    const Memory snapshot = memory;
    slots[1].number = 43;
    memory = snapshot;
    EXPECT_EQ(slots[1].number, 42U);
}

}  // namespace
}  // namespace lastack::base

#include "table/bucket.hpp"

#include <gtest/gtest.h>

namespace lastack::table {
namespace {

FlowRef ref(unsigned index) {
    return {Family::Ipv4, RecordKind::Tcb, index};
}

TEST(Bucket, FreshMemoryIsEmpty) {
    const Bucket bucket;
    EXPECT_EQ(bucket.empty_slots(), 0x3ffU);
    for (unsigned slot = 0; slot < Bucket::kSlots; ++slot) EXPECT_TRUE(bucket.ref(slot).is_none());
}

TEST(Bucket, NamesExactlyTheSlotsThatCarryATag) {
    for (unsigned slot = 0; slot < Bucket::kSlots; ++slot) {
        Bucket bucket;
        for (unsigned other = 0; other < Bucket::kSlots; ++other) {
            bucket.fill(other, static_cast<std::uint16_t>(0x8000 + other), ref(other));
        }
        EXPECT_EQ(bucket.slots_with(static_cast<std::uint16_t>(0x8000 + slot)), 1U << slot);
        EXPECT_EQ(bucket.slots_with(0x0001), 0U);
        EXPECT_EQ(bucket.empty_slots(), 0U);
        bucket.set_ref(slot, FlowRef::none());
        EXPECT_EQ(bucket.empty_slots(), 1U << slot);
    }
}

TEST(Bucket, OneTagMayStandInEverySlot) {
    Bucket bucket;
    for (unsigned slot = 0; slot < Bucket::kSlots; ++slot) bucket.fill(slot, 0xffff, ref(slot));
    EXPECT_EQ(bucket.slots_with(0xffff), 0x3ffU);
}

TEST(Bucket, ReadersSeeWhatTheOwnerWrote) {
    Bucket bucket;
    bucket.fill(9, 77, ref(5));
    EXPECT_EQ(bucket.shared_tag(9), 77);
    EXPECT_EQ(bucket.shared_ref(9), ref(5));
    const std::uint32_t version = bucket.shared_version();
    bucket.next_version();
    EXPECT_NE(bucket.shared_version(), version);
}

}  // namespace
}  // namespace lastack::table

#include "table/flow_ref.hpp"

#include <gtest/gtest.h>

namespace lastack::table {
namespace {

TEST(FlowRef, NoneIsAllZeroSoThatFreshMemoryIsEmpty) {
    EXPECT_TRUE(FlowRef::none().is_none());
    EXPECT_FALSE(FlowRef::none());
    EXPECT_EQ(FlowRef::none().raw(), 0U);
    EXPECT_EQ(FlowRef(), FlowRef::none());
}

TEST(FlowRef, KeepsFamilyKindAndIndexApart) {
    for (const Family family : {Family::Ipv4, Family::Ipv6}) {
        for (const RecordKind kind : {RecordKind::Syn, RecordKind::Tcb, RecordKind::TimeWait}) {
            for (const std::uint32_t index : {0U, 1U, 12'345'678U, FlowRef::kMaxIndex}) {
                const FlowRef ref(family, kind, index);
                EXPECT_TRUE(ref);
                EXPECT_EQ(ref.family(), family);
                EXPECT_EQ(ref.kind(), kind);
                EXPECT_EQ(ref.index(), index);
                EXPECT_EQ(FlowRef::from_raw(ref.raw()), ref);
            }
        }
    }
}

TEST(FlowRef, DiffersWhereAnyPartDoes) {
    const FlowRef ref(Family::Ipv4, RecordKind::Tcb, 7);
    EXPECT_NE(ref, FlowRef(Family::Ipv6, RecordKind::Tcb, 7));
    EXPECT_NE(ref, FlowRef(Family::Ipv4, RecordKind::Syn, 7));
    EXPECT_NE(ref, FlowRef(Family::Ipv4, RecordKind::Tcb, 8));
}

TEST(FlowRefDeathTest, AnIndexThatDoesNotFitIsADefect) {
    EXPECT_DEATH(FlowRef(Family::Ipv4, RecordKind::Tcb, FlowRef::kMaxIndex + 1), "kMaxIndex");
}

}  // namespace
}  // namespace lastack::table

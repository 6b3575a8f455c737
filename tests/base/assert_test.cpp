#include "base/assert.hpp"

#include <gtest/gtest.h>

namespace lastack::base {
namespace {

TEST(Assert, AConditionIsEvaluatedOnce) {
    int evaluations = 0;
    LA_ASSERT(++evaluations == 1);
    EXPECT_EQ(evaluations, 1);
}

TEST(AssertDeathTest, AFalseConditionAbortsInThisBuildTooAndNamesItsPlace) {
    const int answer = 41;
    EXPECT_DEATH(LA_ASSERT(answer == 42), "assertion failed: answer == 42 at .*assert_test.cpp:");
}

}  // namespace
}  // namespace lastack::base

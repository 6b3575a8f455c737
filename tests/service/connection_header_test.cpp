// Whoever includes lastack/connection.hpp alone can call a Connection. Nothing else may come first.
#include "lastack/connection.hpp"

#include <gtest/gtest.h>

namespace lastack::test {
namespace {

TEST(ConnectionHeader, is_enough_to_call_a_connection) {
    Connection nobody;
    EXPECT_FALSE(nobody.valid());
    EXPECT_EQ(nobody.send({}), 0U);
    EXPECT_EQ(nobody.state(), "CLOSED");
    nobody.close();
}

}  // namespace
}  // namespace lastack::test

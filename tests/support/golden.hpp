// Comparing with a committed text. LASTACK_UPDATE_GOLDEN=1 writes what is there now instead, to be
// looked at with git diff and committed on purpose.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace lastack::test {

inline void expect_golden(const std::string& name, const std::string& actual) {
    const std::string path = std::string(LASTACK_GOLDEN_DIR) + "/" + name;
    if (std::getenv("LASTACK_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path) << actual;
        return;
    }
    std::ifstream file(path);
    ASSERT_TRUE(file.is_open()) << path << " is missing; LASTACK_UPDATE_GOLDEN=1 writes it";
    std::ostringstream expected;
    expected << file.rdbuf();
    EXPECT_EQ(actual, expected.str()) << "differs from " << path;
}

}  // namespace lastack::test

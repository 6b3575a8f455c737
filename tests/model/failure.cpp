#include "tests/model/failure.hpp"

#include "base/assert.hpp"

namespace lastack::base {

// Stands in for base/assert.cpp's, which ends the process: a program's own comes before a
// library's.
void assertion_failed(const char* expression, const char* file, int line) {
    throw model::Failure(std::string("assertion failed: ") + expression + " at " + file + ":" +
                         std::to_string(line));
}

}  // namespace lastack::base

// What a check throws, LA_ASSERT included: in this program a failed assertion is a finding, with a
// way that leads to it, and not the end of the process.
#pragma once

#include <stdexcept>
#include <string>

namespace lastack::model {

class Failure : public std::runtime_error {
  public:
    explicit Failure(const std::string& what) : std::runtime_error(what) {}
};

inline void require(bool holds, const char* what) {
    if (!holds) throw Failure(what);
}

}  // namespace lastack::model

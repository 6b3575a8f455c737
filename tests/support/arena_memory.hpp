// As much aligned memory as something carves from an arena.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/arena.hpp"

namespace lastack::test {

class ArenaMemory {
  public:
    /// `carve(base::Arena&)` is run once, over an arena that only measures.
    template <class Carve>
    explicit ArenaMemory(Carve&& carve) {
        base::Arena measuring;
        carve(measuring);
        lines_.resize((measuring.used_bytes() + base::kCacheLine - 1) / base::kCacheLine);
    }

    std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(lines_)); }

  private:
    struct alignas(base::kCacheLine) Line {
        std::byte bytes[base::kCacheLine];
    };
    std::vector<Line> lines_;
};

}  // namespace lastack::test

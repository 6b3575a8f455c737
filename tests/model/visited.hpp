// The states that are known: from the digest of a canonical form to the state's number, which are
// given from 0 on. Open addressing over a power of two, at most three quarters full; the slots hold
// numbers only, the digests stand in order of numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/model/canonical.hpp"
#include "tests/model/filed.hpp"

namespace lastack::model {

class Visited {
  public:
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    /// Room for `most`.
    explicit Visited(std::uint64_t most) : digests_(most) {}

    /// The number that `digest` is known by: size() before the call where it was not known.
    std::uint32_t find_or_insert(const Digest& digest) {
        if (digests_.size() * 4 >= slots_.size() * 3) grow();
        std::uint32_t& slot = slot_of(digest);
        if (slot != kNone) return slot;
        slot = size();
        digests_.push_back(digest);
        return slot;
    }

    /// The number that `digest` is known by; kNone: it is not.
    std::uint32_t find(const Digest& digest) { return slot_of(digest); }

    std::uint32_t size() const { return static_cast<std::uint32_t>(digests_.size()); }
    std::uint64_t bytes() const {
        return slots_.size() * sizeof(slots_[0]) + digests_.size() * sizeof(Digest);
    }

  private:
    std::uint32_t& slot_of(const Digest& digest) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = digest.low & mask;
        while (slots_[at] != kNone && digests_[slots_[at]] != digest) at = (at + 1) & mask;
        return slots_[at];
    }

    void grow() {
        slots_.assign(slots_.size() * 2, kNone);
        for (std::uint32_t i = 0; i < digests_.size(); ++i) slot_of(digests_[i]) = i;
    }

    Filed<Digest> digests_;
    std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(1U << 12, kNone);
};

}  // namespace lastack::model

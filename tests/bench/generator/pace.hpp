// How fast lives begin: so many a second whatever comes back (open loop), or as many as can be with
// a bounded number in flight (saturation).
#pragma once

#include <algorithm>
#include <cstdint>

namespace lastack::bench {

struct Pace {
    std::uint64_t rate = 0;  // lives per second; 0: saturate
    std::uint32_t in_flight = 256;

    /// How many may begin now, when `begun` have and `flying` of them are not over.
    std::uint64_t due(std::uint64_t since_start_ns, std::uint64_t begun,
                      std::uint64_t flying) const {
        if (rate == 0) return flying < in_flight ? in_flight - flying : 0;
        const auto due = static_cast<std::uint64_t>(static_cast<unsigned __int128>(since_start_ns) *
                                                    rate / 1'000'000'000);
        return due > begun ? due - begun : 0;
    }

    /// After how long a life counts as lost. In open loop some are: what finds a ring full.
    std::uint32_t patience_ms() const { return rate != 0 ? 1'000 : 30'000; }

    /// Room that a ledger needs. In open loop a life in trouble keeps its place until then.
    std::uint64_t ledger_capacity() const {
        const std::uint64_t flying =
            rate != 0 ? rate * patience_ms() / 1'000 : std::uint64_t{in_flight};
        std::uint64_t capacity = 1'024;
        while (capacity < 2 * flying) capacity *= 2;
        return capacity;
    }
};

}  // namespace lastack::bench

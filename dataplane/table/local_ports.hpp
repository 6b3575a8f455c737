// Which local port a new connection takes: RFC 6056, algorithm 4 (double-hash port selection).
//
//   port = first + (F(local address, remote address, remote port) + counter[G(the same)]) mod range
//
// F and G are keyed hashes with keys of their own, and each probe advances one of many counters. So
// an outsider can predict neither the first port towards a destination nor, from his own
// connections, the ports towards others; and a port towards one destination comes back only after
// the whole range (RFC 6056 3.3.4, G-35).
//
// Uniqueness is by the whole tuple: whether a port is usable is asked of the caller, who knows the
// destination, the listeners and the steering (G-34, G-36). Reserved ports are left out of the
// range from the start, so that no probe is spent on one. One owner thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.hpp"
#include "base/siphash.hpp"
#include "wire/flow_key.hpp"

namespace lastack::table {

/// Both ends included.
struct PortRange {
    std::uint16_t first = 32'768;
    std::uint16_t last = 60'999;

    constexpr std::uint32_t size() const { return std::uint32_t{last} - first + 1; }
    constexpr bool operator==(const PortRange&) const = default;
};

struct PortChoice {
    std::optional<std::uint16_t> port;  // nullopt: no usable one among those probed
    std::uint32_t probed = 0;           // how many were asked about
};

class LocalPorts {
  public:
    /// Few counters mix destinations up and let an observer correlate them; this is what Linux came
    /// to after an attack on fewer (Kol, Klein, Gilad, USENIX Security 2023). 128 KiB.
    static constexpr std::uint32_t kCounters = 65'536;

    struct Settings {
        PortRange range;
        std::span<const PortRange> reserved{};  // never chosen; may overlap, may lie outside
        base::SipKey offset_key;                // F's
        base::SipKey counter_key;               // G's
        std::uint32_t counters = kCounters;
    };

    /// The range must hold at least one port that is not reserved, and not port 0.
    LocalPorts(base::Arena& arena, const Settings& settings);

    /// The next usable port towards the remote end of `key`, whose local_port is not looked at.
    /// `usable(std::uint16_t port) -> bool` is asked at most once per port, and of at most
    /// `at_most` ports: a call that found none goes on, when repeated, where it stopped.
    template <class Usable>
    PortChoice choose(const wire::FlowKey4& key, Usable&& usable,
                      std::uint32_t at_most = kWholeRange) {
        return probe(start_of(key), usable, at_most);
    }
    template <class Usable>
    PortChoice choose(const wire::FlowKey6& key, Usable&& usable,
                      std::uint32_t at_most = kWholeRange) {
        return probe(start_of(key), usable, at_most);
    }

    PortRange range() const { return range_; }

    /// How many ports there are to choose from.
    std::uint32_t size() const {
        return allowed_.empty() ? range_.size() : static_cast<std::uint32_t>(allowed_.size());
    }

    static constexpr std::uint32_t kWholeRange = 65'536;

  private:
    /// Where a destination's sequence of ports stands.
    struct Start {
        std::uint32_t offset;   // F's, below size()
        std::uint32_t counter;  // G's, an index
    };

    Start start_of(const wire::FlowKey4& key) const;
    Start start_of(const wire::FlowKey6& key) const;
    Start start_of(std::span<const std::uint64_t> words) const;
    void leave_out(base::Arena& arena, std::span<const PortRange> reserved);

    template <class Usable>
    PortChoice probe(Start start, Usable& usable, std::uint32_t at_most) {
        const std::uint32_t size = this->size();
        const std::uint32_t limit = at_most < size ? at_most : size;
        // A counter is kept below the range's size, so 16 bits hold it and it never wraps askew.
        std::uint16_t& counter = counters_[start.counter];
        for (std::uint32_t probed = 1; probed <= limit; ++probed) {
            const std::uint32_t step = (start.offset + counter) % size;
            counter = static_cast<std::uint16_t>((counter + 1U) % size);
            const auto port =
                allowed_.empty() ? static_cast<std::uint16_t>(range_.first + step) : allowed_[step];
            if (usable(port)) return {port, probed};
        }
        return {std::nullopt, limit};
    }

    PortRange range_;
    std::span<std::uint16_t> allowed_;  // empty: all of the range
    base::SipKey offset_key_;
    base::SipKey counter_key_;
    std::span<std::uint16_t> counters_;
    std::uint32_t counter_count_ = 0;
};

}  // namespace lastack::table

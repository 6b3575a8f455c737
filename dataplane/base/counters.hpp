// The counters of one core.
//
// Plain 64-bit words that only their owner writes (relaxed load and store, never fetch_add), and
// anybody may read at any time. Names and help come from counters.def, the one list.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lastack::base {

enum class CounterGroup : std::uint8_t { Link, Arp, Ip, Icmp, Tcp, TcpExt, Guard, Worker };

enum class Counter : std::uint16_t {
#define LA_COUNTER(name, group, help) name,
#include "base/counters.def"
#undef LA_COUNTER
};

struct CounterInfo {
    std::string_view name;
    CounterGroup group;
    std::string_view help;
};

inline constexpr std::array kCounters{
#define LA_COUNTER(name, group, help) CounterInfo{#name, CounterGroup::group, help},
#include "base/counters.def"
#undef LA_COUNTER
};

inline constexpr std::size_t kCounterCount = kCounters.size();

constexpr const CounterInfo& info(Counter counter) {
    return kCounters[static_cast<std::size_t>(counter)];
}

/// One core's counters. add() is the owner's; value() is anybody's.
class Counters {
  public:
    void add(Counter counter, std::uint64_t amount = 1) {
        std::atomic_ref<std::uint64_t> word(words_[static_cast<std::size_t>(counter)]);
        word.store(word.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    std::uint64_t value(Counter counter) const {
        // atomic_ref wants a mutable object until C++26; the load does not write.
        auto& word = const_cast<std::uint64_t&>(words_[static_cast<std::size_t>(counter)]);
        return std::atomic_ref<std::uint64_t>(word).load(std::memory_order_relaxed);
    }

  private:
    alignas(64) std::array<std::uint64_t, kCounterCount> words_{};
};

}  // namespace lastack::base

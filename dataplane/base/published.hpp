// Words that one thread writes and any may read, of a record that is used again and again.
//
//   Published<T>       one such word: to its owner as a plain T is; others read it by shared().
//   StripedVersions    tells a reader whether the words that it took belong together.
//
//     owner                          reader
//       versions.begin_change(i);      const auto version = versions.read(i);
//       record.key = ...;              key = record.key.shared(); ...
//       versions.end_change(i);        if (!versions.stands(i, version)) again;
//
// All of it is loads and stores as any other on x86; what they add is an order that compilers,
// other machines and ThreadSanitizer respect. The owner never waits.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "base/arena.hpp"

namespace lastack::base {

template <class T>
class Published {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t));

  public:
    constexpr Published() = default;
    constexpr Published(T value) : value_(value) {}  // NOLINT(google-explicit-constructor)

    // ---- the owner ----

    constexpr operator T() const { return value_; }  // NOLINT(google-explicit-constructor)
    constexpr T get() const { return value_; }
    Published& operator=(T value) {
        std::atomic_ref<T>(value_).store(value, std::memory_order_release);
        return *this;
    }
    /// Copies a whole record that nobody else reads yet.
    constexpr Published(const Published&) = default;
    constexpr Published& operator=(const Published&) = default;

    // ---- any thread ----

    T shared() const {
        // atomic_ref wants a mutable object until C++26; the load does not write.
        return std::atomic_ref<T>(const_cast<T&>(value_)).load(std::memory_order_acquire);
    }

  private:
    T value_{};
};

/// A version for every 64 records: odd while words of one of them that belong together change.
class StripedVersions {
  public:
    static constexpr std::uint32_t kStripe = 64;

    StripedVersions(Arena& arena, std::uint32_t records)
        : versions_(arena.carve<std::uint32_t>(records / kStripe + 1)) {}

    // ---- the owner, about words that it writes in between, each of them Published ----

    void begin_change(std::uint32_t index) { step(index, std::memory_order_relaxed); }
    void end_change(std::uint32_t index) { step(index, std::memory_order_release); }

    // ---- any thread ----

    std::uint32_t read(std::uint32_t index) const {
        return word(index).load(std::memory_order_acquire);
    }
    /// Whether what was read, by Published::shared(), since `version` was belongs together.
    bool stands(std::uint32_t index, std::uint32_t version) const {
        return version % 2 == 0 && word(index).load(std::memory_order_relaxed) == version;
    }

  private:
    std::atomic_ref<std::uint32_t> word(std::uint32_t index) const {
        return std::atomic_ref<std::uint32_t>(versions_[index / kStripe]);
    }
    void step(std::uint32_t index, std::memory_order order) {
        word(index).store(versions_[index / kStripe] + 1, order);
    }

    std::span<std::uint32_t> versions_;
};

}  // namespace lastack::base

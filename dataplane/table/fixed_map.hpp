// A small map of fixed capacity, for control-sized things whose keys an operator chooses.
//
// Open addressing with linear probing in an array at most half full; erasing shifts the rest of the
// run back, so there are no tombstones. The hash is not keyed: what a peer can choose keys of does
// not belong here. One owner thread.
//
//   home(c)        home(a)=home(b)
//     | c |   |   | a | b | d |   |        erase a:   | c |   |   | b | d |   |   |
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <type_traits>

#include "base/arena.hpp"

namespace lastack::table {

template <class Key, class Value, class Hash>
class FixedMap {
    static_assert(std::is_trivially_copyable_v<Key> && std::is_trivially_copyable_v<Value>);

  public:
    FixedMap(base::Arena& arena, std::uint32_t capacity)
        : capacity_(capacity),
          mask_(std::bit_ceil(2 * std::uint64_t{capacity} + 2) - 1),
          entries_(arena.carve<Entry>(mask_ + 1)) {}

    const Value* find(const Key& key) const {
        const Entry& entry = entries_[position(key)];
        return entry.used ? &entry.value : nullptr;
    }
    Value* find(const Key& key) {
        Entry& entry = entries_[position(key)];
        return entry.used ? &entry.value : nullptr;
    }

    /// False: the key is here already, or the map is full.
    bool insert(const Key& key, const Value& value) {
        Entry& entry = entries_[position(key)];
        if (entry.used || size_ == capacity_) return false;
        entry = {key, value, true};
        ++size_;
        return true;
    }

    /// False: no such key.
    bool erase(const Key& key) {
        std::uint64_t hole = position(key);
        if (!entries_[hole].used) return false;
        // What stands behind the hole moves into it, unless it would leave its home behind.
        for (std::uint64_t at = next(hole); entries_[at].used; at = next(at)) {
            const std::uint64_t from_home = (at - home(entries_[at].key)) & mask_;
            const std::uint64_t from_hole = (at - hole) & mask_;
            if (from_home < from_hole) continue;
            entries_[hole] = entries_[at];
            hole = at;
        }
        entries_[hole] = {};
        --size_;
        return true;
    }

    std::uint32_t size() const { return size_; }
    std::uint32_t capacity() const { return capacity_; }

  private:
    struct Entry {
        Key key{};
        Value value{};
        bool used = false;
    };

    std::uint64_t home(const Key& key) const {
        // The upper half of a multiplicative hash is its better one.
        return (Hash{}(key) >> 32) & mask_;
    }
    std::uint64_t next(std::uint64_t at) const { return (at + 1) & mask_; }

    /// Where `key` stands, or else the empty entry where it would. There always is one.
    std::uint64_t position(const Key& key) const {
        std::uint64_t at = home(key);
        while (entries_[at].used && !(entries_[at].key == key)) at = next(at);
        return at;
    }

    std::uint32_t capacity_ = 0;
    std::uint32_t size_ = 0;
    std::uint64_t mask_ = 0;
    std::span<Entry> entries_;
};

}  // namespace lastack::table

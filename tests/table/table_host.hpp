// A flow table with records to look at.
#pragma once

#include <cstdint>
#include <vector>

#include "table/flow_table.hpp"
#include "tests/support/arena_memory.hpp"

namespace lastack::table {

inline FlowRef tcb(std::uint32_t index) {
    return {Family::Ipv4, RecordKind::Tcb, index};
}

/// A table whose records are just the hashes of their keys: a key is its own hash.
struct TableHost {
    explicit TableHost(std::uint32_t capacity)
        : memory([&](base::Arena& measuring) { FlowTable(measuring, capacity); }),
          arena(memory.bytes()),
          table(arena, capacity),
          keys(capacity + 1) {}

    bool add(std::uint64_t key, std::uint32_t index) {
        keys[index] = key;
        return table.insert(key, tcb(index));
    }
    FlowRef find(std::uint64_t key) const {
        return table.find(key, [&](FlowRef ref) { return keys[ref.index()] == key; });
    }
    FlowRef find_shared(std::uint64_t key) const {
        return table.find_shared(key, [&](FlowRef ref) { return keys[ref.index()] == key; });
    }

    test::ArenaMemory memory;
    base::Arena arena;
    FlowTable table;
    std::vector<std::uint64_t> keys;
};

}  // namespace lastack::table

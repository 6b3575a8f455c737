// The earliest of many deadlines: a binary heap over slots numbered 0 .. capacity-1.
//
// For tables whose deadlines move rarely (neighbours: a few times a minute each). Every slot has at
// most one deadline; its place in the heap is kept, so that moving and removing need no search.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/arena.hpp"
#include "base/pool.hpp"
#include "time/instant.hpp"

namespace lastack::ip {

class DeadlineHeap {
  public:
    DeadlineHeap() = default;
    DeadlineHeap(base::Arena& arena, std::uint32_t capacity)
        : nodes_(arena.carve<Node>(capacity)), place_(arena.carve<std::uint32_t>(capacity)) {
        for (std::uint32_t& place : place_) place = base::kNoIndex;
    }

    struct Node {
        time::Instant at{};
        std::uint32_t slot = 0;
    };

    /// The earliest; nullopt where there is none.
    std::optional<Node> first() const {
        return count_ == 0 ? std::nullopt : std::optional(nodes_[0]);
    }

    /// Gives `slot` the deadline `at`, in place of the one it may have had.
    void set(std::uint32_t slot, time::Instant at) {
        LA_ASSERT(slot < place_.size());
        if (place_[slot] == base::kNoIndex) place_[slot] = count_++;
        const std::uint32_t place = place_[slot];
        nodes_[place] = {at, slot};
        sift_down(sift_up(place));
    }

    void remove(std::uint32_t slot) {
        LA_ASSERT(slot < place_.size());
        const std::uint32_t place = place_[slot];
        if (place == base::kNoIndex) return;
        place_[slot] = base::kNoIndex;
        const Node last = nodes_[--count_];
        if (place == count_) return;
        put(place, last);
        sift_down(sift_up(place));
    }

  private:
    void put(std::uint32_t place, Node node) {
        nodes_[place] = node;
        place_[node.slot] = place;
    }

    std::uint32_t sift_up(std::uint32_t place) {
        while (place > 0) {
            const std::uint32_t parent = (place - 1) / 2;
            if (nodes_[parent].at <= nodes_[place].at) break;
            swap(parent, place);
            place = parent;
        }
        return place;
    }

    void sift_down(std::uint32_t place) {
        for (std::uint32_t child = 2 * place + 1; child < count_; child = 2 * place + 1) {
            if (child + 1 < count_ && nodes_[child + 1].at < nodes_[child].at) ++child;
            if (nodes_[place].at <= nodes_[child].at) break;
            swap(child, place);
            place = child;
        }
    }

    void swap(std::uint32_t a, std::uint32_t b) {
        const Node node = nodes_[a];
        put(a, nodes_[b]);
        put(b, node);
    }

    std::span<Node> nodes_;
    std::span<std::uint32_t> place_;
    std::uint32_t count_ = 0;
};

}  // namespace lastack::ip

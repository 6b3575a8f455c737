// The alternative that ADR 4 decided against: the wheel's own geometry, with intrusive lists.
//
// No laziness: arming and cancelling link and unlink at once. A timer is 16 bytes: links and tick.
// It does just what is measured: a far deadline is cut to the range, work is not bounded.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tests/bench/wheel/fired.hpp"
#include "tests/bench/wheel/memory.hpp"
#include "time/instant.hpp"

namespace lastack::bench {

class ListWheel {
  public:
    static constexpr const char* kName = "list wheel";

    explicit ListWheel(std::uint32_t capacity) : capacity_(capacity), nodes_(capacity + kSlots) {
        for (std::uint32_t i = 0; i < capacity + kSlots; ++i) nodes_[i] = {i, i, 0, 0};
    }

    void arm(std::uint32_t id, time::Tick deadline) {
        unlink(id);
        nodes_[id].tick = static_cast<std::uint32_t>(deadline);
        link(id);
    }
    void cancel(std::uint32_t id) {
        unlink(id);
        nodes_[id].next = nodes_[id].previous = id;
    }
    void go_to(time::Tick now) {
        Fired none;
        drain(now, none);
    }

    void drain(time::Tick target, Fired& fired) {
        while (now_ < target) {
            ++now_;
            for (unsigned level = 3; level > 0; --level) cascade(level);
            const std::uint32_t head = capacity_ + (now_ & 1'023);
            for (std::uint32_t id; (id = nodes_[head].next) != head;) {
                cancel(id);
                fired(id);
            }
        }
    }

  private:
    struct Node {
        std::uint32_t next;
        std::uint32_t previous;
        std::uint32_t tick;
        std::uint32_t unused;
    };
    static constexpr unsigned kShifts[] = {0, 9, 17, 25};
    static constexpr std::uint32_t kCounts[] = {1'024, 512, 512, 64};
    static constexpr std::uint32_t kFirsts[] = {0, 1'024, 1'536, 2'048};
    static constexpr std::uint32_t kSlots = 2'112;

    std::uint32_t head_of(std::uint32_t tick) const {
        for (unsigned level = 0; level < 4; ++level) {
            const std::uint32_t block = tick >> kShifts[level];
            if (block - (now_ >> kShifts[level]) >= kCounts[level]) continue;
            return capacity_ + kFirsts[level] + block % kCounts[level];
        }
        return capacity_ + kFirsts[3] + ((now_ >> kShifts[3]) + kCounts[3] - 1) % kCounts[3];
    }
    void link(std::uint32_t id) {
        const std::uint32_t head = head_of(nodes_[id].tick);
        const std::uint32_t first = nodes_[head].next;
        nodes_[id].next = first;
        nodes_[id].previous = head;
        nodes_[first].previous = id;
        nodes_[head].next = id;
    }
    void unlink(std::uint32_t id) {
        const Node node = nodes_[id];
        nodes_[node.previous].next = node.next;
        nodes_[node.next].previous = node.previous;
    }
    void cascade(unsigned level) {
        if (now_ & ((1U << kShifts[level]) - 1)) return;
        const std::uint32_t head =
            capacity_ + kFirsts[level] + (now_ >> kShifts[level]) % kCounts[level];
        for (std::uint32_t id; (id = nodes_[head].next) != head;) {
            unlink(id);
            link(id);
        }
    }

    std::uint32_t now_ = 0;
    std::uint32_t capacity_;
    Array<Node> nodes_;
};

}  // namespace lastack::bench

#include "service/deadlines.hpp"

#include <algorithm>

namespace lastack::service {

void Deadlines::start(Core& core, DeadlineOwner& owner, std::uint32_t slots,
                      std::initializer_list<std::chrono::nanoseconds> lengths) {
    core_ = &core;
    owner_ = &owner;
    nodes_.resize(slots);
    std::size_t i = 0;
    for (const std::chrono::nanoseconds length : lengths) queues_.at(i++).length = length;
}

void Deadlines::set(std::uint32_t slot, unsigned queue) {
    if (nodes_[slot].queue != kNoQueue) unlink(slot);
    append(slot, queue);
    // Not the slot's own deadline: earlier ones may wait without a timer, had the core none left.
    if (nodes_[slot].deadline < armed_for_) arm(nodes_[earliest()].deadline);
}

void Deadlines::clear(std::uint32_t slot) {
    if (nodes_[slot].queue == kNoQueue) return;
    unlink(slot);
    if (waiting_ == 0) disarm();
}

void Deadlines::on_timer(std::uint64_t) {
    timer_ = {};
    armed_for_ = kNever;
    const std::chrono::nanoseconds now = core_->now();
    for (unsigned i = 0; i < kBudget; ++i) {
        const std::uint32_t slot = earliest();
        if (slot == kNone || nodes_[slot].deadline > now) break;
        const unsigned queue = nodes_[slot].queue;
        unlink(slot);
        owner_->on_deadline(slot, queue);
    }
    const std::uint32_t next = earliest();
    if (next != kNone && nodes_[next].deadline < armed_for_) arm(nodes_[next].deadline);
}

void Deadlines::append(std::uint32_t slot, unsigned queue) {
    Queue& list = queues_[queue];
    Node& node = nodes_[slot];
    node = {.deadline = core_->now() + list.length,
            .previous = list.tail,
            .next = kNone,
            .queue = static_cast<std::uint8_t>(queue)};
    (list.tail == kNone ? list.head : nodes_[list.tail].next) = slot;
    list.tail = slot;
    ++waiting_;
}

void Deadlines::unlink(std::uint32_t slot) {
    Node& node = nodes_[slot];
    Queue& list = queues_[node.queue];
    (node.previous == kNone ? list.head : nodes_[node.previous].next) = node.next;
    (node.next == kNone ? list.tail : nodes_[node.next].previous) = node.previous;
    node.queue = kNoQueue;
    --waiting_;
}

std::uint32_t Deadlines::earliest() const {
    std::uint32_t best = kNone;
    for (const Queue& list : queues_) {
        if (list.head == kNone) continue;
        if (best == kNone || nodes_[list.head].deadline < nodes_[best].deadline) best = list.head;
    }
    return best;
}

void Deadlines::arm(std::chrono::nanoseconds deadline) {
    if (timer_.valid()) core_->cancel_timer(timer_);
    const auto delay = std::max(deadline - core_->now(), std::chrono::nanoseconds(0));
    timer_ = core_->start_timer(delay, *this, 0);
    // Without a timer (the core has none left) the next set() tries again.
    armed_for_ = timer_.valid() ? deadline : kNever;
}

void Deadlines::disarm() {
    if (timer_.valid()) core_->cancel_timer(timer_);
    timer_ = {};
    armed_for_ = kNever;
}

}  // namespace lastack::service

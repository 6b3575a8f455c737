// What is kept to check answers with: one entry per life in flight, and no more than `capacity`.
//
// Frames are made from frames alone; the ledger is never asked what to send. It holds what a right
// answer has to agree with: lastack's initial sequence number, once it has said it, and how far
// the life has come.
//
//     oldest_                 next_
//        |--- in flight, or over but not the oldest ---|      entry of a life: life % capacity
#pragma once

#include <cstdint>
#include <vector>

#include "base/assert.hpp"

namespace lastack::bench {

struct Entry {
    std::uint64_t life = ~std::uint64_t{0};
    std::uint32_t begun_ms = 0;
    std::uint32_t isn = 0;      // lastack's
    std::uint32_t rcv_nxt = 0;  // the next number we expect of lastack
    std::uint32_t acked = 0;    // how much of ours it has acknowledged, counted from our ISN
    bool opened = false;
    bool fin_seen = false;
    bool over = false;
};

class Ledger {
  public:
    /// `capacity`: a power of 2.
    explicit Ledger(std::uint64_t capacity) : entries_(capacity), mask_(capacity - 1) {
        LA_ASSERT(capacity > 0 && (capacity & mask_) == 0);
    }

    bool full() const { return next_ - oldest_ == entries_.size(); }
    std::uint64_t next() const { return next_; }
    std::uint64_t in_flight() const { return in_flight_; }

    /// The next life begins. Not when full().
    std::uint64_t begin(std::uint32_t now_ms) {
        entries_[next_ & mask_] = Entry{.life = next_, .begun_ms = now_ms};
        ++in_flight_;
        return next_++;
    }

    void finish(Entry& entry) {
        entry.over = true;
        --in_flight_;
    }

    /// nullptr where it was so long ago that another has its place.
    Entry* find(std::uint64_t life) {
        Entry& entry = entries_[life & mask_];
        return entry.life == life ? &entry : nullptr;
    }

    /// Lets go of the oldest lives that are over, or older than `patience_ms`. How many of them
    /// were not over.
    std::uint64_t let_go(std::uint32_t now_ms, std::uint32_t patience_ms) {
        std::uint64_t lost = 0;
        for (; oldest_ < next_; ++oldest_) {
            Entry& entry = entries_[oldest_ & mask_];
            if (entry.over) continue;
            if (now_ms - entry.begun_ms < patience_ms) break;
            finish(entry);
            ++lost;
        }
        return lost;
    }

  private:
    std::vector<Entry> entries_;
    std::uint64_t mask_;
    std::uint64_t oldest_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t in_flight_ = 0;
};

}  // namespace lastack::bench

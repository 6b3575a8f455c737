// The neighbour cache: from (interface, next hop) to a MAC address (RFC 826, RFC 1122 2.3.2).
//
//   state        what it means                     what ends it
//   INCOMPLETE   asked all, 1 s apart, 3 times     an answer: REACHABLE; none: FAILED
//   REACHABLE    a MAC, confirmed                  reachable time since confirmation: STALE
//   STALE        a MAC, sent to, doubted           a use: PROBE; a minute unused: forgotten
//   PROBE        a MAC, sent to; after 5 s asked   an answer, or progress of TCP: REACHABLE;
//                by name, 1 s apart, 3 times       none: forgotten, the next use asks all
//   FAILED       the negative cache: not asked     3 s: forgotten; any ARP from it: STALE
//
// A request to us makes a STALE entry of its sender; any ARP of a known sender updates its MAC, and
// a changed one is STALE again (RFC 826's merge). What waits for a MAC leaves with the first ARP
// that tells it.
//
// A connection keeps a hint to its neighbour, so that the common look-up is one comparison. At
// capacity the least recently used (to within a second) makes room; those without a MAC may hold
// half the cache, so that a scan of a large subnet cannot push out the neighbours in use.
//
// Pure: nothing is sent here. resolve() and work() say which question to ask; the caller asks it.
// One owner thread. Everything lies in the arena.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.hpp"
#include "base/buffer.hpp"
#include "base/counters.hpp"
#include "base/pool.hpp"
#include "base/siphash.hpp"
#include "ip/deadline_heap.hpp"
#include "ip/neighbour.hpp"
#include "ip/waiting_frames.hpp"
#include "time/instant.hpp"
#include "wire/address.hpp"

namespace lastack::ip {

class Neighbours {
  public:
    struct Limits {
        std::uint32_t capacity = 1'024;      // 1 .. kMaxNeighbours
        std::uint32_t waiting_frames = 256;  // of all neighbours together
        std::uint32_t waiting_each = 64;     // of one
        time::Duration reachable = std::chrono::seconds(30);
    };

    Neighbours() = default;
    Neighbours(base::Arena& arena, const Limits& limits, base::SipKey hash_key,
               base::Counters& counters, base::Buffers& buffers);

    enum class Answer : std::uint8_t {
        Known,   // mac() is there
        Ask,     // not known: put the question on the wire now, and wait
        Wait,    // not known, and the question has been put
        Failed,  // nobody answered a moment ago
    };
    struct Resolution {
        Answer answer;
        std::uint32_t slot;
    };

    /// Finds or creates. `hint` is read and set. The slot is good until the next call that may
    /// change the cache.
    Resolution resolve(const NeighbourKey& key, NeighbourHint& hint, time::Instant now) {
        const std::uint32_t slot = slot_of(hint);
        if (slot != base::kNoIndex && entries_[slot].key == key) return use(slot, now);
        return resolve_slowly(key, hint, now);
    }

    const wire::MacAddress& mac(std::uint32_t slot) const { return entries_[slot].mac; }

    /// What an ARP packet said about its sender, and why it was sent.
    enum class Heard : std::uint8_t {
        Answer,     // a reply to us: it is reachable, if we had asked
        Request,    // a request to us: it wants to speak to us
        Broadcast,  // to somebody else, or gratuitous: only for neighbours that we know (I-15)
    };

    /// The merge rule (RFC 826). Returns the slot where frames wait that can now be sent, else
    /// kNoIndex.
    std::uint32_t learn(const NeighbourKey& key, const wire::MacAddress& mac, Heard heard,
                        time::Instant now);

    /// Something above IP moved forward through this neighbour (RFC 1122 2.3.2.1 (3)).
    void confirm(NeighbourHint hint, time::Instant now) {
        const std::uint32_t slot = slot_of(hint);
        if (slot == base::kNoIndex) return;
        if (entries_[slot].state == NeighbourState::Reachable) {
            entries_[slot].confirmed_at = now;
        } else {
            confirm_slowly(slot, now);
        }
    }

    /// Something above IP has made no progress since `since` (RFC 1122 2.3.2.1 (4), 3.3.1.4):
    /// unless somebody has confirmed the neighbour meanwhile it is asked now, and forgotten if it
    /// does not answer.
    void doubt(NeighbourHint hint, time::Instant since, time::Instant now);

    /// Does the next thing that is due, if one is. Call until `did` is false or a budget is used
    /// up.
    struct Work {
        bool did = false;
        std::optional<ArpQuestion> ask;
    };
    Work work(time::Instant now);

    /// Not later than the next thing that is due; nullopt: nothing is.
    std::optional<time::Instant> deadline() const;

    /// Keeps `frame` for a neighbour without MAC. Beyond the limits the neighbour's oldest frame is
    /// dropped in its favour (RFC 1122 2.3.2.2: save the latest), or else this one.
    void wait(std::uint32_t slot, const WaitingFrame& frame);

    bool anyone_waits(std::uint32_t slot) const { return entries_[slot].waiting.count > 0; }
    WaitingFrame& oldest_waiting(std::uint32_t slot) {
        return frames_.oldest(entries_[slot].waiting);
    }
    void drop_oldest_waiting(std::uint32_t slot) { frames_.drop_oldest(entries_[slot].waiting); }

    /// Forgets all neighbours of an interface, and drops what waits for them: its link went down.
    void forget(std::uint8_t interface);

    /// Rows from slot `first` on; returns the slot to go on from, capacity() at the end.
    struct Listed {
        std::uint32_t next;
        std::size_t rows;
    };
    Listed list(std::uint32_t first, std::span<NeighbourRow> out, time::Instant now) const;

    std::uint32_t capacity() const { return entries_.capacity(); }
    std::uint32_t in_use() const { return entries_.in_use(); }
    std::uint32_t waiting_frames() const { return frames_.in_use(); }
    std::uint32_t waiting_capacity() const { return frames_.capacity(); }

  private:
    struct Entry {
        NeighbourKey key;
        NeighbourState state = NeighbourState::Free;
        std::uint8_t tries = 0;
        wire::MacAddress mac;
        std::uint16_t generation = 0;  // outlives the entry's lives
        std::uint32_t next_in_bucket = base::kNoIndex;
        std::uint32_t newer = base::kNoIndex;  // neighbours of the same list, by last use
        std::uint32_t older = base::kNoIndex;
        FrameQueue waiting;
        time::Instant used_at{};
        time::Instant confirmed_at{};
    };

    /// Two lists by last use: with a MAC, and without.
    struct UseList {
        std::uint32_t newest = base::kNoIndex;
        std::uint32_t oldest = base::kNoIndex;
        std::uint32_t count = 0;
    };

    static constexpr std::uint32_t kSlotBits = 20;
    static constexpr std::uint32_t kSlotMask = (1U << kSlotBits) - 1;
    static constexpr std::uint16_t kGenerationMask =
        0x7ff;  // one bit short: kNoNeighbour is no hint
    static constexpr time::Duration kUseGrain = std::chrono::seconds(1);

    static bool has_mac(NeighbourState state) {
        return state == NeighbourState::Reachable || state == NeighbourState::Stale ||
               state == NeighbourState::Probe;
    }

    NeighbourHint hint_of(std::uint32_t slot) const {
        return std::uint32_t{entries_[slot].generation} << kSlotBits | slot;
    }
    std::uint32_t slot_of(NeighbourHint hint) const {
        const std::uint32_t slot = hint & kSlotMask;
        if (slot >= entries_.capacity()) return base::kNoIndex;
        const Entry& entry = entries_[slot];
        return entry.state != NeighbourState::Free && hint == hint_of(slot) ? slot : base::kNoIndex;
    }

    /// The verdict for an entry that exists.
    Resolution use(std::uint32_t slot, time::Instant now) {
        Entry& entry = entries_[slot];
        if (now - entry.used_at >= kUseGrain) touch(slot, now);
        if (entry.state == NeighbourState::Reachable) return {Answer::Known, slot};
        return use_slowly(slot, now);
    }

    Resolution resolve_slowly(const NeighbourKey& key, NeighbourHint& hint, time::Instant now);
    Resolution use_slowly(std::uint32_t slot, time::Instant now);
    void confirm_slowly(std::uint32_t slot, time::Instant now);
    void touch(std::uint32_t slot, time::Instant now);

    std::uint32_t bucket_of(const NeighbourKey& key) const;
    std::uint32_t find(const NeighbourKey& key) const;
    std::uint32_t create(const NeighbourKey& key, NeighbourState state, time::Instant now);
    void make_room(NeighbourState newcomer);
    void erase(std::uint32_t slot);
    void drop_waiting(std::uint32_t slot);
    void set_state(std::uint32_t slot, NeighbourState state);

    UseList& list_for(NeighbourState state) { return has_mac(state) ? known_ : unknown_; }
    void link_newest(std::uint32_t slot);
    void unlink(std::uint32_t slot);

    void become_reachable(std::uint32_t slot, time::Instant now);
    void start_probe(std::uint32_t slot, time::Instant now);
    void age(std::uint32_t slot, time::Instant now);
    Work request_again(std::uint32_t slot, time::Instant now);
    void give_up(std::uint32_t slot, time::Instant now);

    base::Pool<Entry> entries_;
    std::span<std::uint32_t> buckets_;  // heads of chains; their number is a power of two
    DeadlineHeap deadlines_;
    WaitingFrames frames_;
    UseList known_;
    UseList unknown_;
    Limits limits_;
    base::SipKey hash_key_;
    base::Counters* counters_ = nullptr;
};

}  // namespace lastack::ip

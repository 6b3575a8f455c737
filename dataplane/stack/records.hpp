// The slots of a core's record pools: what the protocol keeps of a connection, together with the
// key and the plumbing that the protocol must not know of.
//
// One record per phase of a life (architecture.md, "Records"): a SynSlot becomes a TcbSlot, a
// TcbSlot becomes a TimeWaitSlot, and the connection table's reference is replaced in one store.
// A slot is free where its state reads CLOSED (a TcbSlot: where its phase is Free).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/arena.hpp"
#include "base/buffer.hpp"
#include "base/linked_pool.hpp"
#include "ip/neighbours.hpp"
#include "lastack/core.hpp"
#include "stack/ip_layer.hpp"
#include "table/flow_ref.hpp"
#include "tcp/syn_record.hpp"
#include "tcp/tcb.hpp"
#include "tcp/time_wait.hpp"
#include "wire/flow_key.hpp"

namespace lastack::stack {

struct ListenerSlot {
    wire::Ipv4Address address;
    std::uint16_t port = 0;
    bool used = false;
    bool reuse_address = false;
    bool reuse_port = false;
    std::uint32_t owner = 0;
    std::uint32_t generation = 0;
    std::uint32_t half_open = 0;
    std::uint32_t max_half_open = 0;
    bool cookies_sent = false;
    std::uint32_t cookie_sent_at_ms = 0;  // the last one, meaningful once cookies_sent
    // The listeners of one endpoint stand in a ring (G-38); most are alone in theirs.
    std::uint32_t next_member = base::kNoIndex;
    std::uint32_t members = 1;  // in the table's one alone
    Handler* handler = nullptr;
};

/// SYN-RECEIVED from a listener.
struct SynSlot {
    wire::FlowKey4 key;
    tcp::SynRecord record;
    std::uint32_t listener = base::kNoIndex;
    std::uint32_t parked = base::kNoIndex;  // the TIME-WAIT that this SYN reopened (C-11)
    ip::NeighbourHint neighbour = ip::kNoNeighbour;
};

/// SYN-SENT .. LAST-ACK, and after that until the application has heard of the end. On cache lines
/// of its own: the first is the stack's own, the next two the Tcb's hot part. The life of a
/// connection that opens, exchanges a request and its answer and closes goes on in these three; the
/// others are written once, when the slot is made (stack/hot_lines_test.cpp).
struct alignas(base::kCacheLine) TcbSlot {
    enum class Phase : std::uint8_t {
        Free,
        Live,      // in the table
        TimeWait,  // out of it; a TimeWaitSlot went on in its place, the application still has to
                   // hear
        Over,      // out of it, CLOSED; the application still has to hear
    };

    wire::FlowKey4 key;
    Phase phase = Phase::Free;
    bool application_closed : 1 = false;  // close() was called: only on_closed may follow
    bool orphan_counted : 1 = false;
    bool reuse_address : 1 = false;  // the owner asked for it (C-31)
    bool peer_closed_told : 1 = false;
    bool error_taken : 1 = false;  // D-30
    bool waits_to_serve : 1 = false;
    bool waits_to_transmit : 1 = false;
    bool has_copies : 1 = false;  // until then copied_bytes is 0
    std::uint8_t ttl = 0;         // 0: the configured one
    std::uint8_t dscp = 0;
    ip::NeighbourHint neighbour = ip::kNoNeighbour;
    std::uint32_t generation = 1;
    std::uint32_t next_to_serve = base::kNoIndex;
    std::uint32_t next_to_transmit = base::kNoIndex;
    std::uint64_t hash = 0;      // the table's, of `key`
    Handler* handler = nullptr;  // nullptr while Live: its linger time is over (D-14)
    void* context = nullptr;
    // The path, whose source is the key's.
    wire::Ipv4Address next_hop;
    std::uint16_t path_mtu = 0;
    std::uint8_t interface = 0;

    tcp::Tcb tcb;
    std::uint32_t copied_bytes = 0;  // of the unread text, from its front (copy_held())

    Path path() const { return {key.local_address, next_hop, path_mtu, interface}; }
    void set_path(const Path& path) {
        next_hop = path.next_hop;
        path_mtu = path.mtu;
        interface = path.interface;
    }
};
static_assert(offsetof(TcbSlot, tcb) == base::kCacheLine, "docs/architecture.md, Records");
static_assert(sizeof(TcbSlot) == 6 * base::kCacheLine, "docs/architecture.md says so");

/// TIME-WAIT, and FIN-WAIT-2 without an owner. It stands in the wheel of these records, which knows
/// the one with the least residual risk, to be evicted (C-23); a record that a SYN has reopened
/// keeps its place there until the handshake decides (C-11). One without an end (M-7) is in no
/// wheel but in a list, whose links lie where others have place and deadline.
struct TimeWaitSlot {
    base::Published<wire::Ipv4Address> remote_address;  // the key; our address is record.local()
    base::Published<std::uint16_t> local_port = 0;
    base::Published<std::uint16_t> remote_port = 0;
    tcp::TimeWaitRecord record;
    std::uint32_t place = 0;  // in the wheel; 0: nowhere. Of a free slot: the next free one
};
static_assert(sizeof(TimeWaitSlot) == 44,
              "C-19: less than a cache line; docs/teardown.md has a map");

using TimeWaitPool = base::LinkedPool<TimeWaitSlot, &TimeWaitSlot::place>;

/// What the wheel asks of these records.
struct TimeWaitEntries {
    TimeWaitPool& pool;

    std::uint32_t& place(std::uint32_t index) const { return pool[index].place; }
    std::uint32_t deadline_ms(std::uint32_t index) const { return pool[index].record.deadline_ms; }
    void prefetch(std::uint32_t index) const {  // it may straddle two lines
        const auto* first = reinterpret_cast<const std::byte*>(&pool[index]);
        __builtin_prefetch(first, 1);
        __builtin_prefetch(first + sizeof(TimeWaitSlot) - 1, 1);
    }
};

/// A timer of an application.
struct TimerSlot {
    TimerHandler* handler = nullptr;  // nullptr: free
    std::uint64_t cookie = 0;
    std::uint32_t generation = 1;
    std::uint32_t next_due = base::kNoIndex;
    bool due = false;
};

/// What the connection table holds for a slot.
inline table::FlowRef syn_ref(std::uint32_t index) {
    return {table::Family::Ipv4, table::RecordKind::Syn, index};
}
inline table::FlowRef tcb_ref(std::uint32_t index) {
    return {table::Family::Ipv4, table::RecordKind::Tcb, index};
}
inline table::FlowRef time_wait_ref(std::uint32_t index) {
    return {table::Family::Ipv4, table::RecordKind::TimeWait, index};
}

static_assert(std::is_trivially_copyable_v<SynSlot>);
static_assert(std::is_trivially_copyable_v<TcbSlot>);
static_assert(std::is_trivially_copyable_v<TimeWaitSlot>);

}  // namespace lastack::stack

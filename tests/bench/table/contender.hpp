// What a table must be able to do to be measured, and what it is given to do it with.
//
// A contender is given work by the block, so that a virtual call costs it nothing, and does it with
// its own best calls. Keys come hashed, to everybody. A find that hits ends with the first line of
// the caller's record read: its stamp is added up, and the sum is checked.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "wire/flow_key.hpp"

namespace lastack::bench {

/// What a caller keeps of a flow. Its table leads to it, and ours compares the key in it.
struct alignas(64) Record {
    wire::FlowKey4 key;
    std::uint32_t stamp = 0;  // 1 + its index
};

/// One flow, as a caller of any table knows it. The key is 16 octets long for those who are fastest
/// with that.
struct Query {
    wire::FlowKey4 key;
    std::uint32_t zero = 0;
    std::uint64_t hash = 0;
    std::uint32_t record = 0;
};

using Queries = std::span<const Query>;

class Contender {
  public:
    virtual ~Contender() = default;
    virtual const char* name() const = 0;

    /// The sum of the stamps of all that were found.
    virtual std::uint64_t find(Queries queries) = 0;
    virtual std::uint64_t find_batch(Queries queries, unsigned batch) = 0;

    /// How many were inserted or erased.
    virtual std::uint64_t insert(Queries queries) = 0;
    virtual std::uint64_t erase(Queries queries) = 0;

    /// One leaves, one comes, as often as there are. How many did both.
    virtual std::uint64_t churn(Queries oldest, Queries fresh) = 0;
    /// The same, `batch` of each at once.
    virtual std::uint64_t churn_batch(Queries oldest, Queries fresh, unsigned batch) = 0;

    /// Memory that grows with the number of entries, keys included where they stand in it.
    virtual std::size_t bytes() const = 0;

    /// Whether list() and look_up() may run beside a writer.
    virtual bool readable() const { return false; }
    /// Lists all entries once, or until told to stop. Another thread's.
    virtual void list(const std::atomic<bool>&) {}
    /// Looks these up. Another thread's.
    virtual void look_up(Queries, const std::atomic<bool>&) {}
};

/// For `entries` of these records, at a load of 85 %.
std::unique_ptr<Contender> make_ours(std::span<Record> records);
std::unique_ptr<Contender> make_rte_hash(std::span<Record> records, bool lock_free);
/// Null where Abseil was not there to build against.
std::unique_ptr<Contender> make_absl(std::span<Record> records);

}  // namespace lastack::bench

// The flows of a run: which are in the tables, in which records, and which is the oldest.
//
// A flow has a serial number, from which its key follows; no two share a key. The records form a
// ring in order of age: whoever leaves first is followed, in its record, by whoever comes.
#pragma once

#include <random>
#include <vector>

#include "table/hash.hpp"
#include "tests/bench/table/contender.hpp"
#include "tests/bench/table/pages.hpp"

namespace lastack::bench {

inline constexpr table::FlowHasher kHasher(base::SipKey{1, 2});

class Population {
  public:
    explicit Population(std::uint32_t entries);

    std::span<Record> records() { return records_; }

    /// All that are in, in order of age at the start.
    std::vector<Query> everybody() const;
    /// `count` of those who are in, at random; with `distinct`, none twice.
    std::vector<Query> some(std::uint32_t count, bool distinct);
    /// `count` that never were in.
    std::vector<Query> strangers(std::uint32_t count);

    /// The `count` oldest, and those who take their records; they do when exchange() is called.
    std::vector<Query> oldest(std::uint32_t count) const;
    std::vector<Query> fresh(std::uint32_t count) const;
    void exchange(std::uint32_t count);

  private:
    Query query(std::uint64_t serial, std::uint32_t record) const;
    Query query_in(std::uint32_t record) const { return query(serials_[record], record); }
    std::uint32_t entries() const { return static_cast<std::uint32_t>(serials_.size()); }
    void settle(std::uint32_t record, std::uint64_t serial);

    Pages pages_;
    std::span<Record> records_;
    std::vector<std::uint64_t> serials_;  // by record
    std::uint32_t oldest_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t stranger_ = std::uint64_t{1} << 40;
    std::mt19937_64 random_{7};
};

}  // namespace lastack::bench

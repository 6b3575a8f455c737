// DPDK's hash table: cuckoo buckets of eight, keys in a store of its own. Plain, or with readers
// who take no lock (RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF).
//
// Its memory comes from a heap over pages like everybody's, for EAL's own would be of 4 KiB where
// huge pages cannot be reserved. With the lock-free flag a key's place is given back by a call of
// its own, after a grace period that costs nothing here.
#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_hash.h>
#include <rte_malloc.h>

#include <cstdlib>

#include "tests/bench/table/contender.hpp"
#include "tests/bench/table/pages.hpp"

namespace lastack::bench {

namespace {

constexpr std::uint32_t kKeyBytes = 16;
constexpr std::size_t kSmallPage = 4096;

[[noreturn]] void give_up(const char* what) {
    fmt::print(stderr, "bench: rte_hash: {}: {}\n", what, rte_strerror(rte_errno));
    std::exit(2);
}

/// A heap of rte_malloc's over our pages.
class Heap {
  public:
    Heap(std::string name, std::size_t bytes) : name_(std::move(name)), pages_(bytes) {
        const std::span<std::byte> memory = pages_.bytes();
        if (rte_malloc_heap_create(name_.c_str()) != 0) give_up("no heap");
        if (rte_malloc_heap_memory_add(name_.c_str(), memory.data(), memory.size(), nullptr,
                                       static_cast<unsigned>(memory.size() / kSmallPage),
                                       kSmallPage) != 0) {
            give_up("no memory for a heap");
        }
    }
    ~Heap() {
        rte_malloc_heap_memory_remove(name_.c_str(), pages_.bytes().data(), pages_.bytes().size());
        rte_malloc_heap_destroy(name_.c_str());
    }
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    int socket() const { return rte_malloc_heap_get_socket(name_.c_str()); }
    std::size_t used() const {
        rte_malloc_socket_stats stats{};
        rte_malloc_get_socket_stats(socket(), &stats);
        return stats.heap_allocsz_bytes;
    }

  private:
    std::string name_;
    Pages pages_;
};

std::uint32_t signature(const Query& query) {
    return static_cast<std::uint32_t>(query.hash >> 32);
}

class RteHash final : public Contender {
  public:
    RteHash(std::span<Record> records, bool lock_free)
        : records_(records),
          lock_free_(lock_free),
          heap_(name(), std::size_t{160} * records.size() + (std::size_t{16} << 20)) {
        rte_hash_parameters parameters{};
        parameters.name = name();
        parameters.entries = static_cast<std::uint32_t>(records.size() * 100 / 85);
        parameters.key_len = kKeyBytes;
        parameters.socket_id = heap_.socket();
        if (lock_free) parameters.extra_flag = RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF;
        hash_ = rte_hash_create(&parameters);
        if (hash_ == nullptr) give_up("cannot be made");
    }
    ~RteHash() override { rte_hash_free(hash_); }

    const char* name() const override { return lock_free_ ? "rte_hash_lf" : "rte_hash"; }
    std::size_t bytes() const override { return heap_.used(); }
    bool readable() const override { return lock_free_; }

    std::uint64_t find(Queries queries) override {
        std::uint64_t sum = 0;
        for (const Query& query : queries) {
            void* data = nullptr;
            if (rte_hash_lookup_with_hash_data(hash_, &query.key, signature(query), &data) >= 0) {
                sum += static_cast<const Record*>(data)->stamp;
            }
        }
        return sum;
    }

    std::uint64_t find_batch(Queries queries, unsigned batch) override {
        std::uint64_t sum = 0;
        for (; queries.size() >= batch; queries = queries.subspan(batch)) {
            void* data[RTE_HASH_LOOKUP_BULK_MAX];
            const std::uint64_t hits = find_many(queries.first(batch), data);
            for (std::uint64_t left = hits; left != 0; left &= left - 1) {
                __builtin_prefetch(data[__builtin_ctzll(left)]);
            }
            for (std::uint64_t left = hits; left != 0; left &= left - 1) {
                sum += static_cast<const Record*>(data[__builtin_ctzll(left)])->stamp;
            }
        }
        return sum;
    }

    std::uint64_t insert(Queries queries) override {
        std::uint64_t done = 0;
        for (const Query& query : queries) done += add(query);
        return done;
    }

    std::uint64_t erase(Queries queries) override {
        std::uint64_t done = 0;
        for (const Query& query : queries) done += remove(query);
        return done;
    }

    std::uint64_t churn(Queries oldest, Queries fresh) override {
        std::uint64_t done = 0;
        for (std::size_t i = 0; i < oldest.size(); ++i) done += remove(oldest[i]) && add(fresh[i]);
        return done;
    }

    /// It has no call that changes many at once, nor one that prefetches: a bulk look-up of both
    /// kinds brings their buckets and keys, and is what one would do.
    std::uint64_t churn_batch(Queries oldest, Queries fresh, unsigned batch) override {
        std::uint64_t done = 0;
        for (std::size_t from = 0; from + batch <= oldest.size(); from += batch) {
            const Queries leave = oldest.subspan(from, batch), come = fresh.subspan(from, batch);
            void* data[RTE_HASH_LOOKUP_BULK_MAX];
            find_many(leave, data);
            find_many(come, data);
            for (unsigned i = 0; i < batch; ++i) done += remove(leave[i]) && add(come[i]);
        }
        return done;
    }

    void list(const std::atomic<bool>& stop) override {
        const void* key = nullptr;
        void* data = nullptr;
        std::uint32_t next = 0;
        while (!stop.load(std::memory_order_relaxed) &&
               rte_hash_iterate(hash_, &key, &data, &next) >= 0) {
        }
    }

    void look_up(Queries queries, const std::atomic<bool>& stop) override {
        for (const Query& query : queries) {
            if (stop.load(std::memory_order_relaxed)) break;
            void* data = nullptr;
            rte_hash_lookup_with_hash_data(hash_, &query.key, signature(query), &data);
        }
    }

  private:
    std::uint64_t find_many(Queries queries, void** data) {
        const void* keys[RTE_HASH_LOOKUP_BULK_MAX];
        hash_sig_t signatures[RTE_HASH_LOOKUP_BULK_MAX];
        for (std::size_t i = 0; i < queries.size(); ++i) {
            keys[i] = &queries[i].key;
            signatures[i] = signature(queries[i]);
        }
        std::uint64_t hits = 0;
        rte_hash_lookup_with_hash_bulk_data(
            hash_, keys, signatures, static_cast<std::uint32_t>(queries.size()), &hits, data);
        return hits;
    }

    bool add(const Query& query) {
        return rte_hash_add_key_with_hash_data(hash_, &query.key, signature(query),
                                               &records_[query.record]) == 0;
    }

    bool remove(const Query& query) {
        const std::int32_t place = rte_hash_del_key_with_hash(hash_, &query.key, signature(query));
        if (lock_free_ && place >= 0) rte_hash_free_key_with_position(hash_, place);
        return place >= 0;
    }

    std::span<Record> records_;
    bool lock_free_;
    Heap heap_;
    rte_hash* hash_ = nullptr;
};

}  // namespace

std::unique_ptr<Contender> make_rte_hash(std::span<Record> records, bool lock_free) {
    return std::make_unique<RteHash>(records, lock_free);
}

}  // namespace lastack::bench

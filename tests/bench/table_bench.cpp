// The connection table against std::unordered_map with the same hash, in the same run.
//
// Both hold as many flows as the argument says, in records of 64 bytes that carry the key. Flows
// are visited in random order, in bursts of 32 whose hashes are known first, as a worker has them;
// the table is asked to prefetch them. Times are per flow.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

#include "table/flow_table.hpp"
#include "table/hash.hpp"
#include "tests/support/arena_memory.hpp"

namespace lastack::table {
namespace {

constexpr std::uint32_t kBurst = 32;
constexpr base::SipKey kKey{1, 2};

struct alignas(64) Record {
    wire::FlowKey4 key;
};

wire::FlowKey4 random_key(std::mt19937_64& random) {
    return {{0xc612'0001},
            {static_cast<std::uint32_t>(random())},
            80,
            static_cast<std::uint16_t>(random())};
}

/// The records, and a random order of them.
struct Flows {
    explicit Flows(std::uint32_t count) : records(count), order(count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            records[i].key = random_key(random);
            order[i] = i;
        }
        std::shuffle(order.begin(), order.end(), random);
    }
    /// The next burst of the order.
    const std::uint32_t* next() {
        if (position + kBurst > order.size()) position = 0;
        position += kBurst;
        return &order[position - kBurst];
    }

    std::mt19937_64 random{7};
    std::vector<Record> records;
    std::vector<std::uint32_t> order;
    std::size_t position = 0;
};

class Ours {
  public:
    explicit Ours(Flows& flows)
        : flows_(flows),
          memory_([&](base::Arena& arena) { FlowTable(arena, count()); }),
          arena_(memory_.bytes()),
          table_(arena_, count()) {
        for (std::uint32_t i = 0; i < count(); ++i) insert(i);
    }

    void insert(std::uint32_t i) {
        if (!table_.insert(hash_(flows_.records[i].key), ref(i))) std::abort();
    }
    void erase(std::uint32_t i) { table_.erase(hash_(flows_.records[i].key), ref(i)); }

    /// Looks up a burst of keys: hash and prefetch all, then find each.
    std::uint32_t find(const wire::FlowKey4* keys) const {
        std::uint64_t hashes[kBurst];
        for (std::uint32_t i = 0; i < kBurst; ++i) {
            hashes[i] = hash_(keys[i]);
            table_.prefetch(hashes[i]);
        }
        std::uint32_t found = 0;
        for (std::uint32_t i = 0; i < kBurst; ++i) {
            const FlowRef ref = table_.find(hashes[i], [&](FlowRef candidate) {
                return flows_.records[candidate.index()].key == keys[i];
            });
            found += ref ? 1U : 0U;
        }
        return found;
    }

  private:
    std::uint32_t count() const { return static_cast<std::uint32_t>(flows_.records.size()); }
    static FlowRef ref(std::uint32_t i) { return {Family::Ipv4, RecordKind::Tcb, i}; }

    Flows& flows_;
    test::ArenaMemory memory_;
    base::Arena arena_;
    FlowTable table_;
    FlowHasher hash_{kKey};
};

class Peer {
  public:
    explicit Peer(Flows& flows) : flows_(flows), map_(0, FlowHasher(kKey)) {
        map_.reserve(flows.records.size());
        for (std::uint32_t i = 0; i < flows.records.size(); ++i) insert(i);
    }

    void insert(std::uint32_t i) { map_.emplace(flows_.records[i].key, i); }
    void erase(std::uint32_t i) { map_.erase(flows_.records[i].key); }

    std::uint32_t find(const wire::FlowKey4* keys) const {
        std::uint32_t found = 0;
        for (std::uint32_t i = 0; i < kBurst; ++i) {
            const auto it = map_.find(keys[i]);
            // The record is read as well, as the table's key comparison reads it.
            if (it != map_.end()) found += flows_.records[it->second].key == keys[i] ? 1U : 0U;
        }
        return found;
    }

  private:
    Flows& flows_;
    std::unordered_map<wire::FlowKey4, std::uint32_t, FlowHasher> map_;
};

template <class Table>
void hit(benchmark::State& state) {
    Flows flows(static_cast<std::uint32_t>(state.range(0)));
    const Table table(flows);
    wire::FlowKey4 keys[kBurst];
    for ([[maybe_unused]] auto _ : state) {
        const std::uint32_t* burst = flows.next();
        for (std::uint32_t i = 0; i < kBurst; ++i) keys[i] = flows.records[burst[i]].key;
        benchmark::DoNotOptimize(table.find(keys));
    }
    state.SetItemsProcessed(state.iterations() * kBurst);
}

template <class Table>
void miss(benchmark::State& state) {
    Flows flows(static_cast<std::uint32_t>(state.range(0)));
    const Table table(flows);
    std::mt19937_64 random(99);
    std::vector<wire::FlowKey4> keys(kBurst * 1'024);
    for (wire::FlowKey4& key : keys) key = random_key(random);
    std::size_t position = 0;
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(table.find(&keys[position % keys.size()]));
        position += kBurst;
    }
    state.SetItemsProcessed(state.iterations() * kBurst);
}

// A flow ends and another begins, in a table that stays full.
template <class Table>
void churn(benchmark::State& state) {
    Flows flows(static_cast<std::uint32_t>(state.range(0)));
    Table table(flows);
    for ([[maybe_unused]] auto _ : state) {
        const std::uint32_t* burst = flows.next();
        for (std::uint32_t i = 0; i < kBurst; ++i) {
            table.erase(burst[i]);
            flows.records[burst[i]].key = random_key(flows.random);
            table.insert(burst[i]);
        }
    }
    state.SetItemsProcessed(state.iterations() * kBurst);
}

void hash_only(benchmark::State& state) {
    const FlowHasher hash(kKey);
    wire::FlowKey4 key{{1}, {2}, 3, 4};
    for ([[maybe_unused]] auto _ : state) {
        ++key.remote_address.value;
        benchmark::DoNotOptimize(hash(key));
    }
}

#define LA_FLOWS ->Arg(64 << 10)->Arg(1 << 20)->Arg(4 << 20)
BENCHMARK(hash_only);
BENCHMARK_TEMPLATE(hit, Ours) LA_FLOWS;
BENCHMARK_TEMPLATE(hit, Peer) LA_FLOWS;
BENCHMARK_TEMPLATE(miss, Ours) LA_FLOWS;
BENCHMARK_TEMPLATE(miss, Peer) LA_FLOWS;
BENCHMARK_TEMPLATE(churn, Ours) LA_FLOWS;
BENCHMARK_TEMPLATE(churn, Peer) LA_FLOWS;

}  // namespace
}  // namespace lastack::table

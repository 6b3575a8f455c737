// The connection table of dataplane/table, used as stack/ uses it.
#include <array>

#include "table/flow_table.hpp"
#include "tests/bench/table/contender.hpp"
#include "tests/bench/table/pages.hpp"

namespace lastack::bench {

namespace {

using table::FlowRef;
using table::FlowTable;

std::size_t bytes_for(std::uint32_t entries) {
    base::Arena measuring;
    FlowTable(measuring, entries);
    return measuring.used_bytes();
}

FlowRef ref(const Query& query) {
    return {table::Family::Ipv4, table::RecordKind::Tcb, query.record};
}

class Ours final : public Contender {
    auto matches(const Query& query) const {
        return [this, &query](FlowRef candidate) {
            return records_[candidate.index()].key == query.key;
        };
    }
    std::uint64_t stamp_of(FlowRef found) const {
        return found ? records_[found.index()].stamp : 0;
    }

  public:
    explicit Ours(std::span<Record> records)
        : records_(records),
          bytes_(bytes_for(static_cast<std::uint32_t>(records.size()))),
          pages_(bytes_),
          arena_(pages_.bytes()),
          table_(arena_, static_cast<std::uint32_t>(records.size())) {}

    const char* name() const override { return "lastack"; }
    std::size_t bytes() const override { return bytes_; }
    bool readable() const override { return true; }

    std::uint64_t find(Queries queries) override {
        std::uint64_t sum = 0;
        for (const Query& query : queries) {
            sum += stamp_of(table_.find(query.hash, matches(query)));
        }
        return sum;
    }

    std::uint64_t find_batch(Queries queries, unsigned batch) override {
        std::uint64_t sum = 0;
        FlowTable::Look looks[64];
        for (; queries.size() >= batch; queries = queries.subspan(batch)) {
            const Queries now = queries.first(batch);
            for (unsigned i = 0; i < batch; ++i) looks[i] = table_.begin(now[i].hash);
            for (unsigned i = 0; i < batch; ++i) {
                // Of none, too: a branch would be mistaken often, and record 0 is there.
                __builtin_prefetch(&records_[table_.advance(looks[i]).index()]);
            }
            for (unsigned i = 0; i < batch; ++i) {
                sum += stamp_of(table_.find(looks[i], matches(now[i])));
            }
        }
        return sum;
    }

    std::uint64_t insert(Queries queries) override {
        std::uint64_t done = 0;
        for (const Query& query : queries) done += table_.insert(query.hash, ref(query));
        return done;
    }

    std::uint64_t erase(Queries queries) override {
        std::uint64_t done = 0;
        for (const Query& query : queries) done += table_.erase(query.hash, ref(query));
        return done;
    }

    std::uint64_t churn(Queries oldest, Queries fresh) override {
        std::uint64_t done = 0;
        for (std::size_t i = 0; i < oldest.size(); ++i) done += exchange(oldest[i], fresh[i]);
        return done;
    }

    std::uint64_t churn_batch(Queries oldest, Queries fresh, unsigned batch) override {
        std::uint64_t done = 0;
        for (std::size_t from = 0; from + batch <= oldest.size(); from += batch) {
            const Queries leave = oldest.subspan(from, batch), come = fresh.subspan(from, batch);
            for (const Query& query : leave) table_.prefetch(query.hash);
            for (const Query& query : come) table_.prefetch(query.hash);
            for (unsigned i = 0; i < batch; ++i) done += exchange(leave[i], come[i]);
        }
        return done;
    }

    /// As a listing goes (Stack::list_compact()): through the records, each copied into a page of
    /// rows, word by word, as one that changes meanwhile must be; asked for ahead so that they do
    /// not stay in the caches which the writer needs.
    void list(const std::atomic<bool>& stop) override {
        constexpr std::size_t kWords = sizeof(Record) / sizeof(std::uint64_t);
        constexpr std::size_t kAhead = 24;
        for (std::size_t i = 0; i < records_.size() && !stop.load(std::memory_order_relaxed); ++i) {
            __builtin_prefetch(&records_[std::min(i + kAhead, records_.size() - 1)], 0, 0);
            auto* const words = reinterpret_cast<std::uint64_t*>(&records_[i]);
            auto& row = rows_[i % rows_.size()];
            for (std::size_t w = 0; w < kWords; ++w) {
                row[w] = std::atomic_ref<std::uint64_t>(words[w]).load(std::memory_order_acquire);
            }
        }
    }

    void look_up(Queries queries, const std::atomic<bool>& stop) override {
        std::uint64_t sum = 0;
        for (const Query& query : queries) {
            if (stop.load(std::memory_order_relaxed)) break;
            // Records are not written while others read here; a caller's would need atomic loads.
            const FlowRef found = table_.find_shared(query.hash, [&](FlowRef candidate) {
                return records_[candidate.index()].key == query.key;
            });
            sum += found.raw();
        }
        seen_.store(sum, std::memory_order_relaxed);
    }

  private:
    // Who puts one flow in another's place knows both hashes, and need not wait for both in turn.
    bool exchange(const Query& leaves, const Query& comes) {
        table_.prefetch(comes.hash);
        return table_.erase(leaves.hash, ref(leaves)) && table_.insert(comes.hash, ref(comes));
    }

    std::span<Record> records_;
    std::size_t bytes_;
    Pages pages_;
    base::Arena arena_;
    FlowTable table_;
    // The reader's, on lines that the writer does not read.
    alignas(
        base::kCacheLine) std::array<std::array<std::uint64_t, sizeof(Record) / 8>, 256> rows_{};
    std::atomic<std::uint64_t> seen_{0};
};

}  // namespace

std::unique_ptr<Contender> make_ours(std::span<Record> records) {
    return std::make_unique<Ours>(records);
}

}  // namespace lastack::bench

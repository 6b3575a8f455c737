// absl::flat_hash_map, where it was there to build against.
//
// Its hash is given to it as to everybody: a query carries it (heterogeneous look-up), and only
// when the map tidies up after erasures does it hash a key that it holds.
#include "tests/bench/table/contender.hpp"

#if defined(LASTACK_WITH_ABSL)
#include <absl/container/flat_hash_map.h>

#include "table/hash.hpp"
#include "tests/bench/table/pages.hpp"
#include "tests/bench/table/population.hpp"

namespace lastack::bench {

namespace {

/// What it holds of a flow.
struct Key {
    wire::FlowKey4 key;

    Key() = default;
    explicit Key(const Query& query) : key(query.key) {}
};

struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Query& query) const { return query.hash; }
    std::size_t operator()(const Key& key) const { return kHasher(key.key); }
};

struct Equal {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const { return a.key == b.key; }
    bool operator()(const Key& a, const Query& b) const { return a.key == b.key; }
    bool operator()(const Query& a, const Key& b) const { return a.key == b.key; }
};

std::size_t allocated = 0;

/// Pages like everybody's. The map asks for one large piece at a time.
template <class T>
struct Allocator {
    using value_type = T;
    Allocator() = default;
    template <class U>
    explicit Allocator(const Allocator<U>&) {}
    bool operator==(const Allocator&) const { return true; }

    T* allocate(std::size_t count) {
        allocated += count * sizeof(T);
        auto* pages = new Pages(count * sizeof(T) + Pages::kHuge);
        auto* start = pages->bytes().data();
        *reinterpret_cast<Pages**>(start) = pages;  // ahead of what is handed out
        return reinterpret_cast<T*>(start + 64);
    }
    void deallocate(T* piece, std::size_t count) {
        allocated -= count * sizeof(T);
        delete *reinterpret_cast<Pages**>(reinterpret_cast<std::byte*>(piece) - 64);
    }
};

class Absl final : public Contender {
  public:
    explicit Absl(std::span<Record> records) : records_(records) { map_.reserve(records.size()); }

    const char* name() const override { return "absl"; }
    std::size_t bytes() const override { return allocated; }

    std::uint64_t find(Queries queries) override {
        std::uint64_t sum = 0;
        for (const Query& query : queries) {
            const auto found = map_.find(query);
            if (found != map_.end()) sum += records_[found->second].stamp;
        }
        return sum;
    }

    std::uint64_t find_batch(Queries queries, unsigned batch) override {
        constexpr unsigned kMost = 64;
        std::uint64_t sum = 0;
        for (; queries.size() >= batch; queries = queries.subspan(batch)) {
            const Queries now = queries.first(batch);
            const Record* found[kMost];
            unsigned count = 0;
            for (const Query& query : now) map_.prefetch(query);
            for (const Query& query : now) {
                const auto at = map_.find(query);
                if (at == map_.end()) continue;
                found[count] = &records_[at->second];
                __builtin_prefetch(found[count++]);
            }
            for (unsigned i = 0; i < count; ++i) sum += found[i]->stamp;
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

    std::uint64_t churn_batch(Queries oldest, Queries fresh, unsigned batch) override {
        std::uint64_t done = 0;
        for (std::size_t from = 0; from + batch <= oldest.size(); from += batch) {
            const Queries leave = oldest.subspan(from, batch), come = fresh.subspan(from, batch);
            for (const Query& query : leave) map_.prefetch(query);
            for (const Query& query : come) map_.prefetch(query);
            for (unsigned i = 0; i < batch; ++i) done += remove(leave[i]) && add(come[i]);
        }
        return done;
    }

  private:
    bool add(const Query& query) { return map_.try_emplace(query, query.record).second; }
    bool remove(const Query& query) {
        const auto at = map_.find(query);
        if (at == map_.end()) return false;
        map_.erase(at);
        return true;
    }

    std::span<Record> records_;
    absl::flat_hash_map<Key, std::uint32_t, Hash, Equal,
                        Allocator<std::pair<const Key, std::uint32_t>>>
        map_;
};

}  // namespace

std::unique_ptr<Contender> make_absl(std::span<Record> records) {
    return std::make_unique<Absl>(records);
}

}  // namespace lastack::bench

#else

namespace lastack::bench {

std::unique_ptr<Contender> make_absl(std::span<Record>) {
    return nullptr;
}

}  // namespace lastack::bench

#endif

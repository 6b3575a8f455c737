#include "tests/bench/table/measure.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <ctime>
#include <thread>

namespace lastack::bench {

namespace {

constexpr std::uint32_t kMostPerBlock = 128U << 10;
constexpr unsigned kChurnBatch = 32;

/// CPU time of this thread: what others do on the machine costs us caches, but is not counted.
double now_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double median_of(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

std::uint64_t stamps(Queries queries) {
    std::uint64_t sum = 0;
    for (const Query& query : queries) sum += query.record + 1;
    return sum;
}

/// A reader on another CPU than the writer's, where there is one, for as long as it lives.
class Reader {
  public:
    template <class Work>
    explicit Reader(Work work)
        : thread_([this, work] {
              leave_cpu(writer_);
              while (!stop_.load(std::memory_order_relaxed)) work(stop_);
          }) {}
    ~Reader() {
        stop_ = true;
        thread_.join();
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

  private:
    static void leave_cpu(int cpu) {
        cpu_set_t others;
        CPU_ZERO(&others);
        for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
            if (static_cast<int>(i) != cpu) CPU_SET(i, &others);
        }
        pthread_setaffinity_np(pthread_self(), sizeof others, &others);
    }

    int writer_ = sched_getcpu();
    alignas(64) std::atomic<bool> stop_{false};  // which the reader reads without end
    alignas(64) std::thread thread_;
};

}  // namespace

Measure::Measure(Size size, unsigned rounds)
    : size_(std::move(size)),
      rounds_(rounds),
      block_(std::min(kMostPerBlock, size_.entries / 8 / 64 * 64)),
      population_(size_.entries) {
    contenders_.push_back(make_ours(population_.records()));
    contenders_.push_back(make_rte_hash(population_.records(), false));
    contenders_.push_back(make_rte_hash(population_.records(), true));
    if (auto absl = make_absl(population_.records())) contenders_.push_back(std::move(absl));
    warm_ = population_.strangers(block_);
}

bool Measure::run() {
    fill();
    for (unsigned i = 0; i < rounds_; ++i) round();
    return right_;
}

void Measure::everybody(const std::string& what, Queries queries, Queries others,
                        std::uint64_t expected, Block block) {
    for (const auto& contender : contenders_) {
        contender->find_batch(warm_, 32);
        const double started = now_ns();
        const std::uint64_t got = block(*contender, queries, others);
        const double took = now_ns() - started;
        samples_[what][contender->name()].push_back(took / static_cast<double>(queries.size()));
        if (got == expected) continue;
        fmt::print("WRONG  {} of {}: {} instead of {}\n", contender->name(), what, got, expected);
        right_ = false;
    }
}

void Measure::fill() {
    const std::vector<Query> all = population_.everybody();
    everybody("fill", all, {}, all.size(),
              [](Contender& c, Queries q, Queries) { return c.insert(q); });
}

void Measure::round() {
    find_round();
    change_round();
    churn_round();
    reader_round();
    std::ranges::rotate(contenders_, contenders_.begin() + 1);
}

void Measure::find_round() {
    const std::vector<Query> in = population_.some(block_, false);
    const std::vector<Query> out = population_.strangers(block_);
    const auto one = [](Contender& c, Queries q, Queries) { return c.find(q); };
    const auto of_32 = [](Contender& c, Queries q, Queries) { return c.find_batch(q, 32); };
    const auto of_64 = [](Contender& c, Queries q, Queries) { return c.find_batch(q, 64); };
    everybody("hit", in, {}, stamps(in), one);
    everybody("hit 32", in, {}, stamps(in), of_32);
    everybody("hit 64", in, {}, stamps(in), of_64);
    everybody("miss", out, {}, 0, one);
    everybody("miss 32", out, {}, 0, of_32);
    everybody("miss 64", out, {}, 0, of_64);
}

void Measure::change_round() {
    const std::vector<Query> in = population_.some(block_, true);
    everybody("delete", in, {}, in.size(),
              [](Contender& c, Queries q, Queries) { return c.erase(q); });
    everybody("insert", in, {}, in.size(),
              [](Contender& c, Queries q, Queries) { return c.insert(q); });
}

void Measure::churn_round() {
    const auto both = [this](const std::string& what, Block block) {
        const std::vector<Query> oldest = population_.oldest(block_);
        const std::vector<Query> fresh = population_.fresh(block_);
        everybody(what, oldest, fresh, block_, block);
        population_.exchange(block_);
    };
    both("churn", [](Contender& c, Queries o, Queries f) { return c.churn(o, f); });
    both("churn batch",
         [](Contender& c, Queries o, Queries f) { return c.churn_batch(o, f, kChurnBatch); });
}

// What a churning writer's time is without and beside a reader, turn and turn about. Whoever is in
// afterwards is who was in before: the second half undoes the first.
void Measure::beside_reader(Contender& contender, const std::string& what, bool looks_up) {
    const std::vector<Query> in = population_.some(block_, true);
    std::vector<Query> others = population_.strangers(block_);
    for (std::uint32_t i = 0; i < block_; ++i) others[i].record = in[i].record;
    const auto churn_twice = [&](const std::string& name) {
        const double started = now_ns();
        const std::uint64_t done = contender.churn_batch(in, others, kChurnBatch) +
                                   contender.churn_batch(others, in, kChurnBatch);
        samples_[name][contender.name()].push_back(now_ns() - started);
        if (done != 2 * block_) right_ = false;
    };
    churn_twice(what + " warm");
    churn_twice(what + " alone");
    {
        const std::vector<Query> asked = population_.some(block_, false);
        const Reader reader([&](const std::atomic<bool>& stop) {
            looks_up ? contender.look_up(asked, stop) : contender.list(stop);
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        churn_twice(what + " beside");
    }
    churn_twice(what + " alone");
}

void Measure::reader_round() {
    for (const auto& contender : contenders_) {
        if (!contender->readable()) continue;
        beside_reader(*contender, "lister", false);
        beside_reader(*contender, "searcher", true);
    }
}

double Measure::median(const std::string& what, const std::string& name) const {
    const auto of_what = samples_.find(what);
    if (of_what == samples_.end()) return 0;
    const auto of_name = of_what->second.find(name);
    return of_name == of_what->second.end() ? 0 : median_of(of_name->second);
}

Row Measure::row(const std::string& what, const std::string& unit,
                 const std::vector<std::string>& of) const {
    Row row{"table." + what, size_.name, unit};
    for (const auto& contender : contenders_) {
        double least = median(of.front(), contender->name());
        for (const std::string& name : of) {
            least = std::min(least, median(name, contender->name()));
        }
        if (std::string_view(contender->name()) == "lastack") {
            row.lastack = least;
        } else {
            row.peers.emplace_back(contender->name(), least);
        }
    }
    std::ranges::sort(row.peers);
    return row;
}

std::vector<Row> Measure::rows() const {
    std::vector<Row> rows{row("fill", "ns", {"fill"}),
                          row("insert", "ns", {"insert"}),
                          row("hit", "ns", {"hit"}),
                          row("miss", "ns", {"miss"}),
                          row("hit_batch", "ns", {"hit 32", "hit 64"}),
                          row("miss_batch", "ns", {"miss 32", "miss 64"}),
                          row("delete", "ns", {"delete"}),
                          row("fifo_churn", "ns", {"churn"}),
                          row("fifo_churn_batch", "ns", {"churn batch", "churn"})};
    Row bytes{"table.bytes_per_entry", size_.name, "bytes"};
    Row lister{"table.reader_cost", size_.name, "%"};
    Row searcher{"table.searcher_cost", size_.name, "%"};
    const auto add = [](Row& row, const std::string& name, double value) {
        name == "lastack" ? void(row.lastack = value) : void(row.peers.emplace_back(name, value));
    };
    for (const auto& contender : contenders_) {
        const std::string name = contender->name();
        const auto cost = [&](const std::string& what) {
            return (median(what + " beside", name) / median(what + " alone", name) - 1) * 100;
        };
        add(bytes, name, static_cast<double>(contender->bytes()) / size_.entries);
        if (!contender->readable()) continue;
        add(lister, name, cost("lister"));
        add(searcher, name, cost("searcher"));
    }
    for (Row* const extra : {&bytes, &lister, &searcher}) {
        std::ranges::sort(extra->peers);
        rows.push_back(std::move(*extra));
    }
    return rows;
}

}  // namespace lastack::bench

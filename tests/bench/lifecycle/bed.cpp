#include "tests/bench/lifecycle/bed.hpp"

#include <pthread.h>
#include <rte_eal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <thread>

#include "port/eal.hpp"
#include "tests/bench/generator/crossover.hpp"
#include "tests/bench/generator/generator.hpp"
#include "tests/bench/lifecycle/hardware.hpp"
#include "tests/bench/lifecycle/lister.hpp"
#include "tests/bench/lifecycle/passenger.hpp"
#include "worker/running_thread.hpp"
#include "worker/runtime_impl.hpp"

namespace lastack::bench {

namespace {

using std::chrono::steady_clock;

constexpr Mac kLastackMac{0x02, 0x6c, 0x61, 0, 0, 0};
constexpr Mac kGeneratorMac{0x02, 0x67, 0x65, 0x6e, 0, 1};
constexpr auto kGlance = std::chrono::milliseconds(2);

std::string text_of(const Mac& mac) {
    char out[18];
    std::snprintf(out, sizeof out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                  mac[4], mac[5]);
    return out;
}

port::EalConfig eal_config(const Settings& settings, unsigned cpu) {
    port::EalConfig config;
    config.memory =
        settings.huge_pages ? port::EalConfig::Memory::Huge : port::EalConfig::Memory::None;
    config.memory_mib = 400;
    config.cpu = cpu;
    config.extra = {"--log-level=lib.eal:1"};  // the Runtime meets EAL running, and EAL complains
    return config;
}

Options options_of(const Settings& settings, const Crossover& cable, unsigned cpu) {
    Options out;
    PortOptions port;
    port.device = cable.lastack_device();
    port.mac = text_of(kLastackMac);
    port.addresses.push_back({.address = Address::ipv4(Plan::kLastack), .prefix_length = 24});
    // Buffers for all that the cable holds, and the generator's cache besides.
    port.tx_descriptors = 2 * Crossover::kSlots;
    out.ports.push_back(port);
    RouteOptions route;
    route.gateway = Address::ipv4(Plan::kGateway);
    out.routes.push_back(route);
    out.tcp.msl = settings.msl;
    // Two rings lose nothing, but either thread may have to wait seconds for a CPU: a segment that
    // was sent again would have two answers, and the second would look wrong.
    // In open loop a ring may be full, and what is lost is to be made good.
    if (settings.pace.rate == 0) {
        out.tcp.rto_initial = std::chrono::seconds(60);
        out.tcp.rto_min = out.tcp.rto_initial;
    }
    out.tcp.timestamps = settings.plan.timestamps;
    out.tcp.port_first = Plan::kFirstPort;
    out.tcp.port_last = 65'535;
    out.limits.max_time_wait = settings.max_time_wait;
    out.limits.max_orphans = out.limits.max_connections;
    out.limits.trace_events = settings.trace_events;
    out.worker.idle = WorkerOptions::Idle::busy;
    out.worker.burst = settings.burst;
    out.worker.core = cpu;
    return out;
}

double cpu_seconds_of(pthread_t thread) {
    clockid_t clock{};
    timespec time{};
    if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The run while it is under way.
class Bed {
  public:
    explicit Bed(const Settings& settings)
        : settings_(settings),
          cpus_(worker::allowed_cpus()),
          eal_(eal_config(settings, cpus_.front())),
          cable_(),
          runtime_(options_of(settings, cable_, cpus_.front()),
                   [this](unsigned) { return make_application(); }),
          generator_(settings.plan, settings.pace,
                     {.lastack = kLastackMac, .generator = kGeneratorMac}, cable_) {}

    Result run() {
        lastack_ = std::thread([this] {
            lastack_tid_ = gettid();
            exit_code_ = runtime_.run();
        });
        waits_for([this] { return runtime_.impl().status(0).running; }, 10);
        instructions_.emplace(PERF_COUNT_HW_INSTRUCTIONS, lastack_tid_);
        core_cycles_.emplace(PERF_COUNT_HW_CPU_CYCLES, lastack_tid_);
        pthread_setname_np(lastack_.native_handle(), "lastack");  // as top and perf show it
        start_generator();
        if (settings_.lister) lister_.emplace(runtime_.impl(), cpus_.back());
        measure();
        if (lister_) result_.listed = lister_->stop();
        settle();
        runtime_.stop(std::chrono::milliseconds(0));
        lastack_.join();
        generator_.stop();
        if (other_.joinable()) other_.join();
        conclude();
        return result_;
    }

  private:
    void start_generator() {
        if (settings_.single_thread) {
            passenger_.emplace(generator_, settings_.plan.lives);
            return passenger_->board(cable_.lastack_device());
        }
        other_ = std::thread([this] { generator_.run(cpus_.back()); });
        pthread_setname_np(other_.native_handle(), "generator");
    }

    std::unique_ptr<Application> make_application() {
        if (settings_.plan.role == Role::Client) {
            return std::make_unique<Responder>(settings_.plan, result_.application);
        }
        return std::make_unique<Asker>(settings_.plan, settings_.pace.in_flight,
                                       result_.application);
    }

    // Until lastack has had so many seconds of a CPU: on a busy machine it may wait for one.
    template <class Condition>
    bool waits_for(Condition condition, double seconds) {
        const double end = cpu_seconds_of(lastack_.native_handle()) + seconds;
        while (!condition()) {
            if (exit_code_ >= 0 || cpu_seconds_of(lastack_.native_handle()) > end) return false;
            std::this_thread::sleep_for(kGlance);
        }
        return true;
    }

    Sample sample() {
        const worker::Inspector& inspector = runtime_.impl();
        Sample out;
        out.at = steady_clock::now();
        out.completed = generator_.progress().completed.load(std::memory_order_relaxed);
        out.time_waits = time_waits();
        out.cpu_seconds = cpu_seconds_of(lastack_.native_handle());
        out.generator_cpu_seconds = generator_cpu_seconds();
        out.instructions = instructions_->read();
        out.core_cycles = core_cycles_->read();
        out.status = inspector.status(0);
        out.counters = inspector.counters(0);
        return out;
    }

    double generator_cpu_seconds() {
        return cpu_seconds_of((other_.joinable() ? other_ : lastack_).native_handle());
    }

    std::uint32_t time_waits() {
        const auto state = static_cast<std::size_t>(tcp::State::TimeWait);
        return runtime_.impl().gauges(0).count[state];
    }

    // From when TIME-WAITs end as well as begin, to when the last lives begin.
    void measure() {
        const Progress& progress = generator_.progress();
        const auto start = steady_clock::now();
        result_.first = sample();
        const std::uint64_t most = settings_.plan.lives - settings_.plan.lives / 50;
        while (!progress.finished.load(std::memory_order_acquire)) {
            std::this_thread::sleep_for(kGlance);
            if (exit_code_ >= 0) return fail("lastack's worker has ended");
            const std::uint64_t completed = progress.completed.load(std::memory_order_relaxed);
            const auto now = steady_clock::now();
            const bool open_loop = settings_.pace.rate != 0;  // where not all are completed
            const std::uint64_t so_far =
                open_loop ? progress.begun.load(std::memory_order_relaxed) : completed;
            if (so_far >= most) continue;
            if (!result_.steady && now - start > settings_.two_msl() + settings_.two_msl() / 10) {
                result_.steady = true;
                result_.first = sample();
            } else {
                result_.last = sample();
            }
            if (!moves(completed)) return fail("no life was completed in 10 s of both CPUs");
        }
        if (result_.last.completed <= result_.first.completed) result_.last = sample();
    }

    // A thread that gets no CPU, as on a busy machine, is not one that stands still.
    bool moves(std::uint64_t completed) {
        constexpr double kPatience = 10;
        const double lastack = cpu_seconds_of(lastack_.native_handle());
        const double generator = generator_cpu_seconds();
        if (completed != moved_to_) {
            moved_to_ = completed;
            lastack_at_move_ = lastack;
            generator_at_move_ = generator;
        }
        return std::min(lastack - lastack_at_move_, generator - generator_at_move_) < kPatience;
    }

    // Last ACKs are on their way; then TIME-WAITs run out, where that is soon.
    void settle() {
        worker::Inspector& inspector = runtime_.impl();
        if (!waits_for([&] { return inspector.status(0).live_connections == 0; }, 5)) {
            result_.leaks.push_back("connections that are not closed: " +
                                    std::to_string(inspector.status(0).live_connections));
        }
        result_.time_waits_at_end = time_waits();
        if (auto memory = inspector.memory(0)) result_.memory = std::move(memory.value);
        if (settings_.two_msl() > std::chrono::seconds(10)) return;
        const double patience = static_cast<double>(settings_.two_msl().count()) / 1'000 + 5;
        if (!waits_for([&] { return time_waits() == 0; }, patience)) {
            result_.leaks.push_back("TIME-WAITs beyond 2MSL: " + std::to_string(time_waits()));
        }
        check_pools();
        result_.idle_first = sample();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        result_.idle_last = sample();
    }

    // J-36: with nothing open and no TIME-WAIT, only the listener is left.
    void check_pools() {
        worker::Inspector& inspector = runtime_.impl();
        const auto memory = inspector.memory(0);
        if (!memory) return result_.leaks.push_back(memory.complaint);
        for (const worker::MemoryRow& row : memory.value) {
            const bool stays = row.name == "listener" || row.name == "neighbour" ||
                               row.name.rfind("mbufs", 0) == 0;
            if (row.in_use != 0 && !stays) {
                result_.leaks.push_back(row.name + ": " + std::to_string(row.in_use) + " in use");
            }
        }
    }

    void conclude() {
        cable_.clear();
        result_.tally = generator_.tally();
        if (passenger_) result_.collected_lives = passenger_->collected();
        result_.generator_busy = generator_.busy_share();
        result_.counters = runtime_.impl().counters(0);
        result_.huge_pages = eal_.uses_huge_pages();
        result_.notices = runtime_.impl().notices();
        result_.two_cores = cpus_.size() > 1;
        if (exit_code_ != 0) fail("lastack ended with " + std::to_string(exit_code_));
        const auto conservation = runtime_.impl().conservation();
        if (conservation && conservation->mbufs_missing != 0) {
            leak("lastack's mbufs", conservation->mbufs_missing);
        }
        if (conservation && !conservation->stack_quiescent) {
            result_.leaks.push_back("the stack is not quiescent");
        }
        if (cable_.missing() != 0) leak("the generator's mbufs", cable_.missing());
        for (const auto counter : {base::Counter::StaleTimer, base::Counter::StaleHandle}) {
            const std::uint64_t count = result_.counters[static_cast<std::size_t>(counter)];
            if (count != 0) leak(base::info(counter).name, count);
        }
    }

    void fail(std::string why) {
        if (result_.failure.empty()) result_.failure = std::move(why);
    }
    void leak(std::string_view what, std::uint64_t count) {
        result_.leaks.push_back(std::string(what) + ": " + std::to_string(count));
    }

    Settings settings_;
    std::vector<unsigned> cpus_;
    Result result_;
    port::Eal eal_;
    Crossover cable_;
    Runtime runtime_;
    Generator generator_;
    std::optional<Passenger> passenger_;
    std::optional<Lister> lister_;
    std::thread lastack_;
    std::thread other_;
    std::atomic<int> exit_code_{-1};
    std::atomic<pid_t> lastack_tid_{0};
    std::optional<HardwareCounter> instructions_;
    std::optional<HardwareCounter> core_cycles_;
    std::uint64_t moved_to_ = 0;
    double lastack_at_move_ = 0;  // seconds of CPU
    double generator_at_move_ = 0;
};

}  // namespace

Result run(const Settings& settings) {
    return Bed(settings).run();
}

}  // namespace lastack::bench

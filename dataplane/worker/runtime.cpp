#include "lastack/runtime.hpp"

#include <rte_lcore.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

#include "port/dpdk_log.hpp"
#include "port/error.hpp"
#include "port/transmitter.hpp"
#include "worker/options_check.hpp"
#include "worker/running_thread.hpp"
#include "worker/runtime_impl.hpp"
#include "worker/stack_config.hpp"

namespace lastack {

namespace {

port::EalConfig::Memory to_port(EalOptions::Memory memory) {
    switch (memory) {
        case EalOptions::Memory::huge:
            return port::EalConfig::Memory::Huge;
        case EalOptions::Memory::huge_files:
            return port::EalConfig::Memory::HugeFiles;
        case EalOptions::Memory::none:
            return port::EalConfig::Memory::None;
    }
    return port::EalConfig::Memory::None;
}

/// The CPU asked for, or the last one that we may use: the first has the kernel's own work.
unsigned choose_cpu(const WorkerOptions& worker) {
    const std::vector<unsigned> cpus = worker::allowed_cpus();
    if (!worker.core) return cpus.back();
    if (std::find(cpus.begin(), cpus.end(), *worker.core) != cpus.end()) return *worker.core;
    throw StartError("worker.core: this process may not run on CPU " +
                     std::to_string(*worker.core) + "; choose one that taskset -cp shows");
}

/// Whether all mbufs are back in their pools when a port of this driver has been closed.
bool gives_all_back(const std::string& driver) {
    return driver != "net_ring" && driver != "net_af_xdp";
}

port::EthdevConfig port_config(const PortOptions& options, std::size_t number) {
    port::EthdevConfig out;
    out.device = options.device;
    out.number = static_cast<std::uint8_t>(number);
    if (options.mac) out.mac = worker::parse_mac(*options.mac);
    out.mtu = options.mtu;
    out.promiscuous = options.promiscuous;
    out.offloads = options.offloads;
    out.rx_descriptors = options.rx_descriptors;
    out.tx_descriptors = options.tx_descriptors;
    return out;
}

}  // namespace

Runtime::Impl::Impl(const Options& options, ApplicationFactory factory)
    : options_(options), factory_(std::move(factory)) {
    if (!factory_) throw StartError("application: there is no factory; give Runtime one");
    worker::check_options(options_);
    cpu_ = choose_cpu(options_.worker);
    start_eal();
    open_ports();
    make_pools();
    for (const auto& port : ports_) port->start((*pools_)[port::PoolName::Rx]);
    make_worker();
    port::DpdkLog::pass_on(true);
}

Runtime::Impl::~Impl() {
    port::DpdkLog::pass_on(false);
    close();
}

void Runtime::Impl::notice(std::string text) {
    std::fprintf(stderr, "lastack: %s\n", text.c_str());
    notices_.push_back(std::move(text));
}

void Runtime::Impl::start_eal() {
    port::EalConfig config;
    config.memory = to_port(options_.eal.memory);
    config.memory_mib = options_.eal.memory_mib;
    config.file_prefix = options_.eal.file_prefix;
    config.allow = options_.eal.allow;
    config.extra = options_.eal.extra;
    config.cpu = cpu_;
    for (const PortOptions& port : options_.ports) {  // a PCI device is named once, not twice
        const port::DeviceString device(port.device);
        const bool known =
            std::find(config.allow.begin(), config.allow.end(), port.device) != config.allow.end();
        if (device.is_pci() && !known) config.allow.push_back(port.device);
    }
    eal_ = std::make_unique<port::Eal>(config);
    for (const std::string& text : eal_->notices()) notice(text);
}

int Runtime::Impl::socket() const {
    return static_cast<int>(rte_lcore_to_socket_id(rte_get_main_lcore()));
}

void Runtime::Impl::open_ports() {
    for (std::size_t i = 0; i < options_.ports.size(); ++i) {
        ports_.push_back(std::make_unique<port::Ethdev>(port_config(options_.ports[i], i)));
    }
}

void Runtime::Impl::make_pools() {
    port::PoolDemand demand;
    demand.rx_mbufs = options_.limits.mbufs;
    demand.tx_descriptors = 0;
    demand.tx_waiting = 0;
    demand.largest_mtu = 0;
    demand.all_scatter = true;
    for (const auto& port : ports_) {
        demand.tx_descriptors += options_.ports[port->number()].tx_descriptors;
        demand.tx_waiting += port::Transmitter::kMostWaiting;
        demand.largest_mtu = std::max(demand.largest_mtu, port->mtu());
        demand.all_scatter = demand.all_scatter && port->capabilities().scatter;
        demand.all_chain = demand.all_chain && port->capabilities().multi_segs;
        mbufs_countable_ = mbufs_countable_ && gives_all_back(port->driver());
    }
    pools_ = std::make_unique<port::Pools>(port::pool_sizes(demand), 0, socket());
}

void Runtime::Impl::make_worker() {
    worker::WorkerSettings settings;
    settings.cpu = cpu_;
    settings.idle = options_.worker.idle == WorkerOptions::Idle::busy
                        ? worker::IdlePolicy::Mode::Busy
                        : worker::IdlePolicy::Mode::Adaptive;
    settings.burst = options_.worker.burst;
    settings.expire_budget = options_.worker.expire_budget;
    settings.replay = options_.debug.replay;
    settings.socket = socket();

    worker::WorkerParts parts;
    parts.pools = pools_.get();
    for (const auto& port : ports_) parts.ports.push_back(port.get());
    const stack::Config config = worker::stack_config(
        options_, parts.ports,
        options_.debug.replay ? worker::replay_secrets() : worker::random_secrets());
    const bool huge = eal_->uses_huge_pages();
    arena_ = std::make_unique<worker::ArenaMemory>(config, settings.socket, huge);
    if (huge && !arena_->from_eal()) {
        notice("the connections' records (" + std::to_string((arena_->bytes().size() >> 20) + 1) +
               " MiB) lie in ordinary pages; reserve more huge pages for speed");
    }
    worker_ = std::make_unique<worker::Worker>(settings, parts);
    worker_->create_stack(config, arena_->bytes());
}

int Runtime::Impl::run() {
    if (conservation()) throw StartError("Runtime: run() was called before; it can run only once");
    bool succeeded = false;
    {
        const worker::RunningThread thread(cpu_);
        const auto complain = [](std::string_view text) {
            std::fprintf(stderr, "lastack: %.*s\n", static_cast<int>(text.size()), text.data());
        };
        try {
            std::unique_ptr<Application> application = factory_(0);
            if (application == nullptr) throw std::runtime_error("the factory made no application");
            succeeded = worker_->run(std::move(application), complain);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "lastack: worker 0 failed: %s\n", error.what());
        }
        close();
    }
    return succeeded ? 0 : 1;
}

// Frames and received mbufs come back when the ports close; only then can be counted what did not.
void Runtime::Impl::close() {
    {
        const std::lock_guard lock(ports_lock_);
        if (closed_ || worker_ == nullptr) return;
        worker_->mailbox().close();
        worker_->let_go_of_frames();
        pools_->owned_by_this_thread();
        ports_.clear();
        pools_->collect_returned();
        closed_ = true;
    }
    const Conservation count = *conservation();
    if (count.holds()) return;
    std::fprintf(stderr, "lastack: error: %llu mbufs did not come back, the stack is %squiescent\n",
                 static_cast<unsigned long long>(count.mbufs_missing),
                 count.stack_quiescent ? "" : "not ");
}

std::optional<Runtime::Impl::Conservation> Runtime::Impl::conservation() const {
    const std::lock_guard lock(ports_lock_);
    if (!closed_) return std::nullopt;
    return Conservation{.mbufs_missing = pools_->in_use(),
                        .mbufs_countable = mbufs_countable_,
                        .stack_quiescent = worker_->stack().quiescent()};
}

Runtime::Runtime(const Options& options, ApplicationFactory factory) {
    try {
        impl_ = std::make_unique<Impl>(options, std::move(factory));
    } catch (const port::Error& error) {
        throw StartError(error.what());
    } catch (const std::invalid_argument& error) {
        throw StartError(std::string("configuration: ") + error.what());
    }
}

Runtime::~Runtime() = default;

int Runtime::run() {
    return impl_->run();
}

void Runtime::stop(std::chrono::milliseconds patience) {
    impl_->stop(patience);
}

Counters Runtime::counters() const {
    Counters out;
    const worker::CounterValues values = impl_->counters(0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        out.push_back(
            {.name = base::kCounters[i].name, .help = base::kCounters[i].help, .value = values[i]});
    }
    return out;
}

}  // namespace lastack

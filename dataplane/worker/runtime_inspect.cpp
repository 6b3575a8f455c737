// The Runtime's answers to control's questions.
#include <algorithm>
#include <chrono>
#include <thread>

#include "worker/runtime_impl.hpp"

namespace lastack {

namespace {

std::string_view name(ip::NeighbourState state) {
    switch (state) {
        case ip::NeighbourState::Free:
            return "free";
        case ip::NeighbourState::Incomplete:
            return "incomplete";
        case ip::NeighbourState::Reachable:
            return "reachable";
        case ip::NeighbourState::Stale:
            return "stale";
        case ip::NeighbourState::Probe:
            return "probe";
        case ip::NeighbourState::Failed:
            return "failed";
    }
    return "?";
}

std::vector<worker::NeighbourRow> neighbour_rows(const stack::Stack& stack) {
    std::vector<worker::NeighbourRow> out;
    std::array<ip::NeighbourRow, worker::kPageRows> page{};
    const time::Instant now(stack.now());
    for (std::uint32_t slot = 0; slot < stack.ip().neighbour_capacity();) {
        const ip::Neighbours::Listed listed = stack.ip().list_neighbours(slot, page, now);
        for (std::size_t i = 0; i < listed.rows; ++i) {
            const ip::NeighbourRow& row = page[i];
            out.push_back({.port = row.key.interface,
                           .address = Address::ipv4(row.key.address.value),
                           .mac = row.mac,
                           .state = std::string(name(row.state)),
                           .age_ms = row.idle_ms});
        }
        slot = listed.next;
    }
    return out;
}

std::vector<worker::MemoryRow> memory_rows(const stack::Stack& stack, const port::Pools& pools) {
    std::vector<worker::MemoryRow> out;
    for (const stack::PoolUse& use : stack.memory()) {
        out.push_back({.name = use.name,
                       .record_bytes = use.record_bytes,
                       .capacity = use.capacity,
                       .in_use = use.in_use});
    }
    for (const port::PoolUsage& use : pools.usage()) {
        out.push_back({.name = std::string("mbufs ") + use.name,
                       .record_bytes = use.mbuf_bytes,
                       .capacity = use.capacity,
                       .in_use = use.in_use});
    }
    return out;
}

}  // namespace

template <class Function>
auto Runtime::Impl::ask(unsigned number, worker::Patience patience, Function function) {
    using Result = decltype(function());
    if (number < workers()) {
        return worker_->mailbox().ask(std::move(function), patience);
    }
    return worker::Answer<Result>{.outcome = worker::Outcome::no_such_worker,
                                  .value = {},
                                  .complaint = "there is no worker " + std::to_string(number)};
}

worker::CounterValues Runtime::Impl::counters(unsigned worker) const {
    return worker < workers() ? worker_->counters() : worker::CounterValues{};
}

stack::StateGauges Runtime::Impl::gauges(unsigned worker) const {
    stack::StateGauges out;
    if (worker >= workers()) return out;
    const stack::Stack& stack = worker_->stack();
    for (std::size_t i = 0; i < out.count.size(); ++i) {
        out.count[i] = stack.states().count(static_cast<tcp::State>(i));
    }
    return out;
}

worker::WorkerStatus Runtime::Impl::status(unsigned worker) const {
    return worker < workers() ? worker_->status() : worker::WorkerStatus{};
}

std::vector<worker::PortStatus> Runtime::Impl::ports() {
    const std::lock_guard lock(ports_lock_);
    std::vector<worker::PortStatus> out;
    for (const auto& port : ports_) out.push_back(status_of(*port));
    return out;
}

worker::PortStatus Runtime::Impl::status_of(const port::Ethdev& port) const {
    worker::PortStatus out;
    const port::Link link = port.link();
    const rte_eth_stats stats = port.stats();
    out.port = port.number();
    out.device = port.device().text();
    out.driver = port.driver();
    out.mac = port.mac();
    out.mtu = port.mtu();
    out.link_up = link.up;
    out.link_mbps = link.mbps;
    out.promiscuous = port.promiscuous();
    out.offloads = port::names_of(port.capabilities());
    out.link_changes = port.link_changes();
    out.resets = port.resets();
    out.rx_packets = stats.ipackets;
    out.rx_bytes = stats.ibytes;
    out.rx_missed = stats.imissed;
    out.rx_errors = stats.ierrors;
    out.rx_no_mbuf = stats.rx_nombuf;
    out.tx_packets = stats.opackets;
    out.tx_bytes = stats.obytes;
    out.tx_errors = stats.oerrors;
    out.tx_waiting = worker_->frames_waiting(port.number());
    for (port::NamedStat& stat : port.xstats()) {
        out.xstats.push_back({.name = std::move(stat.name), .value = stat.value});
    }
    return out;
}

worker::ClockAnchor Runtime::Impl::clock_anchor() const {
    // A replay's time is the capture's, which nobody's wall clock shows.
    if (options_.debug.replay) return {.instant = worker::TickClock::kStart, .wall = {}};
    return {.instant = worker_->now_from_any_thread(), .wall = std::chrono::system_clock::now()};
}

worker::Answer<worker::ConnectionPage> Runtime::Impl::list(unsigned worker, stack::ListCursor from,
                                                           const stack::ListFilter& filter,
                                                           worker::Patience patience) {
    // What every page reads of the worker's own lines it takes from its caches.
    constexpr std::size_t kCompactRows = 4'096;
    constexpr std::chrono::nanoseconds kLeastTimePerRecord(125);  // eight million a second
    worker::ConnectionPage page;
    page.next = from;
    if (worker < workers() && stack::Stack::at_compact(from) && worker_->status().running) {
        const stack::Stack& stack = worker_->stack();
        const auto began = std::chrono::steady_clock::now();
        page.rows.resize(kCompactRows);
        const time::Instant now = worker_->now_from_any_thread();
        page.rows.resize(stack.list_compact(page.next, page.rows, filter, now));
        page.changes = stack.states().shared_changes();
        // The last level of cache and the way to memory are the worker's, too.
        const std::uint32_t looked_at = page.next.index - from.index;
        std::this_thread::sleep_until(began + looked_at * kLeastTimePerRecord);
        return {.outcome = worker::Outcome::answered, .value = std::move(page), .complaint = {}};
    }
    page.rows.resize(worker::kPageRows);  // here, so that the worker does not allocate
    return ask(worker, patience, [this, filter, page = std::move(page)]() mutable {
        const stack::Stack& stack = worker_->stack();
        page.rows.resize(stack.list_live(page.next, page.rows, filter));
        page.changes = stack.states().shared_changes();
        return std::move(page);
    });
}

worker::Answer<worker::TracePage> Runtime::Impl::trace(unsigned worker, std::uint64_t from_number,
                                                       worker::Patience patience) {
    worker::TracePage page;
    page.events.resize(worker::kPageRows);
    page.next_number = from_number;
    return ask(worker, patience, [this, page = std::move(page)]() mutable {
        const std::size_t count = worker_->stack().read_trace(page.next_number, page.events);
        page.events.resize(count);
        if (count > 0) page.next_number = page.events.back().number + 1;
        return std::move(page);
    });
}

worker::Answer<std::vector<worker::MemoryRow>> Runtime::Impl::memory(unsigned worker,
                                                                     worker::Patience patience) {
    return ask(worker, patience, [this] { return memory_rows(worker_->stack(), *pools_); });
}

worker::Answer<std::vector<worker::NeighbourRow>> Runtime::Impl::neighbours(
    unsigned worker, worker::Patience patience) {
    return ask(worker, patience, [this] { return neighbour_rows(worker_->stack()); });
}

worker::Answer<std::string> Runtime::Impl::report(unsigned worker, worker::Patience patience) {
    return ask(worker, patience, [this] {
        Application* const application = worker_->application();
        return application == nullptr ? std::string("{}") : application->report();
    });
}

worker::DrainProgress Runtime::Impl::drain_progress() const {
    worker::DrainProgress out;
    const worker::Drain& drain = worker_->drain();
    out.draining = drain.requested();
    out.live_connections = worker_->status().live_connections;
    if (drain.phase() == worker::Drain::Phase::Draining) {
        const time::Duration left = drain.deadline() - worker_->now_from_any_thread();
        out.patience_left = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::max(left, time::Duration(0)));
    }
    return out;
}

}  // namespace lastack

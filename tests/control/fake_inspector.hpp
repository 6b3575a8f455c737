// A worker::Inspector without workers: a test fills in what it is to answer.
#pragma once

#include <algorithm>
#include <mutex>

#include "control/server/query.hpp"
#include "worker/inspector.hpp"

namespace lastack::control {

class FakeInspector final : public worker::Inspector {
  public:
    unsigned worker_count = 1;
    std::vector<stack::ConnectionRow> rows;
    std::size_t rows_per_page = worker::kPageRows;
    std::uint64_t changes = 1'000;  ///< Of state, at each worker.
    std::uint64_t changes_per_page = 0;
    std::vector<stack::TraceEvent> events;
    std::size_t new_events_per_question = 0;  ///< As a busy worker makes them.
    worker::CounterValues counter_values{};
    worker::WorkerStatus worker_status;
    std::vector<worker::PortStatus> port_statuses;
    std::vector<worker::MemoryRow> memory_rows;
    std::vector<worker::NeighbourRow> neighbour_rows;
    std::string report_text = "{}";
    worker::Outcome outcome = worker::Outcome::answered;  ///< Of what goes through the mailbox.
    worker::DrainProgress progress;
    std::vector<worker::Patience> drains;  ///< One for each begin_drain().

    unsigned workers() const override { return worker_count; }
    worker::CounterValues counters(unsigned) const override { return counter_values; }
    stack::StateGauges gauges(unsigned) const override {
        stack::StateGauges gauges;
        for (const stack::ConnectionRow& row : rows) {
            ++gauges.count[static_cast<std::size_t>(row.state)];
        }
        return gauges;
    }
    worker::WorkerStatus status(unsigned) const override {
        const std::lock_guard lock(mutex_);
        return worker_status;
    }
    std::vector<worker::PortStatus> ports() override { return port_statuses; }
    worker::ClockAnchor clock_anchor() const override {
        return {.instant = time::Instant(std::chrono::seconds(100)),
                .wall = std::chrono::system_clock::time_point(std::chrono::seconds(1'000'000))};
    }
    std::vector<std::string> notices() const override { return {"ordinary pages are in use"}; }

    worker::Answer<worker::ConnectionPage> list(unsigned, stack::ListCursor from,
                                                const stack::ListFilter& filter,
                                                worker::Patience) override {
        worker::Answer<worker::ConnectionPage> answer = refused<worker::ConnectionPage>();
        if (!answer) return answer;
        const std::size_t end = std::min(rows.size(), from.index + rows_per_page);
        for (std::size_t i = from.index; i < end; ++i) {
            if (wants(filter, rows[i])) answer.value.rows.push_back(rows[i]);
        }
        answer.value.changes = changes;
        changes += changes_per_page;
        answer.value.next = {.pool = from.pool,
                             .index = static_cast<std::uint32_t>(end),
                             .done = end == rows.size()};
        return answer;
    }
    worker::Answer<worker::TracePage> trace(unsigned, std::uint64_t from,
                                            worker::Patience) override {
        worker::Answer<worker::TracePage> answer = refused<worker::TracePage>();
        answer.value.next_number = from;
        for (const stack::TraceEvent& event : events) {
            if (event.number < from || answer.value.events.size() == worker::kPageRows) continue;
            answer.value.events.push_back(event);
            answer.value.next_number = event.number + 1;
        }
        for (std::size_t i = 0; i < new_events_per_question; ++i) {
            stack::TraceEvent event = events.back();
            ++event.number;
            events.push_back(event);
        }
        return answer;
    }
    worker::Answer<std::vector<worker::MemoryRow>> memory(unsigned, worker::Patience) override {
        return filled(memory_rows);
    }
    worker::Answer<std::vector<worker::NeighbourRow>> neighbours(unsigned,
                                                                 worker::Patience) override {
        return filled(neighbour_rows);
    }
    worker::Answer<std::string> report(unsigned, worker::Patience) override {
        return filled(report_text);
    }

    void begin_drain(worker::Patience patience) override {
        const std::lock_guard lock(mutex_);
        drains.push_back(patience);
        progress.draining = true;
        progress.patience_left = patience;
    }
    worker::DrainProgress drain_progress() const override {
        const std::lock_guard lock(mutex_);
        return progress;
    }

    void set_running(bool running) {
        const std::lock_guard lock(mutex_);
        worker_status.running = running;
    }
    std::vector<worker::Patience> drains_so_far() const {
        const std::lock_guard lock(mutex_);
        return drains;
    }

  private:
    static bool wants(const stack::ListFilter& filter, const stack::ConnectionRow& row) {
        const EndpointFilter endpoints{.source = filter.local,
                                       .destination = filter.remote,
                                       .source_port = filter.local_port,
                                       .destination_port = filter.remote_port};
        return (filter.states & stack::ListFilter::bit_of(row.state)) != 0 &&
               endpoints.matches(row.local, row.remote);
    }

    template <class T>
    worker::Answer<T> refused() const {
        const bool answered = outcome == worker::Outcome::answered;
        return {.outcome = outcome, .value = {}, .complaint = answered ? "" : "worker 0 is busy"};
    }
    template <class T>
    worker::Answer<T> filled(const T& value) const {
        worker::Answer<T> answer = refused<T>();
        if (answer) answer.value = value;
        return answer;
    }

    mutable std::mutex mutex_;
};

/// A row between 198.18.0.2 and 198.18.0.1.
inline stack::ConnectionRow connection_row(std::uint16_t local_port, std::uint16_t remote_port,
                                           tcp::State state) {
    stack::ConnectionRow row;
    row.local = {.address = Address::ipv4(0xc6120002), .port = local_port};
    row.remote = {.address = Address::ipv4(0xc6120001), .port = remote_port};
    row.state = state;
    return row;
}

inline stack::ConnectionRow listener_row(std::uint16_t port) {
    stack::ConnectionRow row;
    row.local.port = port;
    row.state = tcp::State::Listen;
    return row;
}

}  // namespace lastack::control

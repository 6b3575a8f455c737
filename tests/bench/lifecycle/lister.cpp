#include "tests/bench/lifecycle/lister.hpp"

#include "worker/running_thread.hpp"

namespace lastack::bench {

Lister::Lister(worker::Inspector& inspector, unsigned cpu)
    : inspector_(inspector), thread_([this, cpu] { run(cpu); }) {}

Listed Lister::stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
    return listed_;
}

void Lister::run(unsigned cpu) {
    const worker::RunningThread here(cpu);
    stack::ListCursor cursor;
    while (!stopped_) {
        const auto page = inspector_.list(0, cursor, {});
        if (!page) continue;
        listed_.rows += page.value.rows.size();
        cursor = page.value.next;
        if (!cursor.done) continue;
        ++listed_.listings;
        cursor = {};
    }
}

}  // namespace lastack::bench

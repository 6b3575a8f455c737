#include "port/dpdk_log.hpp"

#include <rte_log.h>

#include <cstdio>
#include <mutex>
#include <string_view>

namespace lastack::port {

namespace {

struct Sink {
    std::mutex mutex;
    std::string unfinished;  // a line whose end has not come yet
    std::string last_line;
    bool pass_on = false;
    FILE* stream = nullptr;
};

// Lives as long as the process: DPDK's threads may log while it exits.
Sink& sink() {
    static Sink* const the_sink = new Sink;
    return *the_sink;
}

void finish_line(Sink& to) {
    if (!to.unfinished.empty()) {
        to.last_line = to.unfinished;
        if (to.pass_on) std::fprintf(stderr, "lastack: dpdk: %s\n", to.last_line.c_str());
    }
    to.unfinished.clear();
}

ssize_t write_to_sink(void*, const char* text, std::size_t bytes) {
    constexpr std::size_t kLongestLine = 512;
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    for (const char c : std::string_view(text, bytes)) {
        if (c == '\n') {
            finish_line(to);
        } else if (to.unfinished.size() < kLongestLine) {
            to.unfinished.push_back(c);
        }
    }
    return static_cast<ssize_t>(bytes);
}

}  // namespace

void DpdkLog::capture() {
    Sink& to = sink();
    if (to.stream == nullptr) {
        cookie_io_functions_t functions{};
        functions.write = write_to_sink;
        to.stream = fopencookie(nullptr, "w", functions);
        if (to.stream == nullptr) return;  // then DPDK goes on writing to stderr
        std::setvbuf(to.stream, nullptr, _IOLBF, 0);
    }
    rte_openlog_stream(to.stream);
}

void DpdkLog::mark() {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    to.last_line.clear();
}

std::string DpdkLog::last_words() {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    return to.last_line.empty() ? std::string() : ", DPDK says \"" + to.last_line + '"';
}

void DpdkLog::pass_on(bool yes) {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    to.pass_on = yes;
}

}  // namespace lastack::port

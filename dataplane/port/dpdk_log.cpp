#include "port/dpdk_log.hpp"

#include <rte_log.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string_view>

namespace lastack::port {

namespace {

struct Sink {
    std::mutex mutex;
    std::string unfinished;  // a line whose end has not come yet
    std::string quoted;      // the first lines since mark()
    int quoted_lines = 0;
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
        constexpr int kQuotedLines = 3;
        if (to.quoted_lines++ < kQuotedLines) {
            if (!to.quoted.empty()) to.quoted += ", ";
            to.quoted += to.unfinished;
        }
        if (to.pass_on) std::fprintf(stderr, "lastack: dpdk: %s\n", to.unfinished.c_str());
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

void DpdkLog::add(const std::string& text) {
    constexpr std::string_view kFatal = "EAL: FATAL: ";  // before what is logged as well
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    for (std::string_view rest = text; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.starts_with(kFatal)) line.remove_prefix(kFatal.size());
        if (to.quoted.find(line) != std::string::npos) continue;
        to.unfinished = line;
        finish_line(to);
    }
}

void DpdkLog::mark() {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    to.quoted.clear();
    to.quoted_lines = 0;
}

std::string DpdkLog::words() {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    return to.quoted.empty() ? std::string() : ", DPDK says \"" + to.quoted + '"';
}

void DpdkLog::pass_on(bool yes) {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    to.pass_on = yes;
}

}  // namespace lastack::port

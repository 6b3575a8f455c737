#include "control/cli/nstat.hpp"

#include <fnmatch.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/counters.hpp"

namespace lastack::control::cli {
namespace {

std::string_view group_name(base::CounterGroup group) {
    switch (group) {
        case base::CounterGroup::Link:
            return "Link";
        case base::CounterGroup::Arp:
            return "Arp";
        case base::CounterGroup::Ip:
            return "Ip";
        case base::CounterGroup::Icmp:
            return "Icmp";
        case base::CounterGroup::Tcp:
            return "Tcp";
        case base::CounterGroup::TcpExt:
            return "TcpExt";
        case base::CounterGroup::Guard:
            return "Guard";
        case base::CounterGroup::Worker:
            break;
    }
    return "Worker";
}

struct Help {
    std::string_view name;
    std::string_view sentence;
};

/// RFC 4022's scalars, which are no counters of a core and so not in counters.def.
constexpr std::array kMib{
    Help{"TcpRtoAlgorithm",
         "How the retransmission timeout is found: 5 is RFC 2988 and its heirs."},
    Help{"TcpRtoMin", "Smallest retransmission timeout, in milliseconds."},
    Help{"TcpRtoMax", "Largest retransmission timeout, in milliseconds."},
    Help{"TcpMaxConn", "Most connections; -1 where there is no fixed limit."},
    Help{"TcpCurrEstab", "Connections in ESTABLISHED or CLOSE-WAIT now."},
};

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool matches_any(const std::string& name, const std::vector<std::string>& patterns) {
    return patterns.empty() ||
           std::any_of(patterns.begin(), patterns.end(), [&name](const std::string& pattern) {
               return ::fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD) == 0;
           });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

}  // namespace

std::string full_name(std::string_view group, std::string_view name) {
    return name.starts_with(group) ? std::string(name) : std::string(group) + std::string(name);
}

std::vector<CounterLine> select(std::vector<CounterLine> lines, const NstatOptions& options) {
    std::erase_if(lines, [&options](const CounterLine& line) {
        return (line.value == 0 && !options.zeros) || !matches_any(line.name, options.patterns);
    });
    return lines;
}

std::string format_nstat(const std::vector<CounterLine>& lines) {
    std::string out = "#lastack\n";
    for (const CounterLine& line : lines) {
        char text[128];
        std::snprintf(text, sizeof text, "%-32s%-16lld  0.0\n", line.name.c_str(),
                      static_cast<long long>(line.value));
        out += text;
    }
    return out;
}

std::optional<std::string> explain(std::string_view name) {
    for (const Help& help : kMib) {
        if (same_name(name, help.name) || same_name(name, help.name.substr(3))) {
            return std::string(help.name) + ": " + std::string(help.sentence);
        }
    }
    for (const base::CounterInfo& info : base::kCounters) {
        const std::string full = full_name(group_name(info.group), info.name);
        if (same_name(name, info.name) || same_name(name, full)) {
            return full + ": " + std::string(info.help);
        }
    }
    return std::nullopt;
}

std::vector<std::string> names_like(std::string_view part) {
    std::vector<std::string> names;
    const std::string wanted = lower(part);
    for (const base::CounterInfo& info : base::kCounters) {
        const std::string full = full_name(group_name(info.group), info.name);
        if (lower(full).find(wanted) != std::string::npos) names.push_back(full);
    }
    return names;
}

}  // namespace lastack::control::cli

#include "control/cli/ss.hpp"

#include <algorithm>
#include <cstdio>

namespace lastack::control::cli {
namespace {

struct Cells {
    std::string state;
    std::string receive_queue;
    std::string send_queue;
    std::string local_address;
    std::string local_port;
    std::string remote_address;
    std::string remote_port;
    std::string rest;
};

std::string address_text(const Address& address) {
    return address.is_ipv4() ? address.to_string() : "[" + address.to_string() + "]";
}

std::string port_text(std::uint16_t port) {
    return port == 0 ? "*" : std::to_string(port);
}

std::string rest_of(const Row& row, const SsOptions& options) {
    std::string text;
    if (options.timers && row.timer != "off") {
        text += " timer:(" + row.timer + "," + timer_text(row.timer_ms) + "," +
                std::to_string(row.retransmits) + ")";
    }
    if (options.extended) {
        text += " worker:" + std::to_string(row.worker);
        if (row.orphan) text += " orphan";
    }
    if (options.info && row.retransmits > 0) {
        text += " backoff:" + std::to_string(row.retransmits);
    }
    return text;
}

Cells cells_of(const Row& row, const SsOptions& options) {
    return {.state = std::string(ss_name(row.state)),
            .receive_queue = std::to_string(row.receive_queue_bytes),
            .send_queue = std::to_string(row.send_queue_bytes),
            .local_address = address_text(row.local.address),
            .local_port = port_text(row.local.port),
            .remote_address = address_text(row.remote.address),
            .remote_port = port_text(row.remote.port),
            .rest = rest_of(row, options)};
}

std::string left(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, text.size()), ' ');
}

std::string right(const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

}  // namespace

std::string format_ss(const std::vector<Row>& rows, const SsOptions& options) {
    std::vector<Cells> table;
    if (options.header) {
        table.push_back({.state = "State",
                         .receive_queue = "Recv-Q",
                         .send_queue = "Send-Q",
                         .local_address = "Local Address",
                         .local_port = "Port",
                         .remote_address = "Peer Address",
                         .remote_port = "Port",
                         .rest = {}});
    }
    for (const Row& row : rows) table.push_back(cells_of(row, options));
    const auto width = [&table](std::string Cells::*column) {
        std::size_t widest = 0;
        for (const Cells& cells : table) widest = std::max(widest, (cells.*column).size());
        return widest;
    };
    const std::size_t state = width(&Cells::state);
    const std::size_t receive_queue = width(&Cells::receive_queue);
    const std::size_t send_queue = width(&Cells::send_queue);
    const std::size_t local_address = width(&Cells::local_address);
    const std::size_t local_port = width(&Cells::local_port);
    const std::size_t remote_address = width(&Cells::remote_address);
    const std::size_t remote_port = width(&Cells::remote_port);
    std::string out;
    for (const Cells& cells : table) {
        std::string line =
            left(cells.state, state) + "  " + left(cells.receive_queue, receive_queue) + "  " +
            left(cells.send_queue, send_queue) + "  " + right(cells.local_address, local_address) +
            ":" + left(cells.local_port, local_port) + "  " +
            right(cells.remote_address, remote_address) + ":" +
            left(cells.remote_port, remote_port) + cells.rest;
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string format_summary(const std::array<std::uint64_t, tcp::kStateCount>& count) {
    std::uint64_t total = 0;
    for (const std::uint64_t number : count) total += number;
    const auto of = [&count](tcp::State state) {
        return std::to_string(count[static_cast<std::size_t>(state)]);
    };
    std::string out = "Total: " + std::to_string(total) + "\n";
    out += "TCP:   " + std::to_string(total) + " (estab " + of(tcp::State::Established) +
           ", syn-recv " + of(tcp::State::SynReceived) + ", timewait " + of(tcp::State::TimeWait) +
           ")\n\n";
    for (std::size_t i = 0; i < count.size(); ++i) {
        const std::string name(ss_name(static_cast<tcp::State>(i)));
        out += left(name, 12) + std::to_string(count[i]) + "\n";
    }
    return out;
}

std::string timer_text(std::uint32_t ms) {
    const std::uint32_t minutes = ms / 60'000;
    const std::uint32_t seconds = ms / 1'000 % 60;
    const std::uint32_t rest = ms % 1'000;
    char text[48];
    if (minutes > 9) {
        std::snprintf(text, sizeof text, "%umin", minutes);
    } else if (minutes > 0 && seconds > 0) {
        std::snprintf(text, sizeof text, "%umin%usec", minutes, seconds);
    } else if (minutes > 0) {
        std::snprintf(text, sizeof text, "%umin", minutes);
    } else if (seconds > 9 || (seconds > 0 && rest == 0)) {
        std::snprintf(text, sizeof text, "%usec", seconds);
    } else if (seconds > 0) {
        std::snprintf(text, sizeof text, "%u.%03ums", seconds, rest);  // as Linux writes it
    } else {
        std::snprintf(text, sizeof text, "%ums", rest);
    }
    return text;
}

}  // namespace lastack::control::cli

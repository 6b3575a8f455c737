#include "tests/support/host.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "tcp/isn.hpp"
#include "wire/arp.hpp"
#include "wire/checksum.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace lastack::test {

namespace {

constexpr std::string_view kLetters = "FSRPAUEC";  // by bit, from the lowest

std::uint8_t bits_of(std::string_view flags) {
    unsigned bits = 0;
    for (const char flag : flags) {
        const std::size_t bit = kLetters.find(flag);
        EXPECT_NE(bit, std::string_view::npos) << "no such flag: " << flag;
        bits |= 1U << bit;
    }
    return static_cast<std::uint8_t>(bits);
}

std::string letters_of(wire::TcpFlags flags) {
    std::string letters;
    for (const char letter : std::string_view("SFRPAUEC")) {
        if ((flags.bits >> kLetters.find(letter) & 1) != 0) letters += letter;
    }
    return letters;
}

}  // namespace

stack::Config small_config() {
    stack::Config config;
    config.interfaces.push_back(
        {.port = 0, .mac = kHostMac, .addresses = {{kHostAddress, 24}}, .mtu = 1500});
    config.limits.max_connections = 64;
    config.limits.max_time_wait = 64;
    config.limits.max_half_open = 16;
    config.limits.max_orphans = 64;
    config.limits.max_listeners = 8;
    config.limits.max_timers = 16;
    config.limits.trace_events = 256;
    config.ip.neighbours = 16;
    config.max_pieces = 4'096;
    config.max_held_buffers = 4'096;
    config.secrets = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}};
    return config;
}

std::uint32_t Wire::len() const {
    const auto has = [&](char flag) { return flags.find(flag) != std::string::npos ? 1U : 0U; };
    return static_cast<std::uint32_t>(text.size()) + has('S') + has('F');
}

bool operator==(const Wire& a, const Wire& b) {
    return bits_of(a.flags) == bits_of(b.flags) && a.seq == b.seq && a.ack == b.ack &&
           a.text.size() == b.text.size();
}

void PrintTo(const Wire& segment, std::ostream* out) {
    *out << '<' << segment.flags << " seq=" << segment.seq << " ack=" << segment.ack
         << " text=" << segment.text.size() << '>';
}

std::optional<Wire> decode(std::span<const std::byte> frame) {
    const auto ethernet = wire::EthernetView::parse(frame);
    if (!ethernet || ethernet->header().type != wire::ether_type::kIpv4) return std::nullopt;
    const auto parsed = wire::Ipv4View::parse(ethernet->payload());
    EXPECT_TRUE(parsed) << "a malformed IPv4 header left the stack";
    if (!parsed || parsed.view->protocol() != wire::ip_protocol::kTcp) return std::nullopt;
    const wire::Ipv4View& datagram = *parsed.view;
    const std::span<const std::byte> segment = datagram.payload();
    const std::array<std::span<const std::byte>, 1> pieces{segment};
    EXPECT_TRUE(wire::verify_tcp(wire::pseudo_header(datagram), pieces))
        << "a segment left with a wrong checksum";
    const auto view = wire::TcpView::parse(segment);
    EXPECT_TRUE(view.has_value());
    if (!view) return std::nullopt;
    const wire::TcpHeader header = view->header();
    const auto text = view->text();
    Wire wire;
    wire.flags = letters_of(header.flags);
    wire.seq = header.seq.value();
    wire.ack = header.ack.value();
    wire.text.assign(reinterpret_cast<const char*>(text.data()), text.size());
    wire.window = header.window;
    wire.urgent = header.urgent;
    wire.options = header.options;
    wire.source_port = header.source_port;
    wire.destination_port = header.destination_port;
    return wire;
}

std::vector<std::byte> encode(const Wire& segment, const Route& route) {
    wire::TcpHeader header;
    header.source_port = segment.source_port;
    header.destination_port = segment.destination_port;
    header.seq = wire::Seq(segment.seq);
    header.ack = wire::Seq(segment.ack);
    header.flags.bits = bits_of(segment.flags);
    header.window = segment.window;
    header.urgent = segment.urgent;
    header.options = segment.options;
    const std::size_t tcp_bytes = wire::header_bytes(header);
    std::vector<std::byte> frame(wire::kEthernetBytes + wire::kIpv4HeaderBytes + tcp_bytes +
                                 segment.text.size());
    std::span<std::byte> rest(frame);
    rest = rest.subspan(wire::emit(
        {.destination = route.to_mac, .source = route.from_mac, .type = wire::ether_type::kIpv4},
        rest));
    const auto tcp_and_text = static_cast<std::uint32_t>(tcp_bytes + segment.text.size());
    rest = rest.subspan(wire::emit(wire::Ipv4Header{.source = route.from,
                                                    .destination = route.to,
                                                    .total_bytes = static_cast<std::uint16_t>(
                                                        wire::kIpv4HeaderBytes + tcp_and_text)},
                                   rest));
    wire::emit(header, rest);
    std::ranges::copy(as_bytes(segment.text), rest.subspan(tcp_bytes).begin());
    wire::Checksum sum = wire::pseudo_header_sum(wire::PseudoHeader4{
        .source = route.from, .destination = route.to, .protocol = 6, .bytes = tcp_and_text});
    sum.add(rest);
    wire::put16(rest, 16, sum.finish());
    return frame;
}

// --- Recorder

void Recorder::on_open(Connection connection) {
    last = connection;
    events.emplace_back("open");
    if (at_open) at_open(connection);
}

std::size_t Recorder::on_data(Connection connection, std::span<const Bytes> pieces) {
    last = connection;
    std::string text;
    for (const Bytes piece : pieces) {
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    events.push_back("data " + std::to_string(text.size()));
    const std::size_t used = at_data ? at_data(connection, text) : text.size();
    received.append(text, 0, used);
    return used;
}

void Recorder::on_urgent(Connection connection) {
    last = connection;
    events.push_back("urgent " + std::to_string(connection.urgent_left()));
    if (at_urgent) at_urgent(connection);
}

void Recorder::on_writable(Connection connection) {
    last = connection;
    events.emplace_back("writable");
    if (at_writable) at_writable(connection);
}

void Recorder::on_peer_closed(Connection connection) {
    last = connection;
    events.emplace_back("peer closed");
    if (at_peer_closed) at_peer_closed(connection);
}

void Recorder::on_trouble(Connection connection, Trouble trouble) {
    if (!notes_trouble) return;
    last = connection;
    events.push_back("trouble " + std::string(name(trouble)));
    if (at_trouble) at_trouble(connection);
}

void Recorder::on_closed(Connection connection, CloseReason reason) {
    last = connection;
    events.push_back("closed " + std::string(name(reason)));
    if (at_closed) at_closed(connection, reason);
}

bool Recorder::saw(std::string_view event) const {
    return std::ranges::find(events, event) != events.end();
}

// --- Host

Host::Host(stack::Config config)
    : config_(std::move(config)),
      memory_((stack::Stack::arena_bytes(config_) + sizeof(Line) - 1) / sizeof(Line)),
      stack_(&stack::Stack::create(config_, std::as_writable_bytes(std::span(memory_)), shell_,
                                   now_)) {}

Host::~Host() = default;

void Host::receive(std::span<const std::byte> frame) {
    const stack::Frame one = shell_.frame(frame);
    stack_->receive({&one, 1}, now_);
    turn();
}

void Host::receive(const std::vector<std::vector<std::byte>>& burst) {
    std::vector<stack::Frame> frames;
    for (const auto& bytes : burst) frames.push_back(shell_.frame(bytes));
    stack_->receive(frames, now_);
    turn();
}

void Host::turn() {
    stack_->expire(now_, 1'000);
    stack_->serve(now_);
    stack_->transmit(now_);
    collect();
    for (int i = 0; i < 1'000 && stack_->has_work(); ++i) {
        stack_->serve(now_);
        stack_->transmit(now_);
        collect();
    }
}

// Takes over what the shell has sent. What an answer to ARP lets go is sent at once, and collected
// too.
void Host::collect() {
    if (shell_.sent().empty()) return;
    for (SentFrame& frame : shell_.take_sent()) {
        if (answers_arp_ && answer_if_arp(frame)) continue;
        outbox_.push_back(std::move(frame));
    }
    if (!shell_.sent().empty()) collect();
}

bool Host::answer_if_arp(const SentFrame& frame) {
    const auto ethernet = wire::EthernetView::parse(frame.bytes);
    if (!ethernet || ethernet->type() != wire::ether_type::kArp) return false;
    const auto question = wire::ArpPacket::parse(ethernet->payload());
    if (!question) return false;
    if (question->operation == wire::ArpOperation::Reply) return true;
    if (question->target_ip != kPeerAddress) return true;
    std::vector<std::byte> reply(wire::kEthernetBytes + wire::kArpBytes);
    wire::emit({.destination = kHostMac, .source = kPeerMac, .type = wire::ether_type::kArp},
               reply);
    wire::emit(wire::ArpPacket{.operation = wire::ArpOperation::Reply,
                               .sender_mac = kPeerMac,
                               .sender_ip = kPeerAddress,
                               .target_mac = kHostMac,
                               .target_ip = kHostAddress},
               std::span(reply).subspan(wire::kEthernetBytes));
    const stack::Frame received = shell_.frame(reply);
    stack_->receive({&received, 1}, now_);
    return true;
}

std::vector<SentFrame> Host::take_frames() {
    return std::exchange(outbox_, {});
}

void Host::advance(time::Duration duration) {
    advance_to(now_ + duration);
}

void Host::advance_to(time::Instant instant) {
    turn();
    while (true) {
        const auto next = stack_->next_deadline();
        if (!next || *next > instant) break;
        now_ = std::max(now_, *next);
        turn();
    }
    now_ = std::max(now_, instant);
    turn();
}

void Host::stall_until(time::Instant instant) {
    now_ = std::max(now_, instant);
    turn();
}

std::vector<Wire> Host::sent() {
    std::vector<Wire> segments;
    for (const SentFrame& frame : take_frames()) {
        if (auto segment = decode(frame.bytes)) segments.push_back(std::move(*segment));
    }
    return segments;
}

std::vector<stack::ConnectionRow> Host::rows(const stack::ListFilter& filter) const {
    std::vector<stack::ConnectionRow> all;
    std::array<stack::ConnectionRow, 3> page;
    for (stack::ListCursor cursor; !cursor.done;) {
        const std::size_t count = stack_->list(cursor, page, filter);
        all.insert(all.end(), page.begin(), page.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return all;
}

std::string Host::state(std::uint16_t local_port, std::uint16_t remote_port) {
    const auto found = rows({.local_port = local_port, .remote_port = remote_port});
    return found.empty() ? "CLOSED" : std::string(tcp::name(found.front().state));
}

Host::Snapshot Host::snapshot() const {
    const auto bytes = std::as_bytes(std::span(memory_));
    return {{bytes.begin(), bytes.end()}, now_};
}

void Host::restore(const Snapshot& snapshot) {
    std::ranges::copy(snapshot.bytes, std::as_writable_bytes(std::span(memory_)).begin());
    now_ = snapshot.now;
}

void Host::wait_for_isn(std::uint16_t local_port, std::uint16_t remote_port, std::uint32_t isn) {
    const std::array words{std::uint64_t{kHostAddress.value} << 32 | kPeerAddress.value,
                           std::uint64_t{local_port} << 16 | remote_port};
    const std::uint32_t here = tcp::initial_sequence(config_.secrets.isn, words, now_).value();
    advance_to(now_ + std::chrono::microseconds(4) * std::int64_t{isn - here});
    take_frames();
}

// --- Peer

std::vector<std::byte> Peer::frame(Wire segment) const {
    segment.source_port = port_;
    segment.destination_port = host_port_;
    return encode(segment);
}

void Peer::send(Wire segment) {
    host_.receive(frame(std::move(segment)));
}

std::uint32_t Peer::open(std::uint32_t iss, const wire::TcpOptions& options) {
    send({.flags = "S", .seq = iss, .options = options});
    const auto answers = host_.sent();
    EXPECT_EQ(answers.size(), 1U);
    if (answers.empty()) return 0;
    EXPECT_EQ(answers[0].flags, "SA");
    EXPECT_EQ(answers[0].ack, iss + 1);
    Wire third{.flags = "A", .seq = iss + 1, .ack = answers[0].seq + 1};
    if (answers[0].options.timestamps && options.timestamps) {
        third.options.timestamps =
            wire::Timestamps{options.timestamps->value, answers[0].options.timestamps->value};
    }
    send(third);
    return answers[0].seq;
}

}  // namespace lastack::test

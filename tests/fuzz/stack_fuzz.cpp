// A whole stack under arbitrary input: frames, time, and an application that does anything at any
// moment, its own events included (K-37, K-39, K-44).
//
// The input is a list of steps. A segment is described in a few octets relative to what the stack
// expects, so that most of them are acceptable or just not; ports, numbers and checksums are filled
// in. Raw frames and ICMP errors go in as well. Checked all along:
//
//   - what leaves is well formed, its text is what was sent, its window never shrinks (F-13);
//   - what the application reads is what the peer sent, in order;
//   - on_open, on_peer_closed, on_closed: at most once, in an order that makes sense;
// and at the end, when everything has been aborted and 2MSL is over: nothing is left (J-36).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "stack/stack.hpp"
#include "tests/support/heap_shell.hpp"
#include "wire/arp.hpp"
#include "wire/checksum.hpp"
#include "wire/ethernet.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace lastack::test {
namespace {

using namespace std::chrono_literals;
using Octets = std::vector<std::byte>;

constexpr wire::Ipv4Address kHere{0xc612'0001};
constexpr wire::Ipv4Address kThere{0xc612'0002};
constexpr wire::MacAddress kHereMac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr wire::MacAddress kThereMac{{0x02, 0, 0, 0, 0, 0x02}};
constexpr std::size_t kPeerPorts = 4;

class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
    bool empty() const { return rest_.empty(); }
    std::uint8_t u8() {
        if (rest_.empty()) return 0;
        const std::uint8_t value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }
    std::uint16_t u16() { return static_cast<std::uint16_t>(u8() << 8 | u8()); }
    Octets take(std::size_t count) {
        const auto part = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(part.size());
        const auto bytes = std::as_bytes(part);
        return {bytes.begin(), bytes.end()};
    }

  private:
    std::span<const std::uint8_t> rest_;
};

// Both streams are functions of a number alone: ours of the position, the peer's of the sequence
// number.
std::byte our_byte(std::uint32_t position) {
    return static_cast<std::byte>(position * 7 + (position >> 8));
}
std::byte peer_byte(std::uint32_t seq) {
    return static_cast<std::byte>(seq ^ seq >> 8 ^ seq >> 16);
}

// What the wire has shown of a tuple: enough for the peer to be nearly right.
struct Seen {
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;
    std::optional<std::uint32_t> iss;
    std::optional<std::uint32_t> irs;  // told by our first ACK, but for text that came with a SYN
    int beginnings = 0;                // connections begun since one opened
    std::uint32_t end = 0;             // behind the last number that the stack sent
    std::uint32_t expects = 0;         // the last ACK that it sent
    std::uint32_t edge = 0;            // of our window, as the peer reads it
    std::uint32_t read = 0;            // by the application
    std::uint32_t stamp = 0;
    std::uint8_t shift = 0;
    std::uint8_t offered_shift = 0;
    bool edge_known = false;
    bool scaling = false;  // the peer's last SYN offered it
    bool text_on_syn = false;
    std::uint32_t peer_stamp = 1'000;
};

stack::Config config_for(std::uint8_t bits) {
    stack::Config config;
    config.interfaces.push_back({.port = 0, .mac = kHereMac, .addresses = {{kHere, 24}}});
    config.interfaces[0].mtu = (bits & 1) != 0 ? 576 : 1'500;
    config.interfaces[0].tcp_checksum_offload = (bits & 2) != 0;
    config.interfaces[0].max_text_bytes = (bits & 4) != 0 ? 20'000 : 0;
    config.tcp.receive_buffer = (bits & 8) != 0 ? 3'000 : 1 << 18;
    config.tcp.send_buffer = (bits & 16) != 0 ? 3'000 : 1 << 18;
    config.tcp.timestamps = (bits & 32) == 0;
    config.tcp.rfc1337 = (bits & 64) == 0;
    config.tcp.nagle = (bits & 128) == 0;
    if ((bits & 64) == 0) {
        config.tcp.syn_cookies = SynCookies::never;
    } else {
        config.tcp.syn_cookies = (bits & 1) != 0 ? SynCookies::always : SynCookies::when_full;
    }
    config.limits.max_connections = 4;
    config.limits.max_time_wait = 4;
    config.limits.max_half_open = 3;
    config.limits.max_listeners = 2;
    config.limits.max_timers = 4;
    config.limits.trace_events = (bits & 1) != 0 ? 8 : 0;
    config.ip.neighbours = 4;
    config.max_pieces = 96;
    config.max_held_buffers = 8;
    config.secrets = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}};
    return config;
}

class World final : public Handler, public TimerHandler {
  public:
    explicit World(Input& input)
        : input_(input),
          config_(config_for(input.u8())),
          memory_(stack::Stack::arena_bytes(config_) / sizeof(Line) + 1),
          stack_(stack::Stack::create(config_, std::as_writable_bytes(std::span(memory_)), shell_,
                                      now_)) {
        const auto result = stack_.listen({Address{}, 80}, *this, {});
        LA_ASSERT(static_cast<bool>(result));
        listener_ = result.listener;
    }

    void run() {
        for (int steps = 0; !input_.empty() && steps < 400; ++steps) step();
        end();
    }

    void on_open(Connection connection) override {
        Life& life = life_of(connection);
        LA_ASSERT(!life.open && !life.over);
        life.open = true;
        learn_irs(life);
        react(connection);
    }
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_writable(Connection connection) override {
        LA_ASSERT(!life_of(connection).over && !life_of(connection).closed);
        react(connection);
    }
    void on_peer_closed(Connection connection) override {
        Life& life = life_of(connection);
        LA_ASSERT(!life.over && !life.closed && !life.peer_closed);
        life.peer_closed = true;
        react(connection);
    }
    void on_closed(Connection connection, CloseReason) override {
        LA_ASSERT(!life_of(connection).over);
        life_of(connection).over = true;
        react(connection);
        --living_;
    }
    void on_timer(std::uint64_t) override {
        if (!lives_.empty()) react(any_connection());
    }

  private:
    struct Line {
        alignas(64) std::byte bytes[64];
    };
    struct Life {
        Connection connection;
        bool open = false;
        bool closed = false;
        bool peer_closed = false;
        bool over = false;
        std::uint32_t sent = 0;
        std::uint32_t read = 0;
        std::optional<std::uint32_t> irs{};
    };

    void step();
    void end();
    void arrive(Octets frame);
    void turn();
    void collect();
    void look_at(std::span<const std::byte> frame);
    void look_at_tcp(const wire::TcpView& view);
    void look_at_edge(Seen& seen, const wire::TcpHeader& header) const;
    Seen& seen_of(std::uint16_t local_port, std::uint16_t remote_port);
    void send_segment();
    void send_icmp();
    void send_raw();
    void act();
    void act_on(Connection connection, std::uint8_t action);
    void react(Connection connection);
    void learn_irs(Life& life);
    Life& life_of(Connection connection);
    Connection any_connection();
    void say(Life& life, std::size_t count, bool by_reference);
    void forward(time::Duration duration);

    Input& input_;
    time::Instant now_{1s};
    HeapShell shell_;
    stack::Config config_;
    std::vector<Line> memory_;
    stack::Stack& stack_;
    Listener listener_;
    std::vector<Octets> burst_;
    std::vector<Life> lives_;
    std::map<std::pair<std::uint16_t, std::uint16_t>, Seen> seen_;
    std::vector<std::pair<std::uint16_t, std::uint16_t>> tuples_;
    Octets last_datagram_;
    std::vector<Octets> lendings_;
    std::size_t lent_ = 0;
    int living_ = 0;
    int depth_ = 0;
    // Of SYN,ACKs with cookies several may be out, and nobody remembers them: the wire does not
    // tell which one a connection began with.
    const bool cookies_ = config_.tcp.syn_cookies != SynCookies::never;
    bool text_checked_ = !cookies_;
    bool ending_ = false;
};

// --- The application

World::Life& World::life_of(Connection connection) {
    for (Life& life : lives_) {
        if (life.connection == connection) return life;
    }
    lives_.push_back({.connection = connection});
    ++living_;
    return lives_.back();
}

// The numbers of a connection stand in its SYN,ACK, which may have left in this very turn. Where
// two connections of a tuple began since the last one opened, it is not known whose they are.
void World::learn_irs(Life& life) {
    collect();
    const auto found = seen_.find({life.connection.local().port, life.connection.remote().port});
    if (found == seen_.end()) return;
    if (found->second.beginnings == 1) life.irs = found->second.irs;
    found->second.beginnings = 0;
}

Connection World::any_connection() {
    return lives_[input_.u8() % lives_.size()].connection;
}

std::size_t World::on_data(Connection connection, std::span<const Bytes> pieces) {
    std::size_t offered = 0;
    for (const Bytes piece : pieces) offered += piece.size();
    LA_ASSERT(offered > 0);
    {
        const Life& life = life_of(connection);
        LA_ASSERT(life.open && !life.over && !life.closed && !life.peer_closed);
        if (text_checked_ && life.irs) {
            std::uint32_t seq = *life.irs + 1 + life.read;
            for (const Bytes piece : pieces) {
                for (const std::byte byte : piece) LA_ASSERT(byte == peer_byte(seq++));
            }
        }
    }
    const std::uint8_t share = ending_ ? 255 : input_.u8();
    const std::size_t used = share >= 128 ? offered : offered * share / 128;
    life_of(connection).read += static_cast<std::uint32_t>(used);
    const auto tuple = seen_.find({connection.local().port, connection.remote().port});
    if (tuple != seen_.end()) tuple->second.read += static_cast<std::uint32_t>(used);
    react(connection);
    return used;
}

// An event calls back into the stack, sometimes about another connection.
void World::react(Connection connection) {
    if (ending_ || depth_ > 3) return;
    const std::uint8_t what = input_.u8();
    if (what < 96) return;
    ++depth_;
    if (what >= 240) {
        act();
    } else {
        act_on(connection, what);
    }
    --depth_;
}

void World::say(Life& life, std::size_t count, bool by_reference) {
    Octets bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = our_byte(life.sent + static_cast<std::uint32_t>(i));
    }
    Connection connection = life.connection;
    if (!by_reference) {
        life.sent += static_cast<std::uint32_t>(connection.send(bytes));
        return;
    }
    lendings_.push_back(std::move(bytes));  // stays until the world ends; ASan watches the rest
    const auto release = [](void* context) { --*static_cast<std::size_t*>(context); };
    if (connection.send_by_reference(lendings_.back(), release, &lent_)) {
        ++lent_;
        life.sent += static_cast<std::uint32_t>(count);
    }
}

void World::act_on(Connection connection, std::uint8_t action) {
    Life& life = life_of(connection);
    switch (action % 12) {
        case 0:
        case 1:
            say(life, 1 + input_.u8(), false);
            return;
        case 2:
            say(life, 1 + input_.u16() % 9'000, false);
            return;
        case 3:
            say(life, 1 + input_.u16() % 5'000, true);
            return;
        case 4:
        case 5:
            connection.shutdown_write();
            return;
        case 6:
        case 7:
            life.closed = true;
            connection.close();
            return;
        case 8:
            life.closed = true;
            connection.abort();
            return;
        case 9:
            connection.resume();
            return;
        case 10:
            connection.set_option(static_cast<Option>(input_.u8() % 12),
                                  static_cast<std::int16_t>(input_.u16()));
            return;
        case 11:
            connection.send_room();
            static_cast<void>(connection.state());
            return;
        default:
            return;
    }
}

void World::act() {
    const std::uint8_t what = input_.u8();
    if (what < 128) {
        if (!lives_.empty()) act_on(any_connection(), what);
        return;
    }
    switch (what % 6) {
        case 0: {
            const auto remote = static_cast<std::uint16_t>(1'000 + what / 6 % kPeerPorts);
            const std::uint16_t local = (what & 8) != 0 ? 0 : 2'000;
            const auto result = stack_.connect({Address::ipv4(kThere.value), remote}, *this,
                                               {.local = {Address{}, local}});
            if (result) life_of(result.connection);
            return;
        }
        case 1:
            stack_.stop_listening(listener_);
            return;
        case 2:
            if (const auto result = stack_.listen({Address{}, 80}, *this, {.max_half_open = 2})) {
                listener_ = result.listener;
            }
            return;
        case 3:
        case 4:
            static_cast<void>(
                stack_.start_timer(std::chrono::milliseconds(input_.u16()), *this, what));
            return;
        case 5:
            shell_.limit((what & 16) != 0 ? SIZE_MAX : input_.u8() % 8);
            return;
        default:
            return;
    }
}

// --- The peer

Seen& World::seen_of(std::uint16_t local_port, std::uint16_t remote_port) {
    const std::pair key{local_port, remote_port};
    const auto [found, fresh] = seen_.try_emplace(key);
    if (fresh) {
        found->second.local_port = local_port;
        found->second.remote_port = remote_port;
        tuples_.push_back(key);
    }
    return found->second;
}

void World::send_segment() {
    const std::uint8_t which = input_.u8();
    const std::uint8_t flags = input_.u8();
    const std::uint8_t shape = input_.u8();
    Seen* seen = nullptr;
    if ((which & 8) != 0 && !tuples_.empty()) {
        seen = &seen_.at(tuples_[which % tuples_.size()]);  // whatever has been spoken on
    } else {
        const std::uint16_t local = (which & 4) != 0 ? 2'000 : 80;
        seen = &seen_of(local, static_cast<std::uint16_t>(1'000 + which % kPeerPorts));
    }
    wire::TcpHeader header;
    header.source_port = seen->remote_port;
    header.destination_port = seen->local_port;
    header.flags.bits = flags & 0x3f;
    std::uint32_t seq = seen->expects;
    if ((shape & 1) != 0) seq += static_cast<std::uint32_t>(static_cast<std::int8_t>(input_.u8()));
    if ((shape & 2) != 0) seq += std::uint32_t{input_.u16()} << (input_.u8() % 17);
    std::uint32_t ack = seen->end;
    if ((shape & 4) != 0) ack += static_cast<std::uint32_t>(static_cast<std::int8_t>(input_.u8()));
    if ((shape & 8) != 0) ack -= std::uint32_t{input_.u16()} << (input_.u8() % 17);
    header.seq = wire::Seq(seq);
    header.ack = wire::Seq(ack);
    header.window = (shape & 16) != 0 ? input_.u16() : std::uint16_t{0xffff};
    const std::uint8_t options = (shape & 32) != 0 ? input_.u8() : std::uint8_t{0x47};
    if (header.flags.syn()) {
        if ((options & 1) != 0) header.options.mss = (options & 8) != 0 ? input_.u16() : 1'460;
        if ((options & 2) != 0) header.options.window_scale = (options & 16) != 0 ? 15 : 3;
        header.options.sack_permitted = (options & 4) != 0;
        seen->scaling = header.options.window_scale.has_value();
        seen->text_on_syn = seen->text_on_syn || (shape & 64) != 0;
    } else if ((options & 0x80) != 0) {
        header.options.sack_count = 1;
        header.options.sack[0] = {wire::Seq(ack + input_.u8()), wire::Seq(ack + input_.u16())};
    }
    if ((options & 0x40) != 0) {
        if ((options & 0x20) != 0) {
            seen->peer_stamp += static_cast<std::uint32_t>(static_cast<std::int8_t>(input_.u8()));
        }
        header.options.timestamps = wire::Timestamps{seen->peer_stamp, seen->stamp};
    }
    const std::size_t text_bytes = (shape & 64) == 0    ? std::size_t{0}
                                   : (shape & 128) == 0 ? std::size_t{input_.u8()}
                                                        : std::size_t{input_.u16()} % 3'000;
    const std::size_t tcp_bytes = wire::header_bytes(header);
    Octets frame(wire::kEthernetBytes + wire::kIpv4HeaderBytes + tcp_bytes + text_bytes);
    std::span<std::byte> rest(frame);
    rest = rest.subspan(wire::emit(
        {.destination = kHereMac, .source = kThereMac, .type = wire::ether_type::kIpv4}, rest));
    const auto tcp_and_text = static_cast<std::uint32_t>(tcp_bytes + text_bytes);
    rest = rest.subspan(wire::emit(wire::Ipv4Header{.source = kThere,
                                                    .destination = kHere,
                                                    .total_bytes = static_cast<std::uint16_t>(
                                                        wire::kIpv4HeaderBytes + tcp_and_text)},
                                   rest));
    wire::emit(header, rest);
    const std::uint32_t first = seq + (header.flags.syn() ? 1U : 0U);
    for (std::size_t i = 0; i < text_bytes; ++i) {
        rest[tcp_bytes + i] = peer_byte(first + static_cast<std::uint32_t>(i));
    }
    wire::Checksum sum = wire::pseudo_header_sum(wire::PseudoHeader4{
        .source = kThere, .destination = kHere, .protocol = 6, .bytes = tcp_and_text});
    sum.add(rest);
    wire::put16(rest, 16, sum.finish());
    arrive(std::move(frame));
}

// An error about the last datagram that left; type, code and the rest as the input has it.
void World::send_icmp() {
    if (last_datagram_.empty()) return;
    const std::size_t quoted = std::min<std::size_t>(last_datagram_.size(), 28 + input_.u8() % 40);
    Octets frame(wire::kEthernetBytes + wire::kIpv4HeaderBytes + 8 + quoted);
    std::span<std::byte> rest(frame);
    rest = rest.subspan(wire::emit(
        {.destination = kHereMac, .source = kThereMac, .type = wire::ether_type::kIpv4}, rest));
    rest = rest.subspan(wire::emit(wire::Ipv4Header{.source = kThere,
                                                    .destination = kHere,
                                                    .protocol = 1,
                                                    .total_bytes = static_cast<std::uint16_t>(
                                                        wire::kIpv4HeaderBytes + 8 + quoted)},
                                   rest));
    const std::uint8_t kind = input_.u8();
    wire::put8(rest, 0, (kind & 0xc0) == 0 ? kind : std::uint8_t{3});
    wire::put8(rest, 1, kind % 16);
    wire::put16(rest, 6, kind % 16 == 4 ? input_.u16() : std::uint16_t{0});
    std::copy_n(last_datagram_.begin(), quoted, rest.begin() + 8);
    wire::put16(rest, 2, wire::checksum(rest));
    arrive(std::move(frame));
}

void World::send_raw() {
    text_checked_ = false;
    Octets frame = input_.take(input_.u8());
    if (frame.empty()) return;
    arrive(std::move(frame));
}

void World::arrive(Octets frame) {
    burst_.push_back(std::move(frame));
    if (burst_.size() < 8 && input_.u8() < 100) return;  // more of the same burst
    std::vector<stack::Frame> frames;
    for (const Octets& bytes : burst_) {
        HeapShell::Split split;
        const std::uint8_t how = input_.u8();
        if (how >= 192) {
            // Headers are contiguous in the first buffer, that is the port's part.
            split.first_bytes = std::max<std::size_t>(wire::kEthernetBytes + 120, how);
            split.chunk_bytes = 1U + how;
        }
        frames.push_back(shell_.frame(bytes, 0, split));
    }
    burst_.clear();
    stack_.receive(frames, now_);
    if (input_.u8() < 220) turn();
}

// --- The wire

void World::collect() {
    for (int rounds = 0; rounds < 100; ++rounds) {
        const auto sent = shell_.take_sent();
        if (sent.empty()) return;
        for (const SentFrame& frame : sent) look_at(frame.bytes);
    }
}

void World::look_at(std::span<const std::byte> frame) {
    const auto ethernet = wire::EthernetView::parse(frame);
    LA_ASSERT(ethernet.has_value());
    if (ethernet->type() == wire::ether_type::kArp) {
        const auto question = wire::ArpPacket::parse(ethernet->payload());
        LA_ASSERT(question.has_value());
        if (question->operation != wire::ArpOperation::Request || question->target_ip != kThere) {
            return;
        }
        Octets reply(wire::kEthernetBytes + wire::kArpBytes);
        wire::emit({.destination = kHereMac, .source = kThereMac, .type = wire::ether_type::kArp},
                   reply);
        wire::emit(wire::ArpPacket{.operation = wire::ArpOperation::Reply,
                                   .sender_mac = kThereMac,
                                   .sender_ip = kThere,
                                   .target_mac = kHereMac,
                                   .target_ip = kHere},
                   std::span(reply).subspan(wire::kEthernetBytes));
        const stack::Frame received = shell_.frame(reply);
        stack_.receive({&received, 1}, now_);
        return;
    }
    const auto parsed = wire::Ipv4View::parse(ethernet->payload());
    LA_ASSERT(static_cast<bool>(parsed));
    const auto datagram = ethernet->payload();
    last_datagram_.assign(datagram.begin(), datagram.end());
    if (parsed.view->protocol() != wire::ip_protocol::kTcp) return;
    const std::array<std::span<const std::byte>, 1> pieces{parsed.view->payload()};
    LA_ASSERT(wire::verify_tcp(wire::pseudo_header(*parsed.view), pieces));
    const auto view = wire::TcpView::parse(parsed.view->payload());
    LA_ASSERT(view.has_value());
    look_at_tcp(*view);
}

// F-13, SHLD-14: the right edge never moves left, but by less than the scale's granule where crumbs
// have carried it an eighth beyond the buffer. What an earlier connection of the tuple still has to
// say is not about this window.
void World::look_at_edge(Seen& seen, const wire::TcpHeader& header) const {
    if (header.seq.before(wire::Seq(*seen.iss))) return;
    const std::uint32_t granule = 1U << seen.shift;
    const std::uint32_t edge = header.ack.value() + (std::uint32_t{header.window} << seen.shift);
    if (wire::Seq(edge).before(wire::Seq(seen.edge))) {
        const std::uint32_t promised = seen.edge + granule - (*seen.irs + 1 + seen.read);
        const std::uint32_t buffer = config_.tcp.receive_buffer;
        LA_ASSERT(seen.edge - edge < granule);
        LA_ASSERT(promised > buffer + buffer / 8);
    }
    seen.edge = edge;
}

void World::look_at_tcp(const wire::TcpView& view) {
    const wire::TcpHeader header = view.header();
    Seen& seen = seen_of(header.source_port, header.destination_port);
    const auto text = view.text();
    const std::uint32_t seq = header.seq.value();
    LA_ASSERT(header.flags.ack() || header.flags.syn() || header.flags.rst());
    if (header.flags.rst()) return;
    if (header.flags.syn()) {
        // At one instant a tuple has one ISN: then the peer's tells one connection from the next.
        const bool other_peer =
            header.flags.ack() && seen.irs && *seen.irs + 1 != header.ack.value();
        if (seen.iss != seq || other_peer) {
            seen.irs.reset();
            seen.read = 0;
            ++seen.beginnings;
        }
        seen.iss = seq;
        // The SYN,ACK tells our shift; what the peer's said to a SYN of ours may be one of several.
        seen.edge_known = header.flags.ack() && !cookies_;
        seen.edge = header.ack.value() + header.window;
        seen.end = seq + 1;
        seen.offered_shift = header.options.window_scale.value_or(0);
        seen.shift = header.flags.ack() && header.options.window_scale ? seen.offered_shift : 0;
    }
    if (header.flags.ack()) {
        const bool tells = header.flags.syn() || !seen.text_on_syn;
        if (!seen.irs && seen.iss && tells) seen.irs = header.ack.value() - 1;
        seen.expects = header.ack.value();
    }
    if (!header.flags.syn() && seen.edge_known) look_at_edge(seen, header);
    if (header.options.timestamps) seen.stamp = header.options.timestamps->value;
    if (text_checked_ && seen.iss) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            LA_ASSERT(text[i] == our_byte(seq - *seen.iss - 1 + static_cast<std::uint32_t>(i)));
        }
    }
    const auto len = static_cast<std::uint32_t>(text.size()) + (header.flags.syn() ? 1U : 0U) +
                     (header.flags.fin() ? 1U : 0U);
    if (wire::Seq(seq + len).after(wire::Seq(seen.end))) seen.end = seq + len;
}

void World::turn() {
    stack_.expire(now_, 1'000);
    for (int i = 0; i < 50; ++i) {
        stack_.serve(now_);
        stack_.transmit(now_);
        collect();
        if (!stack_.has_work()) return;
    }
}

void World::forward(time::Duration duration) {
    const time::Instant until = now_ + duration;
    for (int events = 0; events < 3'000; ++events) {
        const auto next = stack_.next_deadline();
        if (!next || *next > until) break;
        now_ = std::max(now_, *next);
        turn();
    }
    now_ = std::max(now_, until);
    turn();
}

void World::step() {
    switch (input_.u8() % 16) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
        case 5:
        case 6:
            send_segment();
            return;
        case 7:
        case 8:
            act();
            return;
        case 9:
            forward(std::chrono::milliseconds(input_.u8()));
            return;
        case 10:
            forward(std::chrono::milliseconds(input_.u16()));
            return;
        case 11:
            // The worker was busy: many deadlines have passed before its next turn.
            now_ += std::chrono::milliseconds(input_.u16());
            turn();
            return;
        case 12:
            send_icmp();
            return;
        case 13:
            send_raw();
            return;
        case 14: {
            // One phase of a turn, by itself.
            const std::uint8_t phase = input_.u8();
            if (phase < 64) stack_.expire(now_, phase % 3);
            if (phase >= 64 && phase < 128) stack_.serve(now_);
            if (phase >= 128) stack_.transmit(now_);
            collect();
            return;
        }
        case 15:
            turn();
            return;
        default:
            return;
    }
}

void World::end() {
    ending_ = true;
    shell_.limit(SIZE_MAX);
    if (!burst_.empty()) {
        std::vector<stack::Frame> frames;
        for (const Octets& bytes : burst_) frames.push_back(shell_.frame(bytes));
        stack_.receive(frames, now_);
    }
    turn();
    stack_.stop_listening_all();
    stack_.abort_all();
    turn();
    for (const Life& life : lives_) {
        Connection connection = life.connection;
        if (!life.over) connection.abort();  // over, but unread
    }
    turn();
    LA_ASSERT(living_ == 0);
    forward(10min);
    LA_ASSERT(stack_.quiescent());
    LA_ASSERT(stack_.live_connections() == 0);
    LA_ASSERT(stack_.states().count(tcp::State::TimeWait) == 0);
    LA_ASSERT(stack_.states().count(tcp::State::Listen) == 0);
    LA_ASSERT(stack_.counters().value(base::Counter::StaleTimer) == 0);
    LA_ASSERT(lent_ == 0);
    LA_ASSERT(shell_.live() == 0);
    for (const stack::PoolUse& pool : stack_.memory()) {
        if (std::string_view(pool.name) == "neighbour") continue;
        LA_ASSERT(pool.in_use == 0);
    }
}

}  // namespace
}  // namespace lastack::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    lastack::test::Input input(data, size);
    lastack::test::World(input).run();
    return 0;
}

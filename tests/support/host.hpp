// A Host: one stack::Stack with a virtual clock, a heap for its buffers, and an application that
// writes down what it is told. Frames go in and come out as bytes; time passes when a test says so.
//
// Two ways to use it:
//  - against a script: peer.send(...) makes a segment as a peer would, host.sent() gives what the
//    stack sent, as values to compare (tests that read like a packet trace);
//  - against another Host, over a Link (link.hpp).
//
// Addresses are of 198.18.0.0/15 (RFC 2544): this host is 198.18.0.1, its peer 198.18.0.2.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stack/stack.hpp"
#include "tests/support/heap_shell.hpp"
#include "time/instant.hpp"

namespace lastack::test {

using namespace std::chrono_literals;

inline constexpr wire::Ipv4Address kHostAddress{0xc612'0001};
inline constexpr wire::Ipv4Address kPeerAddress{0xc612'0002};
inline constexpr wire::MacAddress kHostMac{{0x02, 0, 0, 0, 0, 0x01}};
inline constexpr wire::MacAddress kPeerMac{{0x02, 0, 0, 0, 0, 0x02}};

/// A small stack: a few kilobytes of records, all secrets fixed.
stack::Config small_config();

/// A TCP segment on the wire, as a test writes and compares it. Options are compared only where a
/// test asks for them.
struct Wire {
    std::string flags;  // any of "SFRPAUEC", in this order
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::string text{};
    std::uint16_t window = 65'535;
    wire::TcpOptions options{};
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t urgent = 0;

    std::uint32_t len() const;
};
/// Flags, numbers and the length of text: what a row of a trace shows.
bool operator==(const Wire& a, const Wire& b);
void PrintTo(const Wire& segment, std::ostream* out);

/// Frames as segments, and back. decode() asserts that addresses, lengths and checksums are right,
/// and is nullopt for what is not TCP.
std::optional<Wire> decode(std::span<const std::byte> frame);
struct Route {
    wire::MacAddress from_mac = kPeerMac;
    wire::MacAddress to_mac = kHostMac;
    wire::Ipv4Address from = kPeerAddress;
    wire::Ipv4Address to = kHostAddress;
};
std::vector<std::byte> encode(const Wire& segment, const Route& route = {});

/// The application of a Host: remembers its events, and does what the test says at each.
class Recorder final : public Handler {
  public:
    std::vector<std::string> events;  // "open", "data 5", "peer closed", "closed orderly", ...
    std::string received;
    Connection last;  // the connection that the last event was about
    std::function<void(Connection)> at_open, at_urgent, at_writable, at_peer_closed, at_trouble;
    std::function<std::size_t(Connection, std::string_view)> at_data;  // default: all used up
    std::function<void(Connection, CloseReason)> at_closed;
    bool notes_trouble = false;  // then "trouble stalled" is an event too

    void on_open(Connection connection) override;
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_urgent(Connection connection) override;
    void on_writable(Connection connection) override;
    void on_peer_closed(Connection connection) override;
    void on_trouble(Connection connection, Trouble trouble) override;
    void on_closed(Connection connection, CloseReason reason) override;

    bool saw(std::string_view event) const;
};

inline Bytes as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

class Host {
  public:
    explicit Host(stack::Config config = small_config());
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    stack::Stack& stack() { return *stack_; }
    const stack::Stack& stack() const { return *stack_; }
    HeapShell& shell() { return shell_; }
    Recorder& app() { return app_; }
    time::Instant now() const { return now_; }
    const stack::Config& config() const { return config_; }
    std::uint64_t count(base::Counter counter) const { return stack_->counters().value(counter); }

    /// A frame arrives; the whole turn runs.
    void receive(std::span<const std::byte> frame);
    /// Several frames arrive in one burst.
    void receive(const std::vector<std::vector<std::byte>>& burst);
    /// A turn without input.
    void turn();
    /// Time passes; every deadline on the way gets its turn at its own instant.
    void advance(time::Duration duration);
    /// As far as `instant`, without ever standing still between deadlines.
    void advance_to(time::Instant instant);

    /// The clock stands still until `instant`, and then goes on: one late turn for all that was
    /// due.
    void stall_until(time::Instant instant);

    /// To the beginning of the next tick: from there a timer's tick is its very instant.
    void advance_to_tick() { advance_to(time::start_of(time::tick_not_before(now_))); }

    /// What left since the last call, TCP only.
    std::vector<Wire> sent();
    /// What left since the last call, all of it but the ARP that answer_arp() answered.
    std::vector<SentFrame> take_frames();
    /// Whether ARP requests for kPeerAddress are answered by themselves (they are at first).
    void answer_arp(bool answer) { answers_arp_ = answer; }

    /// All that the stack lists, in pages of three.
    std::vector<stack::ConnectionRow> rows(const stack::ListFilter& filter = {}) const;
    /// The state of the connection between these ports, CLOSED where there is none.
    std::string state(std::uint16_t local_port, std::uint16_t remote_port);
    std::uint32_t in_state(tcp::State state) const { return stack_->states().count(state); }

    /// A copy of all the stack's state and of the time, and back to it (buffers aside).
    struct Snapshot {
        std::vector<std::byte> bytes;
        time::Instant now;
        bool operator==(const Snapshot&) const = default;
    };
    Snapshot snapshot() const;
    void restore(const Snapshot& snapshot);

    /// Moves the clock to an instant at which RFC 6528 gives this tuple the ISN `isn`.
    void wait_for_isn(std::uint16_t local_port, std::uint16_t remote_port, std::uint32_t isn);

  private:
    void collect();
    bool answer_if_arp(const SentFrame& frame);

    struct alignas(64) Line {
        std::byte bytes[64];
    };
    time::Instant now_{1s};
    stack::Config config_;
    HeapShell shell_;
    Recorder app_;
    std::vector<Line> memory_;
    stack::Stack* stack_ = nullptr;
    std::vector<SentFrame> outbox_;
    bool answers_arp_ = true;
};

/// The other end, played by the test: makes segments of one connection, numbers as the test says.
class Peer {
  public:
    Peer(Host& host, std::uint16_t port, std::uint16_t host_port)
        : host_(host), port_(port), host_port_(host_port) {}

    /// Sends `segment` to the host, with the ports filled in.
    void send(Wire segment);
    std::vector<std::byte> frame(Wire segment) const;

    /// The host has a listener on host_port: opens a connection to it, `iss` being our ISN. Returns
    /// the host's ISN. The peer offers `options` on its SYN.
    std::uint32_t open(std::uint32_t iss, const wire::TcpOptions& options = {});

    std::uint16_t port() const { return port_; }

  private:
    Host& host_;
    std::uint16_t port_;
    std::uint16_t host_port_;
};

}  // namespace lastack::test

// Everything between a port and TCP: frames in become TCP datagrams, TCP segments become frames.
//
//     Frame --receive()--> Ethernet, ARP, IPv4, ICMP --+--> TcpDatagram    the caller's buffer now
//                                                      +--> ip::IcmpError  TCP should hear of it
//                                                      +--> Consumed       answered or dropped
//
//     OutSegment --send()--> route, headers, checksum, neighbour --+--> Shell::transmit
//                                                                  +--> waits for ARP
//                                                                  +--> dropped, counted
//
// The rules live in ip/ as pure verdicts; this class only joins them to buffers and to the shell.
// Every reason for not using a frame is a counter. ARP's timers are not on the wheel: expire() and
// next_deadline() serve them.
//
// Owner: one core's Stack, one thread. All state lies in the Stack's arena or in trivially copyable
// members, so that copying the arena copies it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "base/arena.hpp"
#include "base/counters.hpp"
#include "ip/interface.hpp"
#include "ip/ipv4_input.hpp"
#include "ip/neighbours.hpp"
#include "ip/routes.hpp"
#include "ip/token_bucket.hpp"
#include "stack/config.hpp"
#include "stack/ip_datagram.hpp"
#include "stack/shell.hpp"
#include "time/instant.hpp"
#include "wire/arp.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace lastack::stack {

class IpLayer {
  public:
    /// Start-up only. Throws std::invalid_argument, naming the remedy, where the configuration
    /// exceeds a limit of ip/interface.hpp or a gateway is not on a link of ours. With an arena
    /// that only measures, nothing but the arena may be used afterwards.
    IpLayer(base::Arena& arena, const Config& config, base::Counters& counters, Shell& shell);

    // --- Frames in

    /// Owns the frame's buffer, unless a TcpDatagram is returned: then it is the caller's.
    Input receive(const Frame& frame, time::Instant now) {
        TcpDatagram datagram;
        if (receive_at_once(frame, datagram)) return datagram;
        return receive_otherwise(frame, now);
    }

    /// The same in two steps. First what nearly every frame is: true where it was that, and its
    /// buffer is the caller's. Where not, receive_otherwise() has to follow, and owns the buffer,
    /// unless it returns a TcpDatagram.
    bool receive_at_once(const Frame& frame, TcpDatagram& datagram) {
        counters_->add(base::Counter::LinkInFrames);
        if (!accept_at_once(frame, datagram)) return false;
        counters_->add(base::Counter::IpInReceives);
        counters_->add(base::Counter::IpInDelivers);
        return true;
    }
    Input receive_otherwise(const Frame& frame, time::Instant now);

    // --- Segments out

    /// False, and `path` as before: no route, or an address that no segment may go to (E-16):
    /// broadcast, multicast, unspecified, loopback, our own. `local` must be an address of ours;
    /// the unspecified one lets the route choose it.
    bool find_path(wire::Ipv4Address remote, wire::Ipv4Address local, Path& path) const;

    std::optional<Path> route(wire::Ipv4Address remote, wire::Ipv4Address local = {}) const {
        Path path;
        return find_path(remote, local, path) ? std::optional(path) : std::nullopt;
    }

    /// Never waits, never fails in a way that needs handling: what is not sent counts as lost.
    SendResult send(const OutSegment& segment, time::Instant now);

    std::uint16_t mtu(std::uint8_t interface) const { return interfaces_[interface].mtu; }
    /// The most text of one OutSegment; at least 1, and `mss` where the port cannot cut.
    std::uint32_t max_text_bytes(std::uint8_t interface, std::uint16_t mss) const {
        const std::uint32_t most = interfaces_[interface].max_text_bytes;
        return most < mss ? mss : most;
    }
    /// An address of any interface.
    bool is_local(wire::Ipv4Address address) const;
    /// Our addresses by a small number, for records that have no room for one.
    wire::Ipv4Address local_address(std::uint8_t number) const {
        return interfaces_[number / ip::kMaxAddresses].prefixes[number % ip::kMaxAddresses].address;
    }
    /// The number of one of them.
    std::uint8_t number_of(wire::Ipv4Address local) const;

    // --- Neighbours and links

    /// A connection moved forward through its neighbour: it need not be asked (I-13).
    void confirm_neighbour(ip::NeighbourHint hint, time::Instant now) {
        neighbours_.confirm(hint, now);
    }
    /// One has stood still since `since`: its neighbour is asked again, unless confirmed after
    /// that.
    void doubt_neighbour(ip::NeighbourHint hint, time::Instant since, time::Instant now) {
        neighbours_.doubt(hint, since, now);
    }
    /// ARP's timers and announcements. Returns how many fired; == at_most: more may be due.
    std::uint32_t expire(time::Instant now, std::uint32_t at_most);
    /// Never later than the next thing that expire() would do; nullopt: there is none.
    std::optional<time::Instant> next_deadline() const;
    /// Down: waiting packets are dropped, neighbours forgotten, connections live on (I-41).
    /// Up: addresses are announced.
    void set_link(std::uint8_t port, bool up, time::Instant now);
    /// Announces all our addresses now and once more in 2 s (RFC 5227 2.3; I-15). At start.
    void announce(time::Instant now);

    // --- Read side

    /// Rows from slot `first` on; `next` == neighbour_capacity() at the end.
    ip::Neighbours::Listed list_neighbours(std::uint32_t first, std::span<ip::NeighbourRow> out,
                                           time::Instant now) const {
        return neighbours_.list(first, out, now);
    }
    std::uint32_t neighbours() const { return neighbours_.in_use(); }
    std::uint32_t neighbour_capacity() const { return neighbours_.capacity(); }
    /// Frames that wait for ARP and hold references to their text (J-36).
    std::uint32_t waiting_frames() const { return neighbours_.waiting_frames(); }
    std::uint32_t waiting_frame_capacity() const { return neighbours_.waiting_capacity(); }

  private:
    // Start-up (ip_layer_start.cpp).
    void adopt_interfaces(const Config& config);
    void adopt_routes(const Config& config);

    // Frames in (ip_layer_receive.cpp, ip_layer_icmp.cpp, ip_layer_arp.cpp).
    bool accept_at_once(const Frame& frame, TcpDatagram& datagram) const;
    Input receive_ipv4(const Frame& frame, base::Bytes packet, const ip::Arrival& arrival,
                       time::Instant now);
    Input deliver_tcp(const Frame& frame, const wire::Ipv4View& datagram, std::uint8_t interface);
    Input deliver_icmp(const Frame& frame, const wire::Ipv4View& datagram, bool broadcast,
                       time::Instant now);
    Input judge_icmp(const wire::Ipv4View& datagram, std::span<const OutPiece> message,
                     bool broadcast, time::Instant now);
    Input drop(const Frame& frame, base::Counter reason);
    base::Counter why_no_interface(std::uint8_t port) const;
    std::uint32_t find_interface(std::uint8_t port, std::uint16_t vlan) const;

    void answer_echo(const wire::Ipv4View& datagram, std::span<const OutPiece> message,
                     time::Instant now);
    void report_unreachable(const wire::Ipv4View& datagram, time::Instant now);
    SendResult send_icmp(const wire::Ipv4Header& header, base::Bytes icmp,
                         std::span<const OutPiece> text, time::Instant now);

    void receive_arp(base::Bytes packet, std::uint8_t interface, time::Instant now);
    void answer_arp(const wire::ArpPacket& request, std::uint8_t interface);
    void defend(wire::Ipv4Address address, std::uint8_t interface, time::Instant now);
    void ask(const ip::ArpQuestion& question);
    void start_announcing(std::uint8_t interface, time::Instant now);
    void announce_interface(std::uint8_t interface);
    void announce_address(wire::Ipv4Address address, std::uint8_t interface);
    void send_arp(const wire::ArpPacket& packet, const wire::MacAddress& to,
                  std::uint8_t interface);

    // Frames out (ip_layer_send.cpp).
    SendResult send_datagram(const OutFrame& frame, const Path& path, ip::NeighbourHint& hint,
                             time::Instant now);
    void keep_waiting(const OutFrame& frame, std::uint32_t neighbour, std::uint8_t interface);
    std::span<const OutPiece> copy_text(const OutFrame& frame, std::span<OutPiece> copies);
    void send_waiting(std::uint32_t neighbour);
    void transmit(const OutFrame& frame);
    std::uint8_t link_bytes(std::uint8_t interface) const {
        const bool tagged = interfaces_[interface].vlan != ip::kUntagged;
        return static_cast<std::uint8_t>(tagged ? wire::kEthernetTaggedBytes
                                                : wire::kEthernetBytes);
    }
    void put_link_header(std::span<std::byte> out, const wire::MacAddress& to, std::uint16_t type,
                         std::uint8_t interface) const;

    std::span<const ip::Interface> interfaces() const {
        return std::span(interfaces_).first(interface_count_);
    }

    std::array<ip::Interface, ip::kMaxInterfaces> interfaces_{};
    std::uint8_t interface_count_ = 0;
    std::uint8_t ttl_ = 64;
    std::array<std::uint8_t, ip::kMaxInterfaces> announcements_left_{};
    std::array<time::Instant, ip::kMaxInterfaces> announce_at_{};
    time::Instant defend_after_{};
    ip::RouteTable routes_;
    ip::Neighbours neighbours_;
    ip::TokenBucket echo_limit_;
    ip::TokenBucket error_limit_;
    base::Counters* counters_;
    Shell* shell_;
};
static_assert(std::is_trivially_copyable_v<IpLayer>);

}  // namespace lastack::stack

// The short way of receive(), which wants to be inlined.
#include "stack/ip_accept.hpp"

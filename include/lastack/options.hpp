// Everything that can be configured, with its default.
//
// The daemon fills this from its TOML file; an embedder fills it by hand. Times are
// std::chrono durations, sizes are bytes. Key names in TOML are the field names here
// (`tcp.msl = "30s"`), sections are the structs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lastack/endpoint.hpp"

namespace lastack {

struct EalOptions {
    /// huge: huge pages without files, falling back to ordinary pages with a notice;
    /// huge_files: huge pages with files (dpdk-dumpcap can attach); none: ordinary pages.
    enum class Memory : std::uint8_t { huge, huge_files, none };
    Memory memory = Memory::huge;
    std::uint32_t memory_mib = 384;
    std::string file_prefix{};         ///< Empty: made from the process id.
    std::vector<std::string> allow{};  ///< PCI addresses; none are touched when empty.
    std::vector<std::string> extra{};  ///< More EAL arguments, as they are.
};

struct AddressOptions {
    Address address{};
    std::uint8_t prefix_length = 24;
};

struct PortOptions {
    std::string device{};  ///< "net_tap0,iface=la0", or a PCI address.
    std::vector<AddressOptions> addresses{};
    std::optional<std::string> mac{};     ///< "02:00:00:00:00:01"; the device's own if absent.
    std::uint16_t mtu = 1500;             ///< Octets of IP datagram.
    std::optional<std::uint16_t> vlan{};  ///< 802.1Q id; absent: untagged.
    bool promiscuous = false;
    bool offloads = true;  ///< False: everything in software.
    std::uint16_t rx_descriptors = 1024;
    std::uint16_t tx_descriptors = 1024;
};

struct RouteOptions {
    Address destination{};  ///< With prefix_length 0: the default route.
    std::uint8_t prefix_length = 0;
    Address gateway{};
};

/// When a SYN is answered without remembering it (G-27).
enum class SynCookies : std::uint8_t { never, when_full, always };

/// At limits.max_time_wait (C-23).
enum class TimeWaitOverflow : std::uint8_t {
    evict_oldest,  ///< The record with the least time left makes room.
    drop_new,      ///< As Linux: the connection goes to CLOSED at once.
};

/// Whether connect() may take the four-tuple of a TIME-WAIT (C-24); timestamps are needed.
enum class TimeWaitReuse : std::uint8_t { never, any, loopback };

struct TcpOptions {
    std::chrono::milliseconds msl{30'000};          ///< 2MSL is twice this (C-2).
    std::chrono::milliseconds fin_timeout{60'000};  ///< Orphans in FIN-WAIT-2 (D-2).
    /// Guards: the longest stay in a state, 0: bounded by retries alone (CLOSE-WAIT: by nothing,
    /// S-70). What is over is CLOSED, with RST where ABORT would send one.
    std::chrono::milliseconds fin_wait1_timeout{0};
    std::chrono::milliseconds closing_timeout{0};
    std::chrono::milliseconds last_ack_timeout{0};
    std::chrono::milliseconds close_wait_timeout{0};
    std::chrono::milliseconds user_timeout{0};  ///< 0: bounded by retries2 (D-22).
    std::chrono::milliseconds rto_initial{1'000};
    std::chrono::milliseconds rto_min{200};
    std::chrono::milliseconds rto_max{120'000};
    std::chrono::milliseconds delayed_ack{40};
    std::chrono::milliseconds persist_max{120'000};
    std::chrono::milliseconds keep_alive_idle{7'200'000};
    std::chrono::milliseconds keep_alive_interval{75'000};
    std::uint8_t keep_alive_count = 9;
    std::uint8_t syn_retries = 6;          ///< Those with back-off (G-17).
    std::uint8_t syn_linear_timeouts = 4;  ///< SYNs sent again before the RTO is doubled, as Linux.
    std::uint8_t synack_retries = 5;       ///< G-18.
    /// R2 of an open as elapsed time; RFC 9293 MUST-23 asks for 3 minutes. 0: the retries above.
    std::chrono::milliseconds syn_timeout{0};
    std::chrono::milliseconds synack_timeout{0};
    std::uint8_t retries1 = 3;        ///< R1: the path is doubted, the application told (D-19).
    std::uint8_t retries2 = 15;       ///< As elapsed time, D-18.
    std::uint8_t orphan_retries = 8;  ///< 0: 8 while RTO < rto_max, and none after that (D-17).
    bool mtu_probing = false;         ///< At R1 smaller segments are tried (Linux: 1).
    std::chrono::milliseconds invalid_rate_limit{500};  ///< E-9.
    std::uint32_t rst_rate_limit = 10'000;              ///< RSTs per second for unknown segments.
    bool timestamps = true;
    bool window_scaling = true;
    bool sack = true;
    bool nagle = true;
    bool rfc1337 = true;  ///< Ignore RST in TIME-WAIT (C-14).
    SynCookies syn_cookies = SynCookies::when_full;
    TimeWaitOverflow tw_overflow = TimeWaitOverflow::evict_oldest;
    TimeWaitReuse tw_reuse = TimeWaitReuse::any;
    std::chrono::milliseconds tw_reuse_delay{1'000};  ///< Least age of what is reused (C-25).
    bool tw_reuse_bound_port = false;  ///< As Linux: an explicit local port always may (C-28).
    std::uint32_t receive_buffer = 1 << 20;
    std::uint32_t send_buffer = 1 << 20;
    std::uint16_t port_first = 32'768;  ///< Ephemeral range, both included.
    std::uint16_t port_last = 60'999;
};

struct IpOptions {
    std::uint8_t ttl = 64;
    std::uint32_t echo_rate_limit = 1'000;  ///< Echo replies per second.
    std::uint32_t neighbours = 1'024;
    std::chrono::milliseconds neighbour_reachable{30'000};
};

struct LimitOptions {
    std::uint32_t max_connections = 65'536;  ///< Per worker: SYN-SENT .. LAST-ACK.
    std::uint32_t max_time_wait = 262'144;   ///< Per worker.
    std::uint32_t max_half_open = 16'384;    ///< Per worker: SYN-RECEIVED from a listener.
    std::uint32_t max_orphans = 32'768;      ///< Per worker: closed, and not yet done (D-20).
    std::uint32_t max_listeners = 64;
    std::uint32_t max_timers = 65'536;    ///< Timers of applications, per worker.
    std::uint32_t mbufs = 65'536;         ///< Per worker, for receiving.
    std::uint32_t trace_events = 65'536;  ///< Per worker; 0 switches the trace off.
};

struct WorkerOptions {
    enum class Idle : std::uint8_t { busy, adaptive };
    Idle idle = Idle::adaptive;
    std::uint16_t burst = 64;           ///< Frames per receive call.
    std::uint32_t expire_budget = 512;  ///< Timers per turn.
    std::optional<unsigned> core{};     ///< CPU to run on; chosen when absent.
};

struct DebugOptions {
    bool replay = false;  ///< Only with net_pcap ports: fixed secrets, time from the capture.
};

/// The whole configuration of a process.
struct Options {
    EalOptions eal;
    std::vector<PortOptions> ports{};
    std::vector<RouteOptions> routes{};
    TcpOptions tcp;
    IpOptions ip;
    LimitOptions limits;
    WorkerOptions worker;
    DebugOptions debug;
};

}  // namespace lastack

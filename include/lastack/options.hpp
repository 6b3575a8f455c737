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

/// Local ports from first to last, both included.
struct PortSpan {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    constexpr bool operator==(const PortSpan&) const = default;
};

/// The errno of a RST that arrives in CLOSE-WAIT (M-14).
enum class CloseWaitReset : std::uint8_t {
    econnreset,  ///< As in every other state.
    epipe,       ///< As Linux.
};

/// What becomes of bytes received in order and not read when a RST arrives (M-24).
enum class ResetUnread : std::uint8_t {
    offer,  ///< As Linux: readable first, then the error.
    flush,  ///< RFC 9293: gone.
};

/// resume(), which is RECEIVE, in CLOSING, LAST-ACK and TIME-WAIT (M-23).
enum class ClosingReceive : std::uint8_t {
    drain,   ///< Sockets: what is left, then the end of file.
    refuse,  ///< RFC 9293 3.10.3: "connection closing". Each byte is offered once, on arrival.
};

/// Where the RFCs, Linux and we differ, an option decides (requirements, section M); a profile sets
/// the defaults of all of them together (profile.hpp).
enum class Profile : std::uint8_t {
    lastack,
    linux_kernel,  ///< "linux" in a file; some compilers take that word for a macro.
    rfc,           ///< The RFCs to the letter.
};

/// What a SYN that cannot reopen a TIME-WAIT gets (M-2).
enum class RejectedSyn : std::uint8_t {
    ack,   ///< RFC 9293 3.10.7.4, RFC 5961 4.2: a restarted peer answers it with its RST.
    drop,  ///< RFC 6191 2: nothing.
};

/// A SYN with a timestamp for a TIME-WAIT whose connection had none (M-3).
enum class NewTimestamp : std::uint8_t {
    accept,      ///< RFC 6191 2: it reopens, whatever its number.
    larger_seq,  ///< As Linux: only with a number beyond RCV.NXT.
};

/// What starts 2MSL anew (M-4, C-5).
enum class TimeWaitRestart : std::uint8_t {
    rfc,           ///< RFC 9293 3.10.7.4: the peer's FIN again.
    linux_kernel,  ///< Also other segments with ACK, stale timestamps, and an exact RST.
};

/// A RST in TIME-WAIT in the window, and not at RCV.NXT (M-22).
enum class TimeWaitReset : std::uint8_t {
    ignore,  ///< As RFC 1337 and Linux.
    ack,     ///< RFC 5961 3.2: a challenge ACK.
};

/// Text that arrives after close() (M-10).
enum class OrphanData : std::uint8_t {
    reset,    ///< RFC 9293 SHLD-3: the peer must learn that it is not read.
    discard,  ///< Half-close to the end: acknowledged, thrown away, until the peer's FIN.
};

/// The number of the RST that such text gets in FIN-WAIT-1 (M-26).
enum class OrphanReset : std::uint8_t {
    seg_ack,  ///< As Linux: SEG.ACK, which is exact for a peer that has not got our FIN.
    snd_nxt,  ///< RFC 9293 3.10.5: SND.NXT; such a peer answers it with a challenge ACK.
};

/// A hard ICMP error of a synchronized connection (M-11).
enum class HardError : std::uint8_t {
    soft,   ///< RFC 5927 5.2, Linux: remembered, to explain a later timeout.
    abort,  ///< RFC 9293 SHLD-26: the connection ends.
};

/// A soft ICMP error of a connection that is being opened (M-12).
enum class SoftError : std::uint8_t {
    fail,   ///< RFC 5461 4.1, Linux: the open fails at once.
    retry,  ///< RFC 9293 MUST-56: it must not; the SYN goes again until syn_retries.
};

/// A new SYN in the window of a half-open connection from a listener (M-17).
enum class HalfOpenSyn : std::uint8_t {
    drop,   ///< RFC 9293 3.10.7.4: back to LISTEN, silently.
    reset,  ///< As Linux: the same, and a RST.
};

/// A segment without the timestamp that was agreed on (M-18).
enum class MissingTimestamp : std::uint8_t {
    drop,    ///< RFC 7323 3.2.
    accept,  ///< As Linux.
};

/// A bare FIN at RCV.NXT while our window is shut (M-19).
enum class ShutWindowFin : std::uint8_t {
    accept,  ///< As Linux: it needs no buffer.
    reject,  ///< RFC 9293 3.4, the table of acceptability: it must come again.
};

/// When a connection from a listener counts in PassiveOpens (M-25).
enum class PassiveOpen : std::uint8_t {
    established,  ///< As Linux: when the handshake is complete.
    syn,          ///< RFC 4022 tcpPassiveOpens: from LISTEN to SYN-RECEIVED.
};

struct TcpOptions {
    /// Where the defaults come from: tcp_options() writes it. Setting it alone changes nothing.
    Profile profile = Profile::lastack;
    std::chrono::milliseconds msl{30'000};          ///< 2MSL is twice this (C-2, M-5).
    std::chrono::milliseconds fin_timeout{60'000};  ///< Orphans in FIN-WAIT-2 (D-2); 0: no limit.
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
    std::chrono::milliseconds invalid_rate_limit{500};  ///< E-9.
    std::uint32_t rst_rate_limit = 10'000;              ///< RSTs per second for unknown segments.
    bool timestamps = true;
    bool window_scaling = true;
    bool sack = true;
    bool dsack = true;           ///< Report what arrived twice, where SACK is on (RFC 2883, H-15).
    std::uint8_t abc_limit = 1;  ///< Segments that one ACK may add in slow start: 1 or 2 (H-8).
    bool nagle = true;
    bool rfc1337 = true;       ///< Ignore RST in TIME-WAIT (C-14, M-1).
    bool mtu_probing = false;  ///< Smaller segments where large ones vanish (H-37).
    CloseWaitReset close_wait_reset = CloseWaitReset::econnreset;
    ResetUnread reset_unread = ResetUnread::offer;
    ClosingReceive closing_receive = ClosingReceive::drain;
    SynCookies syn_cookies = SynCookies::when_full;
    TimeWaitOverflow tw_overflow = TimeWaitOverflow::evict_oldest;
    TimeWaitReuse tw_reuse = TimeWaitReuse::any;
    std::chrono::milliseconds tw_reuse_delay{1'000};  ///< Least age of what is reused (C-25); ages
                                                      ///< are kept in units of 8 ms.
    bool tw_reuse_bound_port = false;  ///< As Linux: an explicit local port always may (C-28).
    RejectedSyn tw_syn_reject = RejectedSyn::ack;
    NewTimestamp tw_syn_new_timestamp = NewTimestamp::accept;
    TimeWaitRestart tw_restart = TimeWaitRestart::rfc;
    TimeWaitReset tw_rst_in_window = TimeWaitReset::ignore;
    bool tw_return = true;  ///< TIME-WAIT comes back after a bad reopen (RFC 9293 MAY-2; M-6).
    bool tw_after_reset = false;  ///< TIME-WAIT after a RST of our own (RFC 9293 3.5.2; M-16).
    OrphanData orphan_data = OrphanData::reset;
    OrphanReset orphan_data_reset = OrphanReset::seg_ack;
    HardError icmp_hard = HardError::soft;
    SoftError icmp_soft_opening = SoftError::fail;
    bool rst_after_fin = true;      ///< RST at RCV.NXT-1 behind the peer's FIN counts (E-11, M-13).
    bool rst_at_sack_edge = false;  ///< RST at the end of the highest SACK block too (E-12, M-13).
    HalfOpenSyn syn_received_syn = HalfOpenSyn::drop;
    MissingTimestamp missing_timestamp = MissingTimestamp::drop;
    ShutWindowFin fin_at_zero_window = ShutWindowFin::accept;
    PassiveOpen passive_opens = PassiveOpen::established;
    std::uint32_t receive_buffer = 1 << 20;
    std::uint32_t send_buffer = 1 << 20;
    std::uint16_t port_first = 32'768;  ///< Ephemeral range, both included.
    std::uint16_t port_last = 60'999;
    std::vector<PortSpan> port_reserved{};    ///< Never chosen for connections we open (G-34).
    std::uint16_t port_probes = 1'024;        ///< Ports that one connect() looks at (G-35).
    std::chrono::milliseconds quiet_time{0};  ///< After the start nothing is opened (C-34).
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

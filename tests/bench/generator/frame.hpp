// Frames of the generator: made from templates, and read with every checksum verified.
//
// All frames of a kind differ in a few words only. The rest is written once, and its checksum is
// known in advance; a frame is a copy of the template, the words, and one fold.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tests/bench/generator/bytes.hpp"
#include "tests/bench/generator/faults.hpp"
#include "tests/bench/generator/plan.hpp"

namespace lastack::bench {

using Mac = std::array<std::uint8_t, 6>;

/// Both ends of the cable.
struct Stations {
    Mac lastack{};
    Mac generator{};
};

inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kRst = 0x04;
inline constexpr std::uint8_t kPsh = 0x08;
inline constexpr std::uint8_t kAck = 0x10;

/// What every kind of text consists of: octets that differ from their neighbours.
std::vector<std::byte> text_of(std::uint32_t bytes, std::uint8_t seed);
inline constexpr std::uint8_t kRequestSeed = 17;
inline constexpr std::uint8_t kResponseSeed = 101;

/// The words in which frames of a kind differ.
struct Words {
    std::uint32_t source = 0;
    std::uint32_t destination = 0;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::uint32_t ts_value = 0;
    std::uint32_t ts_echo = 0;
};

class Template {
  public:
    Template(const Mac& to, const Mac& from, std::uint8_t flags, bool timestamps,
             std::span<const std::byte> text);

    std::size_t bytes() const { return frame_.size(); }
    /// Writes bytes() octets to `out`.
    void make(const Words& words, std::byte* out) const;

  private:
    std::vector<std::byte> frame_;
    std::uint64_t ip_sum_ = 0;
    std::uint64_t tcp_sum_ = 0;
    std::size_t timestamps_at_ = 0;  // 0: none
};

/// A TCP frame of lastack's.
struct Seen {
    std::uint32_t source = 0;
    std::uint32_t destination = 0;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::uint32_t ts_value = 0;
    std::uint32_t ts_echo = 0;
    std::uint16_t mss = 0;
    std::uint8_t flags = 0;
    bool timestamps = false;
    bool window_scale = false;
    bool sack_permitted = false;
    Octets text;

    bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
    std::uint32_t fin() const { return flags & kFin; }  // 1 or 0
};

/// Reads a frame of IPv4 and TCP; says what is wrong with it.
Fault read_frame(Octets frame, Seen& out);

/// An answer to a request, whoever is asked for; 42 octets at `out`. False where the frame is no
/// request.
bool answer_arp(Octets request, const Mac& ours, std::byte* out);
inline constexpr std::size_t kArpBytes = 42;

/// Asks for lastack's MAC, so that it learns the gateway's; 42 octets at `out`.
void ask_arp(const Mac& ours, std::byte* out);
bool is_arp_reply(Octets frame);
inline constexpr std::size_t kEthernetBytes = 14;

/// What comes first in a frame: 0x0800, 0x0806 or something else; 0 where it is not for `ours`.
std::uint16_t type_for(Octets frame, const Mac& ours);

}  // namespace lastack::bench

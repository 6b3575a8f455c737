#include "tests/bench/generator/frame.hpp"

#include <algorithm>

namespace lastack::bench {

namespace {

// Where the words stand in a frame without a VLAN tag and without IP options.
constexpr std::size_t kIp = kEthernetBytes;
constexpr std::size_t kIpTotal = kIp + 2;
constexpr std::size_t kIpChecksum = kIp + 10;
constexpr std::size_t kIpSource = kIp + 12;
constexpr std::size_t kIpDestination = kIp + 16;
constexpr std::size_t kTcp = kIp + 20;
constexpr std::size_t kTcpSourcePort = kTcp;
constexpr std::size_t kTcpDestinationPort = kTcp + 2;
constexpr std::size_t kTcpSeq = kTcp + 4;
constexpr std::size_t kTcpAck = kTcp + 8;
constexpr std::size_t kTcpOffset = kTcp + 12;
constexpr std::size_t kTcpFlags = kTcp + 13;
constexpr std::size_t kTcpWindow = kTcp + 14;
constexpr std::size_t kTcpChecksum = kTcp + 16;
constexpr std::size_t kTcpOptions = kTcp + 20;

// And in ARP.
constexpr std::size_t kOperation = kEthernetBytes + 6;
constexpr std::size_t kSenderMac = kEthernetBytes + 8;
constexpr std::size_t kSenderIp = kEthernetBytes + 14;
constexpr std::size_t kTargetMac = kEthernetBytes + 18;
constexpr std::size_t kTargetIp = kEthernetBytes + 24;

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint16_t kTypeIpv4 = 0x0800;
constexpr std::uint16_t kTypeArp = 0x0806;

using Bytes = std::vector<std::byte>;

void append(Bytes& out, std::initializer_list<unsigned> octets) {
    for (const unsigned octet : octets) out.push_back(static_cast<std::byte>(octet));
}

/// As a Linux client offers them: MSS 1460, SACK permitted, time stamps, a window scale of 7.
Bytes options_of(std::uint8_t flags, bool timestamps) {
    Bytes out;
    if ((flags & kSyn) != 0) {
        append(out, {2, 4, 1460 >> 8, 1460 & 0xff, 4, 2});
        if (timestamps) {
            append(out, {8, 10, 0, 0, 0, 0, 0, 0, 0, 0});
        } else {
            append(out, {1, 1});
        }
        append(out, {1, 3, 3, 7});
    } else if (timestamps) {
        append(out, {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0});
    }
    return out;
}

std::uint64_t sum_of_words(const Words& words) {
    return std::uint64_t{words.source} + words.destination;
}

Fault read_options(Octets options, Seen& out) {
    for (std::size_t at = 0; at < options.size();) {
        const auto kind = std::to_integer<unsigned>(options[at]);
        if (kind == 0) return Fault::None;
        if (kind == 1) {
            ++at;
            continue;
        }
        if (at + 1 >= options.size()) return Fault::Options;
        const auto length = std::to_integer<std::size_t>(options[at + 1]);
        if (length < 2 || at + length > options.size()) return Fault::Options;
        const std::byte* const value = options.data() + at + 2;
        if (kind == 2 && length == 4) {
            out.mss = get16(value);
        } else if (kind == 3 && length == 3) {
            out.window_scale = true;
        } else if (kind == 4 && length == 2) {
            out.sack_permitted = true;
        } else if (kind == 8 && length == 10) {
            out.timestamps = true;
            out.ts_value = get32(value);
            out.ts_echo = get32(value + 4);
        } else {
            return Fault::Options;  // lastack has no reason to send any other
        }
        at += length;
    }
    return Fault::None;
}

}  // namespace

std::vector<std::byte> text_of(std::uint32_t bytes, std::uint8_t seed) {
    Bytes out(bytes);
    for (std::uint32_t i = 0; i < bytes; ++i) {
        out[i] = static_cast<std::byte>((i * 37 + i / 256 + seed) & 0xff);
    }
    return out;
}

Template::Template(const Mac& to, const Mac& from, std::uint8_t flags, bool timestamps,
                   std::span<const std::byte> text) {
    const Bytes options = options_of(flags, timestamps);
    const std::size_t tcp_bytes = 20 + options.size() + text.size();
    frame_.resize(kTcp + tcp_bytes);
    std::byte* const out = frame_.data();
    std::memcpy(out, to.data(), to.size());
    std::memcpy(out + 6, from.data(), from.size());
    put16(out + 12, kTypeIpv4);
    out[kIp] = std::byte{0x45};
    put16(out + kIpTotal, static_cast<std::uint16_t>(20 + tcp_bytes));
    put16(out + kIp + 6, 0x4000);
    out[kIp + 8] = std::byte{64};
    out[kIp + 9] = std::byte{kProtocolTcp};
    out[kTcpOffset] = static_cast<std::byte>((20 + options.size()) / 4 << 4);
    out[kTcpFlags] = std::byte{flags};
    put16(out + kTcpWindow, (flags & kSyn) != 0 ? 64'240 : 502);
    std::copy(options.begin(), options.end(), frame_.begin() + kTcpOptions);
    std::copy(text.begin(), text.end(),
              frame_.begin() + static_cast<std::ptrdiff_t>(kTcpOptions + options.size()));
    if (timestamps) timestamps_at_ = kTcpOptions + ((flags & kSyn) != 0 ? 8 : 4);
    ip_sum_ = sum_of(Octets(frame_).subspan(kIp, 20));
    tcp_sum_ = sum_of(Octets(frame_).subspan(kTcp)) + kProtocolTcp + tcp_bytes;
}

void Template::make(const Words& words, std::byte* out) const {
    std::memcpy(out, frame_.data(), frame_.size());
    const std::uint64_t addresses = sum_of_words(words);
    put32(out + kIpSource, words.source);
    put32(out + kIpDestination, words.destination);
    put16(out + kIpChecksum, static_cast<std::uint16_t>(~fold(ip_sum_ + addresses)));
    put16(out + kTcpSourcePort, words.source_port);
    put16(out + kTcpDestinationPort, words.destination_port);
    put32(out + kTcpSeq, words.seq);
    put32(out + kTcpAck, words.ack);
    std::uint64_t sum =
        tcp_sum_ + addresses + words.source_port + words.destination_port + words.seq + words.ack;
    if (timestamps_at_ != 0) {
        put32(out + timestamps_at_, words.ts_value);
        put32(out + timestamps_at_ + 4, words.ts_echo);
        sum += std::uint64_t{words.ts_value} + words.ts_echo;
    }
    put16(out + kTcpChecksum, static_cast<std::uint16_t>(~fold(sum)));
}

Fault read_frame(Octets frame, Seen& out) {
    if (frame.size() < kTcpOptions) return Fault::IpHeader;
    const std::byte* const at = frame.data();
    const std::size_t total = get16(at + kIpTotal);
    if (at[kIp] != std::byte{0x45} || at[kIp + 9] != std::byte{kProtocolTcp} ||
        kIp + total != frame.size()) {
        return Fault::IpHeader;
    }
    if (fold(sum_of(frame.subspan(kIp, 20))) != 0xffff) return Fault::IpChecksum;
    out.source = get32(at + kIpSource);
    out.destination = get32(at + kIpDestination);
    const Octets segment = frame.subspan(kTcp);
    const std::uint64_t pseudo =
        std::uint64_t{out.source} + out.destination + kProtocolTcp + segment.size();
    if (fold(sum_of(segment) + pseudo) != 0xffff) return Fault::TcpChecksum;
    const auto header_bytes = std::to_integer<std::size_t>(at[kTcpOffset] >> 4) * 4;
    if (header_bytes < 20 || header_bytes > segment.size()) return Fault::TcpHeader;
    out.source_port = get16(at + kTcpSourcePort);
    out.destination_port = get16(at + kTcpDestinationPort);
    out.seq = get32(at + kTcpSeq);
    out.ack = get32(at + kTcpAck);
    out.flags = std::to_integer<std::uint8_t>(at[kTcpFlags]);
    out.text = segment.subspan(header_bytes);
    return read_options(segment.subspan(20, header_bytes - 20), out);
}

std::uint16_t type_for(Octets frame, const Mac& ours) {
    constexpr Mac kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    if (frame.size() < kEthernetBytes) return 0;
    const bool for_us = std::memcmp(frame.data(), ours.data(), ours.size()) == 0 ||
                        std::memcmp(frame.data(), kBroadcast.data(), kBroadcast.size()) == 0;
    return for_us ? get16(frame.data() + 12) : std::uint16_t{0};
}

bool answer_arp(Octets request, const Mac& ours, std::byte* out) {
    if (request.size() < kArpBytes || get16(request.data() + kOperation) != 1) return false;
    const std::uint32_t wanted = get32(request.data() + kTargetIp);
    if (wanted == get32(request.data() + kSenderIp)) return false;  // an announcement
    std::memcpy(out, request.data(), kArpBytes);
    std::memcpy(out, request.data() + kSenderMac, ours.size());
    std::memcpy(out + 6, ours.data(), ours.size());
    put16(out + 12, kTypeArp);
    put16(out + kOperation, 2);
    std::memcpy(out + kTargetMac, request.data() + kSenderMac, ours.size());
    std::memcpy(out + kTargetIp, request.data() + kSenderIp, 4);
    std::memcpy(out + kSenderMac, ours.data(), ours.size());
    put32(out + kSenderIp, wanted);
    return true;
}

void ask_arp(const Mac& ours, std::byte* out) {
    std::memset(out, 0, kArpBytes);
    std::memset(out, 0xff, ours.size());
    std::memcpy(out + 6, ours.data(), ours.size());
    put16(out + 12, kTypeArp);
    put16(out + kEthernetBytes, 1);
    put16(out + kEthernetBytes + 2, kTypeIpv4);
    put16(out + kEthernetBytes + 4, 0x0604);
    put16(out + kOperation, 1);
    std::memcpy(out + kSenderMac, ours.data(), ours.size());
    put32(out + kSenderIp, Plan::kGateway);
    put32(out + kTargetIp, Plan::kLastack);
}

bool is_arp_reply(Octets frame) {
    return frame.size() >= kArpBytes && get16(frame.data() + kOperation) == 2;
}

}  // namespace lastack::bench

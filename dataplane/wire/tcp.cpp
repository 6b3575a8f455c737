#include "wire/tcp.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace lastack::wire {
namespace {

using namespace tcp_option;

constexpr std::size_t kMaxOptionBytes = kTcpHeaderMaxBytes - kTcpHeaderBytes;

// An option whose length is not its kind's own is stepped over by that length like an unknown one.
// The first of several of one kind is the one that counts.
void take(ByteView option, TcpOptions& found) {
    const std::uint8_t kind = get8(option, 0);
    const std::size_t length = option.size();
    if (kind == kMss && length == kMssBytes) {
        if (!found.mss) found.mss = get16(option, 2);
    } else if (kind == kWindowScale && length == kWindowScaleBytes) {
        if (!found.window_scale) found.window_scale = get8(option, 2);
    } else if (kind == kSackPermitted && length == kSackPermittedBytes) {
        found.sack_permitted = true;
    } else if (kind == kTimestamps && length == kTimestampsBytes) {
        if (!found.timestamps) found.timestamps = Timestamps{get32(option, 2), get32(option, 6)};
    } else if (kind == kSack && length > 2 && length <= kSackMaxBytes &&
               length % kSackBlockBytes == 2) {
        if (found.sack_count != 0) return;
        for (std::size_t at = 2; at < length; at += kSackBlockBytes) {
            found.sack[found.sack_count++] = {Seq(get32(option, at)), Seq(get32(option, at + 4))};
        }
    }
}

// The options in the order and padding that everybody sends: each group is a multiple of 4 octets,
// so no padding behind the last one is needed (RFC 9293 MUST-69 holds trivially).
struct Plan {
    bool mss;
    bool sack_permitted_alone;  // otherwise it stands where the timestamps' NOPs would
    bool timestamps;
    bool window_scale;
    std::size_t sack_blocks;
    std::size_t bytes;
};

Plan plan_of(const TcpOptions& options) {
    Plan plan{.mss = options.mss.has_value(),
              .sack_permitted_alone = options.sack_permitted && !options.timestamps,
              .timestamps = options.timestamps.has_value(),
              .window_scale = options.window_scale.has_value(),
              .sack_blocks = 0,
              .bytes = 0};
    plan.bytes = (plan.mss ? 4U : 0U) + (plan.sack_permitted_alone ? 4U : 0U) +
                 (plan.timestamps ? 12U : 0U) + (plan.window_scale ? 4U : 0U);
    const std::size_t room = kMaxOptionBytes - plan.bytes;
    const std::size_t fitting = room < 4 ? 0 : (room - 4) / kSackBlockBytes;
    plan.sack_blocks = std::min<std::size_t>({options.sack_count, options.sack.size(), fitting});
    if (plan.sack_blocks != 0) plan.bytes += 4 + plan.sack_blocks * kSackBlockBytes;
    return plan;
}

// Four octets at once: `a` is the first on the wire.
constexpr std::uint32_t word(std::uint8_t a, std::uint8_t b, std::size_t c, std::size_t d) {
    return std::uint32_t{a} << 24 | std::uint32_t{b} << 16 | static_cast<std::uint32_t>(c << 8) |
           static_cast<std::uint32_t>(d);
}

}  // namespace

void parse_tcp_options(ByteView options, TcpOptions& found) {
    std::size_t at = 0;
    while (at < options.size()) {
        const std::uint8_t kind = get8(options, at);
        if (kind == kEnd) break;
        if (kind == kNop) {
            ++at;
            continue;
        }
        const std::size_t left = options.size() - at;
        if (left < 2) break;
        const std::size_t length = get8(options, at + 1);
        if (length < 2 || length > left) break;
        take(options.subspan(at, length), found);
        at += length;
    }
}

std::size_t header_bytes(const TcpHeader& header) {
    return kTcpHeaderBytes + plan_of(header.options).bytes;
}

SummedHeader emit_summed(const TcpHeader& header, MutableBytes out) {
    const TcpOptions& options = header.options;
    const Plan plan = plan_of(options);
    const std::size_t bytes = kTcpHeaderBytes + plan.bytes;
    LA_ASSERT(out.size() >= bytes);
    SummedWords words(out);
    words.put16(tcp_layout::kSourcePort, header.source_port);
    words.put16(tcp_layout::kDestinationPort, header.destination_port);
    words.put32(tcp_layout::kSeq, header.seq.value());
    words.put32(tcp_layout::kAck, header.ack.value());
    words.put16(tcp_layout::kDataOffset,
                static_cast<std::uint32_t>(bytes / 4) << 12 | header.flags.bits);
    words.put16(tcp_layout::kWindow, header.window);
    words.put16(tcp_layout::kChecksum, 0);
    words.put16(tcp_layout::kUrgent, header.urgent);
    std::size_t at = kTcpHeaderBytes;
    const auto put = [&](std::uint32_t word) {
        words.put32(at, word);
        at += 4;
    };
    if (plan.mss) put(word(kMss, kMssBytes, 0, 0) | *options.mss);
    if (plan.sack_permitted_alone) put(word(kNop, kNop, kSackPermitted, kSackPermittedBytes));
    if (plan.timestamps) {
        put(options.sack_permitted
                ? word(kSackPermitted, kSackPermittedBytes, kTimestamps, kTimestampsBytes)
                : kAlignedTimestamps);
        put(options.timestamps->value);
        put(options.timestamps->echo_reply);
    }
    if (plan.window_scale) put(word(kNop, kWindowScale, kWindowScaleBytes, *options.window_scale));
    if (plan.sack_blocks != 0) {
        put(word(kNop, kNop, kSack, 2 + plan.sack_blocks * kSackBlockBytes));
        for (const SackBlock& block : std::span(options.sack).first(plan.sack_blocks)) {
            put(block.left.value());
            put(block.right.value());
        }
    }
    LA_ASSERT(at == bytes);
    return {static_cast<std::uint32_t>(bytes), words.sum()};
}

}  // namespace lastack::wire

#include "tcp/cookie.hpp"

#include <algorithm>

namespace lastack::tcp {

namespace {

constexpr std::uint32_t kMacBits = 28;
constexpr std::uint32_t kMacMask = (1U << kMacBits) - 1;
constexpr std::uint32_t kIndexMask = 7;

// What peers offer in practice: 1500 octets less what tunnels take, and jumbo frames.
constexpr std::array<std::uint16_t, 8> kMss{88, 536, 1'220, 1'360, 1'400, 1'440, 1'460, 8'960};

constexpr std::uint32_t kShiftMask = 15;
constexpr std::uint32_t kNoScaling = 15;  // no shift: 14 is the largest (RFC 7323 2.3)
constexpr std::uint32_t kSackBit = 16;
constexpr std::uint32_t kOptionBits = 5;

std::uint32_t mss_index(std::uint16_t peer_mss) {
    std::uint32_t index = 0;
    while (index + 1 < kMss.size() && kMss[index + 1] <= peer_mss) ++index;
    return index;
}

std::uint32_t index_of(Seq iss) {
    return iss.value() >> kMacBits & kIndexMask;
}

std::uint64_t period_of(const Env& env) {
    return time::tick_of(env.now) / kCookiePeriodMs;
}

std::uint32_t mac(const CookieFacts& facts, Seq irs, std::uint64_t period, std::uint32_t index) {
    const std::array<std::uint64_t, 4> words{facts.tuple[0], facts.tuple[1], period,
                                             std::uint64_t{irs.value()} << 32 | index};
    return static_cast<std::uint32_t>(base::siphash(facts.key, words)) & kMacMask;
}

Seq cookie(const CookieFacts& facts, Seq irs, std::uint64_t period, std::uint32_t index) {
    const auto parity = static_cast<std::uint32_t>(period & 1);
    return Seq(parity << 31 | index << kMacBits | mac(facts, irs, period, index));
}

// The options in the low bits of TSval, which must not lie ahead of the clock: it goes on from
// there (RFC 7323 5.4).
std::uint32_t stamp_with_options(std::uint32_t stamp, const SynRecord& record) {
    const std::uint32_t bits =
        (record.sack ? kSackBit : 0U) | (record.scaling ? record.peer_shift : kNoScaling);
    std::uint32_t marked = (stamp >> kOptionBits << kOptionBits) | bits;
    if (ms_before(stamp, marked)) marked -= 1U << kOptionBits;
    return marked;
}

void take_options(const Env& env, std::uint32_t echo, std::uint32_t ts_offset, SynRecord& record) {
    const std::uint32_t shift = echo & kShiftMask;
    record.scaling = env.config.window_scaling && shift != kNoScaling;
    if (record.scaling) record.peer_shift = static_cast<std::uint8_t>(shift & 0xf);
    record.sack = env.config.sack && (echo & kSackBit) != 0;
    record.ts_offset = ts_offset;
}

}  // namespace

wire::TcpHeader compose_cookie(Env& env, const CookieFacts& facts, const Segment& syn) {
    SynRecord record =
        make_syn_record(env, {.isn = {}, .isn_floor = {}, .ts_offset = facts.ts_offset}, syn);
    record.iss = cookie(facts, record.irs, period_of(env), mss_index(record.peer_mss));
    if (!record.timestamps) record.sack = record.scaling = false;
    wire::TcpHeader header = compose_syn_ack(env, record);
    if (record.timestamps) {
        wire::Timestamps& stamps = *header.options.timestamps;
        stamps.value = stamp_with_options(stamps.value, record);
    }
    env.count(Counter::SyncookiesSent);
    env.count(Counter::OutSegs);
    return header;
}

bool is_cookie(const Env& env, const CookieFacts& facts, const Segment& ack) {
    const Seq iss = ack.ack() - 1;
    const Seq irs = ack.seq() - 1;
    std::uint64_t period = period_of(env);
    if ((period & 1) != iss.value() >> 31) {
        if (period == 0) return false;
        --period;
    }
    return iss == cookie(facts, irs, period, index_of(iss));
}

SynRecord redeem_cookie(Env& env, const CookieFacts& facts, const Segment& ack) {
    SynRecord record;
    record.iss = ack.ack() - 1;
    record.irs = ack.seq() - 1;
    record.peer_window = ack.header.window;
    record.peer_mss = kMss[index_of(record.iss)];
    const auto& stamps = ack.header.options.timestamps;
    record.timestamps = env.config.timestamps && stamps.has_value();
    if (record.timestamps) {
        record.ts_recent = stamps->value;
        take_options(env, stamps->echo_reply, facts.ts_offset, record);
    }
    record.from_cookie = true;
    enter_as_child(env.states, record.state);
    env.count(Counter::SyncookiesRecv);
    return record;
}

}  // namespace lastack::tcp

#include "tests/bench/generator/server.hpp"

#include <array>
#include <cstring>

namespace lastack::bench {

Servers::Servers(const Plan& plan, const Stations& stations, Tally& tally)
    : plan_(plan),
      tally_(tally),
      request_(text_of(plan.request_bytes, kRequestSeed)),
      syn_ack_(stations.lastack, stations.generator, kSyn | kAck, plan.timestamps, {}),
      ack_(stations.lastack, stations.generator, kAck, plan.timestamps, {}),
      response_(stations.lastack, stations.generator, kAck | kPsh, plan.timestamps,
                text_of(plan.response_bytes, kResponseSeed)),
      fin_(stations.lastack, stations.generator, kAck | kFin, plan.timestamps, {}),
      response_fin_(stations.lastack, stations.generator, kAck | kPsh | kFin, plan.timestamps,
                    text_of(plan.response_bytes, kResponseSeed)) {}

std::uint32_t Servers::isn_of(const Seen& seen, std::uint32_t theirs) const {
    const std::uint64_t tuple = std::uint64_t{seen.destination} << 32 |
                                std::uint64_t{seen.source_port} << 16 | seen.destination_port;
    return static_cast<std::uint32_t>(mix(mix(tuple) ^ theirs));
}

std::optional<Servers::Progress> Servers::progress_of(const Seen& seen) const {
    const std::uint32_t asked = 1 + plan_.request_bytes;
    for (const std::uint32_t sent : {std::uint32_t{1}, asked, asked + 1}) {
        const std::uint32_t acked = seen.ack - isn_of(seen, seen.seq - sent);
        if (acked >= 1 && acked <= 2 + plan_.response_bytes) return Progress{sent, acked};
    }
    return std::nullopt;
}

Fault Servers::answer(const Seen& seen, const Now& now, Outbox& out) {
    const bool ours = seen.destination - Plan::kFirstSource < plan_.sources &&
                      seen.destination_port == Plan::kServicePort && seen.source == Plan::kLastack;
    if (!ours) return Fault::UnknownTuple;
    if (seen.has(kRst)) return Fault::Reset;
    if (seen.timestamps != plan_.timestamps) return Fault::Options;
    Progress progress;
    if (seen.has(kSyn)) {
        if (seen.has(kAck) || seen.has(kFin) || !seen.text.empty()) return Fault::Flags;
        if (seen.mss == 0 || !seen.window_scale || !seen.sack_permitted) return Fault::Options;
    } else {
        if (!seen.has(kAck)) return Fault::Flags;
        const auto known = progress_of(seen);
        if (!known) return Fault::Ack;
        progress = *known;
        if (const Fault fault = check(seen, progress, now); fault != Fault::None) return fault;
    }
    reply(seen, progress, now, out);
    return Fault::None;
}

Fault Servers::check(const Seen& seen, const Progress& progress, const Now& now) const {
    constexpr std::uint32_t kLongestLifeMs = 60'000;
    if (seen.timestamps && now.ms - seen.ts_echo > kLongestLifeMs) return Fault::Echo;
    const std::uint32_t asked = 1 + plan_.request_bytes;
    if (!seen.text.empty()) {
        if (progress.sent != 1 || seen.text.size() != request_.size()) return Fault::Seq;
        if (std::memcmp(seen.text.data(), request_.data(), request_.size()) != 0) {
            return Fault::Text;
        }
    }
    // It closes when it has the response, or our FIN behind it.
    const std::uint32_t heard = 1 + plan_.response_bytes;
    if (seen.has(kFin) && (progress.sent != asked || progress.acked < heard)) return Fault::Seq;
    if (progress.sent == asked + 1 && progress.acked < heard) return Fault::Ack;
    return Fault::None;
}

void Servers::reply(const Seen& seen, const Progress& progress, const Now& now, Outbox& out) {
    Words words{.source = seen.destination,
                .destination = seen.source,
                .source_port = seen.destination_port,
                .destination_port = seen.source_port,
                .seq = seen.ack,
                .ts_value = now.ms,
                .ts_echo = seen.ts_value};
    const auto length = static_cast<std::uint32_t>(seen.text.size());
    if (seen.has(kSyn)) {
        words.seq = isn_of(seen, seen.seq);
        words.ack = seen.seq + 1;
        return out.send(syn_ack_, words);
    }
    words.ack = seen.seq + length + seen.fin();
    const bool we_close_first = plan_.first_closer == Closer::Generator;
    if (length > 0) {
        if (plan_.lone_acks) out.send(ack_, words);
        return out.send(we_close_first ? response_fin_ : response_, words);
    }
    const std::uint32_t isn = seen.ack - progress.acked;
    const bool all_acked = progress.acked == 2 + plan_.response_bytes;
    if (seen.has(kFin)) {
        if (we_close_first) {
            words.seq = isn + 2 + plan_.response_bytes;
            out.send(ack_, words);
            if (all_acked) ++tally_.completed;
        } else {
            words.seq = isn + 1 + plan_.response_bytes;
            if (plan_.lone_acks) out.send(ack_, words);
            out.send(fin_, words);
        }
    } else if (!we_close_first && all_acked) {
        ++tally_.completed;
    }
}

}  // namespace lastack::bench

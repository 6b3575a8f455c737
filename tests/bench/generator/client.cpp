#include "tests/bench/generator/client.hpp"

#include <cstring>

namespace lastack::bench {

Clients::Clients(const Plan& plan, const Pace& pace, const Stations& stations, Tally& tally)
    : plan_(plan),
      tuples_(plan),
      pace_(pace),
      ledger_(pace.ledger_capacity()),
      tally_(tally),
      response_(text_of(plan.response_bytes, kResponseSeed)),
      syn_(stations.lastack, stations.generator, kSyn, plan.timestamps, {}),
      ack_(stations.lastack, stations.generator, kAck, plan.timestamps, {}),
      request_(stations.lastack, stations.generator, kAck | kPsh, plan.timestamps,
               text_of(plan.request_bytes, kRequestSeed)),
      fin_(stations.lastack, stations.generator, kAck | kFin, plan.timestamps, {}) {}

void Clients::begin(const Now& now, Outbox& out) {
    tally_.lost += ledger_.let_go(now.ms, pace_.patience_ms());
    std::uint64_t due = pace_.due(now.ns, ledger_.next(), ledger_.in_flight());
    due = std::min({due, plan_.lives - ledger_.next(), std::uint64_t{Outbox::kBurst}});
    for (; due > 0 && !ledger_.full(); --due) {
        const std::uint64_t life = ledger_.begin(now.ms);
        const Tuple tuple = tuples_.of(life);
        ++tally_.begun;
        out.send(syn_, {.source = tuple.address,
                        .destination = Plan::kLastack,
                        .source_port = tuple.port,
                        .destination_port = Plan::kServicePort,
                        .seq = isn_of(life),
                        .ts_value = now.ms});
    }
}

Fault Clients::answer(const Seen& seen, const Now& now, Outbox& out) {
    if (seen.source != Plan::kLastack || seen.source_port != Plan::kServicePort) {
        return Fault::UnknownTuple;
    }
    const auto life =
        tuples_.latest_before(ledger_.next(), {seen.destination, seen.destination_port});
    if (!life) return Fault::UnknownLife;
    Entry* const entry = ledger_.find(*life);
    if (entry == nullptr || entry->over) ++tally_.late;
    if (entry != nullptr) {
        const Fault fault = check(*entry, seen, now);
        if (fault != Fault::None) return fault;
    }
    reply(seen, isn_of(*life), now, out);
    return Fault::None;
}

Fault Clients::check(Entry& entry, const Seen& seen, const Now& now) {
    if (seen.has(kRst)) return Fault::Reset;
    if (!seen.has(kAck)) return Fault::Flags;
    if (seen.timestamps != plan_.timestamps) return Fault::Options;
    // lastack echoes something that we have sent in this life.
    if (seen.timestamps && (seen.ts_echo - entry.begun_ms > now.ms - entry.begun_ms)) {
        return Fault::Echo;
    }
    if (seen.has(kSyn)) return check_syn_ack(entry, seen);
    if (!entry.opened) return Fault::Early;
    if (const Fault fault = check_ack(entry, seen); fault != Fault::None) return fault;
    return check_text(entry, seen);
}

Fault Clients::check_syn_ack(Entry& entry, const Seen& seen) const {
    if (seen.has(kFin) || !seen.text.empty()) return Fault::Flags;
    if (seen.ack != isn_of(entry.life) + 1) return Fault::Ack;
    if (seen.mss == 0 || !seen.window_scale || !seen.sack_permitted) return Fault::Options;
    if (!entry.opened) {
        entry.opened = true;
        entry.isn = seen.seq;
        entry.rcv_nxt = seen.seq + 1;
        entry.acked = 1;
        return Fault::None;
    }
    ++tally_.repeated;
    return seen.seq == entry.isn ? Fault::None : Fault::Seq;
}

// lastack acknowledges the SYN, then all of the request, then the FIN; never less than before
// with new text, and never what we cannot have sent yet.
Fault Clients::check_ack(Entry& entry, const Seen& seen) const {
    const std::uint32_t acked = seen.ack - isn_of(entry.life);
    const std::uint32_t all_text = 1 + plan_.request_bytes;
    const bool known = acked == 1 || acked == all_text || acked == all_text + 1;
    if (!known) return Fault::Ack;
    const bool answers = !seen.text.empty() || seen.has(kFin);
    if (answers && acked < all_text) return Fault::Ack;
    // Our FIN follows lastack's, or all of its response.
    const std::uint32_t before_our_fin = plan_.first_closer == Closer::Lastack
                                             ? 1 + plan_.response_bytes + 1
                                             : 1 + plan_.response_bytes;
    if (acked > all_text && entry.rcv_nxt - entry.isn < before_our_fin) return Fault::Ack;
    if (acked > entry.acked) entry.acked = acked;
    return Fault::None;
}

Fault Clients::check_text(Entry& entry, const Seen& seen) {
    const auto length = static_cast<std::uint32_t>(seen.text.size());
    const std::uint32_t at = seen.seq - entry.isn - 1;  // within the response
    if (seen.seq - entry.isn == 0 || at > plan_.response_bytes + 1) return Fault::Seq;
    if (length > 0 && (at > plan_.response_bytes || length > plan_.response_bytes - at)) {
        return Fault::Seq;
    }
    if (seen.has(kFin) && at + length != plan_.response_bytes) return Fault::Seq;
    if (length > 0 && std::memcmp(seen.text.data(), response_.data() + at, length) != 0) {
        return Fault::Text;
    }
    const std::uint32_t end = seen.seq + length + seen.fin();
    if (seen.seq == entry.rcv_nxt) {
        entry.rcv_nxt = end;
    } else if (static_cast<std::int32_t>(seen.seq - entry.rcv_nxt) > 0) {
        return Fault::Seq;  // a ring loses nothing between two frames
    } else {
        ++tally_.repeated;
    }
    if (seen.has(kFin)) entry.fin_seen = true;
    if (!entry.over && entry.fin_seen && entry.acked == 2 + plan_.request_bytes) {
        ledger_.finish(entry);
        ++tally_.completed;
    }
    return Fault::None;
}

// Where a response ends is told by its last octets, which stand nowhere else in it.
bool Clients::ends_response(const Seen& seen) const {
    if (seen.text.empty() || seen.text.size() > response_.size()) return false;
    const std::byte* const tail = response_.data() + (response_.size() - seen.text.size());
    return std::memcmp(seen.text.data(), tail, seen.text.size()) == 0;
}

void Clients::send(const Template& kind, const Words& to, std::uint32_t seq, std::uint32_t ack,
                   Outbox& out) {
    Words words = to;
    words.seq = seq;
    words.ack = ack;
    out.send(kind, words);
}

void Clients::reply(const Seen& seen, std::uint32_t isn, const Now& now, Outbox& out) {
    const Words to{.source = seen.destination,
                   .destination = seen.source,
                   .source_port = seen.destination_port,
                   .destination_port = seen.source_port,
                   .ts_value = now.ms,
                   .ts_echo = seen.ts_value};
    const auto length = static_cast<std::uint32_t>(seen.text.size());
    const std::uint32_t end = isn + 1 + plan_.request_bytes;  // where our FIN stands
    if (seen.has(kSyn)) {
        if (plan_.lone_acks) send(ack_, to, isn + 1, seen.seq + 1, out);
        return send(request_, to, isn + 1, seen.seq + 1, out);
    }
    const std::uint32_t next = seen.seq + length + seen.fin();
    const bool closed = seen.ack == end + 1;
    if (closed) {
        if (seen.has(kFin)) send(ack_, to, end + 1, next, out);
        return;
    }
    const bool ours_to_close =
        plan_.first_closer == Closer::Lastack ? seen.has(kFin) : ends_response(seen);
    if (ours_to_close) {
        if (plan_.lone_acks) send(ack_, to, end, next, out);
        send(fin_, to, end, next, out);
    } else if (length > 0 || seen.has(kFin)) {
        send(ack_, to, end, next, out);
    }
}

}  // namespace lastack::bench

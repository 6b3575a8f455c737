// CLOSED and LISTEN (RFC 9293 3.10.7.1, 3.10.7.2): what a segment meets where there is no record.

#include <algorithm>

#include "tcp/arrive.hpp"
#include "tcp/compose.hpp"

namespace lastack::tcp {

std::optional<wire::TcpHeader> arrive_closed(Env& env, const Segment& segment) {
    env.count(Counter::TcpInClosed);
    if (segment.flags().rst()) return std::nullopt;  // B-6
    return reset_for(segment);
}

SynRecord make_syn_record(const Env& env, const ListenFacts& facts, const Segment& syn) {
    const wire::TcpOptions& options = syn.header.options;
    SynRecord record;
    record.irs = syn.seq();
    record.iss = facts.isn;
    if (facts.isn_floor && !facts.isn.after(*facts.isn_floor)) {
        record.iss = *facts.isn_floor + 65'537;  // C-9
    }
    if (facts.isn_floor) record.origin = Origin::TimeWait;
    record.ts_offset = facts.ts_offset;
    record.peer_window = syn.header.window;
    record.peer_mss = options.mss.value_or(536);
    record.sack = env.config.sack && options.sack_permitted;
    record.scaling = env.config.window_scaling && options.window_scale.has_value();
    if (record.scaling) record.peer_shift = std::min<std::uint8_t>(*options.window_scale, 14) & 0xf;
    record.timestamps = env.config.timestamps && options.timestamps.has_value();
    if (record.timestamps) record.ts_recent = options.timestamps->value;
    record.sent_at_us = env.now_us();
    record.deadline_ms = env.after_ms(env.config.rto_initial_ms);
    return record;
}

ListenVerdict arrive_listen(Env& env, const ListenFacts& facts, const Segment& segment) {
    ListenVerdict verdict;
    const wire::TcpFlags flags = segment.flags();
    if (flags.rst()) {  // first
        env.count(Counter::TcpInRstIgnored);
        return verdict;
    }
    if (flags.ack()) {  // second
        env.count(Counter::TcpInClosed);
        verdict.kind = ListenVerdict::Kind::Reset;
        verdict.answer = reset_for(segment);
        return verdict;
    }
    if (!flags.syn()) {
        env.count(Counter::TcpInNoFlags);
        return verdict;
    }
    if (flags.fin()) {  // E-18
        env.count(Counter::TcpInSynFin);
        env.count(Counter::ListenDrops);
        return verdict;
    }
    verdict.kind = ListenVerdict::Kind::Open;  // third; text on the SYN comes again (G-31)
    verdict.record = make_syn_record(env, facts, segment);
    enter_as_child(env.states, verdict.record.state);
    if (env.config.counts_passive_at_syn) env.count(Counter::PassiveOpens);  // M-25
    verdict.answer = compose_syn_ack(env, verdict.record);
    env.count(Counter::OutSegs);
    return verdict;
}

}  // namespace lastack::tcp

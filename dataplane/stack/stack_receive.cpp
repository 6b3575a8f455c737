// Segments in: from a burst of frames to the record that each segment belongs to.

#include <array>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/arrive.hpp"
#include "tcp/call.hpp"
#include "tcp/path.hpp"
#include "wire/checksum.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

static_assert(ip::PathMtu::kBelieved == std::chrono::milliseconds(tcp::kPathBelievedMs));

constexpr std::size_t kMaxChain = 48;  // 64 KiB in buffers of 2 KiB, with room to spare

// As Linux maps the codes of destination unreachable (D-29).
tcp::End meaning_of(const ip::IcmpError& error) {
    switch (error.kind) {
        case ip::IcmpErrorKind::Unreachable:
            switch (error.code) {
                case 0:   // net
                case 6:   // net unknown
                case 9:   // net prohibited
                case 11:  // net, for this type of service
                    return tcp::End::NetUnreachable;
                default:
                    return tcp::End::Unreachable;
            }
        case ip::IcmpErrorKind::ProtocolUnreachable:
            return tcp::End::ProtocolUnreachable;
        case ip::IcmpErrorKind::PortUnreachable:
            return tcp::End::PortUnreachable;
        case ip::IcmpErrorKind::FragmentationNeeded:
        case ip::IcmpErrorKind::TimeExceeded:
        case ip::IcmpErrorKind::ParameterProblem:
            break;
    }
    return tcp::End::Unreachable;
}

tcp::NetworkError to_network_error(const ip::IcmpError& error) {
    tcp::NetworkError network;
    network.quoted = error.seq;
    network.meaning = meaning_of(error);
    if (error.kind == ip::IcmpErrorKind::FragmentationNeeded) {
        network.kind = tcp::NetworkError::Kind::TooBig;
        network.next_hop_mtu = error.next_hop_mtu;
    } else if (ip::is_hard(error.kind)) {
        network.kind = tcp::NetworkError::Kind::Hard;
    }
    return network;
}

}  // namespace

// The batch only prefetches: each segment's look-up is done when its turn comes, for an earlier one
// of the burst may have replaced the record.
void Stack::receive(std::span<const Frame> burst, time::Instant now) {
    env_.now = now;
    while (!burst.empty()) {
        const std::size_t count = std::min(burst.size(), kBatch);
        std::size_t waiting = 0;
        const auto judge_waiting = [&] {
            for (const Pending& pending : std::span(pending_).first(waiting)) {
                receive_tcp(pending.datagram, *pending.frame, pending.hash);
            }
            waiting = 0;
        };
        for (const Frame& frame : burst.first(count)) {
            const Input input = ip_.receive(frame, now);
            if (const auto* datagram = std::get_if<TcpDatagram>(&input)) {
                const std::uint64_t hash = hasher_(datagram->key);
                table_.prefetch(hash);
                pending_[waiting++] = {*datagram, hash, &frame};
            } else if (const auto* error = std::get_if<ip::IcmpError>(&input)) {
                judge_waiting();  // what it quotes may be about a segment ahead of it
                receive_icmp(*error);
            }
        }
        judge_waiting();
        burst = burst.subspan(count);
    }
}

void Stack::receive_tcp(const TcpDatagram& datagram, const Frame& frame, std::uint64_t hash) {
    counters_.add(Counter::InSegs);
    const auto view = wire::TcpView::parse(datagram.first);
    if (!view || datagram.l4_checksum == Checksum::Bad) {
        counters_.add(Counter::InErrs);
        if (view) counters_.add(Counter::InCsumErrors);
        shell_->release(frame.buffer);
        return;
    }
    Arriving arriving{datagram.key, hash, {}};
    arriving.segment.header = view->header();
    arriving.segment.text_bytes =
        datagram.segment_bytes - static_cast<std::uint32_t>(view->header_bytes());
    if (!adopt_text(datagram, frame, arriving)) return;
    if (datagram.key.remote_port == 0 || datagram.key.local_port == 0) {
        counters_.add(Counter::TcpInBadAddress);
    } else {
        dispatch(arriving);
    }
    env_.pieces.clear(arriving.segment.text);
}

// Verifies the checksum where the port has not, and turns the frame's buffers into pieces of the
// segment's text; buffers without text go back at once. False: a bad checksum, all released.
bool Stack::adopt_text(const TcpDatagram& datagram, const Frame& frame, Arriving& arriving) {
    Part first{frame.buffer, datagram.first};
    const std::size_t first_bytes = datagram.first.size();
    if (frame.chained_bytes == 0) {
        return adopt_parts(datagram, std::span(&first, 1), datagram.segment_bytes == first_bytes,
                           arriving.segment);
    }
    std::array<Part, kMaxChain> parts;
    std::size_t count = 0;
    parts[count++] = first;
    std::uint32_t left = datagram.segment_bytes - static_cast<std::uint32_t>(first_bytes);
    bool too_long = false;
    auto next = shell_->detach_next(frame.buffer);
    while (next.buffer != nullptr) {
        const base::BufferRef buffer = next.buffer;
        const std::size_t used = std::min<std::size_t>(left, next.bytes.size());
        const base::Bytes bytes = next.bytes.first(used);
        left -= static_cast<std::uint32_t>(used);
        next = shell_->detach_next(buffer);
        if (bytes.empty() || count == parts.size()) {
            too_long = too_long || !bytes.empty();
            shell_->release(buffer);
        } else {
            parts[count++] = {buffer, bytes};
        }
    }
    return adopt_parts(datagram, std::span(parts).first(count), left == 0 && !too_long,
                       arriving.segment);
}

// `whole`: the parts hold all of the segment.
bool Stack::adopt_parts(const TcpDatagram& datagram, std::span<Part> parts, bool whole,
                        tcp::Segment& segment) {
    bool good = whole;
    if (good && datagram.l4_checksum == Checksum::Unknown) {
        wire::Checksum sum =
            wire::pseudo_header_sum(wire::PseudoHeader4{.source = datagram.key.remote_address,
                                                        .destination = datagram.key.local_address,
                                                        .protocol = 6,
                                                        .bytes = datagram.segment_bytes});
        for (const Part& part : parts) sum.add(part.bytes);
        good = sum.finish() == 0;
    }
    if (!good) {
        counters_.add(Counter::InErrs);
        counters_.add(Counter::InCsumErrors);
    }
    const std::size_t header_bytes = datagram.segment_bytes - segment.text_bytes;
    parts[0].bytes = parts[0].bytes.subspan(std::min(header_bytes, parts[0].bytes.size()));
    for (const Part& part : parts) {
        const bool wanted = good && !part.bytes.empty();
        if (!wanted || !env_.pieces.append(segment.text, part.buffer, part.bytes)) {
            shell_->release(part.buffer);
        }
    }
    return good;
}

table::FlowRef Stack::find(std::uint64_t hash, const wire::FlowKey4& key) const {
    return table_.find(hash, [&](table::FlowRef ref) {
        if (ref.family() != table::Family::Ipv4) return false;
        switch (ref.kind()) {
            case table::RecordKind::Syn:
                return syns_[ref.index()].key == key;
            case table::RecordKind::Tcb:
                return tcbs_[ref.index()].key == key;
            case table::RecordKind::TimeWait:
                return time_waits_[ref.index()].key == key;
        }
        return false;
    });
}

void Stack::dispatch(Arriving& arriving) {
    if (!trace_.enabled()) return dispatch_to_record(arriving);
    const std::uint64_t changes = states_.changes();
    const std::uint64_t number = trace_.next_number();
    dispatch_to_record(arriving);
    if (states_.changes() != changes) trace_.settle(number, state_of(arriving.hash, arriving.key));
}

void Stack::dispatch_to_record(Arriving& arriving) {
    const table::FlowRef ref = find(arriving.hash, arriving.key);
    if (!ref) return dispatch_to_nobody(arriving);
    switch (ref.kind()) {
        case table::RecordKind::Syn:
            return dispatch_to_syn(arriving, ref.index());
        case table::RecordKind::Tcb:
            return dispatch_to_tcb(arriving, ref.index());
        case table::RecordKind::TimeWait:
            return dispatch_to_time_wait(arriving, ref.index());
    }
}

// What a tuple's record reads; CLOSED where there is none.
tcp::State Stack::state_of(std::uint64_t hash, const wire::FlowKey4& key) const {
    const table::FlowRef ref = find(hash, key);
    if (!ref) return tcp::State::Closed;
    switch (ref.kind()) {
        case table::RecordKind::Syn:
            return syns_[ref.index()].record.state.get();
        case table::RecordKind::Tcb:
            return tcbs_[ref.index()].tcb.state.get();
        case table::RecordKind::TimeWait:
            return time_waits_[ref.index()].record.state.get();
    }
    return tcp::State::Closed;
}

void Stack::dispatch_to_nobody(Arriving& arriving) {
    if (env_.now < quiet_until_) return counters_.add(Counter::QuietTimeDrops);  // C-34
    const std::uint32_t listener = door_of(arriving);
    if (listener != base::kNoIndex) {
        trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
              arriving.segment.text_bytes, tcp::State::Listen);
        return open_half(arriving, listener, base::kNoIndex);
    }
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, tcp::State::Closed);
    const auto reset = tcp::arrive_closed(env_, arriving.segment);
    if (!reset) return;
    if (!reset_limit_.take(env_.now)) return counters_.add(Counter::RstSuppressed);  // E-15
    counters_.add(Counter::OutSegs);
    counters_.add(Counter::OutRsts);
    answer(arriving.key, *reset, nullptr);
}

void Stack::dispatch_to_syn(Arriving& arriving, std::uint32_t index) {
    SynSlot& slot = syns_[index];
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, tcp::State::SynReceived);
    if (cookie_overtakes(arriving, slot)) {
        const ListenerSlot& door = listeners_[slot.listener];
        if (tcbs_.available() == 0) return counters_.add(Counter::ListenOverflows);
        abort_half(index);
        return open_from_cookie(arriving, door);
    }
    const tcp::SynVerdict verdict = tcp::arrive(env_, slot.record, arriving.segment);
    if (verdict.answer) answer(slot.key, *verdict.answer, &slot.neighbour);
    switch (verdict.kind) {
        case tcp::SynVerdict::Kind::Keep:
            return;
        case tcp::SynVerdict::Kind::Open:
            return open_fully(arriving, index);
        case tcp::SynVerdict::Kind::Gone:
            return drop_half(index);
        case tcp::SynVerdict::Kind::Return:
            return return_to_time_wait(index);
    }
}

void Stack::dispatch_to_tcb(Arriving& arriving, std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    const tcp::State before = slot.tcb.state.get();
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, before);
    const wire::Seq una = slot.tcb.snd.una;
    const tcp::Outcome outcome = tcp::arrive(env_, slot.tcb, arriving.segment);
    if (slot.tcb.snd.una != una) ip_.confirm_neighbour(slot.neighbour, env_.now);
    settle(index, outcome);
}

void Stack::dispatch_to_time_wait(Arriving& arriving, std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, slot.record.state.get());
    const tcp::TimeWaitVerdict verdict = tcp::arrive(env_, slot.record, arriving.segment);
    if (verdict.answer) answer(slot, *verdict.answer);
    switch (verdict.kind) {
        case tcp::TimeWaitVerdict::Kind::Keep:
            return;
        case tcp::TimeWaitVerdict::Kind::Restart:
            if (!keeps_time_wait_) {
                tcp::abort(env_, slot.record);
                return free_time_wait(index);
            }
            order_of(slot).remove(time_waits_, index);
            join_order(index);
            wheel_.arm(time_wait_timer(index), instant_of(slot.record.deadline_ms));
            return;
        case tcp::TimeWaitVerdict::Kind::Reopen: {
            const std::uint32_t listener = door_of(arriving);
            if (listener != base::kNoIndex) return open_half(arriving, listener, index);
            // C-12: acceptable, but nobody listens: the record stays and says so.
            const auto ack = tcp::refuse_reopen(env_, slot.record, arriving.segment);
            if (ack) answer(slot, *ack);
            return;
        }
        case tcp::TimeWaitVerdict::Kind::Gone:
            return free_time_wait(index);
    }
}

void Stack::receive_icmp(const ip::IcmpError& error) {
    const table::FlowRef ref = find(hasher_(error.key), error.key);
    if (!ref) return counters_.add(Counter::IcmpQuoteUnknown);
    const tcp::NetworkError network = to_network_error(error);
    switch (ref.kind()) {
        case table::RecordKind::Syn: {
            tcp::SynRecord& record = syns_[ref.index()].record;
            const std::uint16_t path_mss = record.path_mss;
            const tcp::Outcome outcome =
                traced(error.key, [&] { return tcp::arrive(env_, record, network); });
            if (record.path_mss != path_mss) learn_path_mss(error.key, record.path_mss);
            return settle_half(ref.index(), outcome.fate);
        }
        case table::RecordKind::Tcb: {
            TcbSlot& slot = tcbs_[ref.index()];
            const std::uint16_t path_mss = slot.tcb.path_mss;
            const tcp::Outcome outcome =
                traced(error.key, [&] { return tcp::arrive(env_, slot.tcb, network); });
            if (slot.tcb.path_mss != path_mss) learn_path_mss(error.key, slot.tcb.path_mss);
            return settle(ref.index(), outcome);
        }
        case table::RecordKind::TimeWait:
            // Never altered (C-37): nothing of it is in flight, so what is quoted is not (B-12).
            return counters_.add(Counter::OutOfWindowIcmps);
    }
}

// I-10: what one connection has learned of a path, the next to the same destination knows.
void Stack::learn_path_mss(const wire::FlowKey4& key, std::uint16_t path_mss) {
    path_mtu_.learn(key.remote_address, static_cast<std::uint16_t>(path_mss + tcp::kHeaderBytes),
                    env_.now);
}

// No longer than the one that has learned it: the word ages, whoever goes by it (RFC 1191 6.3).
void Stack::apply_path_mtu(TcbSlot& slot) const {
    const auto word = path_mtu_.of(slot.key.remote_address, env_.now);
    if (!word) return;
    tcp::bound_path(env_, slot.tcb, static_cast<std::uint16_t>(word->mtu_bytes - tcp::kHeaderBytes),
                    to_ms(std::chrono::floor<std::chrono::milliseconds>(word->believed)));
}

void Stack::trace(TraceEvent::Kind kind, const wire::FlowKey4& key, const wire::TcpHeader& header,
                  std::uint32_t text_bytes, tcp::State state) {
    if (!trace_.enabled()) return;
    trace_.record({.at = env_.now,
                   .key = key,
                   .seq = header.seq,
                   .ack = header.ack,
                   .text_bytes = text_bytes,
                   .window = header.window,
                   .flags = header.flags,
                   .kind = kind,
                   .before = state,
                   .after = state});
}

// A change that no segment made: the application's call, a timer, the network's word. One that a
// segment made stands in the segment's own event.
void Stack::trace_change(const wire::FlowKey4& key, std::uint64_t changes_before) {
    if (!trace_.enabled() || states_.changes() == changes_before) return;
    const tcp::Edge& edge = states_.last_change();
    trace_.record({.at = env_.now,
                   .key = key,
                   .kind = TraceEvent::Kind::Changed,
                   .before = edge.from,
                   .after = edge.to,
                   .cause = edge.cause});
}

}  // namespace lastack::stack

// What the network says of a segment of ours, and what is known of a path (D-29, I-10).

#include <chrono>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/arrive.hpp"
#include "tcp/call.hpp"
#include "tcp/path.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

static_assert(ip::PathMtu::kBelieved == std::chrono::milliseconds(tcp::kPathBelievedMs));

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

}  // namespace lastack::stack

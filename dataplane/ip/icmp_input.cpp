#include "ip/icmp_input.hpp"

namespace lastack::ip {

using base::Counter;
using Kind = IcmpVerdict::Kind;

namespace {

IcmpErrorKind unreachable_kind(std::uint8_t code) {
    switch (code) {
        case wire::icmp_unreachable::kProtocol:
            return IcmpErrorKind::ProtocolUnreachable;
        case wire::icmp_unreachable::kPort:
            return IcmpErrorKind::PortUnreachable;
        case wire::icmp_unreachable::kFragmentationNeeded:
            return IcmpErrorKind::FragmentationNeeded;
        default:
            return IcmpErrorKind::Unreachable;
    }
}

IcmpVerdict judge_error(const wire::IcmpView& message, const IcmpArrival& arrival, Counter type,
                        IcmpErrorKind kind) {
    const auto quote = message.quoted_tcp();
    // Whoever reports it sends the report to the source of what he quotes.
    if (!quote || arrival.broadcast || quote->source != arrival.destination) {
        return {.kind = Kind::Nothing, .type = type, .reason = Counter::IcmpQuoteErrors};
    }
    IcmpError error{.key = {.local_address = quote->source,
                            .remote_address = quote->destination,
                            .local_port = quote->source_port,
                            .remote_port = quote->destination_port},
                    .seq = quote->seq,
                    .kind = kind,
                    .code = message.code()};
    if (kind == IcmpErrorKind::FragmentationNeeded) error.next_hop_mtu = message.next_hop_mtu();
    return {.kind = Kind::Error, .type = type, .error = error};
}

IcmpVerdict judge_echo(const IcmpArrival& arrival) {
    // RFC 1122 3.2.2.6 allows to ignore these, and amplification demands it.
    if (arrival.broadcast) {
        return {.type = Counter::IcmpInEchos, .reason = Counter::IcmpInEchoIgnored};
    }
    return {.kind = Kind::Echo, .type = Counter::IcmpInEchos};
}

}  // namespace

IcmpVerdict judge(const wire::IcmpView& message, const IcmpArrival& arrival) {
    switch (message.type()) {
        case wire::IcmpType::EchoRequest:
            return judge_echo(arrival);
        case wire::IcmpType::DestinationUnreachable:
            return judge_error(message, arrival, Counter::IcmpInDestUnreachs,
                               unreachable_kind(message.code()));
        case wire::IcmpType::TimeExceeded:
            return judge_error(message, arrival, Counter::IcmpInTimeExcds,
                               IcmpErrorKind::TimeExceeded);
        case wire::IcmpType::ParameterProblem:
            return judge_error(message, arrival, Counter::IcmpInParmProbs,
                               IcmpErrorKind::ParameterProblem);
        case wire::IcmpType::SourceQuench:
            return {.type = Counter::IcmpInSrcQuenchs};
        case wire::IcmpType::Redirect:
            return {.type = Counter::IcmpInRedirects};
        case wire::IcmpType::EchoReply:
        case wire::IcmpType::Other:
            break;
    }
    return {.type = Counter::IcmpInIgnored};
}

}  // namespace lastack::ip

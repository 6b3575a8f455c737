#include "ip/icmp_input.hpp"

#include <gtest/gtest.h>

#include "tests/support/raw_frame.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using ip::IcmpErrorKind;
using Kind = ip::IcmpVerdict::Kind;

/// A segment of ours, 198.18.0.1:80 to 198.18.0.99:40000, as a router quotes it: 8 octets of TCP.
raw::Octets quote(raw::Ipv4 fields = {.source = raw::kOurs, .destination = raw::kPeer},
                  std::size_t tcp_bytes = 8) {
    fields.total_bytes = 20 + 1'000;
    auto tcp = raw::tcp({.source_port = 80, .destination_port = 40'000, .seq = 0xdead'beef});
    tcp.resize(tcp_bytes);
    return raw::ipv4(fields, tcp);
}

ip::IcmpVerdict judge(const raw::Icmp& fields, const raw::Octets& data,
                      const ip::IcmpArrival& arrival = {.destination = {raw::kOurs}}) {
    const auto message = raw::icmp(fields, data);
    const auto view = wire::IcmpView::parse(message);
    EXPECT_TRUE(view);
    return ip::judge(*view, arrival);
}

TEST(IcmpInput, I_16_an_echo_request_is_to_be_answered_unless_it_was_broadcast) {
    EXPECT_EQ(judge({.type = 8}, raw::text(10)).kind, Kind::Echo);
    EXPECT_EQ(judge({.type = 8}, raw::text(10)).type, Counter::IcmpInEchos);
    const auto broadcast =
        judge({.type = 8}, {}, {.destination = {raw::net18(255)}, .broadcast = true});
    EXPECT_EQ(broadcast.kind, Kind::Nothing);
    EXPECT_EQ(broadcast.reason, Counter::IcmpInEchoIgnored);
}

TEST(IcmpInput, I_19_an_error_names_the_connection_as_we_see_it) {
    const auto verdict = judge({.type = 3, .code = 1, .rest = 0}, quote());
    ASSERT_EQ(verdict.kind, Kind::Error);
    EXPECT_EQ(verdict.error.key, (wire::FlowKey4{.local_address = {raw::kOurs},
                                                 .remote_address = {raw::kPeer},
                                                 .local_port = 80,
                                                 .remote_port = 40'000}));
    EXPECT_EQ(verdict.error.seq, wire::Seq(0xdead'beef));
    EXPECT_EQ(verdict.error.code, 1);
}

TEST(IcmpInput, I_20_I_21_kinds_tell_soft_from_hard) {
    struct {
        std::uint8_t type, code;
        IcmpErrorKind kind;
        bool hard;
        Counter counter;
    } const rows[] = {
        {3, 0, IcmpErrorKind::Unreachable, false, Counter::IcmpInDestUnreachs},
        {3, 1, IcmpErrorKind::Unreachable, false, Counter::IcmpInDestUnreachs},
        {3, 2, IcmpErrorKind::ProtocolUnreachable, true, Counter::IcmpInDestUnreachs},
        {3, 3, IcmpErrorKind::PortUnreachable, true, Counter::IcmpInDestUnreachs},
        {3, 4, IcmpErrorKind::FragmentationNeeded, false, Counter::IcmpInDestUnreachs},
        {3, 5, IcmpErrorKind::Unreachable, false, Counter::IcmpInDestUnreachs},
        {3, 13, IcmpErrorKind::Unreachable, false, Counter::IcmpInDestUnreachs},
        {3, 200, IcmpErrorKind::Unreachable, false, Counter::IcmpInDestUnreachs},
        {11, 0, IcmpErrorKind::TimeExceeded, false, Counter::IcmpInTimeExcds},
        {12, 0, IcmpErrorKind::ParameterProblem, false, Counter::IcmpInParmProbs},
    };
    for (const auto& row : rows) {
        const auto verdict = judge({.type = row.type, .code = row.code, .rest = 0}, quote());
        ASSERT_EQ(verdict.kind, Kind::Error) << int{row.type} << "/" << int{row.code};
        EXPECT_EQ(verdict.error.kind, row.kind) << int{row.type} << "/" << int{row.code};
        EXPECT_EQ(verdict.type, row.counter);
        EXPECT_EQ(ip::is_hard(verdict.error.kind), row.hard);
    }
}

TEST(IcmpInput, I_23_the_next_hop_mtu_comes_with_code_4_and_with_no_other) {
    EXPECT_EQ(judge({.type = 3, .code = 4, .rest = 1'400}, quote()).error.next_hop_mtu, 1'400);
    EXPECT_EQ(judge({.type = 3, .code = 4, .rest = 0}, quote()).error.next_hop_mtu, 0);
    EXPECT_EQ(judge({.type = 3, .code = 1, .rest = 1'400}, quote()).error.next_hop_mtu, 0);
}

TEST(IcmpInput, I_19_a_quotation_that_proves_nothing_is_counted_and_dropped) {
    const raw::Octets unusable[] = {
        quote({.source = raw::kOurs, .destination = raw::kPeer},
              7),  // not even the sequence number
        quote({.source = raw::kOurs, .destination = raw::kPeer, .protocol = 17}),
        quote({.source = raw::kOurs, .destination = raw::kPeer, .fragment = 0x0001}),
        quote({.source = raw::kOurs, .destination = raw::kPeer, .version = 6}),
        quote({.source = raw::kOurs, .destination = raw::kPeer, .ihl = 4}),
        quote({.source = raw::net18(2), .destination = raw::kPeer}),  // reported to another address
        raw::octets({0x45, 0, 0}),
        {},
    };
    for (const auto& data : unusable) {
        const auto verdict = judge({.type = 3, .code = 1, .rest = 0}, data);
        EXPECT_EQ(verdict.kind, Kind::Nothing);
        EXPECT_EQ(verdict.type, Counter::IcmpInDestUnreachs);
        EXPECT_EQ(verdict.reason, Counter::IcmpQuoteErrors);
    }
}

TEST(IcmpInput, I_19_an_error_that_came_by_broadcast_is_not_believed) {
    EXPECT_EQ(judge({.type = 3, .code = 1, .rest = 0}, quote(),
                    {.destination = {raw::kOurs}, .broadcast = true})
                  .reason,
              Counter::IcmpQuoteErrors);
}

TEST(IcmpInput, I_22_I_24_quench_redirect_and_the_rest_are_counted_and_ignored) {
    struct {
        std::uint8_t type;
        Counter counter;
    } const rows[] = {
        {4, Counter::IcmpInSrcQuenchs}, {5, Counter::IcmpInRedirects},
        {0, Counter::IcmpInIgnored},    {13, Counter::IcmpInIgnored},
        {17, Counter::IcmpInIgnored},   {255, Counter::IcmpInIgnored},
    };
    for (const auto& row : rows) {
        const auto verdict = judge({.type = row.type}, quote());
        EXPECT_EQ(verdict.kind, Kind::Nothing) << int{row.type};
        EXPECT_EQ(verdict.type, row.counter) << int{row.type};
        EXPECT_FALSE(verdict.reason) << int{row.type};
    }
}

}  // namespace
}  // namespace lastack::test

#include "wire/icmp.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/frames.hpp"
#include "tests/wire/octets.hpp"

namespace lastack::wire {
namespace {

using test::hex;

const test::Octets kQuote = hex("45000028 00070000 4006eea1 c6120002 c6120001 00509c40 deadbeef");
constexpr QuotedTcp kQuoted{.source = {0xc6120002},
                            .destination = {0xc6120001},
                            .source_port = 80,
                            .destination_port = 40000,
                            .seq = Seq(0xdeadbeef)};

test::Octets error_about(const test::Octets& quote, IcmpType type = IcmpType::TimeExceeded) {
    test::Octets out(kIcmpHeaderBytes + quote.size());
    emit_icmp_error({.type = type, .code = 0, .rest = 0}, quote, out);
    return out;
}

TEST(Icmp, an_echo_request_of_another_implementation_is_understood) {
    const test::Octets message = hex(test::kEchoRequest);
    const auto view = IcmpView::parse(message);
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->checksum_ok());
    EXPECT_EQ(view->type(), IcmpType::EchoRequest);
    EXPECT_EQ(view->code(), 0);
    EXPECT_EQ(view->echo_identifier(), 0x77);
    EXPECT_EQ(view->echo_sequence(), 3);
    EXPECT_EQ(test::copy(view->echo_data()), hex("61626364656667"));
    EXPECT_FALSE(view->is_error());
    EXPECT_FALSE(view->quoted_tcp());
}

TEST(Icmp, I_16_an_echo_reply_returns_identifier_sequence_and_data) {
    const test::Octets request = hex(test::kEchoRequest);
    const IcmpView view = *IcmpView::parse(request);
    test::Octets out(request.size());
    EXPECT_EQ(
        emit_echo_reply({.identifier = view.echo_identifier(), .sequence = view.echo_sequence()},
                        view.echo_data(), out),
        out.size());
    // A reply differs from its request in the type, and so in the checksum by as much.
    EXPECT_EQ(out, hex("00006e58 00770003 61626364656667"));
    EXPECT_TRUE(IcmpView::parse(out)->checksum_ok());
    EXPECT_EQ(IcmpView::parse(out)->type(), IcmpType::EchoReply);
}

TEST(Icmp, an_echo_request_is_sent_as_another_implementation_sends_it) {
    test::Octets out(15);
    emit_echo_request({.identifier = 0x77, .sequence = 3}, hex("61626364656667"), out);
    EXPECT_EQ(out, hex(test::kEchoRequest));
}

TEST(Icmp, I_23_fragmentation_needed_tells_the_next_hop_mtu_and_the_segment) {
    const test::Octets message = hex(test::kFragmentationNeeded);
    const auto view = IcmpView::parse(message);
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->checksum_ok());
    EXPECT_EQ(view->type(), IcmpType::DestinationUnreachable);
    EXPECT_EQ(view->code(), icmp_unreachable::kFragmentationNeeded);
    EXPECT_EQ(view->next_hop_mtu(), 1400);
    EXPECT_EQ(view->quoted_tcp(), kQuoted);
}

TEST(Icmp, types_are_told_apart) {
    struct Row {
        std::uint8_t number;
        IcmpType type;
        bool is_error;
    };
    constexpr Row kRows[] = {
        {0, IcmpType::EchoReply, false},
        {1, IcmpType::Other, false},
        {3, IcmpType::DestinationUnreachable, true},
        {4, IcmpType::SourceQuench, true},
        {5, IcmpType::Redirect, true},
        {8, IcmpType::EchoRequest, false},
        {9, IcmpType::Other, false},
        {11, IcmpType::TimeExceeded, true},
        {12, IcmpType::ParameterProblem, true},
        {13, IcmpType::Other, false},
        {255, IcmpType::Other, false},
    };
    for (const Row& row : kRows) {
        test::Octets message = error_about(kQuote);
        put8(message, 0, row.number);
        const IcmpView view = *IcmpView::parse(message);
        EXPECT_EQ(view.type(), row.type) << int{row.number};
        EXPECT_EQ(view.raw_type(), row.number);
        EXPECT_EQ(view.is_error(), row.is_error) << int{row.number};
        EXPECT_EQ(view.quoted_tcp().has_value(), row.is_error) << int{row.number};
    }
}

TEST(Icmp, a_redirect_names_its_gateway_and_a_problem_its_pointer) {
    test::Octets out(8 + kQuote.size());
    emit_icmp_error({.type = IcmpType::Redirect, .code = 1, .rest = 0xc6120003}, kQuote, out);
    EXPECT_EQ(IcmpView::parse(out)->redirect_gateway(), Ipv4Address{0xc6120003});
    EXPECT_EQ(IcmpView::parse(out)->code(), 1);
    emit_icmp_error({.type = IcmpType::ParameterProblem, .code = 0, .rest = 20U << 24}, kQuote,
                    out);
    EXPECT_EQ(IcmpView::parse(out)->problem_pointer(), 20);
}

TEST(Icmp, a_message_of_7_octets_is_refused) {
    const test::Octets message = hex(test::kEchoRequest);
    for (std::size_t bytes = 0; bytes < 8; ++bytes) {
        EXPECT_FALSE(IcmpView::parse(test::copy(ByteView(message).first(bytes)))) << bytes;
    }
    EXPECT_TRUE(IcmpView::parse(test::copy(ByteView(message).first(8))));
}

TEST(Icmp, any_flipped_bit_is_noticed_by_the_checksum) {
    const test::Octets message = hex(test::kEchoRequest);
    for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
        test::Octets flipped = message;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_FALSE(IcmpView::parse(flipped)->checksum_ok()) << bit;
    }
}

TEST(Icmp, I_19_a_quotation_needs_its_ip_header_and_8_octets_of_tcp) {
    for (std::size_t bytes = 0; bytes <= kQuote.size(); ++bytes) {
        const test::Octets message = error_about(test::copy(ByteView(kQuote).first(bytes)));
        EXPECT_EQ(IcmpView::parse(message)->quoted_tcp().has_value(), bytes == 28) << bytes;
    }
}

TEST(Icmp, I_19_a_quotation_that_is_not_the_start_of_a_tcp_datagram_is_refused) {
    struct Row {
        const char* what;
        std::size_t offset;
        std::uint16_t value;
        bool good;
    };
    constexpr Row kRows[] = {
        {"version 6", 0, 0x6500, false},
        {"IHL 4", 0, 0x4400, false},
        {"IHL 6, so that TCP has 4 octets", 0, 0x4600, false},
        {"total length 27", 2, 27, false},
        {"total length 28", 2, 28, true},
        {"total length 65535", 2, 65535, true},
        {"UDP", 8, 0x4011, false},
        {"TTL 0, as a router leaves it", 8, 0x0006, true},
        {"the first fragment", 6, 0x2000, true},
        {"a later fragment", 6, 0x0001, false},
        {"a wrong header checksum", 10, 0x0000, true},
    };
    for (const Row& row : kRows) {
        test::Octets quote = kQuote;
        put16(quote, row.offset, row.value);
        const test::Octets message = error_about(quote);
        EXPECT_EQ(IcmpView::parse(message)->quoted_tcp().has_value(), row.good) << row.what;
    }
}

TEST(Icmp, I_19_a_quoted_header_with_options_is_stepped_over) {
    test::Octets quote =
        hex("46000030 00070000 40060000 c6120002 c6120001 01010101"
            "00509c40 deadbeef");
    EXPECT_EQ(IcmpView::parse(error_about(quote))->quoted_tcp(), kQuoted);
    quote.pop_back();
    EXPECT_FALSE(IcmpView::parse(error_about(quote))->quoted_tcp());
}

TEST(Icmp, I_19_a_quotation_of_random_octets_is_never_read_beyond) {
    test::Random random(test::seed_or(6));
    int understood = 0;
    for (int i = 0; i < 20'000; ++i) {
        test::Octets quote = test::random_octets(random, test::up_to(random, 72));
        if (quote.size() > 9) {  // otherwise hardly any would get past the first check
            put8(quote, 0, static_cast<std::uint8_t>(0x40 + random() % 16));
            put8(quote, 9, 6);
            put16(quote, 6, 0);
        }
        const test::Octets message = error_about(quote);
        const auto quoted = IcmpView::parse(message)->quoted_tcp();
        understood += quoted ? 1 : 0;
        if (quoted) {
            EXPECT_GE(quote.size(), 28U);
        }
    }
    EXPECT_GT(understood, 0);
}

TEST(IcmpDeathTest, emitting_an_error_of_a_type_that_is_none_is_a_defect) {
    test::Octets out(36);
    EXPECT_DEATH(emit_icmp_error({.type = IcmpType::EchoReply}, kQuote, out), "is_error");
}

}  // namespace
}  // namespace lastack::wire

#include "wire/cut.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/octets.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace lastack::wire {
namespace {

/// A large segment as its sender describes it.
struct Segment {
    EthernetHeader ethernet;
    Ipv4Header ip;
    TcpHeader tcp;
    test::Octets text;
};

Segment segment_with(std::size_t text_bytes) {
    Segment segment;
    segment.ethernet = {{{2, 0, 0, 0, 0, 2}}, {{2, 0, 0, 0, 0, 1}}, ether_type::kIpv4, {}};
    segment.ip.source = {0xc6120001};
    segment.ip.destination = {0xc6120002};
    segment.tcp.source_port = 40000;
    segment.tcp.destination_port = 80;
    segment.tcp.seq = Seq(1000);
    segment.tcp.flags = {TcpFlags::kAck};
    segment.text = test::Octets(text_bytes, std::byte{0x42});
    return segment;
}

/// The headers alone, checksums left to whoever completes them.
test::Octets headers_of(const Segment& segment) {
    test::Octets out(header_bytes(segment.ethernet) + 20 + header_bytes(segment.tcp));
    std::size_t at = emit(segment.ethernet, out);
    at += emit(segment.ip, MutableBytes(out).subspan(at));
    emit(segment.tcp, MutableBytes(out).subspan(at));
    return out;
}

/// What sending a segment by itself puts on the wire.
test::Octets sent_directly(Segment segment) {
    segment.ip.total_bytes =
        static_cast<std::uint16_t>(20 + header_bytes(segment.tcp) + segment.text.size());
    test::Octets frame = headers_of(segment);
    const std::size_t tcp_at = header_bytes(segment.ethernet) + 20;
    frame.insert(frame.end(), segment.text.begin(), segment.text.end());
    Checksum sum = pseudo_header_sum({.source = segment.ip.source,
                                      .destination = segment.ip.destination,
                                      .bytes = static_cast<std::uint32_t>(frame.size() - tcp_at)});
    sum.add(ByteView(frame).subspan(tcp_at));
    put16(frame, tcp_at + tcp_layout::kChecksum, sum.finish());
    return frame;
}

CutInput input_for(const Segment& segment, const test::Octets& headers, std::uint16_t mss) {
    return {.header = headers,
            .l2_bytes = header_bytes(segment.ethernet),
            .l3_bytes = 20,
            .l4_bytes = header_bytes(segment.tcp),
            .text_bytes = static_cast<std::uint32_t>(segment.text.size()),
            .mss = mss};
}

/// All frames of the cutter, with their text gathered from pieces of `piece_bytes`.
std::vector<test::Octets> cut(const Segment& segment, std::uint16_t mss, std::size_t piece_bytes) {
    const test::Octets headers = headers_of(segment);
    const Cutter cutter(input_for(segment, headers, mss));
    std::vector<test::Octets> frames;
    for (std::uint32_t i = 0; i < cutter.frame_count(); ++i) {
        test::Octets frame(cutter.header_bytes());
        const auto add_text = [&](Checksum& sum, Slice slice) {
            ByteView rest = ByteView(segment.text).subspan(slice.offset_bytes, slice.len_bytes);
            while (!rest.empty()) {
                const std::size_t bytes = std::min(rest.size(), piece_bytes);
                sum.add(rest.first(bytes));
                frame.insert(frame.end(), rest.begin(),
                             rest.begin() + static_cast<std::ptrdiff_t>(bytes));
                rest = rest.subspan(bytes);
            }
        };
        test::Octets header(cutter.header_bytes());
        EXPECT_EQ(cutter.emit_complete(i, header, add_text), header.size());
        std::copy(header.begin(), header.end(), frame.begin());
        frames.push_back(frame);
    }
    return frames;
}

/// What the cutter should make of the i-th of `count` pieces, said in values.
Segment part_of(const Segment& whole, std::size_t i, std::size_t count, std::size_t mss) {
    Segment part = whole;
    const std::size_t offset = i * mss;
    const std::size_t bytes = std::min(mss, whole.text.size() - offset);
    part.text = test::copy(ByteView(whole.text).subspan(offset, bytes));
    part.tcp.seq = whole.tcp.seq + static_cast<std::uint32_t>(offset);
    part.ip.identification = static_cast<std::uint16_t>(whole.ip.identification + i);
    unsigned flags = whole.tcp.flags.bits;
    if (i != 0) flags &= ~unsigned{TcpFlags::kCwr};
    if (i + 1 != count) flags &= ~unsigned{TcpFlags::kFin | TcpFlags::kPsh};
    part.tcp.flags.bits = static_cast<std::uint8_t>(flags);
    return part;
}

TEST(Cut, a_segment_is_cut_at_the_mss_and_not_before) {
    struct Row {
        std::size_t text_bytes;
        std::uint32_t frames;
        std::uint32_t last_bytes;
    };
    constexpr Row kRows[] = {{0, 1, 0},       {1, 1, 1},    {999, 1, 999},
                             {1000, 1, 1000}, {1001, 2, 1}, {1999, 2, 999},
                             {2000, 2, 1000}, {2001, 3, 1}, {65535, 66, 535}};
    for (const Row& row : kRows) {
        const Segment segment = segment_with(row.text_bytes);
        const test::Octets headers = headers_of(segment);
        const Cutter cutter(input_for(segment, headers, 1000));
        EXPECT_EQ(cutter.frame_count(), row.frames) << row.text_bytes;
        const Slice last = cutter.slice(row.frames - 1);
        EXPECT_EQ(last, (Slice{(row.frames - 1) * 1000, row.last_bytes})) << row.text_bytes;
    }
}

TEST(Cut, H_39_fin_and_psh_stand_on_the_last_frame_only_and_cwr_on_the_first) {
    Segment segment = segment_with(3000);
    segment.tcp.flags.bits =
        TcpFlags::kAck | TcpFlags::kFin | TcpFlags::kPsh | TcpFlags::kCwr | TcpFlags::kEce;
    constexpr std::uint8_t kAlways = TcpFlags::kAck | TcpFlags::kEce;
    const auto frames = cut(segment, 1000, 4096);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_EQ(get8(frames[0], 14 + 20 + 13), kAlways | TcpFlags::kCwr);
    EXPECT_EQ(get8(frames[1], 14 + 20 + 13), kAlways);
    EXPECT_EQ(get8(frames[2], 14 + 20 + 13), kAlways | TcpFlags::kFin | TcpFlags::kPsh);
}

TEST(Cut, H_39_sequence_numbers_and_identifications_wrap) {
    Segment segment = segment_with(300);
    segment.tcp.seq = Seq(0xffff'ff9c);  // 100 before the wrap
    segment.ip.identification = 0xffff;
    const auto frames = cut(segment, 100, 4096);
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_EQ(get32(frames[1], 14 + 20 + 4), 0U);
    EXPECT_EQ(get32(frames[2], 14 + 20 + 4), 100U);
    EXPECT_EQ(get16(frames[0], 14 + 4), 0xffff);
    EXPECT_EQ(get16(frames[1], 14 + 4), 0);
    EXPECT_EQ(get16(frames[2], 14 + 4), 1);
}

TEST(Cut, H_39_each_frame_is_bit_for_bit_what_sending_it_directly_gives) {
    test::Random random(test::seed_or(15));
    for (int round = 0; round < 1500; ++round) {
        Segment whole = segment_with(0);
        if (random() % 2 == 0) whole.ethernet.vlan = static_cast<std::uint16_t>(random() & 0xfff);
        whole.ip.identification = test::any<std::uint16_t>(random);
        whole.ip.dscp = static_cast<std::uint8_t>(random() & 63);
        whole.ip.ecn = static_cast<std::uint8_t>(random() & 3);
        whole.ip.time_to_live = test::any<std::uint8_t>(random);
        whole.tcp.seq = Seq(test::any<std::uint32_t>(random));
        whole.tcp.ack = Seq(test::any<std::uint32_t>(random));
        whole.tcp.window = test::any<std::uint16_t>(random);
        whole.tcp.flags.bits =
            static_cast<std::uint8_t>(random() & 0xff & ~unsigned{TcpFlags::kUrg});
        if (random() % 2 == 0) whole.tcp.options.timestamps = Timestamps{1, 2};
        whole.text = test::random_octets(random, test::up_to(random, 4000));
        const std::size_t mss = 1 + test::up_to(random, round % 3 == 0 ? 60 : 1460);
        const std::size_t count = std::max<std::size_t>(1, (whole.text.size() + mss - 1) / mss);

        const auto frames =
            cut(whole, static_cast<std::uint16_t>(mss), 1 + test::up_to(random, 1000));
        ASSERT_EQ(frames.size(), count);
        test::Octets rejoined;
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_EQ(frames[i], sent_directly(part_of(whole, i, count, mss)))
                << "round " << round << ", frame " << i << " of " << count;
            const ByteView ip = EthernetView::parse(frames[i])->payload();
            const ByteView tcp = Ipv4View::parse(ip).view->payload();
            const ByteView text = TcpView::parse(tcp)->text();
            rejoined.insert(rejoined.end(), text.begin(), text.end());
        }
        ASSERT_EQ(rejoined, whole.text);
    }
}

TEST(Cut, a_frame_for_a_port_that_completes_checksums_holds_its_own_pseudo_sum) {
    Segment segment = segment_with(2500);
    const test::Octets headers = headers_of(segment);
    const Cutter cutter(input_for(segment, headers, 1000));
    for (std::uint32_t i = 0; i < 3; ++i) {
        test::Octets header(cutter.header_bytes());
        EXPECT_EQ(cutter.emit_partial(i, header), header.size());
        const std::uint32_t tcp_bytes = 20 + cutter.slice(i).len_bytes;
        EXPECT_EQ(get16(header, 14 + 20 + 16),
                  pseudo_header_sum({.source = segment.ip.source,
                                     .destination = segment.ip.destination,
                                     .bytes = tcp_bytes})
                      .sum());
        // As a port does it: the checksum over header and text, field included.
        Checksum sum;
        sum.add(ByteView(header).subspan(34));
        sum.add(ByteView(segment.text)
                    .subspan(cutter.slice(i).offset_bytes, cutter.slice(i).len_bytes));
        put16(header, 14 + 20 + 16, sum.finish());
        EXPECT_EQ(
            header,
            test::copy(ByteView(sent_directly(part_of(segment, i, 3, 1000))).first(header.size())));
    }
}

TEST(Cut, the_last_frame_may_be_written_over_the_template) {
    const Segment segment = segment_with(2500);
    test::Octets headers = headers_of(segment);
    const Cutter cutter(input_for(segment, headers, 1000));
    test::Octets apart(headers.size());
    cutter.emit_partial(2, apart);
    cutter.emit_partial(2, headers);
    EXPECT_EQ(headers, apart);
}

TEST(Cut, ip_options_are_copied_into_every_frame) {
    const Segment segment = segment_with(150);
    const test::Octets plain = headers_of(segment);
    test::Octets headers = plain;
    const test::Octets option = test::hex("94040000");
    headers.insert(headers.begin() + 34, option.begin(), option.end());
    put8(headers, 14, 0x46);
    const Cutter cutter({.header = headers,
                         .l2_bytes = 14,
                         .l3_bytes = 24,
                         .l4_bytes = 20,
                         .text_bytes = 150,
                         .mss = 100});
    test::Octets out(headers.size() + 50);
    cutter.emit_partial(1, out);
    const Ipv4Parse parsed = Ipv4View::parse(ByteView(out).subspan(14));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(test::copy(parsed.view->options()), option);
    EXPECT_EQ(parsed.view->payload_bytes(), 70U);
}

TEST(CutDeathTest, urgent_data_is_not_cut) {
    Segment segment = segment_with(1001);
    segment.tcp.flags.bits = TcpFlags::kAck | TcpFlags::kUrg;
    const test::Octets headers = headers_of(segment);
    EXPECT_DEATH(Cutter(input_for(segment, headers, 1000)), "kUrg");
    segment.text.resize(1000);
    EXPECT_EQ(Cutter(input_for(segment, headers, 1000)).frame_count(), 1U);
}

TEST(CutDeathTest, lengths_that_do_not_fit_together_are_a_defect) {
    const Segment segment = segment_with(10);
    const test::Octets headers = headers_of(segment);
    CutInput input = input_for(segment, headers, 1000);
    input.l2_bytes = 18;
    EXPECT_DEATH(Cutter{input}, "header.size");
    input = input_for(segment, headers, 0);
    EXPECT_DEATH(Cutter{input}, "mss");
}

}  // namespace
}  // namespace lastack::wire

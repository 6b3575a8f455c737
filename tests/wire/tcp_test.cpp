#include "wire/tcp.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/frames.hpp"
#include "tests/wire/octets.hpp"

namespace lastack::wire {
namespace {

using test::hex;

TcpHeader syn_header() {
    TcpHeader header{.source_port = 40000,
                     .destination_port = 80,
                     .seq = Seq(0x01020304),
                     .ack = Seq(0),
                     .flags = {TcpFlags::kSyn},
                     .window = 64240,
                     .urgent = 0,
                     .options = {}};
    header.options.mss = 1460;
    header.options.sack_permitted = true;
    header.options.timestamps = Timestamps{0xa0b0c0d0, 0};
    header.options.window_scale = 7;
    return header;
}

/// The octets of another implementation with the checksum field zeroed, as emit() leaves it.
test::Octets without_checksum(std::string_view text) {
    test::Octets segment = hex(text);
    put16(segment, 16, 0);
    return segment;
}

TEST(Tcp, a_syn_of_another_implementation_is_understood) {
    const test::Octets segment = hex(test::kSynTcp);
    const auto view = TcpView::parse(segment);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->header(), syn_header());
    EXPECT_EQ(view->source_port(), 40000);
    EXPECT_EQ(view->destination_port(), 80);
    EXPECT_TRUE(view->text().empty());
}

TEST(Tcp, a_syn_is_sent_as_another_implementation_sends_it) {
    test::Octets out(header_bytes(syn_header()));
    EXPECT_EQ(emit(syn_header(), out), 40U);
    EXPECT_EQ(out, without_checksum(test::kSynTcp));
}

TEST(Tcp, a_data_segment_of_another_implementation_is_understood) {
    const test::Octets segment = hex(test::kDataTcp);
    const auto view = TcpView::parse(segment);
    ASSERT_TRUE(view);
    TcpHeader expected{.source_port = 40000,
                       .destination_port = 80,
                       .seq = Seq(0xfffffff0),
                       .ack = Seq(0x11223344),
                       .flags = {TcpFlags::kPsh | TcpFlags::kAck},
                       .window = 502,
                       .urgent = 0,
                       .options = {}};
    expected.options.timestamps = Timestamps{7, 9};
    EXPECT_EQ(view->header(), expected);
    EXPECT_EQ(test::copy(view->text()), hex("68656c6c6f"));
    test::Octets out(32);
    EXPECT_EQ(emit(expected, out), 32U);
    EXPECT_EQ(out, test::copy(ByteView(without_checksum(test::kDataTcp)).first(32)));
}

TEST(Tcp, three_sack_blocks_beside_timestamps_fill_the_header) {
    const test::Octets segment = hex(test::kSackTcp);
    const TcpHeader header = TcpView::parse(segment)->header();
    ASSERT_EQ(header.options.sack_count, 3);
    EXPECT_EQ(header.options.sack[0], (SackBlock{Seq(100), Seq(200)}));
    EXPECT_EQ(header.options.sack[1], (SackBlock{Seq(300), Seq(400)}));
    EXPECT_EQ(header.options.sack[2], (SackBlock{Seq(500), Seq(600)}));
    test::Octets out(60);
    EXPECT_EQ(emit(header, out), 60U);
    EXPECT_EQ(out, without_checksum(test::kSackTcp));
}

TEST(Tcp, every_flag_and_field_has_its_place) {
    test::Octets segment(20);
    put8(segment, 12, 0x5f);  // the reserved bits are ignored
    put16(segment, 14, 0x1234);
    put16(segment, 18, 0x5678);
    for (unsigned bit = 0; bit < 8; ++bit) {
        put8(segment, 13, static_cast<std::uint8_t>(1U << bit));
        const TcpHeader header = TcpView::parse(segment)->header();
        EXPECT_EQ(header.flags.fin(), bit == 0);
        EXPECT_EQ(header.flags.syn(), bit == 1);
        EXPECT_EQ(header.flags.rst(), bit == 2);
        EXPECT_EQ(header.flags.psh(), bit == 3);
        EXPECT_EQ(header.flags.ack(), bit == 4);
        EXPECT_EQ(header.flags.urg(), bit == 5);
        EXPECT_EQ(header.flags.bits == TcpFlags::kEce, bit == 6);
        EXPECT_EQ(header.flags.bits == TcpFlags::kCwr, bit == 7);
        EXPECT_EQ(header.window, 0x1234);
        EXPECT_EQ(header.urgent, 0x5678);
    }
}

TEST(Tcp, G_15_the_data_offset_must_be_5_at_least_and_within_the_segment) {
    struct Row {
        std::uint8_t offset;
        std::size_t segment_bytes;
        bool good;
    };
    constexpr Row kRows[] = {
        {0, 20, false}, {4, 20, false}, {5, 20, true},  {5, 21, true},
        {6, 20, false}, {6, 23, false}, {6, 24, true},  {15, 59, false},
        {15, 60, true}, {15, 61, true}, {4, 60, false}, {0, 60, false},
    };
    for (const Row& row : kRows) {
        test::Octets segment(row.segment_bytes);
        put8(segment, 12, static_cast<std::uint8_t>(row.offset << 4));
        const auto view = TcpView::parse(segment);
        ASSERT_EQ(view.has_value(), row.good) << int{row.offset} << " of " << row.segment_bytes;
        if (!view) continue;
        EXPECT_EQ(view->header_bytes(), row.offset * 4U);
        EXPECT_EQ(view->text().size(), row.segment_bytes - row.offset * 4U);
    }
}

TEST(Tcp, G_15_a_segment_of_19_octets_is_refused) {
    for (std::size_t bytes = 0; bytes < 20; ++bytes) {
        EXPECT_FALSE(TcpView::parse(test::Octets(bytes, std::byte{0x50}))) << bytes;
    }
}

TEST(Tcp, the_customary_padding_is_used_for_every_mix_of_options) {
    struct Row {
        const char* what;
        TcpOptions options;
        const char* octets;
    };
    const Row rows[] = {
        {"none", {}, ""},
        {"MSS", {.mss = 536}, "02040218"},
        {"SACK-permitted alone", {.sack_permitted = true}, "01010402"},
        {"window scale", {.window_scale = 14}, "0103030e"},
        {"timestamps", {.timestamps = Timestamps{1, 2}}, "0101080a 00000001 00000002"},
        {"SACK-permitted, timestamps",
         {.timestamps = Timestamps{1, 2}, .sack_permitted = true},
         "0402080a 00000001 00000002"},
        {"MSS, SACK-permitted, window scale",
         {.mss = 1460, .window_scale = 0, .sack_permitted = true},
         "020405b4 01010402 01030300"},
        {"one SACK block",
         {.sack_count = 1, .sack = {{{Seq(1), Seq(2)}}}},
         "0101050a 00000001 00000002"},
    };
    for (const Row& row : rows) {
        const TcpHeader header{.options = row.options};
        const test::Octets expected = hex(row.octets);
        test::Octets out(20 + expected.size(), std::byte{0xee});
        EXPECT_EQ(header_bytes(header), out.size()) << row.what;
        ASSERT_EQ(emit(header, out), out.size()) << row.what;
        EXPECT_EQ(test::copy(ByteView(out).subspan(20)), expected) << row.what;
        EXPECT_EQ(get8(out, 12), out.size() / 4 * 16) << row.what;
    }
}

TEST(Tcp, sack_blocks_without_room_are_left_out) {
    TcpHeader header;
    header.options.sack_count = 4;
    for (std::uint32_t i = 0; i < 4; ++i) header.options.sack[i] = {Seq(i * 10), Seq(i * 10 + 5)};
    EXPECT_EQ(header_bytes(header), 56U) << "four blocks alone";

    header.options.timestamps = Timestamps{1, 2};
    EXPECT_EQ(header_bytes(header), 60U) << "three beside timestamps";
    test::Octets out(60);
    ASSERT_EQ(emit(header, out), 60U);
    EXPECT_EQ(TcpView::parse(out)->header().options.sack_count, 3);
    EXPECT_EQ(TcpView::parse(out)->header().options.sack[2], (SackBlock{Seq(20), Seq(25)}));

    header.options.mss = 1460;
    header.options.window_scale = 7;
    EXPECT_EQ(header_bytes(header), 60U) << "two beside MSS, timestamps and window scale";
}

TEST(Tcp, what_is_emitted_reads_back) {
    test::Random random(test::seed_or(11));
    for (int i = 0; i < 20'000; ++i) {
        TcpHeader header{.source_port = test::any<std::uint16_t>(random),
                         .destination_port = test::any<std::uint16_t>(random),
                         .seq = Seq(test::any<std::uint32_t>(random)),
                         .ack = Seq(test::any<std::uint32_t>(random)),
                         .flags = {test::any<std::uint8_t>(random)},
                         .window = test::any<std::uint16_t>(random),
                         .urgent = test::any<std::uint16_t>(random),
                         .options = {}};
        TcpOptions& options = header.options;
        std::size_t room = 40;
        if (random() % 2 == 0) options.mss = test::any<std::uint16_t>(random), room -= 4;
        if (random() % 2 == 0) options.window_scale = test::any<std::uint8_t>(random), room -= 4;
        if (random() % 2 == 0) {
            options.timestamps = Timestamps{test::any<std::uint32_t>(random), 5}, room -= 12;
        }
        options.sack_permitted = random() % 2 == 0;
        if (options.sack_permitted && !options.timestamps) room -= 4;
        const std::size_t blocks = test::up_to(random, room < 12 ? 0 : (room - 4) / 8);
        options.sack_count = static_cast<std::uint8_t>(blocks);
        for (std::size_t b = 0; b < blocks; ++b) {
            options.sack[b] = {Seq(test::any<std::uint32_t>(random)),
                               Seq(test::any<std::uint32_t>(random))};
        }
        const std::size_t bytes = header_bytes(header);
        ASSERT_EQ(bytes % 4, 0U);
        test::Octets out(bytes + test::up_to(random, 3));
        ASSERT_EQ(
            emit(header, ByteView(out).size() == bytes ? out : MutableBytes(out).first(bytes)),
            bytes);
        const auto view = TcpView::parse(out);
        ASSERT_TRUE(view);
        ASSERT_EQ(view->header(), header);
        ASSERT_EQ(view->text().size(), out.size() - bytes);
    }
}

}  // namespace
}  // namespace lastack::wire

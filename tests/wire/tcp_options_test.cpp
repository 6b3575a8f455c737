// The option parser (G-14): its table of cases, and its properties over random octets.
#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/octets.hpp"
#include "wire/tcp.hpp"

namespace lastack::wire {
namespace {

using test::hex;

struct Row {
    const char* what;
    const char* options;
    TcpOptions expected;
};

void check(std::span<const Row> rows) {
    for (const Row& row : rows) {
        EXPECT_EQ(parse_tcp_options(hex(row.options)), row.expected) << row.what;
    }
}

TEST(TcpOptions, G_14_each_option_is_found_at_any_alignment) {
    const Row rows[] = {
        {"MSS", "020405b4", {.mss = 1460}},
        {"MSS at 1", "01 020405b4 000000", {.mss = 1460}},
        {"MSS at 3", "010101 020405b4 00", {.mss = 1460}},
        {"MSS 0", "02040000", {.mss = 0}},
        {"window scale", "03030e 00", {.window_scale = 14}},
        {"window scale 255, not limited here", "0303ff 00", {.window_scale = 255}},
        {"SACK-permitted", "0402 0000", {.sack_permitted = true}},
        {"timestamps at 0", "080a 00000007 00000009 0000", {.timestamps = Timestamps{7, 9}}},
        {"timestamps at 1", "01 080a 00000007 00000009 00", {.timestamps = Timestamps{7, 9}}},
        {"timestamps at 2", "0101 080a 00000007 00000009", {.timestamps = Timestamps{7, 9}}},
        {"SACK", "050a 00000001 00000002 0000", {.sack_count = 1, .sack = {{{Seq(1), Seq(2)}}}}},
        {"four SACK blocks",
         "0101 0522 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008",
         {.sack_count = 4,
          .sack = {{{Seq(1), Seq(2)}, {Seq(3), Seq(4)}, {Seq(5), Seq(6)}, {Seq(7), Seq(8)}}}}},
        {"no options", "", {}},
    };
    check(rows);
}

TEST(TcpOptions, G_14_the_list_ends_at_its_end) {
    const Row rows[] = {
        {"EOL before an MSS", "00 020405b4 000000", {}},
        {"EOL between", "0402 00 03030700", {.sack_permitted = true}},
        {"NOPs do not end it", "01010101 020405b4", {.mss = 1460}},
    };
    check(rows);
}

TEST(TcpOptions, G_14_an_illegal_length_ends_the_list_and_keeps_what_came_before) {
    const Row rows[] = {
        {"length 0", "0402 fe00 020405b4", {.sack_permitted = true}},
        {"length 1", "0402 fe01 020405b4", {.sack_permitted = true}},
        {"length 0 of an MSS", "0200 05b4 03030700", {}},
        {"one octet beyond the end", "0402 fe03", {.sack_permitted = true}},
        {"an MSS one octet short", "0402 01 020405", {.sack_permitted = true}},
        {"to the very end", "0402 fe06 01020304", {.sack_permitted = true}},
        {"length 255", "080aff 00", {}},
        {"timestamps one octet short", "010101 080a 00000007 000000", {}},
        {"SACK of four blocks one octet short", "0522 00000001 00000002", {}},
        {"no room for a length", "0402 01 02", {.sack_permitted = true}},
        {"no room for a length of SACK-permitted", "010101 04", {}},
    };
    check(rows);
}

TEST(TcpOptions, G_14_unknown_kinds_are_skipped) {
    const Row rows[] = {
        {"experiment", "fd04f989 020405b4", {.mss = 1460}},
        {"length 2", "fe02 020405b4 0000", {.mss = 1460}},
        {"MD5 signature", "1312 00112233445566778899aabbccddeeff 020405b4", {.mss = 1460}},
        {"what looks like an option inside one", "fe06 02040218 0402", {.sack_permitted = true}},
    };
    check(rows);
}

TEST(TcpOptions, G_14_a_known_kind_with_a_length_not_its_own_is_skipped) {
    const Row rows[] = {
        {"MSS of 3", "020305 03030700", {.window_scale = 7}},
        {"MSS of 5", "020505b400 030307", {.window_scale = 7}},
        {"window scale of 2", "0302 020405b4 0000", {.mss = 1460}},
        {"window scale of 4", "03040700 020405b4", {.mss = 1460}},
        {"SACK-permitted of 3", "040300 030307 0000", {.window_scale = 7}},
        {"timestamps of 9", "0809 00000007 000000 030307", {.window_scale = 7}},
        {"timestamps of 11", "080b 00000007 00000009 00 030307", {.window_scale = 7}},
        {"SACK without blocks", "0502 030307 000000", {.window_scale = 7}},
        {"SACK of half a block", "0506 00000001 030307 000000", {.window_scale = 7}},
        {"SACK of 11", "050b 00000001 00000002 00 030307", {.window_scale = 7}},
    };
    check(rows);
}

TEST(TcpOptions, G_14_the_first_of_several_counts) {
    const Row rows[] = {
        {"MSS", "020405b4 02040218", {.mss = 1460}},
        {"MSS 0 is a value too", "02040000 02040218", {.mss = 0}},
        {"window scale", "030307 03030e 0000", {.window_scale = 7}},
        {"timestamps",
         "080a0000000100000002 080a0000000300000004 0000",
         {.timestamps = Timestamps{1, 2}}},
        {"SACK",
         "050a0000000100000002 05120000000300000004 0000000500000006",
         {.sack_count = 1, .sack = {{{Seq(1), Seq(2)}}}}},
        {"a skipped first one does not count", "020305 020405b4 00", {.mss = 1460}},
    };
    check(rows);
}

TEST(TcpOptions, the_fast_path_for_timestamps_says_what_the_parser_says) {
    test::Random random(test::seed_or(12));
    for (std::size_t i = 0; i < 2000; ++i) {
        test::Octets segment = test::random_octets(random, 32);
        put8(segment, 12, 0x80);
        // Half of them have the customary layout; the others miss it by one bit.
        put32(segment, 20, 0x0101080a);
        if (i % 2 == 0) segment[20 + i % 4] ^= std::byte{1} << (i / 4 % 8);
        EXPECT_EQ(TcpView::parse(segment)->header().options,
                  parse_tcp_options(ByteView(segment).subspan(20)));
    }
}

/// The rules of G-14 once more, written as a search: positions first, then meaning.
TcpOptions plain_parser(const test::Octets& octets) {
    std::vector<test::Octets> options;
    for (std::size_t at = 0; at < octets.size() && octets[at] != std::byte{0};) {
        if (octets[at] == std::byte{1}) {
            at += 1;
            continue;
        }
        if (at + 2 > octets.size()) break;
        const auto length = std::to_integer<std::size_t>(octets[at + 1]);
        if (length < 2 || at + length > octets.size()) break;
        options.emplace_back(octets.begin() + static_cast<std::ptrdiff_t>(at),
                             octets.begin() + static_cast<std::ptrdiff_t>(at + length));
        at += length;
    }
    const auto first = [&](unsigned kind, auto fits) -> const test::Octets* {
        for (const test::Octets& option : options) {
            if (option[0] == std::byte(kind) && fits(option.size())) return &option;
        }
        return nullptr;
    };
    TcpOptions found;
    const auto exactly = [](std::size_t n) { return [n](std::size_t size) { return size == n; }; };
    if (const auto* mss = first(2, exactly(4))) found.mss = get16(*mss, 2);
    if (const auto* scale = first(3, exactly(3))) found.window_scale = get8(*scale, 2);
    found.sack_permitted = first(4, exactly(2)) != nullptr;
    if (const auto* stamps = first(8, exactly(10))) {
        found.timestamps = Timestamps{get32(*stamps, 2), get32(*stamps, 6)};
    }
    const auto whole_blocks = [](std::size_t size) {
        return size == 10 || size == 18 || size == 26 || size == 34;
    };
    if (const auto* sack = first(5, whole_blocks)) {
        for (std::size_t at = 2; at < sack->size(); at += 8) {
            found.sack[found.sack_count++] = {Seq(get32(*sack, at)), Seq(get32(*sack, at + 4))};
        }
    }
    return found;
}

/// Options that are likely to be nearly right.
test::Octets likely_options(test::Random& random) {
    constexpr unsigned kLengths[] = {0, 0, 4, 3, 2, 10, 0, 0, 10};
    test::Octets octets = test::random_octets(random, 4 * test::up_to(random, 10));
    for (std::size_t at = 0; at + 1 < octets.size();) {
        const std::size_t kind = test::up_to(random, 8);
        octets[at] = static_cast<std::byte>(kind);
        std::size_t length = random() % 8 == 0 ? test::up_to(random, 40) : kLengths[kind];
        if (kind == 5) length += 8 * test::up_to(random, 3);
        if (kind > 1) octets[at + 1] = static_cast<std::byte>(length);
        at += std::max<std::size_t>(kind > 1 ? length : 1, 1);
        if (kind == 0 && random() % 4 != 0) octets[at - 1] = std::byte{1};
    }
    return octets;
}

TEST(TcpOptions, G_14_random_octets_mean_what_a_plain_parser_says_and_nothing_is_read_beyond) {
    test::Random random(test::seed_or(13));
    int with_something = 0;
    for (int i = 0; i < 100'000; ++i) {
        const test::Octets octets = i % 2 == 0
                                        ? likely_options(random)
                                        : test::random_octets(random, 4 * test::up_to(random, 10));
        const TcpOptions found = parse_tcp_options(octets);
        ASSERT_EQ(found, plain_parser(octets)) << "case " << i;
        with_something += found == TcpOptions{} ? 0 : 1;
    }
    EXPECT_GT(with_something, 10'000);
}

TEST(TcpOptions, G_14_a_random_header_is_never_read_beyond_its_end) {
    test::Random random(test::seed_or(14));
    int accepted = 0;
    for (int i = 0; i < 50'000; ++i) {
        const test::Octets segment = test::random_octets(random, test::up_to(random, 64));
        const auto view = TcpView::parse(segment);
        if (!view) continue;
        ++accepted;
        EXPECT_LE(view->header().options.sack_count, 4);
        EXPECT_EQ(view->header_bytes() + view->text().size(), segment.size());
    }
    EXPECT_GT(accepted, 1000);
}

TEST(TcpOptions, a_span_longer_than_any_header_still_fills_only_four_blocks) {
    test::Octets octets(255);
    put8(octets, 0, 5);
    put8(octets, 1, 2 + 8 * 31);
    EXPECT_EQ(parse_tcp_options(octets), TcpOptions{});
}

}  // namespace
}  // namespace lastack::wire

// Scenarios of frames that no stack would send: K-44 of requirements.md. IPv6 and its extension
// chains are not built yet.
#include "tests/sim/duo.hpp"
#include "tests/support/raw_frame.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using raw::Octets;
using Values = std::initializer_list<std::uint8_t>;

TEST(Scenario, K_44_frames_with_any_octet_changed_are_dropped_or_harmless) {
    Duo duo(plain(), plain());
    duo.open();
    Wire segment{.flags = "PA", .seq = 1, .ack = 1, .text = "text"};
    segment.options.mss = 1'460;
    segment.source_port = 40'009;
    segment.destination_port = 80;
    const auto good = encode(
        segment,
        {.from_mac = kHostMac, .to_mac = kPeerMac, .from = kHostAddress, .to = kPeerAddress});
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned value = 0; value < 256; value += 5) {
            auto bad = good;
            bad[at] = std::byte(value);
            duo.b.receive(bad);
            duo.b.receive(std::span(bad).first(at));  // and cut off there
        }
    }
    duo.b.take_frames();
    EXPECT_GT(duo.b.count(Counter::IpInHdrErrors) + duo.b.count(Counter::IpInTruncatedPkts), 0U);
    EXPECT_GT(duo.b.count(Counter::InCsumErrors), 0U);
    EXPECT_GT(duo.b.count(Counter::LinkInTooShort), 0U);
    EXPECT_EQ(duo.b.shell().live(), 0U);
    duo.say(duo.at_a, 10);
    duo.run(1s);
    EXPECT_EQ(duo.b.app().received.size(), 10U);
}

// A host that listens, and that only malformed frames reach; every checksum is right but where a
// wrong one is what is wrong.
class Malformed : public testing::Test {
  protected:
    Host host;

    void SetUp() override { ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {})); }

    void TearDown() override {
        EXPECT_EQ(host.shell().live(), 0U);
        EXPECT_TRUE(host.stack().quiescent());
        EXPECT_TRUE(host.app().events.empty());
        // And it still serves.
        Peer peer(host, 1'000, 80);
        peer.open(1);
        EXPECT_EQ(host.state(80, 1'000), "ESTABLISHED");
    }

    // One drop, counted by this counter alone, and no answer.
    void expect_drop(const Octets& frame, Counter why) {
        const base::Counters& counters = host.stack().counters();
        std::array<std::uint64_t, base::kCounterCount> before{};
        for (std::size_t i = 0; i < before.size(); ++i) {
            before[i] = counters.value(static_cast<Counter>(i));
        }
        host.receive(frame);
        EXPECT_TRUE(host.take_frames().empty());
        EXPECT_EQ(host.shell().live(), 0U);
        for (std::size_t i = 0; i < before.size(); ++i) {
            const auto one = static_cast<Counter>(i);
            const bool counts_all = one == Counter::LinkInFrames || one == Counter::IpInReceives ||
                                    one == Counter::IpInDelivers || one == Counter::InSegs;
            if (counts_all) continue;
            const bool is_part = one == Counter::InErrs && why == Counter::InCsumErrors;  // J-9
            EXPECT_EQ(counters.value(one) - before[i], one == why || is_part ? 1U : 0U)
                << base::info(one).name << " where " << base::info(why).name << " was due";
        }
    }

    static Octets segment(std::uint8_t offset_words, const Octets& rest, std::uint16_t port = 7) {
        Octets out = raw::tcp({.source_port = port}, rest);
        out[12] = std::byte(offset_words << 4);
        raw::set16(out, 16,
                   raw::checksum(out, raw::pseudo_sum(kPeerAddress.value, raw::kOurs, out.size())));
        return out;
    }
    static Octets frame(raw::Ipv4 header, const Octets& payload) {
        header.source = kPeerAddress.value;
        return raw::ethernet({}, raw::ipv4(header, payload));
    }
    static Octets cut(Octets frame, std::size_t octets) {
        frame.resize(octets);
        return frame;
    }
    static constexpr std::size_t kIp = 14;
};

TEST_F(Malformed, K_44_lengths_that_lie) {
    const Octets good = frame({}, segment(5, {}));
    for (std::size_t octets = 0; octets < kIp; ++octets) {
        expect_drop(cut(good, octets), Counter::LinkInTooShort);
    }
    for (std::size_t octets = kIp; octets < kIp + 20; ++octets) {
        expect_drop(cut(good, octets), Counter::IpInHdrErrors);
    }
    for (std::size_t octets = kIp + 20; octets < good.size(); ++octets) {
        expect_drop(cut(good, octets), Counter::IpInTruncatedPkts);
    }
    for (const std::uint16_t total : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{19}}) {
        expect_drop(frame({.total_bytes = total}, segment(5, {})), Counter::IpInHdrErrors);
    }
    for (const std::uint16_t total : {std::uint16_t{41}, std::uint16_t{65'535}}) {
        expect_drop(frame({.total_bytes = total}, segment(5, {})), Counter::IpInTruncatedPkts);
    }
    for (std::size_t octets = 0; octets < 20; ++octets) {  // TCP's header, honestly too short
        expect_drop(frame({}, cut(segment(5, {}), octets)), Counter::InErrs);
    }
}

TEST_F(Malformed, K_44_versions_header_lengths_and_checksums_that_lie) {
    for (unsigned version = 0; version < 16; ++version) {
        if (version == 4) continue;
        expect_drop(frame({.version = static_cast<std::uint8_t>(version)}, segment(5, {})),
                    Counter::IpInHdrErrors);
    }
    for (std::uint8_t words = 0; words < 5; ++words) {
        expect_drop(frame({.ihl = words}, segment(5, {})), Counter::IpInHdrErrors);
    }
    for (std::uint8_t words = 11; words < 16; ++words) {  // beyond the datagram's end
        expect_drop(frame({.ihl = words}, segment(5, {})), Counter::IpInHdrErrors);
    }
    for (unsigned bit = 0; bit < 16; ++bit) {
        const auto error = static_cast<std::uint16_t>(1U << bit);
        expect_drop(frame({.checksum_error = error}, segment(5, {})), Counter::IpInCsumErrors);
        Octets bad = segment(5, {});
        raw::set16(
            bad, 16,
            (std::to_integer<unsigned>(bad[16]) << 8 | std::to_integer<unsigned>(bad[17])) ^ error);
        expect_drop(frame({}, bad), Counter::InCsumErrors);
    }
}

TEST_F(Malformed, K_44_data_offsets_inside_the_header_and_beyond_the_segment) {
    for (std::uint8_t words = 0; words < 5; ++words) {
        expect_drop(frame({}, segment(words, {})), Counter::InErrs);
        expect_drop(frame({}, segment(words, raw::text(100))), Counter::InErrs);
    }
    for (std::uint8_t words = 6; words < 16; ++words) {
        expect_drop(frame({}, segment(words, {})), Counter::InErrs);
        expect_drop(frame({}, segment(words, raw::text(words * 4U - 21))), Counter::InErrs);
    }
}

TEST_F(Malformed, K_44_options_of_ip_that_lie) {
    for (const std::uint8_t kind : Values{7, 68, 130, 148, 200}) {  // record route .. unknown
        for (const std::uint8_t length : Values{0, 1, 9, 255}) {    // of 8 that there are
            Octets options = raw::octets({kind, length, 4, 0, 0, 0, 0, 0});
            expect_drop(frame({.options = options}, segment(5, {})), Counter::IpInHdrErrors);
        }
        expect_drop(frame({.options = raw::octets({1, 1, 1, kind})}, segment(5, {})),
                    Counter::IpInHdrErrors);  // no room for its length
    }
    for (const std::uint8_t kind : Values{131, 137}) {  // loose and strict source routes
        expect_drop(frame({.options = raw::octets({kind, 7, 4, 198, 18, 0, 3, 0})}, segment(5, {})),
                    Counter::IpInSourceRouted);
    }
}

// Fragments of every kind: first, middle, last, overlapping the header, beyond 65535.
TEST_F(Malformed, K_44_fragments) {
    for (const unsigned bits :
         {0x2000U, 0x2001U, 0x0001U, 0x2100U, 0x0100U, 0x1fffU, 0x3fffU, 0x6000U, 0x6001U}) {
        const auto field = static_cast<std::uint16_t>(bits);
        expect_drop(frame({.fragment = field}, segment(5, raw::text(64))), Counter::IpInFragments);
        expect_drop(frame({.fragment = field}, raw::octets({1, 2, 3, 4, 5, 6, 7, 8})),
                    Counter::IpInFragments);
    }
}

// G-14: where an option's length is impossible parsing stops, and the segment counts with what was
// read before it; where it is not its kind's own the option is stepped over.
TEST_F(Malformed, K_44_options_of_tcp_that_lie_are_read_no_further) {
    for (unsigned kind = 2; kind < 256; ++kind) {
        for (const std::uint8_t length : Values{0, 1, 2, 3, 9, 11, 13, 40, 41, 255}) {
            SCOPED_TRACE(testing::Message() << kind << " of " << unsigned{length});
            // A MSS; the liar; and a window scale, which whoever reads on after an impossible
            // length finds, as does whoever steps over two octets.
            Octets options = raw::octets({2, 4, 1, 44, static_cast<std::uint8_t>(kind), length, 3,
                                          3, 7, 1, 1, 1, 1, 1, 1, 1});
            host.receive(frame({}, segment(9, options)));
            const auto answers = host.sent();
            ASSERT_EQ(answers.size(), 1U);
            EXPECT_EQ(answers[0].flags, "SA");
            const bool scales = length == 2 || (kind == 3 && length == 3);
            EXPECT_EQ(answers[0].options.window_scale.has_value(), scales);
            EXPECT_FALSE(answers[0].options.timestamps);
            const bool permitted = kind == 4 && length == 2;
            EXPECT_EQ(answers[0].options.sack_permitted, permitted);
            EXPECT_EQ(host.in_state(tcp::State::SynReceived), 1U);
            Octets reset = raw::tcp({.source_port = 7, .seq = 1'001, .flags = 0x04});
            raw::set16(reset, 16,
                       raw::checksum(
                           reset, raw::pseudo_sum(kPeerAddress.value, raw::kOurs, reset.size())));
            host.receive(frame({}, reset));
            ASSERT_EQ(host.in_state(tcp::State::SynReceived), 0U);
        }
    }
    EXPECT_EQ(host.count(Counter::EmbryonicRsts), 254U * 10U);
}

}  // namespace
}  // namespace lastack::test

#include "port/transmitter.hpp"

#include <gtest/gtest.h>

#include "port/mbufs.hpp"
#include "tests/port/ring_port.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace lastack::port {
namespace {

constexpr std::uint32_t kHeaderBytes = 14 + 20 + 20;

/// Ethernet, IPv4 and TCP of a segment with `text_bytes` of text, whose TCP checksum field holds
/// the pseudo-header's sum.
std::array<std::byte, kHeaderBytes> header_for(std::uint32_t text_bytes) {
    std::array<std::byte, kHeaderBytes> out{};
    const std::span<std::byte> all(out);
    wire::emit(wire::EthernetHeader{.destination = {{2, 0, 0, 0, 0, 2}},
                                    .source = {{2, 0, 0, 0, 0, 1}},
                                    .type = wire::ether_type::kIpv4},
               all);
    wire::emit(wire::Ipv4Header{.source = {0xc6120001},
                                .destination = {0xc6120002},
                                .total_bytes = static_cast<std::uint16_t>(40 + text_bytes)},
               all.subspan(14));
    wire::TcpHeader tcp;
    tcp.source_port = 80;
    tcp.destination_port = 40'000;
    tcp.seq = wire::Seq(1000);
    tcp.flags = {wire::TcpFlags::kAck | wire::TcpFlags::kPsh};
    wire::emit(tcp, all.subspan(34));
    const wire::Checksum sum = wire::pseudo_header_sum(wire::PseudoHeader4{
        .source = {0xc6120001}, .destination = {0xc6120002}, .bytes = 20 + text_bytes});
    wire::put16(all, 34 + 16, sum.sum());
    return out;
}

bool checksums_right(const std::string& frame) {
    const base::Bytes bytes = bytes_of_text(frame);
    const wire::Ipv4Parse parse = wire::Ipv4View::parse(bytes.subspan(14));
    if (!parse) return false;
    wire::Checksum sum = wire::pseudo_header_sum(
        wire::PseudoHeader4{.source = parse.view->source(),
                            .destination = parse.view->destination(),
                            .bytes = static_cast<std::uint32_t>(parse.view->payload_bytes())});
    sum.add(parse.view->payload());
    return sum.finish() == 0;
}

class TransmitterTest : public testing::Test {
  protected:
    explicit TransmitterTest(unsigned slots = 1024) : ring_(slots) {
        port_.start(pools_[PoolName::Rx]);
    }

    OutgoingFrame frame_with(std::span<std::byte> header, std::span<const base::BufferBytes> text,
                             std::uint32_t text_bytes) {
        return {.header = header,
                .text = text,
                .text_bytes = text_bytes,
                .mss = 1460,
                .l3_bytes = 20,
                .l4_bytes = 20};
    }
    static EthdevConfig config_of(const RingPort& ring) {
        EthdevConfig config;
        config.device = ring.device();
        return config;
    }
    std::vector<std::string> texts_sent() {
        std::vector<std::string> out;
        for (rte_mbuf* const mbuf : ring_.sent()) {
            EXPECT_EQ(rte_mbuf_check(mbuf, 1, nullptr), 0);
            out.push_back(text_of(mbuf));
            rte_pktmbuf_free(mbuf);
        }
        return out;
    }

    Pools pools_{(eal_of_tests(), small_pools()), 0, 0};
    RingPort ring_;
    base::Counters counters_;
    Ethdev port_{config_of(ring_)};
    Transmitter transmitter_{port_, pools_, counters_};
};

TEST_F(TransmitterTest, AFrameLeavesWithTheNextFlushAsItIs) {
    auto header = header_for(5);
    const std::string text = "hello";
    const base::BufferBytes piece{nullptr, bytes_of_text(text)};
    transmitter_.send(frame_with(header, {&piece, 1}, 5));
    EXPECT_TRUE(texts_sent().empty());
    EXPECT_EQ(transmitter_.flush().waiting, 0U);
    const std::vector<std::string> sent = texts_sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0], std::string(reinterpret_cast<const char*>(header.data()), 54) + "hello");
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(TransmitterTest, H_39_WithoutTsoALargeSegmentIsCutIntoFramesWithRightChecksums) {
    ASSERT_FALSE(port_.capabilities().tso);
    const std::string text = pattern(10'001);
    Mbufs mbufs(pools_);
    std::vector<base::BufferBytes> pieces;
    for (std::size_t at = 0; at < text.size(); at += 1901) {  // an odd number, to the cutter's cost
        rte_mbuf* const mbuf =
            mbuf_with(pools_[PoolName::Text], std::string_view(text).substr(at, 1901));
        pieces.push_back({buffer_of(mbuf), port::bytes_of(mbuf)});
    }
    auto header = header_for(10'001);
    transmitter_.send(frame_with(header, pieces, 10'001));
    for (const base::BufferBytes& piece : pieces) mbufs.release(piece.buffer);
    transmitter_.flush();

    std::string joined;
    const std::vector<std::string> sent = texts_sent();
    ASSERT_EQ(sent.size(), 7U);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        EXPECT_TRUE(checksums_right(sent[i])) << "frame " << i;
        const auto tcp = wire::TcpView::parse(bytes_of_text(sent[i]).subspan(34));
        ASSERT_TRUE(tcp);
        EXPECT_EQ(tcp->header().seq, wire::Seq(1000 + static_cast<std::uint32_t>(i) * 1460));
        EXPECT_EQ(tcp->header().flags.psh(), i == 6);
        joined += sent[i].substr(kHeaderBytes);
    }
    EXPECT_EQ(joined, text);
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(TransmitterTest, WhatStillWaitsIsGivenBackAtTheEnd) {
    auto header = header_for(0);
    {
        Transmitter other(port_, pools_, counters_);
        other.send(frame_with(header, {}, 0));
        EXPECT_EQ(pools_.in_use(), 1U);
    }
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(TransmitterTest, I_42_WithoutAnMbufAFrameIsDroppedAndCounted) {
    std::vector<rte_mbuf*> taken;
    while (rte_mbuf* const mbuf = rte_pktmbuf_alloc(pools_[PoolName::Frame])) {
        taken.push_back(mbuf);
    }
    auto header = header_for(0);
    transmitter_.send(frame_with(header, {}, 0));
    EXPECT_EQ(counters_.value(base::Counter::PortTxNoMbuf), 1U);
    for (rte_mbuf* const mbuf : taken) rte_pktmbuf_free(mbuf);
    EXPECT_EQ(transmitter_.flush().waiting, 0U);
    EXPECT_TRUE(texts_sent().empty());
}

class SlowPortTest : public TransmitterTest {
  protected:
    SlowPortTest() : TransmitterTest(4) {}

    void send_numbered(unsigned number) {
        auto header = header_for(1);
        const std::string text(1, static_cast<char>(number));
        const base::BufferBytes piece{nullptr, bytes_of_text(text)};
        transmitter_.send(frame_with(header, {&piece, 1}, 1));
    }
};

TEST_F(SlowPortTest, WhatThePortDoesNotTakeWaitsAndLeavesInOrder) {
    for (unsigned i = 0; i < 10; ++i) send_numbered(i);
    EXPECT_EQ(transmitter_.flush().sent, 4U);
    EXPECT_EQ(transmitter_.waiting(), 6U);
    EXPECT_EQ(counters_.value(base::Counter::PortTxRetries), 6U);

    std::string order;
    for (int round = 0; round < 3; ++round) {
        for (const std::string& frame : texts_sent()) order.push_back(frame.back());
        transmitter_.flush();
    }
    EXPECT_EQ(order, std::string("\0\1\2\3\4\5\6\7\10\11", 10));
    EXPECT_EQ(counters_.value(base::Counter::PortTxRetries), 6U) << "each is counted once";
    EXPECT_EQ(counters_.value(base::Counter::PortTxDrops), 0U);
}

TEST_F(SlowPortTest, BeyondTheQueuesLimitTheNewestIsDroppedAndCounted) {
    for (unsigned i = 0; i < Transmitter::kMostWaiting + 4 + 3; ++i) send_numbered(i);
    EXPECT_EQ(counters_.value(base::Counter::PortTxDrops), 3U);
    const std::vector<std::string> first = texts_sent();
    ASSERT_EQ(first.size(), 4U);
    EXPECT_EQ(first[0].back(), '\0');
}

TEST_F(SlowPortTest, APortThatWasPulledOutTakesNothingAndWhatWaitsIsDropped) {
    port_.on_event(PortEvent::Removed);
    send_numbered(1);
    send_numbered(2);
    const Transmitter::Flushed flushed = transmitter_.flush();
    EXPECT_EQ(flushed.sent + flushed.waiting, 0U);
    EXPECT_EQ(counters_.value(base::Counter::PortTxDrops), 2U);
    EXPECT_TRUE(texts_sent().empty());
    EXPECT_EQ(pools_.in_use(), 0U);
}

/// A port that says it can cut and complete checksums: what it is asked for is on its mbufs.
class OffloadingPortTest : public TransmitterTest {
  protected:
    OffloadingPortTest() {
        Capabilities& capabilities = const_cast<Capabilities&>(port_.capabilities());
        capabilities.tx_checksum = true;
        capabilities.tso = true;
        capabilities.multi_segs = true;
        capabilities.max_segs = 8;
    }
};

TEST_F(OffloadingPortTest, ALargeSegmentIsOneChainWithTheMssForThePort) {
    const std::string text = pattern(6'000);
    Mbufs mbufs(pools_);
    std::vector<base::BufferBytes> pieces;
    for (std::size_t at = 0; at < text.size(); at += 2000) {
        rte_mbuf* const mbuf =
            mbuf_with(pools_[PoolName::Text], std::string_view(text).substr(at, 2000));
        pieces.push_back({buffer_of(mbuf), port::bytes_of(mbuf)});
    }
    auto header = header_for(6'000);
    OutgoingFrame frame = frame_with(header, pieces, 6'000);
    frame.l4_checksum_by_port = true;
    transmitter_.send(frame);
    for (const base::BufferBytes& piece : pieces) mbufs.release(piece.buffer);
    transmitter_.flush();
    const std::vector<rte_mbuf*> sent = ring_.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0]->nb_segs, 4);
    EXPECT_EQ(sent[0]->pkt_len, kHeaderBytes + 6'000);
    EXPECT_EQ(sent[0]->tso_segsz, 1460);
    EXPECT_EQ(sent[0]->l2_len, 14);
    EXPECT_EQ(sent[0]->l3_len, 20);
    EXPECT_EQ(sent[0]->l4_len, 20);
    const std::uint64_t asked = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4 |
                                RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM;
    EXPECT_EQ(sent[0]->ol_flags & asked, asked);
    // The port adds each frame's length itself.
    const wire::Checksum without_length = wire::pseudo_header_sum(
        wire::PseudoHeader4{.source = {0xc6120001}, .destination = {0xc6120002}, .bytes = 0});
    const std::string octets = text_of(sent[0]);
    EXPECT_EQ(wire::get16(bytes_of_text(octets), 34 + 16), without_length.sum());
    rte_pktmbuf_free(sent[0]);
}

TEST_F(OffloadingPortTest, ASegmentOfOneFrameAsksForItsChecksumOnly) {
    auto header = header_for(0);
    OutgoingFrame frame = frame_with(header, {}, 0);
    frame.l4_checksum_by_port = true;
    transmitter_.send(frame);
    transmitter_.flush();
    const std::vector<rte_mbuf*> sent = ring_.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0]->ol_flags & RTE_MBUF_F_TX_TCP_SEG, 0U);
    EXPECT_NE(sent[0]->ol_flags & RTE_MBUF_F_TX_TCP_CKSUM, 0U);
    rte_pktmbuf_free(sent[0]);
}

TEST_F(OffloadingPortTest, AChainTooLongForThePortIsCutHereAndItsChecksumsLeftToThePort) {
    const std::string text = pattern(4'000);
    std::vector<base::BufferBytes> pieces;
    for (std::size_t at = 0; at < text.size(); at += 100) {
        pieces.push_back({nullptr, bytes_of_text(text).subspan(at, 100)});
    }
    auto header = header_for(4'000);
    OutgoingFrame frame = frame_with(header, pieces, 4'000);
    frame.l4_checksum_by_port = true;
    transmitter_.send(frame);
    transmitter_.flush();
    const std::vector<rte_mbuf*> sent = ring_.sent();
    ASSERT_EQ(sent.size(), 3U);
    std::string joined;
    for (rte_mbuf* const mbuf : sent) {
        EXPECT_EQ(mbuf->ol_flags & RTE_MBUF_F_TX_TCP_SEG, 0U);
        EXPECT_NE(mbuf->ol_flags & RTE_MBUF_F_TX_TCP_CKSUM, 0U);
        joined += text_of(mbuf).substr(kHeaderBytes);
        rte_pktmbuf_free(mbuf);
    }
    EXPECT_EQ(joined, text);
}

}  // namespace
}  // namespace lastack::port

// ARP as the IP layer speaks it, octet by octet, and what waits for it.
#include <gtest/gtest.h>

#include "tests/stack/ip_host.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using stack::SendResult;

raw::Octets arp_frame(const raw::Arp& fields, const raw::Mac& to = raw::kBroadcastMac) {
    return raw::ethernet({.destination = to, .source = fields.sender_mac, .type = 0x0806},
                         raw::arp(fields));
}
raw::Octets our_question(std::uint32_t target, const raw::Mac& to = raw::kBroadcastMac) {
    return arp_frame(
        {.operation = 1, .sender_mac = raw::kOurMac, .sender_ip = raw::kOurs, .target_ip = target},
        to);
}
raw::Octets our_announcement(std::uint32_t address) {
    return arp_frame(
        {.operation = 1, .sender_mac = raw::kOurMac, .sender_ip = address, .target_ip = address});
}

/// Sends a segment with text in one buffer that nobody else keeps.
SendResult send_one(IpHost& host, std::uint32_t remote = raw::kPeer, std::size_t text_bytes = 5) {
    wire::TcpHeader header;
    const auto buffer = host.shell.allocate(text_bytes);
    const stack::OutPiece piece{buffer, host.shell.room(buffer)};
    const auto result = host.ip.send({.local = {raw::kOurs},
                                      .remote = {remote},
                                      .header = header,
                                      .text = {&piece, 1},
                                      .text_bytes = static_cast<std::uint32_t>(text_bytes),
                                      .mss = 1'460},
                                     host.now);
    host.shell.release(buffer);
    return result;
}

TEST(IpLayerArp, I_11_a_request_for_our_address_is_answered_to_the_asker_alone) {
    IpHost host;
    const auto answers = host.answers(arp_frame({.target_ip = raw::net18(2)}));
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].bytes, arp_frame({.operation = 2,
                                           .sender_mac = raw::kOurMac,
                                           .sender_ip = raw::net18(2),
                                           .target_mac = raw::kPeerMac,
                                           .target_ip = raw::kPeer},
                                          raw::kPeerMac));
    EXPECT_EQ(host.count(Counter::ArpInRequests), 1U);
    EXPECT_EQ(host.count(Counter::ArpOutReplies), 1U);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerArp, I_14_what_is_no_arp_for_ipv4_over_ethernet_is_an_error) {
    IpHost host;
    const raw::Octets wrong[] = {
        arp_frame({.hardware = 6}),
        arp_frame({.protocol = 0x86dd}),
        arp_frame({.hardware_bytes = 8}),
        arp_frame({.protocol_bytes = 16}),
        arp_frame({.operation = 3}),
        raw::ethernet({.type = 0x0806}, raw::text(27)),
        arp_frame({.sender_mac = raw::kBroadcastMac}),
    };
    for (const auto& frame : wrong) EXPECT_TRUE(host.answers(frame).empty());
    EXPECT_EQ(host.count(Counter::ArpInErrors), std::size(wrong));
    EXPECT_EQ(host.ip.neighbours(), 0U);
}

TEST(IpLayerArp, I_12_an_unknown_neighbour_is_asked_for_and_the_segment_follows_the_answer) {
    IpHost host;
    EXPECT_EQ(send_one(host), SendResult::Waiting);
    auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].bytes, our_question(raw::kPeer));
    EXPECT_EQ(host.ip.waiting_frames(), 1U);
    EXPECT_EQ(host.shell.live(), 1U) << "its text is kept";

    host.answer_arp();
    sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(slice(sent[0].bytes, 0, 6), raw::octets({2, 0, 0, 0, 0, 0x99}));
    EXPECT_EQ(sent[0].bytes.size(), 14U + 20 + 20 + 5);
    EXPECT_EQ(host.ip.waiting_frames(), 0U);
    EXPECT_EQ(host.shell.live(), 0U);
    EXPECT_EQ(send_one(host), SendResult::Sent);
}

TEST(IpLayerArp, I_12_all_that_waits_follows_the_answer_in_order) {
    IpHost host;
    for (const std::size_t text_bytes : {1U, 2U, 3U}) send_one(host, raw::kPeer, text_bytes);
    ASSERT_EQ(host.shell.take_sent().size(), 1U) << "one question for all";
    host.answer_arp();
    const auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(sent[i].bytes.size(), 54U + i + 1);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerArp, a_waiting_segment_larger_than_its_mss_is_still_cut) {
    IpHost host;
    wire::TcpHeader header;
    const auto buffer = host.shell.allocate(1'500);
    const stack::OutPiece piece{buffer, host.shell.room(buffer)};
    host.ip.send({.local = {raw::kOurs},
                  .remote = {raw::kPeer},
                  .header = header,
                  .text = {&piece, 1},
                  .text_bytes = 1'500,
                  .mss = 1'000},
                 host.now);
    host.shell.release(buffer);
    host.shell.take_sent();
    host.answer_arp();
    EXPECT_EQ(host.shell.take_sent().size(), 2U);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerArp, I_12_the_question_is_repeated_by_expire_and_never_earlier) {
    IpHost host;
    send_one(host);
    host.shell.take_sent();
    ASSERT_EQ(host.ip.next_deadline(), host.now + 1s);
    host.now += 1s - 1ns;
    EXPECT_EQ(host.ip.expire(host.now, 100), 0U);
    host.now += 1ns;
    EXPECT_EQ(host.ip.expire(host.now, 100), 1U);
    EXPECT_EQ(host.shell.take_sent().at(0).bytes, our_question(raw::kPeer));
    EXPECT_EQ(host.count(Counter::ArpOutRequests), 2U);
}

TEST(IpLayerArp, I_12_when_nobody_answers_the_text_is_released_and_the_sender_is_told) {
    IpHost host;
    send_one(host);
    for (int second = 0; second < 3; ++second) {
        host.now += 1s;
        host.ip.expire(host.now, 100);
    }
    EXPECT_EQ(host.shell.live(), 0U);
    EXPECT_EQ(host.count(Counter::ArpResolveFailures), 1U);
    EXPECT_EQ(host.count(Counter::IpOutDiscards), 1U);
    EXPECT_EQ(host.count(Counter::ArpOutRequests), 3U);
    EXPECT_EQ(send_one(host), SendResult::Unreachable);
    EXPECT_EQ(host.count(Counter::ArpOutRequests), 3U) << "the negative cache asks nobody";
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerArp, I_12_the_room_for_waiting_segments_is_bounded) {
    auto config = ip_config();
    config.ip.neighbours = 16;  // 16 frames wait at most, 4 of one neighbour
    IpHost host(config);
    for (int i = 0; i < 40; ++i) send_one(host);
    EXPECT_EQ(host.ip.waiting_frames(), 4U);
    for (std::uint8_t i = 0; i < 40; ++i)
        send_one(host, raw::net18(static_cast<std::uint8_t>(100 + i)));
    EXPECT_LE(host.ip.waiting_frames(), 16U);
    EXPECT_EQ(host.shell.live(), host.ip.waiting_frames());
    EXPECT_GE(host.count(Counter::ArpWaitDrops), 36U);
}

TEST(IpLayerArp, I_12_a_segment_of_many_pieces_waits_as_a_copy) {
    IpHost host;
    const auto send_in_pieces = [&] {
        const auto buffer = host.shell.allocate(8);
        const std::vector<stack::OutPiece> pieces(ip::kWaitingPieces + 1,
                                                  {buffer, host.shell.room(buffer).first(1)});
        host.shell.room(buffer)[0] = std::byte{'x'};
        host.ip.send({.local = {raw::kOurs},
                      .remote = {raw::kPeer},
                      .header = {},
                      .text = pieces,
                      .text_bytes = ip::kWaitingPieces + 1,
                      .mss = 1'460},
                     host.now);
        host.shell.release(buffer);
    };
    send_in_pieces();
    EXPECT_EQ(host.count(Counter::ArpWaitDrops), 0U);
    host.shell.take_sent();
    host.answer_arp();
    const auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 1U);
    const auto& bytes = sent.front().bytes;
    EXPECT_EQ(std::vector(bytes.end() - (ip::kWaitingPieces + 1), bytes.end()),
              std::vector(ip::kWaitingPieces + 1, std::byte{'x'}));
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerArp, I_12_a_segment_of_many_pieces_without_memory_for_the_copy_is_dropped) {
    IpHost host;
    const auto buffer = host.shell.allocate(8);
    const std::vector<stack::OutPiece> pieces(ip::kWaitingPieces + 1,
                                              {buffer, host.shell.room(buffer).first(1)});
    host.shell.limit(host.shell.live());
    host.ip.send({.local = {raw::kOurs},
                  .remote = {raw::kPeer},
                  .header = {},
                  .text = pieces,
                  .text_bytes = ip::kWaitingPieces + 1,
                  .mss = 1'460},
                 host.now);
    host.shell.release(buffer);
    EXPECT_EQ(host.shell.live(), 0U);
    EXPECT_EQ(host.count(Counter::ArpWaitDrops), 1U);
    EXPECT_EQ(host.count(Counter::ArpOutRequests), 1U) << "it is asked for all the same";
}

TEST(IpLayerArp, I_13_a_neighbour_that_is_used_and_not_confirmed_is_asked_by_name) {
    IpHost host;
    send_one(host);
    host.answer_arp();
    host.shell.take_sent();
    host.now += 30s;
    host.ip.expire(host.now, 100);
    EXPECT_EQ(send_one(host), SendResult::Sent);
    host.now += 5s;
    host.shell.take_sent();
    host.ip.expire(host.now, 100);
    EXPECT_EQ(host.shell.take_sent().at(0).bytes, our_question(raw::kPeer, raw::kPeerMac));
}

TEST(IpLayerArp, I_13_forward_progress_keeps_the_neighbour) {
    IpHost host;
    send_one(host);
    host.answer_arp();
    host.shell.take_sent();
    wire::TcpHeader header;
    ip::NeighbourHint hint = ip::kNoNeighbour;
    for (int i = 0; i < 20; ++i) {
        host.now += 20s;
        EXPECT_EQ(host.ip.send({.local = {raw::kOurs},
                                .remote = {raw::kPeer},
                                .header = header,
                                .neighbour = &hint},
                               host.now),
                  SendResult::Sent);
        host.ip.confirm_neighbour(hint, host.now);
        host.ip.expire(host.now, 100);
    }
    EXPECT_EQ(host.count(Counter::ArpOutRequests), 1U);
}

TEST(IpLayerArp, I_13_a_gateway_with_a_new_mac_is_followed_at_its_first_word) {
    IpHost host;
    send_one(host, 0x0808'0808);
    host.answer_arp(raw::net18(254));
    host.shell.take_sent();
    const raw::Mac new_mac{2, 0, 0, 0, 0, 0x55};
    host.receive(arp_frame({.operation = 1,
                            .sender_mac = new_mac,
                            .sender_ip = raw::net18(254),
                            .target_ip = raw::net18(254)}));
    send_one(host, 0x0808'0808);
    EXPECT_EQ(slice(host.shell.take_sent().at(0).bytes, 0, 6), raw::octets({2, 0, 0, 0, 0, 0x55}));
}

TEST(IpLayerArp, I_15_addresses_are_announced_at_start_and_once_more_two_seconds_later) {
    IpHost host;
    host.ip.announce(host.now);
    auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].bytes, our_announcement(raw::kOurs));
    EXPECT_EQ(sent[1].bytes, our_announcement(raw::net18(2)));
    ASSERT_EQ(host.ip.next_deadline(), host.now + 2s);
    host.now += 2s - 1ns;
    EXPECT_EQ(host.ip.expire(host.now, 100), 0U);
    host.now += 1ns;
    EXPECT_EQ(host.ip.expire(host.now, 100), 1U);
    EXPECT_EQ(host.shell.take_sent().size(), 2U);
    EXPECT_EQ(host.ip.next_deadline(), std::nullopt);
}

TEST(IpLayerArp, I_41_a_link_that_goes_down_drops_what_waits_and_announces_when_it_is_back) {
    IpHost host;
    host.ip.announce(host.now);
    send_one(host);
    host.ip.set_link(0, false, host.now);
    EXPECT_EQ(host.ip.waiting_frames(), 0U);
    EXPECT_EQ(host.ip.neighbours(), 0U);
    EXPECT_EQ(host.shell.live(), 0U);
    EXPECT_EQ(host.ip.next_deadline(), std::nullopt);
    host.shell.take_sent();
    host.ip.set_link(0, true, host.now);
    EXPECT_EQ(host.shell.take_sent().size(), 2U);
    host.ip.set_link(0, true, host.now);   // no news
    host.ip.set_link(7, false, host.now);  // not ours
    EXPECT_TRUE(host.shell.sent().empty());
}

TEST(IpLayerArp, I_14_a_conflict_is_counted_and_defended_once_in_ten_seconds) {
    IpHost host;
    const auto claim =
        arp_frame({.operation = 1, .sender_ip = raw::kOurs, .target_ip = raw::kOurs});
    const auto answers = host.answers(claim);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].bytes, our_announcement(raw::kOurs));
    host.now += 10s - 1ns;
    EXPECT_TRUE(host.answers(claim).empty());
    host.now += 1ns;
    EXPECT_EQ(host.answers(claim).size(), 1U);
    EXPECT_EQ(host.count(Counter::ArpConflicts), 3U);
    EXPECT_EQ(host.ip.neighbours(), 0U);
}

TEST(IpLayerArp, expire_does_no_more_than_it_is_allowed_to) {
    IpHost host;
    for (std::uint8_t i = 0; i < 5; ++i)
        send_one(host, raw::net18(static_cast<std::uint8_t>(100 + i)));
    host.now += 1s;
    EXPECT_EQ(host.ip.expire(host.now, 2), 2U);
    EXPECT_EQ(host.ip.expire(host.now, 2), 2U);
    EXPECT_EQ(host.ip.expire(host.now, 2), 1U);
}

TEST(IpLayerArp, J_34_the_cache_can_be_listed) {
    IpHost host;
    host.introduce();
    send_one(host, raw::net18(50));
    std::array<ip::NeighbourRow, 8> rows;
    const auto listed = host.ip.list_neighbours(0, rows, host.now);
    EXPECT_EQ(listed.rows, 2U);
    EXPECT_EQ(listed.next, host.ip.neighbour_capacity());
    for (std::size_t i = 0; i < listed.rows; ++i) {
        if (rows[i].key.address.value == raw::kPeer) {
            EXPECT_EQ(rows[i].state, ip::NeighbourState::Stale);
            EXPECT_EQ(rows[i].mac, (wire::MacAddress{raw::kPeerMac}));
        } else {
            EXPECT_EQ(rows[i].state, ip::NeighbourState::Incomplete);
            EXPECT_EQ(rows[i].waiting_frames, 1U);
        }
    }
}

TEST(IpLayerArp, a_copy_of_the_memory_is_a_copy_of_the_state) {
    // The layer itself lies in the arena, as it does in a Stack.
    HeapShell shell;
    base::Counters counters;
    const auto config = ip_config();
    ArenaMemory memory([&](base::Arena& a) {
        a.carve<std::byte>(sizeof(stack::IpLayer));
        stack::IpLayer(a, config, counters, shell);
    });
    base::Arena arena(memory.bytes());
    const auto place = arena.carve<std::byte>(sizeof(stack::IpLayer));
    auto* ip = new (place.data()) stack::IpLayer(arena, config, counters, shell);

    ip->receive(shell.frame(arp_frame({})), time::Instant(1s));
    const std::vector<std::byte> snapshot(memory.bytes().begin(), memory.bytes().end());
    ip->set_link(0, false, time::Instant(2s));
    ASSERT_EQ(ip->neighbours(), 0U);
    std::copy(snapshot.begin(), snapshot.end(), memory.bytes().begin());
    EXPECT_EQ(ip->neighbours(), 1U);
    wire::TcpHeader header;
    EXPECT_EQ(ip->send({.local = {raw::kOurs}, .remote = {raw::kPeer}, .header = header},
                       time::Instant(2s)),
              SendResult::Sent);
}

}  // namespace
}  // namespace lastack::test

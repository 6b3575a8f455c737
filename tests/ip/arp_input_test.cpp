#include "ip/arp_input.hpp"

#include <gtest/gtest.h>

#include "tests/ip/hosts.hpp"

namespace lastack::test {
namespace {

using ip::ArpVerdict;
using Heard = ip::Neighbours::Heard;
using Kind = ArpVerdict::Kind;

ArpVerdict judge(const raw::Arp& fields) {
    const auto packet = wire::ArpPacket::parse(raw::arp(fields));
    EXPECT_TRUE(packet);
    return ip::judge(*packet, two_interfaces()[0]);
}

TEST(ArpInput, I_11_a_request_for_our_address_is_answered_and_its_sender_remembered) {
    const auto verdict = judge({.operation = 1});
    EXPECT_EQ(verdict.kind, Kind::Accept);
    EXPECT_EQ(verdict.heard, Heard::Request);
    EXPECT_TRUE(verdict.asks_for_ours);
    EXPECT_TRUE(judge({.target_ip = raw::net18(2)}).asks_for_ours) << "a second address";
}

TEST(ArpInput, I_11_a_request_for_another_is_only_heard) {
    const auto verdict = judge({.operation = 1, .target_ip = raw::net18(77)});
    EXPECT_EQ(verdict.heard, Heard::Broadcast);
    EXPECT_FALSE(verdict.asks_for_ours);
}

TEST(ArpInput, an_address_of_another_interface_is_not_answered_for) {
    EXPECT_FALSE(judge({.operation = 1, .target_ip = 0xc613'0001}).asks_for_ours);
}

TEST(ArpInput, I_11_a_reply_to_us_is_an_answer_a_reply_to_another_is_not) {
    EXPECT_EQ(judge({.operation = 2}).heard, Heard::Answer);
    EXPECT_FALSE(judge({.operation = 2}).asks_for_ours);
    EXPECT_EQ(judge({.operation = 2, .target_ip = raw::net18(77)}).heard, Heard::Broadcast);
}

TEST(ArpInput, I_15_a_gratuitous_one_is_only_heard) {
    EXPECT_EQ(judge({.operation = 1, .target_ip = raw::kPeer}).heard, Heard::Broadcast);
    EXPECT_EQ(judge({.operation = 2, .target_ip = raw::kPeer}).heard, Heard::Broadcast);
}

TEST(ArpInput, I_14_a_probe_for_our_address_is_answered_and_leaves_nothing_behind) {
    const auto verdict = judge({.operation = 1, .sender_ip = 0});
    EXPECT_EQ(verdict.kind, Kind::Accept);
    EXPECT_TRUE(verdict.asks_for_ours);
    EXPECT_FALSE(verdict.heard);
}

TEST(ArpInput, I_14_impossible_senders_are_dropped) {
    const raw::Arp impossible[] = {
        {.sender_mac = raw::kBroadcastMac}, {.sender_mac = {1, 0, 0x5e, 0, 0, 1}},
        {.sender_mac = {0, 0, 0, 0, 0, 0}}, {.sender_mac = raw::kOurMac},
        {.operation = 2, .sender_ip = 0},   {.sender_ip = 0xffff'ffff},
        {.sender_ip = raw::net18(255)},     {.sender_ip = 0xe000'0001},
        {.sender_ip = 0x7f00'0001},
    };
    for (const raw::Arp& fields : impossible) EXPECT_EQ(judge(fields).kind, Kind::Drop);
}

TEST(ArpInput, I_14_another_station_with_our_address_is_a_conflict) {
    EXPECT_EQ(judge({.operation = 1, .sender_ip = raw::kOurs}).kind, Kind::Conflict);
    EXPECT_EQ(judge({.operation = 2, .sender_ip = raw::net18(2)}).kind, Kind::Conflict);
}

TEST(ArpInput, a_sender_off_the_link_is_answered_and_not_remembered) {
    const auto verdict = judge({.operation = 1, .sender_ip = 0x0808'0808});
    EXPECT_TRUE(verdict.asks_for_ours);
    EXPECT_FALSE(verdict.heard);
}

}  // namespace
}  // namespace lastack::test

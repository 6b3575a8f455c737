// Frames that another implementation made (scapy 2.5), as witnesses for ours.
//
// All are from 198.18.0.1, 02:00:00:00:00:01, to 198.18.0.2, 02:00:00:00:00:02.
#pragma once

#include <string_view>

namespace lastack::test {

inline constexpr std::string_view kEthernet = "020000000002 020000000001 0800";

/// TOS 0x2a, identification 0x1234, DF, TTL 63, 60 octets.
inline constexpr std::string_view kSynIp = "452a003c 12344000 3f069d36 c6120001 c6120002";
/// 40000 > 80, MSS 1460, SACK-permitted, timestamps 0xa0b0c0d0 0, window scale 7.
inline constexpr std::string_view kSynTcp =
    "9c400050 01020304 00000000 a002faf0 becf0000"
    "020405b4 0402080a a0b0c0d0 00000000 01030307";

inline constexpr std::string_view kDataIp = "452a0039 12344000 3f069d39 c6120001 c6120002";
/// 40000 > 80, timestamps 7 9, "hello".
inline constexpr std::string_view kDataTcp =
    "9c400050 fffffff0 11223344 801801f6 c3c80000"
    "0101080a 00000007 00000009 68656c6c6f";

inline constexpr std::string_view kSackIp = "452a0050 12344000 3f069d22 c6120001 c6120002";
/// Timestamps 7 9, SACK 100-200 300-400 500-600.
inline constexpr std::string_view kSackTcp =
    "9c400050 00000001 00000002 f01001f6 cd900000"
    "0101080a 00000007 00000009 0101051a"
    "00000064 000000c8 0000012c 00000190 000001f4 00000258";

/// VLAN 100, priority 5; IPv4; TCP 1 > 2 SYN.
inline constexpr std::string_view kTaggedFrame =
    "020000000002 020000000001 8100 a064 0800"
    "452a0028 12344000 3f069d4a c6120001 c6120002"
    "00010002 00000000 00000000 50022000 03b80000";

/// Who has 198.18.0.2?
inline constexpr std::string_view kArpRequest =
    "0001080006040001 020000000001c6120001 000000000000c6120002";

/// Identifier 0x77, sequence 3, "abcdefg".
inline constexpr std::string_view kEchoRequest = "08006658 00770003 61626364656667";

/// Fragmentation needed, next-hop MTU 1400, about 198.18.0.2:80 > 198.18.0.1:40000, 0xdeadbeef.
inline constexpr std::string_view kFragmentationNeeded =
    "0304bd55 00000578"
    "45000028 00070000 4006eea1 c6120002 c6120001 00509c40 deadbeef";

/// An IPv4 datagram with a loose source route, and one with a router alert.
inline constexpr std::string_view kSourceRouted =
    "47000030 00010000 40065f94 c6120001 c6120002 8307040102030400"
    "00140050 00000000 00000000 50022000 c5650000";
inline constexpr std::string_view kRouterAlert =
    "4600002c 00010000 4006599f c6120001 c6120002 94040000"
    "00140050 00000000 00000000 50022000 03570000";

/// IPv6 2001:db8::1 > 2001:db8::2: the TCP segment, with "xyz".
inline constexpr std::string_view kIpv6Tcp = "00010002 00000003 00000000 50022000 41eb0000 78797a";

}  // namespace lastack::test

// The golden trace of requirements A.1, once, as data: who sends what, and in which states the two
// ends are after it has arrived.
//
// Client ISS 1000, server ISS 5000; 500 and 300 bytes before the close, 700 while half closed; so
// u = 1501, v = 5301, w = 6001.
#pragma once

#include <array>
#include <cstdint>

#include "tests/stack/conversation.hpp"

namespace lastack::test::golden {

enum class End : std::uint8_t { Client, Server };

/// What makes an end send the segment of a row.
enum class Why : std::uint8_t {
    Shutdown,    // its application has nothing more to send
    Answer,      // what arrived just now, at once
    Text,        // its application sends
    DelayedAck,  // the limit of the delayed ACK passes
    Close,       // its application closes
};

struct Row {
    const char* number;
    End from;
    Why why;
    const char* flags;
    std::uint32_t seq;
    std::uint32_t ack;
    std::size_t text_bytes;
    const char* client;
    const char* server;

    Wire segment() const {
        return {.flags = flags, .seq = seq, .ack = ack, .text = std::string(text_bytes, 's')};
    }
};

inline constexpr std::uint32_t kClientIss = 1'000;
inline constexpr std::uint32_t kServerIss = 5'000;
inline constexpr std::size_t kClientText = 500;
inline constexpr std::size_t kServerText = 300;
inline constexpr std::size_t kHalfCloseText = 700;

// clang-format off
inline constexpr std::array<Row, 6> kRows{{
    {"1",  End::Client, Why::Shutdown,   "FA", 1'501, 5'301,   0, "FIN-WAIT-1", "CLOSE-WAIT"},
    {"2",  End::Server, Why::Answer,     "A",  5'301, 1'502,   0, "FIN-WAIT-2", "CLOSE-WAIT"},
    {"2a", End::Server, Why::Text,       "PA", 5'301, 1'502, 700, "FIN-WAIT-2", "CLOSE-WAIT"},
    {"2b", End::Client, Why::DelayedAck, "A",  1'502, 6'001,   0, "FIN-WAIT-2", "CLOSE-WAIT"},
    {"3",  End::Server, Why::Close,      "FA", 6'001, 1'502,   0, "TIME-WAIT",  "LAST-ACK"},
    {"4",  End::Client, Why::Answer,     "A",  1'502, 6'002,   0, "TIME-WAIT",  "CLOSED"},
}};
// clang-format on

/// 2b is the delayed ACK of 2a: where step 3 comes earlier it is absent, and 4 acknowledges both.
enum class Form : std::uint8_t { Four, WithoutTheDelayedAck };

inline std::vector<Row> rows(Form form) {
    std::vector<Row> chosen;
    for (const Row& row : kRows) {
        if (form == Form::Four || row.why != Why::DelayedAck) chosen.push_back(row);
    }
    return chosen;
}

}  // namespace lastack::test::golden

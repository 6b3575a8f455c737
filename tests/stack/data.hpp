// What the tests of text on its way share.
#pragma once

#include "tests/stack/conversation.hpp"

namespace lastack::test {

class Data : public testing::Test, public Conversation {
  protected:
    // Acknowledges everything up to `number`.
    void ack(std::uint32_t number, std::uint16_t window = 65'535) {
        peer.send({.flags = "A", .seq = next, .ack = number, .window = window});
    }
};

}  // namespace lastack::test

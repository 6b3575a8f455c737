// What the tests of how connections end share: a connection in TIME-WAIT, and segments for it.
#pragma once

#include "tests/stack/conversation.hpp"

namespace lastack::test {

class Ending : public testing::Test, public Conversation {
  protected:
    // ESTABLISHED to TIME-WAIT, the host closing first: RCV.NXT 1002, SND.NXT 5002.
    void enter_time_wait(const wire::TcpOptions& options = {.mss = 1'460}) {
        open(options);
        connection.close();
        host.turn();
        sent += 1;
        Wire fin{.flags = "FA", .seq = 1'001, .ack = 5'002};
        fin.options.timestamps = options.timestamps;
        peer.send(fin);
        next = 1'002;
        ASSERT_EQ(state(), "TIME-WAIT");
        host.sent();
    }

    void syn(std::uint32_t seq, const wire::TcpOptions& options = {.mss = 1'460}) {
        peer.send({.flags = "S", .seq = seq, .options = options});
    }

    std::string flags_of_answer() {
        const auto answers = host.sent();
        return answers.size() == 1 ? answers[0].flags : std::to_string(answers.size());
    }
};

}  // namespace lastack::test

// How a state is reached, with its numbers.

#include <array>

#include "tests/walk/stage.hpp"

namespace lastack::test::walk {

void Stage::enter(const std::string& state) {
    talk_.emplace(config_);
    if (state == "CLOSED") return;
    if (state == "LISTEN" || state.starts_with("SYN")) {
        enter_half_open(state);
    } else {
        enter_open(state);
    }
}

// With "una" at our SYN while that is unacknowledged.
void Stage::enter_half_open(const std::string& state) {
    Conversation& talk = *talk_;
    const Wire syn{.flags = "S", .seq = 1'000, .options = {.mss = 1'460}};
    if (state == "SYNS" || state == "SYNR-ACTIVE") {
        talk.connect();
        connection_ = talk.connection;
        numbers_["una"] = 5'000;
        if (state == "SYNS") return talk.host.advance_to_tick();
        talk.peer.send(syn);
        ASSERT_EQ(talk.host.sent(), (Trace{{"SA", 5'000, 1'001}}));
    } else if (state == "LISTEN" || state == "SYNR") {
        talk.listen();
        talk.host.wait_for_isn(Conversation::kHostPort, Conversation::kPeerPort, 5'000);
        if (state == "LISTEN") return;
        numbers_["una"] = 5'000;
        talk.peer.send(syn);
        ASSERT_EQ(talk.host.sent(), (Trace{{"SA", 5'000, 1'001}}));
    } else if (state == "SYNR-REOPENED") {
        enter_open("TW");
        talk.host.wait_for_isn(Conversation::kHostPort, Conversation::kPeerPort, 2'600'000);
        talk.peer.send({.flags = "S", .seq = 1'003, .options = {.mss = 1'460}});
        ASSERT_EQ(talk.host.sent(), (Trace{{"SA", 2'600'000, 1'004}}));
        numbers_ = {{"irs", 1'003},     {"iss", 2'600'000}, {"next", 1'004}, {"una", 2'600'000},
                    {"max", 2'600'001}, {"isn", 0},         {"0", 0},        {"edge", 66'539}};
    } else {
        FAIL() << "no such state: " << state;
    }
    talk.host.advance_to_tick();
    ASSERT_TRUE(this->state().starts_with("SYN-RECEIVED"));
}

void Stage::end_with(const char* segment, const char* state) {
    deliver(segment);
    note_sent();
    ASSERT_EQ(this->state(), state);
}

// ESTABLISHED, and from there on the way that the name says. FIN-WAIT-2 without an owner and
// TIME-WAIT are ten seconds old, so that a timer that starts again is seen to.
void Stage::enter_open(const std::string& name) {
    const auto dash = name.find('-');
    const std::string state = name.substr(0, dash);
    const bool orphan = name.ends_with("-ORPHAN");
    const std::string end = orphan ? " orphan" : "";
    talk_->open({.mss = 1'460, .sack_permitted = name == "EST-SACK"});
    connection_ = talk_->connection;
    note_sent();
    if (state == "EST") return;
    if (state == "GONE") return end_with("R next 0", "LISTEN");
    if (state == "CW" || state == "LA") {
        end_with("FA next una", "CLOSE-WAIT");
        if (state == "CW") return;
    }
    orphan ? connection_.close() : connection_.shutdown_write();
    host().turn();
    ASSERT_EQ(host().sent(), (Trace{{"FA", 5'001, numbers_["next"]}}));
    numbers_["max"] = 5'002;
    if (state == "LA") {
        ASSERT_EQ(this->state(), "LAST-ACK" + end);
    } else if (state == "FW1") {
        ASSERT_EQ(this->state(), "FIN-WAIT-1" + end);
    } else if (state == "CLG") {
        end_with("FA next una", orphan ? "CLOSING orphan" : "CLOSING");
    } else {
        end_with("A next max", orphan ? "FIN-WAIT-2 orphan" : "FIN-WAIT-2");
        if (state == "TW") end_with("FA next una", "TIME-WAIT");
        if (state == "TW" || orphan) host().advance(10s);
        ASSERT_TRUE(state == "TW" || state == "FW2") << "no such state: " << name;
    }
}

}  // namespace lastack::test::walk

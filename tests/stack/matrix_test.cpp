// The event tables of requirements B.1 to B.4, cell by cell: every state meets every segment. A row
// is written as in the tables: what is answered, and the state after it.
//
//   "-"  nothing      "A"  <SEQ=SND.MAX><ACK=RCV.NXT>    "SA" the SYN,ACK
//   "Rn" RST at SND.MAX, ACK   "Ra" RST at SEG.ACK       "="  the state stays

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

enum class Event : std::uint8_t {
    E01,       // SYN in the window
    E01Again,  // the SYN that opened the connection
    E01Old,    // SYN far outside the window
    E02,       // SYN,ACK
    E02Again,  // SYN,ACK with the number of the SYN that opened
    E03,       // ACK that adds nothing
    E05,       // ACK of all that was sent
    E06,       // ACK of what was never sent
    E07,       // ACK older than any window
    E08,       // text in order
    E09,       // text beyond a gap
    E10,       // text that is old
    E10Right,  // an ACK beyond the window's right edge
    E11,       // FIN in order, our FIN not acknowledged
    E11Ack,    // FIN in order, with the ACK of all
    E12,       // FIN beyond a gap
    E13,       // text and FIN in order
    E14,       // the consumed FIN again
    E15,       // RST at RCV.NXT
    E15Ack,    // RST,ACK of all that was sent
    E16,       // RST in the window
    E17,       // RST outside
    E17Fin,    // RST at the number of the consumed FIN
    E18,       // no ACK, no SYN, no RST
};

struct Cell {
    const char* state;
    Event event;
    const char* name;
    const char* answer;
    const char* after;
};

void PrintTo(const Cell& cell, std::ostream* out) {
    *out << cell.state << ' ' << cell.name;
}

class Matrix : public testing::TestWithParam<Cell>, public Conversation {
  protected:
    std::uint32_t una_ = 5'001;

    void enter(std::string_view state) {
        if (state == "SYN_SENT") {
            connect();
            una_ = 5'000;
            return;
        }
        if (state == "SYN_RECEIVED") {
            listen();
            host.wait_for_isn(kHostPort, kPeerPort, 5'000);
            peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
            ASSERT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
            una_ = 5'000;
            return;
        }
        open();
        if (state == "ESTABLISHED") return;
        const bool orphan = state.ends_with("_ORPHAN");
        if (state == "CLOSE_WAIT" || state == "LAST_ACK") {
            send("FA");
            if (state == "LAST_ACK") close(false);
        } else {
            close(orphan);
            if (state == "CLOSING") {
                peer.send({.flags = "FA", .seq = next, .ack = una_});
                next += 1;
            }
            if (state.starts_with("FIN_WAIT_2") || state == "TIME_WAIT") ack_fin();
            if (state == "TIME_WAIT") send("FA");
        }
        host.sent();
    }

    void close(bool orphan) {
        orphan ? connection.close() : connection.shutdown_write();
        host.turn();
        sent += 1;
    }

    void ack_fin() {
        send("A");
        una_ = sent;
    }

    Wire segment(Event event) const {
        const Wire ack{.flags = "A", .seq = next, .ack = una_};
        const auto with = [&](std::string flags, std::uint32_t seq, std::uint32_t number,
                              std::string text = {}) {
            Wire wire = ack;
            wire.flags = std::move(flags);
            wire.seq = seq;
            wire.ack = number;
            wire.text = std::move(text);
            return wire;
        };
        switch (event) {
            case Event::E01:
                return with("S", next + 10, 0);
            case Event::E01Again:
                return with("S", 1'000, 0);
            case Event::E01Old:
                return with("S", next - 100'000, 0);
            case Event::E02:
                return with("SA", next + 10, sent);
            case Event::E02Again:
                return with("SA", 1'000, sent);
            case Event::E03:
                return ack;
            case Event::E05:
                return with("A", next, sent);
            case Event::E06:
                return with("A", next, sent + 1);
            case Event::E07:
                return with("A", next, una_ - 0x5000'0000U);
            case Event::E08:
                return with("A", next, una_, "text");
            case Event::E09:
                return with("A", next + 5, una_, "text");
            case Event::E10:
                return with("A", next - 5, una_, "old");
            case Event::E10Right:
                return with("A", next + 2'000'000, una_);
            case Event::E11:
                return with("FA", next, una_);
            case Event::E11Ack:
                return with("FA", next, sent);
            case Event::E12:
                return with("FA", next + 5, una_);
            case Event::E13:
                return with("FA", next, una_, "text");
            case Event::E14:
                return with("FA", next - 1, una_);
            case Event::E15:
                return with("R", next, 0);
            case Event::E15Ack:
                return with("RA", next, sent);
            case Event::E16:
                return with("R", next + 10, 0);
            case Event::E17:
                return with("R", next - 100, 0);
            case Event::E17Fin:
                return with("R", next - 1, 0);
            case Event::E18:
                return with("P", next, 0);
        }
        return {};
    }

    std::string spelled(const Trace& answers, const Wire& stimulus) const {
        if (answers.empty()) return "-";
        if (answers.size() > 1) return "several";
        const Wire& answer = answers[0];
        if (answer.flags == "A") return answer.seq == sent ? "A" : "A at another number";
        if (answer.flags == "SA") return answer.seq == 5'000 || una_ > 5'001 ? "SA" : "SA?";
        if (answer.flags == "RA" && answer.seq == sent) return "Rn";
        if (answer.flags == "R" && answer.seq == stimulus.ack) return "Ra";
        return answer.flags + " at " + std::to_string(answer.seq);
    }
};

TEST_P(Matrix, B_what_a_segment_does) {
    const Cell& cell = GetParam();
    enter(cell.state);
    const std::string before = state();
    const Wire stimulus = segment(cell.event);
    peer.send(stimulus);
    EXPECT_EQ(spelled(host.sent(), stimulus), cell.answer);
    EXPECT_EQ(state(), std::string_view(cell.after) == "=" ? before : cell.after);
    // Whatever it was: it can be ended, and leaves nothing.
    host.stack().stop_listening_all();
    host.stack().abort_all();
    host.advance(3min);
    expect_nothing_left();
}

std::string cell_name(const testing::TestParamInfo<Cell>& info) {
    return std::string(info.param.state) + "_" + info.param.name;
}

#define CELL(state, event, answer, after)           \
    Cell {                                          \
#state, Event::event, #event, answer, after \
    }

INSTANTIATE_TEST_SUITE_P(
    B_1, Matrix,
    testing::Values(CELL(SYN_SENT, E01, "SA", "SYN-RECEIVED"),
                    CELL(SYN_SENT, E02, "A", "ESTABLISHED"), CELL(SYN_SENT, E03, "Ra", "="),
                    CELL(SYN_SENT, E05, "-", "="), CELL(SYN_SENT, E06, "Ra", "="),
                    CELL(SYN_SENT, E07, "Ra", "="), CELL(SYN_SENT, E08, "Ra", "="),
                    CELL(SYN_SENT, E11Ack, "-", "="), CELL(SYN_SENT, E15, "-", "="),
                    CELL(SYN_SENT, E15Ack, "-", "CLOSED"), CELL(SYN_SENT, E18, "-", "="),
                    CELL(SYN_RECEIVED, E01, "-", "CLOSED"), CELL(SYN_RECEIVED, E01Again, "SA", "="),
                    CELL(SYN_RECEIVED, E01Old, "A", "="),
                    CELL(SYN_RECEIVED, E02Again, "-", "ESTABLISHED"),
                    CELL(SYN_RECEIVED, E03, "Ra", "="), CELL(SYN_RECEIVED, E05, "-", "ESTABLISHED"),
                    CELL(SYN_RECEIVED, E06, "Ra", "="), CELL(SYN_RECEIVED, E07, "Ra", "="),
                    CELL(SYN_RECEIVED, E08, "Ra", "="), CELL(SYN_RECEIVED, E10Right, "A", "="),
                    CELL(SYN_RECEIVED, E11Ack, "A", "CLOSE-WAIT"),
                    CELL(SYN_RECEIVED, E15, "-", "CLOSED"), CELL(SYN_RECEIVED, E16, "A", "="),
                    CELL(SYN_RECEIVED, E17, "-", "="), CELL(SYN_RECEIVED, E18, "-", "=")),
    cell_name);

INSTANTIATE_TEST_SUITE_P(
    B_2, Matrix,
    testing::Values(
        CELL(ESTABLISHED, E01, "A", "="), CELL(ESTABLISHED, E01Old, "A", "="),
        CELL(ESTABLISHED, E02, "A", "="), CELL(ESTABLISHED, E02Again, "A", "="),
        CELL(ESTABLISHED, E03, "-", "="), CELL(ESTABLISHED, E06, "A", "="),
        CELL(ESTABLISHED, E07, "A", "="), CELL(ESTABLISHED, E08, "-", "="),
        CELL(ESTABLISHED, E09, "A", "="), CELL(ESTABLISHED, E10, "A", "="),
        CELL(ESTABLISHED, E10Right, "A", "="), CELL(ESTABLISHED, E11, "A", "CLOSE-WAIT"),
        CELL(ESTABLISHED, E12, "A", "="), CELL(ESTABLISHED, E13, "A", "CLOSE-WAIT"),
        CELL(ESTABLISHED, E15, "-", "CLOSED"), CELL(ESTABLISHED, E16, "A", "="),
        CELL(ESTABLISHED, E17, "-", "="), CELL(ESTABLISHED, E17Fin, "-", "="),
        CELL(ESTABLISHED, E18, "-", "="), CELL(CLOSE_WAIT, E01, "A", "="),
        CELL(CLOSE_WAIT, E02, "A", "="), CELL(CLOSE_WAIT, E03, "-", "="),
        CELL(CLOSE_WAIT, E06, "A", "="), CELL(CLOSE_WAIT, E07, "A", "="),
        CELL(CLOSE_WAIT, E08, "-", "="), CELL(CLOSE_WAIT, E09, "-", "="),
        CELL(CLOSE_WAIT, E10, "A", "="), CELL(CLOSE_WAIT, E11, "-", "="),
        CELL(CLOSE_WAIT, E12, "-", "="), CELL(CLOSE_WAIT, E13, "-", "="),
        CELL(CLOSE_WAIT, E14, "A", "="), CELL(CLOSE_WAIT, E15, "-", "CLOSED"),
        CELL(CLOSE_WAIT, E16, "A", "="), CELL(CLOSE_WAIT, E17, "-", "="),
        CELL(CLOSE_WAIT, E17Fin, "-", "CLOSED"), CELL(CLOSE_WAIT, E18, "-", "="),
        CELL(FIN_WAIT_1, E01, "A", "="), CELL(FIN_WAIT_1, E02, "A", "="),
        CELL(FIN_WAIT_1, E03, "-", "="), CELL(FIN_WAIT_1, E05, "-", "FIN-WAIT-2"),
        CELL(FIN_WAIT_1, E06, "A", "="), CELL(FIN_WAIT_1, E07, "A", "="),
        CELL(FIN_WAIT_1, E08, "-", "="), CELL(FIN_WAIT_1, E09, "A", "="),
        CELL(FIN_WAIT_1, E10, "A", "="), CELL(FIN_WAIT_1, E11, "A", "CLOSING"),
        CELL(FIN_WAIT_1, E11Ack, "A", "TIME-WAIT"), CELL(FIN_WAIT_1, E12, "A", "="),
        CELL(FIN_WAIT_1, E13, "A", "CLOSING"), CELL(FIN_WAIT_1, E15, "-", "CLOSED"),
        CELL(FIN_WAIT_1, E16, "A", "="), CELL(FIN_WAIT_1, E17, "-", "="),
        CELL(FIN_WAIT_1, E17Fin, "-", "="), CELL(FIN_WAIT_1, E18, "-", "="),
        CELL(FIN_WAIT_1_ORPHAN, E08, "Ra", "CLOSED"), CELL(FIN_WAIT_1_ORPHAN, E09, "Ra", "CLOSED"),
        CELL(FIN_WAIT_1_ORPHAN, E10, "A", "="), CELL(FIN_WAIT_1_ORPHAN, E11, "A", "CLOSING"),
        CELL(FIN_WAIT_1_ORPHAN, E12, "Ra", "CLOSED"), CELL(FIN_WAIT_1_ORPHAN, E13, "Ra", "CLOSED"),
        CELL(FIN_WAIT_1_ORPHAN, E05, "-", "FIN-WAIT-2"),
        CELL(FIN_WAIT_1_ORPHAN, E11Ack, "A", "TIME-WAIT")),
    cell_name);

INSTANTIATE_TEST_SUITE_P(
    B_3, Matrix,
    testing::Values(
        CELL(FIN_WAIT_2, E01, "A", "="), CELL(FIN_WAIT_2, E02, "A", "="),
        CELL(FIN_WAIT_2, E03, "-", "="), CELL(FIN_WAIT_2, E06, "A", "="),
        CELL(FIN_WAIT_2, E07, "A", "="), CELL(FIN_WAIT_2, E08, "-", "="),
        CELL(FIN_WAIT_2, E09, "A", "="), CELL(FIN_WAIT_2, E10, "A", "="),
        CELL(FIN_WAIT_2, E11, "A", "TIME-WAIT"), CELL(FIN_WAIT_2, E12, "A", "="),
        CELL(FIN_WAIT_2, E13, "A", "TIME-WAIT"), CELL(FIN_WAIT_2, E15, "-", "CLOSED"),
        CELL(FIN_WAIT_2, E16, "A", "="), CELL(FIN_WAIT_2, E17, "-", "="),
        CELL(FIN_WAIT_2, E17Fin, "-", "="), CELL(FIN_WAIT_2, E18, "-", "="),
        CELL(FIN_WAIT_2_ORPHAN, E01, "A", "="), CELL(FIN_WAIT_2_ORPHAN, E02, "A", "="),
        CELL(FIN_WAIT_2_ORPHAN, E03, "-", "="), CELL(FIN_WAIT_2_ORPHAN, E06, "A", "="),
        CELL(FIN_WAIT_2_ORPHAN, E07, "A", "="), CELL(FIN_WAIT_2_ORPHAN, E08, "Rn", "CLOSED"),
        CELL(FIN_WAIT_2_ORPHAN, E09, "Rn", "CLOSED"), CELL(FIN_WAIT_2_ORPHAN, E10, "A", "="),
        CELL(FIN_WAIT_2_ORPHAN, E11, "A", "TIME-WAIT"),
        CELL(FIN_WAIT_2_ORPHAN, E12, "Rn", "CLOSED"), CELL(FIN_WAIT_2_ORPHAN, E13, "Rn", "CLOSED"),
        CELL(FIN_WAIT_2_ORPHAN, E15, "-", "CLOSED"), CELL(FIN_WAIT_2_ORPHAN, E16, "A", "="),
        CELL(FIN_WAIT_2_ORPHAN, E17, "-", "="), CELL(FIN_WAIT_2_ORPHAN, E18, "-", "="),
        CELL(CLOSING, E01, "A", "="), CELL(CLOSING, E02, "A", "="), CELL(CLOSING, E03, "-", "="),
        CELL(CLOSING, E05, "-", "TIME-WAIT"), CELL(CLOSING, E06, "A", "="),
        CELL(CLOSING, E07, "A", "="), CELL(CLOSING, E08, "-", "="), CELL(CLOSING, E09, "-", "="),
        CELL(CLOSING, E10, "A", "="), CELL(CLOSING, E11, "-", "="), CELL(CLOSING, E12, "-", "="),
        CELL(CLOSING, E13, "-", "="), CELL(CLOSING, E14, "A", "="),
        CELL(CLOSING, E15, "-", "CLOSED"), CELL(CLOSING, E16, "A", "="),
        CELL(CLOSING, E17, "-", "="), CELL(CLOSING, E17Fin, "-", "CLOSED"),
        CELL(CLOSING, E18, "-", "="), CELL(LAST_ACK, E01, "A", "="), CELL(LAST_ACK, E02, "A", "="),
        CELL(LAST_ACK, E03, "-", "="), CELL(LAST_ACK, E05, "-", "CLOSED"),
        CELL(LAST_ACK, E06, "A", "="), CELL(LAST_ACK, E07, "A", "="), CELL(LAST_ACK, E08, "-", "="),
        CELL(LAST_ACK, E09, "-", "="), CELL(LAST_ACK, E10, "A", "="), CELL(LAST_ACK, E11, "-", "="),
        CELL(LAST_ACK, E12, "-", "="), CELL(LAST_ACK, E13, "-", "="), CELL(LAST_ACK, E14, "A", "="),
        CELL(LAST_ACK, E15, "-", "CLOSED"), CELL(LAST_ACK, E16, "A", "="),
        CELL(LAST_ACK, E17, "-", "="), CELL(LAST_ACK, E17Fin, "-", "CLOSED"),
        CELL(LAST_ACK, E18, "-", "=")),
    cell_name);

INSTANTIATE_TEST_SUITE_P(
    B_4, Matrix,
    testing::Values(CELL(TIME_WAIT, E01, "SA", "SYN-RECEIVED"), CELL(TIME_WAIT, E01Old, "A", "="),
                    CELL(TIME_WAIT, E02, "A", "="), CELL(TIME_WAIT, E03, "-", "="),
                    CELL(TIME_WAIT, E06, "A", "="), CELL(TIME_WAIT, E07, "A", "="),
                    CELL(TIME_WAIT, E08, "A", "="), CELL(TIME_WAIT, E09, "A", "="),
                    CELL(TIME_WAIT, E10, "A", "="), CELL(TIME_WAIT, E10Right, "A", "="),
                    CELL(TIME_WAIT, E11, "A", "="), CELL(TIME_WAIT, E12, "A", "="),
                    CELL(TIME_WAIT, E13, "A", "="), CELL(TIME_WAIT, E14, "A", "="),
                    CELL(TIME_WAIT, E15, "-", "="), CELL(TIME_WAIT, E16, "-", "="),
                    CELL(TIME_WAIT, E17, "-", "="), CELL(TIME_WAIT, E17Fin, "-", "="),
                    CELL(TIME_WAIT, E18, "-", "=")),
    cell_name);

}  // namespace
}  // namespace lastack::test

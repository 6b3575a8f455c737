// The picture of a connection, compared with committed text: one for each way it may end.
#include <gtest/gtest.h>

#include "control/ladder/render.hpp"
#include "control/ladder/verdict.hpp"
#include "tests/control/ladder/script.hpp"
#include "tests/support/golden.hpp"

namespace lastack::control::ladder {
namespace {

using tcp::Cause;
using tcp::State;

std::string picture(const Script& script, const RenderOptions& options = {}) {
    return render(tell(script.conversation()), options);
}

Script request_and_answer() {
    Script script = passive_open();
    script.after_us(50)
        .received(kPsh | kAck, {.seq = 1, .ack = 1, .text = 78})
        .after_us(200)
        .sent(kPsh | kAck, {.seq = 1, .ack = 79, .text = 612});
    return script;
}

TEST(Ladder, AFourSegmentCloseOfOursEndsInOurTimeWait) {
    Script script = request_and_answer();
    script.changed(Cause::Close, State::FinWait1)
        .sent(kFin | kAck, {.seq = 613, .ack = 79})
        .after_us(100)
        .received(kAck, {.seq = 79, .ack = 614}, State::FinWait2)
        .after_us(400)
        .received(kFin | kAck, {.seq = 79, .ack = 614}, State::TimeWait)
        .after_us(3)
        .sent(kAck, {.seq = 614, .ack = 80})
        .after_us(60'000'000)
        .changed(Cause::TwoMsl, State::Closed);
    test::expect_golden("ladder_four_segments.txt", picture(script));
}

TEST(Ladder, APassiveFourSegmentCloseEndsInThePeersTimeWait) {
    Script script = request_and_answer();
    script.after_us(100)
        .received(kFin | kAck, {.seq = 79, .ack = 613}, State::CloseWait)
        .after_us(3)
        .sent(kAck, {.seq = 613, .ack = 80})
        .after_us(40)
        .changed(Cause::Close, State::LastAck)
        .sent(kFin | kAck, {.seq = 613, .ack = 80})
        .after_us(90)
        .received(kAck, {.seq = 80, .ack = 614}, State::Closed);
    test::expect_golden("ladder_passive_close.txt", picture(script));
}

TEST(Ladder, AThreeSegmentCloseShowsThePeerSendingItsAckAndItsFinInOne) {
    Script script = active_open();
    script.after_us(10)
        .changed(Cause::Close, State::FinWait1)
        .sent(kFin | kAck, {.seq = 1, .ack = 1})
        .after_us(100)
        .received(kFin | kAck, {.seq = 1, .ack = 2}, State::TimeWait)
        .after_us(3)
        .sent(kAck, {.seq = 2, .ack = 2});
    test::expect_golden("ladder_three_segments.txt", picture(script));
}

TEST(Ladder, ASimultaneousCloseCrossesTheFinsAndLeavesTimeWaitOnBothSides) {
    Script script = passive_open();
    script.after_us(10)
        .changed(Cause::Close, State::FinWait1)
        .sent(kFin | kAck, {.seq = 1, .ack = 1})
        .after_us(30)
        .received(kFin | kAck, {.seq = 1, .ack = 1}, State::Closing)
        .after_us(3)
        .sent(kAck, {.seq = 2, .ack = 2})
        .after_us(60)
        .received(kAck, {.seq = 2, .ack = 2}, State::TimeWait);
    test::expect_golden("ladder_simultaneous_close.txt", picture(script));
}

TEST(Ladder, AResetEndsItWithoutTimeWait) {
    Script script = request_and_answer();
    script.after_us(70).received(kRst | kAck, {.seq = 79, .ack = 613}, State::Closed);
    test::expect_golden("ladder_reset.txt", picture(script));
}

TEST(Ladder, ALostFinIsMarkedUnansweredAndItsRepetitionMovesThePeer) {
    Script script = passive_open();
    script.after_us(10)
        .changed(Cause::Close, State::FinWait1)
        .sent(kFin | kAck, {.seq = 1, .ack = 1})
        .after_us(200'000)
        .sent(kFin | kAck, {.seq = 1, .ack = 1})
        .after_us(100)
        .received(kAck, {.seq = 1, .ack = 2}, State::FinWait2)
        .after_us(50)
        .received(kFin | kAck, {.seq = 1, .ack = 2}, State::TimeWait)
        .after_us(3)
        .sent(kAck, {.seq = 2, .ack = 2});
    test::expect_golden("ladder_lost_fin.txt", picture(script));
}

TEST(Ladder, ALostLastAckIsRepairedFromTimeWaitByAnotherOne) {
    Script script = passive_open();
    script.after_us(10)
        .changed(Cause::Close, State::FinWait1)
        .sent(kFin | kAck, {.seq = 1, .ack = 1})
        .after_us(100)
        .received(kAck, {.seq = 1, .ack = 2}, State::FinWait2)
        .after_us(50)
        .received(kFin | kAck, {.seq = 1, .ack = 2}, State::TimeWait)
        .after_us(3)
        .sent(kAck, {.seq = 2, .ack = 2})
        .after_us(200'000)
        .received(kFin | kAck, {.seq = 1, .ack = 2})
        .after_us(3)
        .sent(kAck, {.seq = 2, .ack = 2})
        .after_us(60'000'000)
        .changed(Cause::TwoMsl, State::Closed);
    test::expect_golden("ladder_lost_last_ack.txt", picture(script));
}

TEST(Ladder, AClosedPortRefuses) {
    Script script(State::Closed);
    script.changed(Cause::ActiveOpen, State::SynSent)
        .sent(kSyn, {})
        .after_us(80)
        .received(kRst | kAck, {.seq = 0, .ack = 1}, State::Closed);
    test::expect_golden("ladder_refused.txt", picture(script));
}

TEST(Ladder, ASimultaneousOpenCrossesTheSyns) {
    Script script(State::Closed);
    script.changed(Cause::ActiveOpen, State::SynSent)
        .sent(kSyn, {})
        .after_us(40)
        .received(kSyn, {}, State::SynReceived)
        .after_us(3)
        .sent(kSyn | kAck, {.ack = 1})
        .after_us(60)
        .received(kSyn | kAck, {.ack = 1}, State::Established);
    test::expect_golden("ladder_simultaneous_open.txt", picture(script));
}

TEST(Ladder, AChangeToldByAnEventOfItsOwnLandsOnTheSegmentThatCausedIt) {
    // The stack may report the segment first or the change first; the picture is the same.
    Script plain(State::Listen);
    plain.received(kSyn, {}, State::SynReceived);
    Script change_first(State::Listen);
    change_first.changed(Cause::SynArrived, State::SynReceived).received(kSyn, {});
    Script change_second(State::Listen);
    change_second.received(kSyn, {}).changed(Cause::SynArrived, State::SynReceived);
    EXPECT_EQ(picture(change_first), picture(plain));
    EXPECT_EQ(picture(change_second), picture(plain));
}

TEST(Ladder, ALongTransferKeepsBothItsEnds) {
    Script script = passive_open();
    for (std::uint32_t i = 0; i < 100; ++i) {
        script.after_us(1).sent(kAck, {.seq = 1 + 1'000 * i, .ack = 1, .text = 1'000});
    }
    const std::string text = picture(script, {.max_rows = 10});
    EXPECT_NE(text.find("SYN seq 0"), std::string::npos);
    EXPECT_NE(text.find("... 93 rows not shown: 93000 octets from lastack, 0 from the peer ..."),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("seq 99001 ack 1 len 1000"), std::string::npos);
    EXPECT_EQ(text.find("seq 50001"), std::string::npos);
}

TEST(Ladder, ColoursAreOnlyThereWhereAskedFor) {
    EXPECT_EQ(picture(passive_open()).find('\033'), std::string::npos);
    EXPECT_NE(picture(passive_open(), {.colour = true}).find("\033[32m"), std::string::npos);
}

TEST(Ladder, AnOpenAndAHalfClosedConnectionAreCalledSo) {
    EXPECT_EQ(say(tell(passive_open().conversation())),
              std::vector<std::string>{"Nobody has closed yet: the connection is open."});
    Script half = passive_open();
    half.after_us(10)
        .received(kFin | kAck, {.seq = 1, .ack = 1}, State::CloseWait)
        .sent(kAck, {.seq = 1, .ack = 2});
    EXPECT_EQ(say(tell(half.conversation())),
              std::vector<std::string>{
                  "The peer has closed its direction, and the other direction is still open "
                  "(half-close)."});
}

TEST(Ladder, AConnectionWhoseBeginningIsLostSaysSo) {
    Script script(State::Established);
    script.sent(kPsh | kAck, {.seq = 700, .ack = 300, .text = 10})
        .after_us(5)
        .received(kAck, {.seq = 300, .ack = 710});
    const Story story = tell(script.conversation());
    EXPECT_FALSE(story.whole);
    EXPECT_EQ(story.peer_at_start, State::Established);
    EXPECT_EQ(story.steps[0].seq, 1U) << "the first number that is seen counts as 1";
    EXPECT_EQ(story.steps[1].ack, 11U);
    EXPECT_EQ(say(story).front(), "The beginning of this connection is not in the trace.");
}

TEST(Ladder, SequenceNumbersWrapWithoutANotice) {
    Script script(State::Listen);
    std::vector<Event> events = passive_open().events();
    for (Event& event : events) {  // our ISS becomes 2^32 - 1
        const std::uint32_t shift = 0U - 1'001U;
        if (event.kind == Event::Kind::sent) event.seq += shift;
        if (event.kind == Event::Kind::received && event.flags.ack()) event.ack += shift;
    }
    const Story story = tell({events});
    EXPECT_EQ(story.steps[1].seq, 0U);
    EXPECT_EQ(story.steps[2].ack, 1U);
}

TEST(Split, TuplesAndIncarnationsAreToldApart) {
    std::vector<Event> events = request_and_answer().events();
    std::vector<Event> other = passive_open().events();
    for (Event& event : other) event.remote.port = 50'000;
    events.insert(events.end(), other.begin(), other.end());
    // The same tuple again, after it was closed: another first number.
    std::vector<Event> later = passive_open().events();
    for (Event& event : later) {
        event.at += std::chrono::minutes(2);
        if (event.kind == Event::Kind::received) event.seq += 77'000;
        if (event.kind == Event::Kind::sent) event.ack += 77'000;
    }
    events.insert(events.end(), later.begin(), later.end());
    const std::vector<Conversation> conversations = split(events);
    ASSERT_EQ(conversations.size(), 3U);
    EXPECT_EQ(conversations[0].events.size(), 5U);
    EXPECT_EQ(conversations[1].events.front().remote.port, 50'000);
    EXPECT_EQ(conversations[2].events.size(), 3U);
    EXPECT_TRUE(conversations[2].whole());
}

TEST(Split, ASynSentAgainStaysWithItsConnection) {
    Script script(State::Listen);
    script.received(kSyn, {}, State::SynReceived)
        .sent(kSyn | kAck, {.ack = 1})
        .after_us(1'000'000)
        .received(kSyn, {})
        .sent(kSyn | kAck, {.ack = 1});
    EXPECT_EQ(split(script.events()).size(), 1U);
}

TEST(Split, AnActiveOpenAndItsSynAreOneBeginning) {
    std::vector<Event> events = active_open().events();
    const std::vector<Event> again = active_open().events();
    events.insert(events.end(), again.begin(), again.end());
    const std::vector<Conversation> conversations = split(events);
    ASSERT_EQ(conversations.size(), 2U);
    EXPECT_EQ(conversations[1].events.front().kind, Event::Kind::changed);
}

}  // namespace
}  // namespace lastack::control::ladder

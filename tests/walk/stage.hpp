// Where a cell of the walk is played: a Host in some state, the numbers both sides have reached,
// and the words that the steps of a row are written in.
//
// States (they must come first, after config): CLOSED, LISTEN, SYNS, SYNR (passive), SYNR-ACTIVE,
// SYNR-REOPENED, EST, EST-SACK, CW, FW1, FW2, CLG, LA, TW, with -ORPHAN where the application has
// closed and not only shut down; GONE: CLOSED with a handle that the application kept.
//
//   config NAME VALUE     before the state: a key of [tcp], those that stage.cpp knows
//   isn N                 waits until RFC 6528 gives this connection N, which is "isn" from then
//   A next una 4 w=100    a segment of the peer's; mss=N, to=broadcast, from=broadcast
//   say N                 the application sends N bytes, and they leave as far as they may
//   send N                the same, and "send=" what was accepted is written among what it is told
//   shut, close, abort    shutdown_write(), close(), abort()
//   hold, read            it leaves what arrives unread; it reads what is there
//   set OPTION VALUE      set_option()
//   on-fin CALL           it makes the call when it hears that the peer has closed
//   unlisten, stop-all    stop_listening(), stop_listening_all()
//   listener CALL         a call on a handle that is made from the listener's numbers
//   icmp CODE SEQ [MTU]   destination unreachable about the segment that we sent at SEQ
//   wait T                time passes, in a given state
//   timer T               nothing happens before T has passed; the event is what happens then
//   outlast T             the same, but whatever is sent before T is no matter
//   answered T            T passes, and the peer answers every segment with its shut window
//   never TIMER T         T passes without that timer being armed or counted; e.g. never T02 60s
//   quiet TIMER T         T passes without that timer being counted
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/stack/conversation.hpp"

namespace lastack::test::walk {

class Stage {
  public:
    /// Plays the steps that lead to the state; the numbers follow what happens.
    void prepare(const std::string& steps);
    /// Plays the event: the numbers stay as they are before it.
    void happen(const std::string& steps);

    /// A segment as the rows write it, with the numbers of now.
    Wire segment(std::string_view text) const;

    /// The state of the connection, with " orphan" where the application has let go of one that
    /// still ends; LISTEN where there is no record and a listener.
    std::string state() const;
    /// The connection's timer: "rexmt 200", "off", ...
    std::string timer() const;
    std::uint32_t parked() const;

    Host& host() { return talk_->host; }
    const Host& host() const { return talk_->host; }
    Recorder& app() { return talk_->host.app(); }
    /// Ends what is left, and asserts that nothing stays behind.
    void tear_down();

  private:
    using Words = std::vector<std::string>;

    /// The application's: of its own connect(), or of what its listener accepted.
    Connection handle() { return connection_.core() != nullptr ? connection_ : app().last; }

    void play(const std::string& step);
    bool play_call(const Words& words);
    bool play_time(const Words& words);
    void configure(const Words& words);
    void call(Connection connection, const Words& words);
    void say(std::size_t count);
    void set_option(const Words& words);
    void unreachable(const Words& words);
    void deliver(const std::string& step);

    void enter(const std::string& state);
    void enter_open(const std::string& state);
    void enter_half_open(const std::string& state);
    void end_with(const char* segment, const char* state);

    void until(time::Duration duration, bool silently);
    void answer_for(time::Duration duration);
    void not_one(const Words& words, bool nor_armed);

    void note_sent();
    std::uint32_t number(std::string_view text) const;
    std::optional<stack::ConnectionRow> row() const;

    stack::Config config_ = small_config();
    std::optional<Conversation> talk_;
    Connection connection_;
    std::map<std::string, std::uint32_t, std::less<>> numbers_{
        {"irs", 1'000}, {"iss", 5'000}, {"next", 1'001}, {"una", 5'001},
        {"max", 5'001}, {"isn", 0},     {"0", 0},        {"edge", 1'001 + 65'535}};
    bool preparing_ = true;
};

/// "200ms", "60s", "10m", "1h"
time::Duration duration_of(std::string_view text);

}  // namespace lastack::test::walk

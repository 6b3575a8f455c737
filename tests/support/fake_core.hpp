// A Core without a network: the test plays the peer, the stack and the clock.
//
// The idea: a service calls this core as it would call the real one; the test says what arrives and
// what is acknowledged, and reads what the service did. It keeps the promises of
// lastack/connection.hpp:
//
//   - events are delivered one at a time, never inside another event or inside a call of the
//   service:
//     a call only marks what is owed, and the test's next step (deliver, advance, ...) brings it;
//   - bytes that on_data did not use up stay, and are offered again with more, or after resume();
//   - send() takes what the room allows, and on_writable follows a short one when room came back;
//   - memory sent by reference is read when the peer takes it, and released then (or at the end);
//   - close() with unread bytes is a reset; on_closed comes exactly once, then the handle is stale.
//
// What it does not do: segments, windows, retransmission. Those are the stack's own tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lastack/core.hpp"

namespace lastack::test {

class FakeCore final : public Core {
  public:
    /// How a connection's end looked from outside.
    struct Ending {
        bool over = false;  ///< on_closed was delivered.
        CloseReason reason = CloseReason::orderly;
        bool aborted = false;        ///< abort() was called.
        bool closed = false;         ///< close() was called.
        bool closed_unread = false;  ///< ... with bytes unread: a reset on the wire.
        bool fin_sent = false;       ///< shutdown_write() or close() was called.
    };

    // --- The peer and the stack, played by the test. Each step delivers the events that it causes.

    /// A peer opens a connection to whoever listens on `port`; an invalid handle where nobody does.
    Connection accept(std::uint16_t port);
    /// The peer of a connect() answers: on_open.
    void establish(Connection connection);
    /// The connection ends by itself: on_closed(reason).
    void fail(Connection connection, CloseReason reason);
    /// Bytes arrive as one piece.
    void deliver(Connection connection, std::string_view bytes);
    /// Bytes arrive together, in pieces that end at arbitrary places.
    void deliver_pieces(Connection connection, const std::vector<std::string>& pieces);
    /// The peer's FIN arrives.
    void deliver_fin(Connection connection);
    /// The peer takes up to `len_bytes` of what was sent, and acknowledges them; once all is taken,
    /// a FIN too. Returns the bytes.
    std::string take(Connection connection, std::size_t len_bytes = SIZE_MAX);
    /// Time passes; timers fire in their order, each at its tick, and their events are delivered.
    void advance(std::chrono::nanoseconds duration);

    // --- What the world is like

    void set_send_buffer(std::size_t len_bytes) { send_buffer_ = len_bytes; }
    void set_max_timers(std::size_t count) { max_timers_ = count; }
    void set_max_references(std::size_t count) { max_references_ = count; }
    void refuse_connects(Error error) { connect_error_ = error; }
    void refuse_listens(Error error) { listen_error_ = error; }

    // --- What the service did

    const Ending& ending(Connection connection) const { return lives_[connection.index()].ending; }
    bool over(Connection connection) const { return ending(connection).over; }
    std::size_t unread(Connection connection) const;
    std::size_t untaken(Connection connection) const;
    bool listening(std::uint16_t port) const { return listeners_.contains(port); }
    std::size_t timers() const { return timers_.size(); }
    std::size_t references_held() const { return references_held_; }
    std::size_t stale_calls() const { return stale_calls_; }
    std::size_t short_sends() const { return short_sends_; }
    std::int64_t option(Connection connection, Option option) const;
    /// Every connect() that was accepted, in order; and where it went.
    const std::vector<Connection>& connects() const { return connects_; }
    Endpoint remote_of(Connection c) const { return lives_[c.index()].remote; }
    Endpoint local_of(Connection c) const { return lives_[c.index()].local; }
    std::size_t connect_calls() const { return connect_calls_; }

    // --- Core
    unsigned worker() const override { return 0; }
    std::chrono::nanoseconds now() const override { return now_; }
    ListenResult listen(const Endpoint& local, Handler& handler, const ListenOptions&) override;
    void stop_listening(Listener listener) override;
    ConnectResult connect(const Endpoint& remote, Handler& handler,
                          const ConnectOptions& options) override;
    Timer start_timer(std::chrono::nanoseconds delay, TimerHandler& handler,
                      std::uint64_t cookie) override;
    void cancel_timer(Timer timer) override;

  private:
    struct Sent {
        std::string copy;
        Bytes reference;  // used where `release` is set
        ReleaseFunction release = nullptr;
        void* context = nullptr;
        std::size_t taken = 0;
        std::size_t size() const { return release != nullptr ? reference.size() : copy.size(); }
    };
    struct Life {
        enum class Phase : std::uint8_t { opening, open, over };
        Phase phase = Phase::opening;
        std::uint32_t generation = 1;
        Handler* handler = nullptr;
        void* context = nullptr;
        Endpoint local;
        Endpoint remote;
        std::deque<std::string> unread;
        std::deque<Sent> sent;
        std::size_t untaken = 0;
        std::map<Option, std::int64_t> options;
        bool offer = false;
        bool wants_room = false;  ///< A send was short ...
        bool room_came = false;   ///< ... and bytes were taken since.
        bool fin_arrived = false;
        bool fin_told = false;
        bool fin_acknowledged = false;
        bool queued = false;
        Ending ending;
    };
    struct DueTimer {
        TimerHandler* handler;
        std::uint64_t cookie;
        std::uint32_t index;
    };

    Life* look(Connection connection);  ///< For the test's side: stale handles are not counted.
    Life* find(Connection connection);  ///< For the service's calls: they are.
    const Life* find(Connection connection) const;
    Connection handle(std::uint32_t index);
    std::uint32_t add_life(Handler& handler, const Endpoint& local, const Endpoint& remote);
    void want_event(std::uint32_t index);
    void settle();
    bool next_event(std::uint32_t index);
    void offer_unread(std::uint32_t index);
    void end(std::uint32_t index, CloseReason reason);
    void release_all(Life& life);

    std::size_t do_send(Connection connection, Bytes bytes) override;
    bool do_send_by_reference(Connection connection, Bytes bytes, ReleaseFunction release,
                              void* context) override;
    std::size_t do_send_room(Connection connection) const override;
    void do_shutdown_write(Connection connection) override;
    void do_close(Connection connection) override;
    void do_abort(Connection connection) override;
    int do_resume(Connection connection) override;
    std::size_t do_send_urgent(Connection connection, Bytes bytes) override {
        return do_send(connection, bytes);  // this network knows no hurry
    }
    std::uint32_t do_urgent_left(Connection) const override { return 0; }
    int do_take_error(Connection) override { return 0; }
    int do_send_error(Connection connection) override;
    bool do_set_option(Connection connection, Option option, std::int64_t value) override;
    void do_set_context(Connection connection, void* context) override;
    void* do_context(Connection connection) const override;
    Endpoint do_local(Connection connection) const override;
    Endpoint do_remote(Connection connection) const override;
    std::string_view do_state(Connection connection) const override;
    bool do_valid(Connection connection) const override;

    std::chrono::nanoseconds now_{1'000'000'000};
    std::deque<Life> lives_;
    std::deque<std::uint32_t> pending_;
    std::map<std::uint16_t, Handler*> listeners_;
    std::multimap<std::chrono::nanoseconds, DueTimer> timers_;
    std::vector<Connection> connects_;
    std::size_t send_buffer_ = 1 << 20;
    std::size_t max_timers_ = SIZE_MAX;
    std::size_t max_references_ = SIZE_MAX;
    Error connect_error_ = Error::none;
    Error listen_error_ = Error::none;
    std::uint32_t next_timer_ = 0;
    std::uint16_t next_port_ = 32'768;
    std::size_t references_held_ = 0;
    std::size_t connect_calls_ = 0;
    std::size_t short_sends_ = 0;
    mutable std::size_t stale_calls_ = 0;
    bool in_event_ = false;
    static constexpr std::uint32_t kNobody = 0xffff'ffff;
    std::uint32_t offering_ = kNobody;  ///< Whose on_data is being called.
};

}  // namespace lastack::test

// One end of a simulated connection: an application that behaves at random, and remembers enough to
// judge what the stack did with it.
//
// The bytes of a stream are a function of (connection, direction, position), so every byte that
// arrives is checked as it comes: what the application sees is a prefix of what was sent. The plan
// of an actor is drawn once, from the run's seed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "lastack/core.hpp"

namespace lastack::test {

/// How an actor ends its part.
enum class Ending : std::uint8_t {
    ShutdownThenClose,  // shutdown_write() when all is sent, close() when the peer has too
    CloseAfterPeer,     // waits for the peer's end first, then closes
    CloseWhenSent,      // close() as soon as all is sent: the peer's bytes may be cut off
    CloseOnData,        // close() inside the first on_data, whatever is still to come
    LingerZero,         // close() as soon as all is sent, with linger 0: a reset
    Abort,              // abort() at `patience`, whatever is going on
};

struct Plan {
    std::uint64_t stream = 0;       // what the bytes sent look like
    std::uint64_t peer_stream = 0;  // what the bytes received must look like
    std::size_t to_send = 0;
    std::size_t chunk = 1;  // most bytes of one send()
    bool by_reference = false;
    std::chrono::milliseconds think{};       // between chunks; 0: as fast as there is room
    unsigned read_percent = 100;             // of what is offered, used up each time
    std::chrono::milliseconds read_pause{};  // until the rest is asked for again
    Ending ending = Ending::CloseAfterPeer;
    std::chrono::milliseconds patience{};  // aborts then; 0: never
    std::chrono::milliseconds linger{};    // 0: none, and close() does not wait
    unsigned urgent_percent = 0;           // of the sends
    bool peer_urgent = false;              // whether the peer's are ever
    bool no_delay = false;
    bool keep_alive = false;           // asks after 20 s, three times 5 s
    std::uint32_t receive_buffer = 0;  // set on opening; 0: as configured
};

/// Whether both ends play by the rules, so that everything sent must arrive.
bool polite(Ending ending);

class Actor final : public Handler, public TimerHandler {
  public:
    Actor(Core& core, const Plan& plan) : core_(core), plan_(plan), random_(plan.stream) {}
    Actor(const Actor&) = delete;
    Actor& operator=(const Actor&) = delete;

    void use(Connection connection) { connection_ = connection; }

    void on_open(Connection connection) override;
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_urgent(Connection connection) override;
    void on_writable(Connection connection) override;
    void on_peer_closed(Connection connection) override;
    void on_closed(Connection connection, CloseReason reason) override;
    void on_timer(std::uint64_t cookie) override;

    /// Nothing more may wait for time to pass: whoever is still open is aborted.
    void give_up();

    const Plan& plan() const { return plan_; }
    bool opened() const { return opened_; }
    bool over() const { return reason_.has_value(); }
    bool said_all() const { return sent_ == plan_.to_send && finished_; }
    bool heard_end() const { return peer_closed_; }
    bool closed_first_hand() const { return closed_; }
    std::size_t sent() const { return sent_; }
    std::size_t received() const { return received_; }
    CloseReason reason() const { return *reason_; }
    /// Its FIN was acknowledged, so it has no reset to send.
    bool ended_in_order() const { return over() && reason() == CloseReason::orderly; }
    /// By the host's clock.
    std::chrono::nanoseconds over_at() const { return over_at_; }
    bool aborted() const { return aborted_; }
    /// Linger was set, and close() was called at least that long before the end.
    bool lingered_in_vain() const {
        return plan_.linger.count() > 0 && closed_ && over_at_ - closed_at_ >= plan_.linger;
    }
    /// The end of the peer's bytes was told while some that had been offered were not used up.
    bool left_unread() const { return left_unread_; }
    std::size_t urgent_sends() const { return urgent_sends_; }
    std::size_t urgent_heard() const { return urgent_heard_; }
    /// Releases of memory lent by reference that have not come yet.
    std::size_t lent() const { return loans_.size(); }
    /// What the stack did wrong; empty if nothing.
    const std::string& complaint() const { return complaint_; }
    std::string describe() const;

  private:
    /// Memory lent to the stack until it is released.
    struct Loan {
        std::vector<std::byte> bytes;
        Actor* owner;
    };
    static void return_loan(void* context);
    void complain(std::string what);
    void say_more();
    bool say(std::size_t count);
    void finish_if_said();
    void close_now();
    std::size_t hand_over(Bytes bytes);
    void start(std::chrono::milliseconds delay, std::uint64_t cookie);
    void set_options();
    bool as_sent(Bytes piece, std::size_t position);

    Core& core_;
    Plan plan_;
    std::mt19937_64 random_;
    Connection connection_;
    std::size_t sent_ = 0;
    std::size_t received_ = 0;
    std::vector<std::unique_ptr<Loan>> loans_;
    std::size_t unused_ = 0;  // of the last offer
    std::size_t urgent_sends_ = 0;
    std::size_t urgent_heard_ = 0;
    bool left_unread_ = false;
    bool opened_ = false;
    bool finished_ = false;  // our direction is closed
    bool closed_ = false;    // close() or abort() was called
    bool aborted_ = false;
    bool peer_closed_ = false;
    bool thinking_ = false;
    bool reading_later_ = false;
    std::optional<CloseReason> reason_;
    std::chrono::nanoseconds closed_at_{};
    std::chrono::nanoseconds over_at_{};
    std::string complaint_;
};

/// The bytes of `stream` from `position` on.
void fill_from_stream(std::uint64_t stream, std::size_t position, std::span<std::byte> out);

}  // namespace lastack::test

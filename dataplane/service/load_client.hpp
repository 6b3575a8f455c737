// The load generator of one core: when connections start, what they say, what is noted down.
//
//     opening -> exchanging -> (FirstCloser::server: awaiting_fin ->) closing -> over
//         \__________\______________________\_____________\___ failed -> over
//
// Files: load_pace.cpp decides when connections start, load_exchange.cpp speaks and verifies,
// load_report.cpp tells.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "service/deadlines.hpp"
#include "service/http_answer.hpp"
#include "service/load.hpp"
#include "service/load_tally.hpp"
#include "service/slots.hpp"

namespace lastack::service {

class LoadClient final : public Application,
                         public Handler,
                         public TimerHandler,
                         public DeadlineOwner {
  public:
    explicit LoadClient(LoadOptions options) : options_(std::move(options)) {}

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override;
    void drain() override { draining_ = true; }
    bool finished() const override;
    std::string report() const override;

    void on_open(Connection connection) override;
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_writable(Connection connection) override;
    void on_peer_closed(Connection connection) override;
    void on_closed(Connection connection, CloseReason reason) override;
    void on_timer(std::uint64_t cookie) override;
    void on_deadline(std::uint32_t slot, unsigned queue) override;

  private:
    /// One connection's state; a slot of a fixed pool.
    struct Talk {
        enum class Phase : std::uint8_t {
            unused,
            opening,
            exchanging,
            awaiting_fin,
            closing,
            failed
        };
        Connection connection;
        Phase phase = Phase::unused;
        bool measured = false;
        std::uint32_t answered = 0;
        std::chrono::nanoseconds began{0};  ///< When it was due; later: the last request.
        std::chrono::nanoseconds close_began{0};
        std::size_t head_sent = 0;
        std::uint64_t payload_sent = 0;
        std::uint64_t payload_received = 0;
        std::uint64_t pattern_base = 0;  ///< Where this exchange's payload begins.
        HttpAnswer answer;
    };

    // load_pace.cpp
    std::string_view unusable() const;
    void prepare();
    bool open_loop() const { return options_.rate > 0; }
    std::uint32_t capacity() const;
    std::chrono::nanoseconds next_due() const;
    bool may_start(std::chrono::nanoseconds due) const;
    bool over() const;
    void start_what_is_due();
    bool start_one(std::chrono::nanoseconds due);
    ConnectResult connect(Talk* talk);
    void arm();

    // load_exchange.cpp
    void begin_exchange(Talk& talk);
    void send_on(Talk& talk);
    bool read_http(Talk& talk, Bytes bytes);
    bool read_echo(Talk& talk, Bytes bytes);
    bool body_is_right(const Talk& talk, Bytes body) const;
    void end_exchange(Talk& talk);
    void begin_close(Talk& talk);
    bool ended_well(const Talk& talk, CloseReason reason) const;
    void fail(Talk& talk, LoadError error);
    void count_error(const Talk& talk, LoadError error);
    bool last_exchange(const Talk& talk) const {
        return talk.answered + 1 == options_.requests_per_connection;
    }
    const std::string& head_of(const Talk& talk) const {
        return last_exchange(talk) ? last_head_ : head_;
    }
    bool sends_payload() const { return options_.mode == LoadOptions::Mode::echo || options_.post; }
    LoadTally& tally(const Talk& talk) { return talk.measured ? measured_ : warm_up_; }
    void touch(Talk& talk) { deadlines_.set(talks_.index_of(&talk), 0); }

    LoadOptions options_;
    Core* core_ = nullptr;
    std::function<void(std::string_view)> complain_;
    Slots<Talk> talks_;
    Deadlines deadlines_;
    Timer timer_;
    bool draining_ = false;
    bool given_up_ = false;  ///< No timer was free, and no connection is left to go on from.

    std::string head_;       ///< The request but the last of a connection; empty for echo.
    std::string last_head_;  ///< The last one.
    std::uint64_t expected_body_ = 0;
    bool compare_body_ = false;

    std::chrono::nanoseconds begin_{0};  ///< When the run started, warm-up included.
    std::chrono::nanoseconds measure_from_{0};
    std::chrono::nanoseconds last_end_{0};  ///< When the last measured connection ended.
    std::chrono::nanoseconds worst_start_delay_{0};
    std::uint64_t due_count_ = 0;  ///< Open loop: connections that have been due so far.
    std::uint64_t next_local_ = 0;
    std::uint64_t exchange_number_ = 0;

    LoadTally measured_;
    LoadTally warm_up_;
    LoadLatency latency_;
};

}  // namespace lastack::service

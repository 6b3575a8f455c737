// What a load connection says, and whether the answer is right.
#include <algorithm>

#include "service/load_client.hpp"
#include "service/pattern.hpp"
#include "service/server.hpp"

namespace lastack::service {
namespace {

/// Each exchange's payload begins elsewhere in the pattern, so that another one's answer is not
/// right.
constexpr std::uint64_t kPatternStride = 7'919;

}  // namespace

void LoadClient::on_open(Connection connection) {
    Talk& talk = *static_cast<Talk*>(connection.context());
    if (talk.measured) latency_.connect.add(core_->now() - talk.began);
    connection.set_option(Option::no_delay, 1);
    talk.phase = Talk::Phase::exchanging;
    begin_exchange(talk);
}

void LoadClient::begin_exchange(Talk& talk) {
    talk.head_sent = 0;
    talk.payload_sent = 0;
    talk.payload_received = 0;
    talk.pattern_base = exchange_number_++ * kPatternStride % kPatternPeriod;
    talk.answer.reset();
    touch(talk);
    send_on(talk);
}

/// Sends what there is room for; on_writable goes on.
void LoadClient::send_on(Talk& talk) {
    const std::string& head = head_of(talk);
    if (talk.head_sent < head.size()) {
        const Bytes rest = std::as_bytes(std::span(head)).subspan(talk.head_sent);
        const std::size_t sent = talk.connection.send(rest);
        talk.head_sent += sent;
        tally(talk).bytes_sent += sent;
        if (sent < rest.size()) return;
    }
    if (!sends_payload() || talk.payload_sent == options_.payload_bytes) return;
    const std::uint64_t sent = send_pattern(talk.connection, talk.pattern_base + talk.payload_sent,
                                            options_.payload_bytes - talk.payload_sent);
    talk.payload_sent += sent;
    tally(talk).bytes_sent += sent;
}

void LoadClient::on_writable(Connection connection) {
    Talk& talk = *static_cast<Talk*>(connection.context());
    if (talk.phase == Talk::Phase::exchanging) send_on(talk);
}

/// Everything is read at once: what is right is counted, what is not ends the connection.
std::size_t LoadClient::on_data(Connection connection, std::span<const Bytes> pieces) {
    Talk& talk = *static_cast<Talk*>(connection.context());
    const std::size_t total = total_bytes(pieces);
    tally(talk).bytes_received += total;
    for (const Bytes piece : pieces) {
        const bool right = options_.mode == LoadOptions::Mode::http ? read_http(talk, piece)
                                                                    : read_echo(talk, piece);
        if (right) continue;
        if (talk.phase != Talk::Phase::failed) fail(talk, LoadError::bad_answer);
        break;
    }
    return total;
}

bool LoadClient::read_http(Talk& talk, Bytes bytes) {
    while (!bytes.empty()) {
        if (talk.phase != Talk::Phase::exchanging) return false;  // more than was asked for
        const std::uint64_t before = talk.answer.body_bytes();
        const HttpAnswer::Step step = talk.answer.next(bytes);
        talk.payload_received = before;
        if (talk.answer.status() == HttpAnswer::Status::malformed) return false;
        if (!body_is_right(talk, step.body)) return false;
        bytes = bytes.subspan(step.used);
        if (talk.answer.status() != HttpAnswer::Status::done) continue;
        const bool whole = !compare_body_ || talk.answer.body_bytes() == expected_body_;
        if (talk.answer.code() != 200 || !whole) return false;
        end_exchange(talk);
    }
    return true;
}

bool LoadClient::read_echo(Talk& talk, Bytes bytes) {
    const std::uint64_t left = options_.payload_bytes - talk.payload_received;
    if (talk.phase != Talk::Phase::exchanging || bytes.size() > left) return false;
    if (!matches_pattern(talk.pattern_base + talk.payload_received, bytes)) return false;
    talk.payload_received += bytes.size();
    if (talk.payload_received == options_.payload_bytes) end_exchange(talk);
    return true;
}

bool LoadClient::body_is_right(const Talk& talk, Bytes body) const {
    if (!compare_body_ || talk.answer.code() != 200) return true;  // the code is judged at the end
    const std::uint64_t base = options_.post ? talk.pattern_base : 0;
    return matches_pattern(base + talk.payload_received, body);
}

/// An answer is complete and right.
void LoadClient::end_exchange(Talk& talk) {
    ++tally(talk).exchanges;
    if (talk.measured) latency_.exchange.add(core_->now() - talk.began);
    if (last_exchange(talk)) {
        talk.close_began = core_->now();
        touch(talk);
        if (options_.first_closer == LoadOptions::FirstCloser::client) {
            begin_close(talk);
        } else {
            talk.phase = Talk::Phase::awaiting_fin;
        }
        return;
    }
    ++talk.answered;
    talk.began = core_->now();
    begin_exchange(talk);
}

void LoadClient::begin_close(Talk& talk) {
    talk.phase = Talk::Phase::closing;
    if (options_.abortive_close) talk.connection.set_option(Option::linger_ms, 0);
    talk.connection.close();
}

void LoadClient::on_peer_closed(Connection connection) {
    Talk& talk = *static_cast<Talk*>(connection.context());
    if (talk.phase == Talk::Phase::exchanging) {
        // A body without a length ends here; whether it is right is judged as for any other.
        talk.answer.end_of_input();
        const bool done = options_.mode == LoadOptions::Mode::http &&
                          talk.answer.status() == HttpAnswer::Status::done;
        const bool whole = !compare_body_ || talk.answer.body_bytes() == expected_body_;
        if (!done || !last_exchange(talk)) return fail(talk, LoadError::short_answer);
        if (talk.answer.code() != 200 || !whole) return fail(talk, LoadError::bad_answer);
        end_exchange(talk);
    }
    if (talk.phase == Talk::Phase::awaiting_fin) begin_close(talk);
}

/// A close that sends RST is reported as what it is.
bool LoadClient::ended_well(const Talk& talk, CloseReason reason) const {
    const CloseReason wanted =
        options_.abortive_close ? CloseReason::aborted : CloseReason::orderly;
    return talk.phase == Talk::Phase::closing && reason == wanted;
}

void LoadClient::on_closed(Connection connection, CloseReason reason) {
    Talk& talk = *static_cast<Talk*>(connection.context());
    const std::chrono::nanoseconds now = core_->now();
    if (ended_well(talk, reason)) {
        ++tally(talk).succeeded;
        if (talk.measured) latency_.close.add(now - talk.close_began);
    } else if (talk.phase != Talk::Phase::failed) {
        count_error(talk, load_error_of(reason));
    }
    if (talk.measured) last_end_ = now;
    deadlines_.clear(talks_.index_of(&talk));
    talk.phase = Talk::Phase::unused;
    talks_.release(&talk);
    start_what_is_due();
}

void LoadClient::on_deadline(std::uint32_t slot, unsigned) {
    fail(talks_[slot], LoadError::timed_out);
}

void LoadClient::fail(Talk& talk, LoadError error) {
    count_error(talk, error);
    deadlines_.clear(talks_.index_of(&talk));
    talk.phase = Talk::Phase::failed;
    talk.connection.abort();
}

void LoadClient::count_error(const Talk& talk, LoadError error) {
    ++tally(talk).errors[static_cast<std::size_t>(error)];
}

}  // namespace lastack::service

#include "tests/sim/actor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>

namespace lastack::test {

using namespace std::chrono_literals;

namespace {

enum Cookie : std::uint64_t { kSay, kRead, kPatience };

}  // namespace

void fill_from_stream(std::uint64_t stream, std::size_t position, std::span<std::byte> out) {
    static_assert(std::endian::native == std::endian::little);
    for (std::size_t i = 0; i < out.size();) {
        std::uint64_t x = stream + (position + i) / 8 * 0x9e37'79b9'7f4a'7c15ULL;
        x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9ULL;
        x ^= x >> 27;
        const std::size_t skip = (position + i) % 8;
        const std::size_t count = std::min(8 - skip, out.size() - i);
        x >>= skip * 8;
        std::memcpy(&out[i], &x, count);
        i += count;
    }
}

bool polite(Ending ending) {
    return ending == Ending::ShutdownThenClose || ending == Ending::CloseAfterPeer;
}

void Actor::complain(std::string what) {
    if (complaint_.empty()) complaint_ = std::move(what);
}

void Actor::start(std::chrono::milliseconds delay, std::uint64_t cookie) {
    if (!core_.start_timer(delay, *this, cookie).valid()) complain("no timer left");
}

void Actor::on_open(Connection connection) {
    if (opened_) complain("on_open came twice");
    if (closed_) complain("on_open came after close()");
    opened_ = true;
    connection_ = connection;
    set_options();
    if (plan_.patience.count() > 0) start(plan_.patience, kPatience);
    say_more();
}

std::size_t Actor::on_data(Connection connection, std::span<const Bytes> pieces) {
    if (!opened_) complain("on_data before on_open");
    if (closed_) complain("on_data after close()");
    if (peer_closed_) complain("on_data after on_peer_closed");
    if (connection != connection_) complain("on_data for another connection");
    std::size_t offered = 0;
    for (const Bytes piece : pieces) offered += piece.size();
    if (offered == 0) complain("on_data without a byte");
    const std::size_t used =
        plan_.read_percent >= 100 ? offered : offered * plan_.read_percent / 100;
    std::size_t position = received_;
    for (const Bytes piece : pieces) {
        if (!as_sent(piece, position)) {
            complain("wrong byte at or behind " + std::to_string(position));
            return offered;
        }
        position += piece.size();
    }
    received_ += used;
    unused_ = offered - used;
    if (plan_.ending == Ending::CloseOnData) {
        close_now();
        return used;
    }
    if (used < offered && !reading_later_) {
        reading_later_ = true;
        start(plan_.read_pause, kRead);
    }
    return used;
}

bool Actor::as_sent(Bytes piece, std::size_t position) {
    std::array<std::byte, 512> expected;
    for (std::size_t at = 0; at < piece.size(); at += expected.size()) {
        const Bytes part = piece.subspan(at, std::min(expected.size(), piece.size() - at));
        const auto same = std::span(expected).first(part.size());
        fill_from_stream(plan_.peer_stream, position + at, same);
        if (std::memcmp(part.data(), same.data(), part.size()) != 0) return false;
    }
    return true;
}

void Actor::set_options() {
    const auto set = [this](Option option, std::int64_t value) {
        if (!connection_.set_option(option, value)) complain("set_option() refused");
    };
    if (plan_.no_delay) set(Option::no_delay, 1);
    if (plan_.ending == Ending::LingerZero) set(Option::linger_ms, 0);
    if (plan_.linger.count() > 0) set(Option::linger_ms, plan_.linger.count());
    if (plan_.receive_buffer != 0) set(Option::receive_buffer_bytes, plan_.receive_buffer);
    if (!plan_.keep_alive) return;
    set(Option::keep_alive_idle_ms, 20'000);
    set(Option::keep_alive_interval_ms, 5'000);
    set(Option::keep_alive_count, 3);
    set(Option::keep_alive, 1);
}

void Actor::on_urgent(Connection) {
    if (!opened_) complain("on_urgent before on_open");
    if (closed_) complain("on_urgent after close()");
    if (peer_closed_) complain("on_urgent after on_peer_closed");
    if (!plan_.peer_urgent) complain("on_urgent, and nothing urgent was sent");
    ++urgent_heard_;
}

void Actor::on_writable(Connection) {
    if (closed_) complain("on_writable after close()");
    say_more();
}

void Actor::on_peer_closed(Connection) {
    if (peer_closed_) complain("on_peer_closed came twice");
    if (closed_) complain("on_peer_closed after close()");
    peer_closed_ = true;
    left_unread_ = unused_ > 0;
    finish_if_said();
}

void Actor::on_closed(Connection, CloseReason reason) {
    if (over()) complain("on_closed came twice");
    reason_ = reason;
    over_at_ = core_.now();
}

void Actor::on_timer(std::uint64_t cookie) {
    if (over()) return;
    switch (static_cast<Cookie>(cookie)) {
        case kSay:
            thinking_ = false;
            if (!closed_) say_more();
            return;
        case kRead:
            reading_later_ = false;
            plan_.read_percent = std::min(100U, plan_.read_percent + 10);
            if (!closed_) connection_.resume();
            return;
        case kPatience:
            give_up();
            return;
    }
}

void Actor::give_up() {
    if (over() || aborted_ || !connection_.valid()) return;
    aborted_ = true;
    closed_ = true;
    connection_.abort();
}

void Actor::return_loan(void* context) {
    auto* const loan = static_cast<Loan*>(context);
    std::ranges::fill(loan->bytes, std::byte{0xdb});  // whoever still sends from it is found out
    std::erase_if(loan->owner->loans_, [loan](const auto& other) { return other.get() == loan; });
}

bool Actor::say(std::size_t wanted) {
    // A byte more than there is room for asks for on_writable; what is beyond need not be made.
    const std::size_t room = connection_.send_room() + 1;
    const std::size_t count = plan_.by_reference ? wanted : std::min(wanted, room);
    std::vector<std::byte> bytes(count);
    fill_from_stream(plan_.stream, sent_, bytes);
    if (plan_.by_reference) {
        auto loan = std::make_unique<Loan>(Loan{std::move(bytes), this});
        if (!connection_.send_by_reference(loan->bytes, return_loan, loan.get())) return false;
        loans_.push_back(std::move(loan));
        sent_ += count;
        return true;
    }
    const std::size_t taken = hand_over(bytes);
    if (taken > count) complain("send() took more than it was given");
    sent_ += taken;
    return taken == wanted;
}

std::size_t Actor::hand_over(Bytes bytes) {
    const bool urgent = plan_.urgent_percent > 0 && random_() % 100 < plan_.urgent_percent;
    if (!urgent) return connection_.send(bytes);
    const std::size_t taken = connection_.send_urgent(bytes);
    if (taken > 0) ++urgent_sends_;
    return taken;
}

void Actor::say_more() {
    while (!thinking_ && !finished_ && !closed_ && sent_ < plan_.to_send) {
        const std::size_t count =
            std::min(plan_.to_send - sent_, 1 + random_() % std::max<std::size_t>(plan_.chunk, 1));
        const std::size_t room = connection_.send_room();
        const std::size_t before = sent_;
        const bool all = say(count);
        std::chrono::milliseconds pause = plan_.think;
        // Room, but no memory: on_writable would come at every turn.
        if (!all && sent_ == before && room >= count) pause = 10ms;
        if (pause.count() > 0) {
            thinking_ = true;
            start(pause, kSay);
        }
        if (!all) return;  // on_writable follows
    }
    finish_if_said();
}

void Actor::finish_if_said() {
    if (closed_ || sent_ < plan_.to_send) return;
    switch (plan_.ending) {
        case Ending::ShutdownThenClose:
            if (!finished_) {
                finished_ = true;
                connection_.shutdown_write();
            }
            if (peer_closed_) close_now();
            return;
        case Ending::CloseAfterPeer:
            if (peer_closed_) close_now();
            return;
        case Ending::CloseWhenSent:
        case Ending::LingerZero:
            close_now();
            return;
        case Ending::CloseOnData:
            if (peer_closed_) close_now();  // nothing will come
            return;
        case Ending::Abort:
            return;
    }
}

void Actor::close_now() {
    if (closed_) return;
    closed_ = true;
    closed_at_ = core_.now();
    finished_ = true;
    connection_.close();
}

std::string Actor::describe() const {
    return "sent " + std::to_string(sent_) + '/' + std::to_string(plan_.to_send) + ", received " +
           std::to_string(received_) + ", ending " +
           std::to_string(static_cast<int>(plan_.ending)) + (opened_ ? ", opened" : "") +
           (closed_ ? ", closed" : "") + (peer_closed_ ? ", peer closed" : "") +
           (reason_ ? ", over: " + std::string(name(*reason_)) : std::string(", not over")) +
           (connection_.valid() ? ", " + std::string(connection_.state()) : std::string());
}

}  // namespace lastack::test

#include "tests/sim/actor.hpp"

#include <algorithm>
#include <memory>

namespace lastack::test {

namespace {

enum Cookie : std::uint64_t { kSay, kRead, kPatience };

// Memory lent to the stack: counted back when it is released.
struct Loan {
    std::vector<std::byte> bytes;
    std::size_t* lent;
};

void return_loan(void* context) {
    const std::unique_ptr<Loan> loan(static_cast<Loan*>(context));
    --*loan->lent;
    std::ranges::fill(loan->bytes, std::byte{0xdb});  // whoever still sends from it is found out
}

}  // namespace

std::byte stream_byte(std::uint64_t stream, std::size_t position) {
    std::uint64_t x = stream + position / 8 * 0x9e37'79b9'7f4a'7c15ULL;
    x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9ULL;
    x ^= x >> 27;
    return static_cast<std::byte>(x >> (position % 8 * 8));
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
    if (plan_.no_delay) connection.set_option(Option::no_delay, 1);
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
        for (const std::byte byte : piece) {
            if (byte != stream_byte(plan_.peer_stream, position)) {
                complain("wrong byte at " + std::to_string(position));
                return offered;
            }
            ++position;
        }
    }
    received_ += used;
    if (used < offered && !reading_later_) {
        reading_later_ = true;
        start(plan_.read_pause, kRead);
    }
    return used;
}

void Actor::on_writable(Connection) {
    if (closed_) complain("on_writable after close()");
    say_more();
}

void Actor::on_peer_closed(Connection) {
    if (peer_closed_) complain("on_peer_closed came twice");
    if (closed_) complain("on_peer_closed after close()");
    peer_closed_ = true;
    finish_if_said();
}

void Actor::on_closed(Connection, CloseReason reason) {
    if (over()) complain("on_closed came twice");
    reason_ = reason;
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

bool Actor::say(std::size_t count) {
    std::vector<std::byte> bytes(count);
    for (std::size_t i = 0; i < count; ++i) bytes[i] = stream_byte(plan_.stream, sent_ + i);
    if (plan_.by_reference) {
        auto loan = std::make_unique<Loan>(Loan{std::move(bytes), &lent_});
        ++lent_;
        if (!connection_.send_by_reference(loan->bytes, return_loan, loan.get())) {
            --lent_;
            return false;
        }
        static_cast<void>(loan.release());
        sent_ += count;
        return true;
    }
    const std::size_t taken = connection_.send(bytes);
    if (taken > count) complain("send() took more than it was given");
    sent_ += taken;
    return taken == count;
}

void Actor::say_more() {
    while (!thinking_ && !finished_ && !closed_ && sent_ < plan_.to_send) {
        const std::size_t count =
            std::min(plan_.to_send - sent_, 1 + random_() % std::max<std::size_t>(plan_.chunk, 1));
        if (!say(count)) return;  // on_writable follows
        if (plan_.think.count() > 0) {
            thinking_ = true;
            start(plan_.think, kSay);
        }
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
            close_now();
            return;
        case Ending::Abort:
            return;
    }
}

void Actor::close_now() {
    if (closed_) return;
    closed_ = true;
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

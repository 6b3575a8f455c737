#include "tests/support/fake_core.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace lastack::test {
namespace {

constexpr std::chrono::nanoseconds kTick = std::chrono::milliseconds(1);

/// A service that breaks a rule of the contract is a defect of ours: stop where it happens.
void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "FakeCore: %s\n", what);
    std::abort();
}

Bytes as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

// --- The peer and the stack

Connection FakeCore::accept(std::uint16_t port) {
    const auto listener = listeners_.find(port);
    if (listener == listeners_.end()) return {};
    const Endpoint local{.address = Address::ipv4(0xc612'0001), .port = port};
    const Endpoint remote{.address = Address::ipv4(0xc612'0002), .port = next_port_++};
    const std::uint32_t index = add_life(*listener->second, local, remote);
    const Connection connection = handle(index);
    establish(connection);
    return connection;
}

void FakeCore::establish(Connection connection) {
    Life* life = look(connection);
    require(life != nullptr && life->phase == Life::Phase::opening, "establish: it is not opening");
    life->phase = Life::Phase::open;
    in_event_ = true;
    life->handler->on_open(connection);
    in_event_ = false;
    settle();
}

void FakeCore::fail(Connection connection, CloseReason reason) {
    if (look(connection) != nullptr) end(connection.index(), reason);
    settle();
}

void FakeCore::deliver(Connection connection, std::string_view bytes) {
    deliver_pieces(connection, {std::string(bytes)});
}

void FakeCore::deliver_pieces(Connection connection, const std::vector<std::string>& pieces) {
    Life* life = look(connection);
    if (life == nullptr || life->ending.closed) return;  // a stack would answer RST
    for (const std::string& piece : pieces) {
        if (!piece.empty()) life->unread.push_back(piece);
    }
    life->offer = true;
    want_event(connection.index());
    settle();
}

void FakeCore::deliver_fin(Connection connection) {
    Life* life = look(connection);
    if (life == nullptr) return;
    life->fin_arrived = true;
    want_event(connection.index());
    settle();
}

std::string FakeCore::take(Connection connection, std::size_t len_bytes) {
    Life& life = lives_[connection.index()];
    std::string bytes;
    while (!life.sent.empty() && bytes.size() < len_bytes) {
        Sent& first = life.sent.front();
        const std::size_t n = std::min(len_bytes - bytes.size(), first.size() - first.taken);
        const char* data = first.release != nullptr
                               ? reinterpret_cast<const char*>(first.reference.data())
                               : first.copy.data();
        bytes.append(data + first.taken, n);
        first.taken += n;
        if (first.taken < first.size()) break;
        if (first.release != nullptr) {
            first.release(first.context);
            --references_held_;
        }
        life.sent.pop_front();
    }
    life.untaken -= bytes.size();
    if (!bytes.empty()) life.room_came = true;
    if (life.sent.empty() && life.ending.fin_sent) life.fin_acknowledged = true;
    if (life.phase == Life::Phase::open) want_event(connection.index());
    settle();
    return bytes;
}

void FakeCore::advance(std::chrono::nanoseconds duration) {
    const std::chrono::nanoseconds until = now_ + duration;
    while (!timers_.empty() && timers_.begin()->first <= until) {
        const auto [due, timer] = *timers_.begin();
        timers_.erase(timers_.begin());
        now_ = std::max(now_, due);
        in_event_ = true;
        timer.handler->on_timer(timer.cookie);
        in_event_ = false;
        settle();
    }
    now_ = until;
    settle();
}

std::size_t FakeCore::unread(Connection connection) const {
    std::size_t sum = 0;
    for (const std::string& piece : lives_[connection.index()].unread) sum += piece.size();
    return sum;
}

std::size_t FakeCore::untaken(Connection connection) const {
    return lives_[connection.index()].untaken;
}

std::int64_t FakeCore::option(Connection connection, Option option) const {
    const auto& options = lives_[connection.index()].options;
    const auto found = options.find(option);
    return found == options.end() ? -1 : found->second;
}

// --- Events

void FakeCore::want_event(std::uint32_t index) {
    if (lives_[index].queued) return;
    lives_[index].queued = true;
    pending_.push_back(index);
}

void FakeCore::settle() {
    if (in_event_) return;
    for (std::uint64_t events = 0; !pending_.empty(); ++events) {
        require(events < 100'000'000, "events never end: a service answers each with another");
        const std::uint32_t index = pending_.front();
        pending_.pop_front();
        lives_[index].queued = false;
        in_event_ = true;
        const bool more = next_event(index);
        in_event_ = false;
        if (more) want_event(index);
    }
}

/// Delivers at most one event; true: there may be another.
bool FakeCore::next_event(std::uint32_t index) {
    Life& life = lives_[index];
    if (life.phase != Life::Phase::open && !life.ending.aborted && !life.ending.closed)
        return false;
    if (life.phase == Life::Phase::over) return false;
    if (life.ending.aborted || life.ending.closed_unread) {
        end(index, CloseReason::aborted);
        return false;
    }
    const bool received_all = life.fin_arrived && life.fin_told;
    if (life.fin_acknowledged && (life.ending.closed || received_all)) {
        end(index, CloseReason::orderly);
        return false;
    }
    if (life.ending.closed) return false;
    if (life.wants_room && life.room_came && life.untaken < send_buffer_) {
        life.wants_room = false;
        life.handler->on_writable(handle(index));
        return true;
    }
    if (life.offer && !life.unread.empty()) {
        offer_unread(index);
        return true;
    }
    if (life.fin_arrived && !life.fin_told && life.unread.empty()) {
        life.fin_told = true;
        life.handler->on_peer_closed(handle(index));
        return true;
    }
    return false;
}

void FakeCore::offer_unread(std::uint32_t index) {
    Life& life = lives_[index];
    life.offer = false;
    std::vector<Bytes> pieces;
    std::size_t total = 0;
    for (const std::string& piece : life.unread) {
        pieces.push_back(as_bytes(piece));
        total += piece.size();
    }
    offering_ = index;
    std::size_t used = life.handler->on_data(handle(index), pieces);
    offering_ = kNobody;
    require(used <= total, "on_data used up more than it was offered");
    // Fresh memory for what stays, so that a service that kept a pointer is caught by ASan.
    while (used > 0 && used >= life.unread.front().size()) {
        used -= life.unread.front().size();
        life.unread.pop_front();
    }
    if (used > 0) life.unread.front() = life.unread.front().substr(used);
    if (life.ending.closed && !life.unread.empty()) life.ending.closed_unread = true;
}

void FakeCore::end(std::uint32_t index, CloseReason reason) {
    Life& life = lives_[index];
    if (life.phase == Life::Phase::over) return;
    const bool outer = in_event_;
    in_event_ = true;
    life.ending.reason = reason;
    life.handler->on_closed(handle(index), reason);
    in_event_ = outer;
    life.ending.over = true;
    life.phase = Life::Phase::over;
    ++life.generation;  // every handle is stale from here
    if (reason != CloseReason::orderly) release_all(life);
}

void FakeCore::release_all(Life& life) {
    for (Sent& sent : life.sent) {
        if (sent.release == nullptr) continue;
        sent.release(sent.context);
        --references_held_;
    }
    life.sent.clear();
    life.untaken = 0;
}

// --- Core

ListenResult FakeCore::listen(const Endpoint& local, Handler& handler, const ListenOptions&) {
    if (listen_error_ != Error::none) return {.listener = {}, .error = listen_error_};
    if (listeners_.contains(local.port)) return {.listener = {}, .error = Error::address_in_use};
    listeners_[local.port] = &handler;
    return {.listener = {.index = local.port, .generation = 1}, .error = Error::none};
}

void FakeCore::stop_listening(Listener listener) {
    listeners_.erase(static_cast<std::uint16_t>(listener.index));
}

ConnectResult FakeCore::connect(const Endpoint& remote, Handler& handler,
                                const ConnectOptions& options) {
    ++connect_calls_;
    if (connect_error_ != Error::none) return {.connection = {}, .error = connect_error_};
    Endpoint local = options.local;
    if (local.address.is_unspecified()) local.address = Address::ipv4(0xc612'0002);
    if (local.port == 0) local.port = next_port_++;
    const std::uint32_t index = add_life(handler, local, remote);
    lives_[index].context = options.context;
    connects_.push_back(handle(index));
    return {.connection = handle(index), .error = Error::none};
}

Timer FakeCore::start_timer(std::chrono::nanoseconds delay, TimerHandler& handler,
                            std::uint64_t cookie) {
    if (timers_.size() >= max_timers_) return {};
    const std::chrono::nanoseconds due =
        (now_ + delay + kTick - std::chrono::nanoseconds(1)) / kTick * kTick;
    const std::uint32_t index = next_timer_++;
    timers_.insert({std::max(due, now_ + kTick), {&handler, cookie, index}});
    return {.index = index, .generation = 1};
}

void FakeCore::cancel_timer(Timer timer) {
    const auto found = std::find_if(timers_.begin(), timers_.end(), [&](const auto& entry) {
        return entry.second.index == timer.index;
    });
    if (found != timers_.end()) timers_.erase(found);
}

std::uint32_t FakeCore::add_life(Handler& handler, const Endpoint& local, const Endpoint& remote) {
    Life& life = lives_.emplace_back();
    life.handler = &handler;
    life.local = local;
    life.remote = remote;
    return static_cast<std::uint32_t>(lives_.size() - 1);
}

Connection FakeCore::handle(std::uint32_t index) {
    return Connection(this, index, lives_[index].generation);
}

FakeCore::Life* FakeCore::find(Connection connection) {
    return const_cast<Life*>(static_cast<const FakeCore*>(this)->find(connection));
}

const FakeCore::Life* FakeCore::find(Connection connection) const {
    const Life* life = const_cast<FakeCore*>(this)->look(connection);
    if (life == nullptr) ++stale_calls_;
    return life;
}

FakeCore::Life* FakeCore::look(Connection connection) {
    const bool alive = connection.index() < lives_.size() &&
                       lives_[connection.index()].generation == connection.generation();
    return alive ? &lives_[connection.index()] : nullptr;
}

std::size_t FakeCore::do_send(Connection connection, Bytes bytes) {
    Life* life = find(connection);
    if (life == nullptr || life->phase != Life::Phase::open) return 0;
    if (life->ending.fin_sent || life->ending.aborted) return 0;
    const std::size_t room = do_send_room(connection);
    const std::size_t n = std::min(room, bytes.size());
    if (n > 0) {
        Sent& sent = life->sent.emplace_back();
        sent.copy.assign(reinterpret_cast<const char*>(bytes.data()), n);
        life->untaken += n;
    }
    if (n < bytes.size()) {
        ++short_sends_;
        life->wants_room = true;
        life->room_came = false;
    }
    return n;
}

bool FakeCore::do_send_by_reference(Connection connection, Bytes bytes, ReleaseFunction release,
                                    void* context) {
    Life* life = find(connection);
    if (life == nullptr || life->phase != Life::Phase::open) return false;
    if (life->ending.fin_sent || life->ending.aborted) return false;
    require(release != nullptr && !bytes.empty(), "send_by_reference without bytes or release");
    if (bytes.size() > do_send_room(connection) || references_held_ >= max_references_) {
        ++short_sends_;
        life->wants_room = true;
        life->room_came = false;
        return false;
    }
    Sent& sent = life->sent.emplace_back();
    sent.reference = bytes;
    sent.release = release;
    sent.context = context;
    life->untaken += bytes.size();
    ++references_held_;
    return true;
}

std::size_t FakeCore::do_send_room(Connection connection) const {
    const Life* life = find(connection);
    if (life == nullptr || life->phase != Life::Phase::open || life->ending.fin_sent) return 0;
    return send_buffer_ - std::min(send_buffer_, life->untaken);
}

void FakeCore::do_shutdown_write(Connection connection) {
    if (Life* life = find(connection)) life->ending.fin_sent = true;
}

void FakeCore::do_close(Connection connection) {
    Life* life = find(connection);
    if (life == nullptr || life->ending.closed) return;
    life->ending.closed = true;
    life->ending.fin_sent = true;
    // Inside its own on_data the return value decides what is unread; offer_unread looks then.
    const bool inside = offering_ == connection.index();
    if (!life->unread.empty() && !inside) life->ending.closed_unread = true;
    if (life->phase == Life::Phase::opening) life->ending.aborted = true;
    want_event(connection.index());
}

void FakeCore::do_abort(Connection connection) {
    Life* life = find(connection);
    if (life == nullptr) return;
    life->ending.aborted = true;
    want_event(connection.index());
}

int FakeCore::do_resume(Connection connection) {
    Life* life = find(connection);
    if (life == nullptr) return 0;
    life->offer = true;
    want_event(connection.index());
    return 0;
}

int FakeCore::do_send_error(Connection connection) {
    const Life* life = find(connection);
    if (life == nullptr) return EBADF;
    return life->ending.fin_sent || life->phase == Life::Phase::over ? EPIPE : 0;
}

bool FakeCore::do_set_option(Connection connection, Option option, std::int64_t value) {
    Life* life = find(connection);
    if (life == nullptr) return false;
    life->options[option] = value;
    return true;
}

void FakeCore::do_set_context(Connection connection, void* context) {
    if (Life* life = find(connection)) life->context = context;
}

void* FakeCore::do_context(Connection connection) const {
    const Life* life = find(connection);
    return life == nullptr ? nullptr : life->context;
}

Endpoint FakeCore::do_local(Connection connection) const {
    const Life* life = find(connection);
    return life == nullptr ? Endpoint{} : life->local;
}

Endpoint FakeCore::do_remote(Connection connection) const {
    const Life* life = find(connection);
    return life == nullptr ? Endpoint{} : life->remote;
}

std::string_view FakeCore::do_state(Connection connection) const {
    const Life* life = find(connection);
    return life != nullptr && life->phase == Life::Phase::open ? "ESTABLISHED" : "CLOSED";
}

bool FakeCore::do_valid(Connection connection) const {
    return find(connection) != nullptr;
}

}  // namespace lastack::test

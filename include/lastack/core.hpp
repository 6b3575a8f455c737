// One core's endpoint, as the applications that run on it see it.
//
// A core owns connections, listeners and timers; nothing of it is shared with another core. All
// calls are made on the core's own thread.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "lastack/connection.hpp"

namespace lastack {

/// Why a call was refused.
enum class Error : std::uint8_t {
    none,
    address_in_use,  ///< Another listener, connections on its port, or the same four-tuple.
    no_free_port,    ///< No local port that was looked at is free for that destination.
    bad_address,     ///< Not one of ours, or one that nobody can be reached at.
    unreachable,     ///< No route.
    no_resources,    ///< A pool or table sized at start is full.
    quiet_time,      ///< tcp.quiet_time after the start is not over yet.
};

/// "address in use", ...
std::string_view describe(Error error);

/// EADDRINUSE, EADDRNOTAVAIL, ENETUNREACH, ...; 0 for none.
int error_number(Error error);

struct ListenOptions {
    std::uint32_t max_half_open = 0;  ///< Connections not yet open; 0 is the configured default.

    /// SO_REUSEADDR: listen although connections use the port, TIME-WAIT among them, where all of
    /// their owners had asked for it too. They go on, and keep their four-tuples (C-31). Without
    /// it such a port is address_in_use (C-32). Never two listeners on one endpoint.
    bool reuse_address = false;

    /// SO_REUSEPORT: listen beside others of this core on the same endpoint, where all have asked
    /// for it and are of one owner. A keyed hash of the four-tuple chooses among them (G-38).
    bool reuse_port = false;
    std::uint32_t owner = 0;  ///< Who that is: a user id, or whatever keeps users apart.
};

struct Listener {
    std::uint32_t index = 0xffff'ffff;
    std::uint32_t generation = 0;
    bool valid() const { return index != 0xffff'ffff; }
};

struct ListenResult {
    Listener listener{};
    Error error = Error::none;
    explicit operator bool() const { return error == Error::none; }
};

struct ConnectOptions {
    Endpoint local{};            ///< Unspecified address, port 0: both are chosen.
    void* context = nullptr;     ///< The connection's context from the start.
    bool reuse_address = false;  ///< A listener with reuse_address may share the local port.
};

struct ConnectResult {
    Connection connection{};  ///< Not open yet: on_open or on_closed follows.
    Error error = Error::none;
    explicit operator bool() const { return error == Error::none; }
};

/// A timer's owner. Called once per start_timer(), on the core's thread.
class TimerHandler {
  public:
    virtual ~TimerHandler() = default;
    virtual void on_timer(std::uint64_t cookie) = 0;
};

struct Timer {
    std::uint32_t index = 0xffff'ffff;
    std::uint32_t generation = 0;
    bool valid() const { return index != 0xffff'ffff; }
};

class Core {
  public:
    /// Which worker this is, from 0.
    virtual unsigned worker() const = 0;

    /// The time of this turn: monotonic, the same for all events of a turn.
    virtual std::chrono::nanoseconds now() const = 0;

    /// Accepts connections to `local`; an unspecified address stands for all of ours.
    virtual ListenResult listen(const Endpoint& local, Handler& handler,
                                const ListenOptions& options = {}) = 0;

    /// Stops listening. Open connections live on; half-open ones are dropped silently.
    virtual void stop_listening(Listener listener) = 0;

    /// Opens a connection to `remote`.
    virtual ConnectResult connect(const Endpoint& remote, Handler& handler,
                                  const ConnectOptions& options = {}) = 0;

    /// Calls handler.on_timer(cookie) once, not before `delay` has passed; the error is at most a
    /// tick of 1 ms. An invalid Timer where all are in use.
    virtual Timer start_timer(std::chrono::nanoseconds delay, TimerHandler& handler,
                              std::uint64_t cookie) = 0;
    virtual void cancel_timer(Timer timer) = 0;

  protected:
    virtual ~Core() = default;  // virtual for -Wnon-virtual-dtor: the friend below can reach it

  private:
    friend class Connection;
    virtual std::size_t do_send(Connection connection, Bytes bytes) = 0;
    virtual std::size_t do_send_urgent(Connection connection, Bytes bytes) = 0;
    virtual bool do_send_by_reference(Connection connection, Bytes bytes, ReleaseFunction release,
                                      void* context) = 0;
    virtual std::size_t do_send_room(Connection connection) const = 0;
    virtual void do_shutdown_write(Connection connection) = 0;
    virtual void do_close(Connection connection) = 0;
    virtual void do_abort(Connection connection) = 0;
    virtual int do_resume(Connection connection) = 0;
    virtual std::uint32_t do_urgent_left(Connection connection) const = 0;
    virtual int do_take_error(Connection connection) = 0;
    virtual int do_send_error(Connection connection) = 0;
    virtual bool do_set_option(Connection connection, Option option, std::int64_t value) = 0;
    virtual void do_set_context(Connection connection, void* context) = 0;
    virtual void* do_context(Connection connection) const = 0;
    virtual Endpoint do_local(Connection connection) const = 0;
    virtual Endpoint do_remote(Connection connection) const = 0;
    virtual std::string_view do_state(Connection connection) const = 0;
    virtual bool do_valid(Connection connection) const = 0;
};

/// What runs on a core: made once per core, started there, told when to stop.
class Application {
  public:
    virtual ~Application() = default;

    /// Called once, on the core's thread, before its first turn. Returns false to end the process
    /// with an error; the application has said why through `complain`.
    virtual bool start(Core& core, const std::function<void(std::string_view)>& complain) = 0;

    /// The process drains: start nothing new; connections that are open may finish.
    virtual void drain() {}

    /// True when this application has done all it was made for; when every application of every
    /// core has, the process ends. A server never finishes.
    virtual bool finished() const { return false; }

    /// A report as JSON text, asked for at any time on the core's thread; "{}" if there is none.
    virtual std::string report() const { return "{}"; }
};

/// Makes the application of one core.
using ApplicationFactory = std::function<std::unique_ptr<Application>(unsigned worker)>;

inline std::size_t Connection::send(Bytes bytes) {
    return core_ == nullptr ? 0 : core_->do_send(*this, bytes);
}
inline std::size_t Connection::send_urgent(Bytes bytes) {
    return core_ == nullptr ? 0 : core_->do_send_urgent(*this, bytes);
}
inline bool Connection::send_by_reference(Bytes bytes, ReleaseFunction release, void* context) {
    return core_ != nullptr && core_->do_send_by_reference(*this, bytes, release, context);
}
inline std::size_t Connection::send_room() const {
    return core_ == nullptr ? 0 : core_->do_send_room(*this);
}
inline void Connection::shutdown_write() {
    if (core_ != nullptr) core_->do_shutdown_write(*this);
}
inline void Connection::close() {
    if (core_ != nullptr) core_->do_close(*this);
}
inline void Connection::abort() {
    if (core_ != nullptr) core_->do_abort(*this);
}
inline int Connection::resume() {
    return core_ == nullptr ? 0 : core_->do_resume(*this);
}
inline std::uint32_t Connection::urgent_left() const {
    return core_ == nullptr ? 0 : core_->do_urgent_left(*this);
}
inline int Connection::take_error() {
    return core_ == nullptr ? 0 : core_->do_take_error(*this);
}
inline int Connection::send_error() {
    return core_ == nullptr ? EBADF : core_->do_send_error(*this);
}
inline bool Connection::set_option(Option option, std::int64_t value) {
    return core_ != nullptr && core_->do_set_option(*this, option, value);
}
inline void Connection::set_context(void* context) {
    if (core_ != nullptr) core_->do_set_context(*this, context);
}
inline void* Connection::context() const {
    return core_ == nullptr ? nullptr : core_->do_context(*this);
}
inline Endpoint Connection::local() const {
    return core_ == nullptr ? Endpoint{} : core_->do_local(*this);
}
inline Endpoint Connection::remote() const {
    return core_ == nullptr ? Endpoint{} : core_->do_remote(*this);
}
inline std::string_view Connection::state() const {
    return core_ == nullptr ? std::string_view("CLOSED") : core_->do_state(*this);
}
inline bool Connection::valid() const {
    return core_ != nullptr && core_->do_valid(*this);
}

}  // namespace lastack

// The map of errors (D-29), and the slot that holds one until somebody asks (D-30).
//
// An event API has no call that fails later: on_closed says why a connection is over. What sockets
// call the pending error is the errno of that end. take_error() gives it once; after it nothing is
// read any more (serve_connection() offers nothing), and a write is a broken
// pipe.

#include <cerrno>

#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack {

int error_number(CloseReason reason) {
    switch (reason) {
        case CloseReason::orderly:
            return 0;
        case CloseReason::reset:
            return ECONNRESET;
        case CloseReason::refused:
            return ECONNREFUSED;
        case CloseReason::timed_out:
            return ETIMEDOUT;
        case CloseReason::unreachable:
            return EHOSTUNREACH;
        case CloseReason::aborted:
            return ECONNABORTED;
        case CloseReason::no_resources:
            return ENOBUFS;
        case CloseReason::shut_down:
            return ESHUTDOWN;
        case CloseReason::linger_expired:
            return EWOULDBLOCK;
    }
    return ECONNABORTED;
}

int error_number(Error error) {
    switch (error) {
        case Error::none:
            return 0;
        case Error::address_in_use:
            return EADDRINUSE;
        case Error::no_free_port:
        case Error::bad_address:
            return EADDRNOTAVAIL;
        case Error::unreachable:
            return ENETUNREACH;
        case Error::no_resources:
            return ENOBUFS;
        case Error::quiet_time:
            return EAGAIN;
    }
    return EINVAL;
}

namespace stack {

namespace {

int error_number(tcp::End end) {
    switch (end) {
        case tcp::End::None:
        case tcp::End::Orderly:
            return 0;
        case tcp::End::Reset:
            return ECONNRESET;
        case tcp::End::BrokenPipe:
            return EPIPE;
        case tcp::End::Refused:
        case tcp::End::PortUnreachable:
            return ECONNREFUSED;
        case tcp::End::TimedOut:
            return ETIMEDOUT;
        case tcp::End::Unreachable:
            return EHOSTUNREACH;
        case tcp::End::NetUnreachable:
            return ENETUNREACH;
        case tcp::End::ProtocolUnreachable:
            return ENOPROTOOPT;
        case tcp::End::Aborted:
            return ECONNABORTED;
        case tcp::End::NoResources:
            return ENOBUFS;
        case tcp::End::ShutDown:
            return ESHUTDOWN;
    }
    return ECONNABORTED;
}

}  // namespace

int Stack::do_take_error(Connection connection) {
    TcbSlot* slot = find_slot(connection);
    if (slot == nullptr || slot->error_taken || slot->phase == TcbSlot::Phase::Live) return 0;
    const int error = error_number(slot->tcb.end);
    slot->error_taken = error != 0;  // an orderly end leaves its bytes to be read
    return error;
}

int Stack::do_send_error(Connection connection) {
    if (find_slot(connection) == nullptr) return EBADF;
    const int pending = do_take_error(connection);
    if (pending != 0) return pending;
    const TcbSlot& slot = tcbs_[connection.index()];
    const bool over = slot.phase != TcbSlot::Phase::Live || tcp::has_finished_sending(slot.tcb);
    return over ? EPIPE : 0;
}

std::uint32_t Stack::do_urgent_left(Connection connection) const {
    const TcbSlot* slot = find_slot(connection);
    return slot == nullptr ? 0 : slot->tcb.urgent_left();
}

}  // namespace stack
}  // namespace lastack

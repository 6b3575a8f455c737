#include "tests/sim/acceptor.hpp"

#include "stack/fields.hpp"

namespace lastack::test {

using stack::StackFields;

namespace {

std::uint64_t syn_key(std::uint16_t port, std::uint32_t iss) {
    return std::uint64_t{port} << 32 | iss;
}

Actor& actor_of(Connection connection) {
    return *static_cast<Actor*>(connection.context());
}

}  // namespace

void Acceptor::expect(std::uint16_t port, std::uint32_t iss, Actor& actor) {
    actors_[syn_key(port, iss)] = &actor;
}

void Acceptor::on_open(Connection connection) {
    const tcp::Tcb& tcb = StackFields::tcbs(host_.stack())[connection.index()].tcb;
    const auto found = actors_.find(syn_key(connection.remote().port, tcb.irs.value()));
    const bool again = found != actors_.end() && found->second->opened();
    if (again && host_.count(base::Counter::SyncookiesRecv) > 0) {
        ++ghosts_;
        connection.abort();
        return;
    }
    if (found == actors_.end()) {
        surprised_ = true;
        connection.abort();
        return;
    }
    connection.set_context(found->second);
    found->second->on_open(connection);
}

std::size_t Acceptor::on_data(Connection connection, std::span<const Bytes> pieces) {
    return actor_of(connection).on_data(connection, pieces);
}

void Acceptor::on_urgent(Connection connection) {
    actor_of(connection).on_urgent(connection);
}

void Acceptor::on_writable(Connection connection) {
    actor_of(connection).on_writable(connection);
}

void Acceptor::on_peer_closed(Connection connection) {
    actor_of(connection).on_peer_closed(connection);
}

void Acceptor::on_closed(Connection connection, CloseReason reason) {
    if (connection.context() != nullptr) actor_of(connection).on_closed(connection, reason);
}

}  // namespace lastack::test

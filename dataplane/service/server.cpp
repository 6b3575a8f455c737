#include "service/server.hpp"

#include "service/json.hpp"

namespace lastack::service {

bool Server::start(Core& core, const std::function<void(std::string_view)>& complain) {
    core_ = &core;
    const ListenResult result = core.listen(settings_.listen, *this, {.reuse_address = true});
    if (!result) {
        complain(listen_complaint(settings_.name, settings_.listen, result.error));
        return false;
    }
    listener_ = result.listener;
    return true;
}

void Server::drain() {
    if (listener_.valid()) core_->stop_listening(listener_);
    listener_ = {};
}

void Server::on_open(Connection connection) {
    if (open_ == settings_.max_connections) {
        ++refused_;
        connection.abort();
        return;
    }
    ++open_;
    ++accepted_;
    connection.set_context(this);
    if (settings_.keep_alive) connection.set_option(Option::keep_alive, 1);
    opened(connection);
}

void Server::on_closed(Connection connection, CloseReason reason) {
    if (connection.context() == nullptr) return;  // refused above
    --open_;
    ++ended_by_reason_[static_cast<std::size_t>(reason)];
    ended(connection);
}

std::string Server::report() const {
    JsonObject ended;
    for (std::size_t i = 0; i < ended_by_reason_.size(); ++i) {
        if (ended_by_reason_[i] == 0) continue;
        ended.add(name(static_cast<CloseReason>(i)), ended_by_reason_[i]);
    }
    return JsonObject()
        .add("service", settings_.name)
        .add("listen", settings_.listen.to_string())
        .add("open", open_)
        .add("accepted", accepted_)
        .add("refused", refused_)
        .add("bytes_received", bytes_received_)
        .add("bytes_sent", bytes_sent_)
        .add("ended", ended)
        .text();
}

std::size_t total_bytes(std::span<const Bytes> pieces) {
    std::size_t total = 0;
    for (const Bytes piece : pieces) total += piece.size();
    return total;
}

std::string listen_complaint(std::string_view name, const Endpoint& endpoint, Error error) {
    return std::string(name) + ": cannot listen on " + endpoint.to_string() + ": " +
           std::string(describe(error)) +
           "; listen on one of the ports' addresses (or on none for all of them) and on a TCP port "
           "that no other service has";
}

}  // namespace lastack::service

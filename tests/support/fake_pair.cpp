#include "tests/support/fake_pair.hpp"

namespace lastack::test {

void FakePair::exchange() {
    for (bool moved = true; moved;) {
        moved = open_new();
        for (Link& link : links_) moved = move(link) || moved;
        std::erase_if(links_, [this](const Link& link) {
            return client_.over(link.client) && server_.over(link.server);
        });
    }
}

void FakePair::advance(std::chrono::milliseconds duration) {
    for (; duration.count() > 0; duration -= std::chrono::milliseconds(1)) {
        client_.advance(std::chrono::milliseconds(1));
        server_.advance(std::chrono::milliseconds(1));
        exchange();
    }
}

bool FakePair::open_new() {
    const bool any = seen_connects_ < client_.connects().size();
    while (seen_connects_ < client_.connects().size()) {
        const Connection client = client_.connects()[seen_connects_++];
        if (client_.over(client)) continue;
        const Connection server = server_.accept(client_.remote_of(client).port);
        if (server.core() == nullptr) {
            client_.fail(client, CloseReason::refused);
            continue;
        }
        links_.push_back({.client = client, .server = server});
        client_.establish(client);
    }
    return any;
}

bool FakePair::move(Link& link) {
    bool moved = move_reset(client_, link.client, server_, link.server);
    moved = move_reset(server_, link.server, client_, link.client) || moved;
    moved = move_bytes(client_, link.client, server_, link.server) || moved;
    moved = move_bytes(server_, link.server, client_, link.client) || moved;
    const bool none_yet = !link.client_fin && !link.server_fin;
    moved = move_fin(client_, link.client, server_, link.server, link.client_fin) || moved;
    if (none_yet && link.client_fin) ++client_first_;
    const bool still_none = none_yet && !link.client_fin;
    moved = move_fin(server_, link.server, client_, link.client, link.server_fin) || moved;
    if (still_none && link.server_fin) ++server_first_;
    return moved;
}

bool FakePair::move_bytes(FakeCore& from, Connection sender, FakeCore& to, Connection receiver) {
    const std::string bytes = from.take(sender);
    to.deliver(receiver, bytes);
    return !bytes.empty();
}

bool FakePair::move_fin(FakeCore& from, Connection sender, FakeCore& to, Connection receiver,
                        bool& moved) {
    if (moved || !from.ending(sender).fin_sent || from.untaken(sender) > 0) return false;
    moved = true;
    from.take(sender);  // acknowledges the FIN
    to.deliver_fin(receiver);
    return true;
}

bool FakePair::move_reset(FakeCore& from, Connection sender, FakeCore& to, Connection receiver) {
    const FakeCore::Ending& ending = from.ending(sender);
    if (!(ending.aborted || ending.closed_unread) || to.over(receiver)) return false;
    to.fail(receiver, CloseReason::reset);
    return true;
}

}  // namespace lastack::test

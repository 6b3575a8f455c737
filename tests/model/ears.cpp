// What the applications hear, and whether it is what they must hear.

#include "tests/model/ears.hpp"

#include "tests/model/failure.hpp"

namespace lastack::model {

void World::hear_open(unsigned end, Connection connection) {
    Application& application = core_->applications[end];
    const Application& peer = core_->applications[1 - end];
    ++application.opens;
    require(application.opens == 1, "opened twice, and nobody opened twice");
    require(application.connects + peer.connects > 0, "opened by nobody");
    if (!application.has_connection) {
        application.has_connection = true;
        application.index = connection.index();
        application.generation = connection.generation();
    }
    require(connection.index() == application.index, "another connection opened");
    require(!application.told_closed, "opened after its end");
    application.open = true;
}

std::size_t World::hear_data(unsigned end, std::span<const Bytes> pieces) {
    Application& application = core_->applications[end];
    const Application& peer = core_->applications[1 - end];
    require(application.open && !application.told_closed, "data outside the connection's life");
    require(!application.peer_closed, "data after the peer's FIN");
    unsigned place = application.bytes_received;
    std::size_t bytes = 0;
    for (const Bytes piece : pieces) {
        for (const std::byte byte : piece) {
            require(place < peer.bytes_sent, "more bytes than were sent");
            require(byte == byte_of(place), "a byte that was not sent there");
            ++place;
            ++bytes;
        }
    }
    if (!scenario_.programs[end].reads) return 0;
    application.bytes_received = static_cast<std::uint8_t>(place);
    return bytes;
}

void World::hear_peer_closed(unsigned end, Connection connection) {
    Application& application = core_->applications[end];
    const Application& peer = core_->applications[1 - end];
    require(!application.peer_closed, "the peer's direction ended twice");
    require(!application.told_closed, "the peer's FIN after the end");
    require(peer.shut_down || peer.closed, "the peer's FIN, and it has not closed");
    require(application.bytes_received == peer.bytes_sent, "the peer's FIN ahead of its bytes");
    application.peer_closed = true;
    if (scenario_.programs[end].closes_at_fin && !application.closed) {
        application.closed = true;
        connection.close();
    }
}

void World::hear_closed(unsigned end, CloseReason reason) {
    Application& application = core_->applications[end];
    const Application& peer = core_->applications[1 - end];
    require(!application.told_closed, "the end was told twice");
    application.told_closed = true;
    application.reason = reason;
    if (scenario_.orderly) {
        require(reason == CloseReason::orderly, "no orderly end, and nothing that would excuse it");
        require(application.peer_closed || application.closed, "an end that nobody asked for");
    }
    if (reason == CloseReason::orderly) {
        require(application.closed || application.shut_down, "ended orderly without our FIN");
        require(peer.closed || peer.shut_down || application.closed,
                "ended orderly without the peer's FIN");
    }
}

}  // namespace lastack::model

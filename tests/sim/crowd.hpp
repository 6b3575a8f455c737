// Many connections of a Duo at once.
#pragma once

#include <vector>

#include "tests/sim/duo.hpp"

namespace lastack::test {

/// As many connections as `count`, from ports 40000 on.
inline std::vector<Connection> crowd(Duo& duo, std::uint16_t count) {
    std::vector<Connection> connections;
    duo.listen();
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(40'000 + i);
        const auto result = duo.a.stack().connect({Address::ipv4(kPeerAddress.value), 80},
                                                  duo.a.app(), {.local = {Address{}, port}});
        EXPECT_TRUE(result);
        connections.push_back(result.connection);
        duo.run(3ms);
    }
    EXPECT_EQ(duo.a.in_state(tcp::State::Established), count);
    return connections;
}

}  // namespace lastack::test

// Two interfaces for the tests of verdicts: 198.18.0.1/24 with a second address, and 198.19.0.1/16.
#pragma once

#include <array>

#include "ip/interface.hpp"
#include "tests/support/raw_frame.hpp"

namespace lastack::test {

inline std::array<ip::Interface, 2> two_interfaces() {
    std::array<ip::Interface, 2> interfaces;
    interfaces[0].prefixes[0] = {{raw::kOurs}, 24};
    interfaces[0].prefixes[1] = {{raw::net18(2)}, 24};
    interfaces[0].address_count = 2;
    interfaces[0].mac = {raw::kOurMac};
    interfaces[1].prefixes[0] = {{0xc613'0001}, 16};
    interfaces[1].address_count = 1;
    interfaces[1].port = 1;
    interfaces[1].mac = {{2, 0, 0, 0, 0, 2}};
    return interfaces;
}

}  // namespace lastack::test

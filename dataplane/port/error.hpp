// What can go wrong between us and DPDK at start, told to the operator: the place, what happened,
// and the remedy, in one message.
//
//     port net_tap0,iface=la0: cannot create it: Operation not permitted; run lastack as root or
//     give it CAP_NET_ADMIN
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace lastack::port {

class Error : public std::runtime_error {
  public:
    struct Parts {
        std::string_view place;   ///< "EAL", "port net_tap0,iface=la0"
        std::string_view what;    ///< "rte_eth_dev_start failed: Device or resource busy"
        std::string_view remedy;  ///< What the operator can do.
    };
    explicit Error(const Parts& parts)
        : std::runtime_error(std::string(parts.place) + ": " + std::string(parts.what) + "; " +
                             std::string(parts.remedy)) {}
};

/// "Operation not permitted" for EPERM or -EPERM.
std::string errno_text(int error);

}  // namespace lastack::port

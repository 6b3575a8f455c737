#include "worker/stack_config.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "lastack/runtime.hpp"
#include "port/error.hpp"
#include "port/transmitter.hpp"

namespace lastack::worker {

namespace {

wire::Ipv4Address ipv4(const Address& address) {
    return {address.ipv4_value()};
}

stack::InterfaceConfig interface_of(const PortOptions& options, const port::Ethdev& port) {
    stack::InterfaceConfig out;
    out.port = port.number();
    out.mac = port.mac();
    for (const AddressOptions& address : options.addresses) {
        out.addresses.push_back(
            {.address = ipv4(address.address), .prefix_length = address.prefix_length});
    }
    out.mtu = port.mtu();
    out.vlan = options.vlan;
    out.tcp_checksum_offload = port.capabilities().tx_checksum;
    out.max_text_bytes = port::Transmitter::kMostText;  // what TSO cannot cut, the cutter does
    return out;
}

}  // namespace

stack::Config stack_config(const Options& options, const std::vector<port::Ethdev*>& ports,
                           const stack::Secrets& secrets) {
    stack::Config out;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        out.interfaces.push_back(interface_of(options.ports[i], *ports[i]));
    }
    for (const RouteOptions& route : options.routes) {
        out.routes.push_back(
            {.destination = {.address = ipv4(route.destination), .length = route.prefix_length},
             .gateway = ipv4(route.gateway)});
    }
    out.tcp = options.tcp;
    out.ip = options.ip;
    out.limits = options.limits;
    // Beyond this, unread buffers are copied, so that ports do not run out of mbufs.
    out.max_held_buffers = std::min(out.max_held_buffers, options.limits.mbufs / 4);
    out.secrets = secrets;
    return out;
}

stack::Secrets random_secrets() {
    stack::Secrets out;
    for (base::SipKey* const key :
         {&out.table, &out.isn, &out.timestamp_offset, &out.port, &out.address_pair, &out.cookie}) {
        // Up to 256 octets come whole, or not at all.
        if (getrandom(key, sizeof *key, 0) != static_cast<ssize_t>(sizeof *key)) {
            throw StartError("secrets: getrandom failed: " + port::errno_text(errno) +
                             "; the kernel has no entropy to give");
        }
    }
    return out;
}

stack::Secrets replay_secrets() {
    return {.table = {1, 2},
            .isn = {3, 4},
            .timestamp_offset = {5, 6},
            .port = {7, 8},
            .address_pair = {9, 10},
            .cookie = {11, 12}};
}

}  // namespace lastack::worker

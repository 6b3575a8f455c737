#include "tests/bench/lifecycle/passenger.hpp"

#include <rte_ethdev.h>

#include <stdexcept>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT static_cast<void>(0)
#endif

namespace lastack::bench {

namespace {

std::uint16_t take_a_turn(std::uint16_t, std::uint16_t, rte_mbuf**, std::uint16_t count,
                          std::uint16_t, void* passenger) {
    static_cast<Passenger*>(passenger)->step();
    return count;
}

}  // namespace

void Passenger::board(const std::string& device) {
    std::uint16_t port = 0;
    if (rte_eth_dev_get_port_by_name(device.c_str(), &port) != 0 ||
        rte_eth_add_rx_callback(port, 0, take_a_turn, this) == nullptr) {
        throw std::runtime_error("the port of " + device + " takes no callback");
    }
}

void Passenger::step() {
    const bool goes_on = collecting_;
    if (collecting_) toggle_collection();
    generator_.step();
    const std::uint64_t completed = generator_.progress().completed.load(std::memory_order_relaxed);
    if (goes_on) last_ = completed;
    if (completed < lives_ / 4 || completed >= lives_ / 4 * 3) return;
    if (!goes_on) first_ = completed;
    toggle_collection();
}

void Passenger::toggle_collection() {
    CALLGRIND_TOGGLE_COLLECT;
    collecting_ = !collecting_;
}

}  // namespace lastack::bench

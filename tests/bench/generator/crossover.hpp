// A cable without a NIC: two Ethernet devices over two rte_rings, each one's transmit ring the
// other's receive ring.
//
//     lastack's port      tx ---> to_generator ---> rx   the generator's port
//                         rx <--- to_lastack   <--- tx
//
// The generator's frames come from a pool of its own, as a NIC's do from the receive pool; lastack
// frees them. What lastack sends, the generator frees.
#pragma once

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <cstdint>
#include <memory>
#include <string>

#include "port/ethdev.hpp"

namespace lastack::bench {

class Crossover {
  public:
    static constexpr std::uint16_t kSlots = 4'096;
    static constexpr std::uint32_t kMbufs = 32'767;

    /// EAL runs. Throws port::Error, or std::runtime_error.
    Crossover();
    ~Crossover();
    Crossover(const Crossover&) = delete;
    Crossover& operator=(const Crossover&) = delete;

    /// For PortOptions::device of lastack's end.
    std::string lastack_device() const { return "net_ring_lastack"; }
    std::uint16_t generator_port() const { return generator_->id(); }
    rte_mempool* pool() { return pool_; }

    /// Frees what is still on the cable. When both ends have stopped.
    void clear();
    /// Mbufs of ours that have not come back.
    unsigned missing() const { return rte_mempool_in_use_count(pool_); }

  private:
    rte_ring* to_lastack_ = nullptr;
    rte_ring* to_generator_ = nullptr;
    rte_mempool* pool_ = nullptr;
    std::unique_ptr<port::Ethdev> generator_;
};

}  // namespace lastack::bench

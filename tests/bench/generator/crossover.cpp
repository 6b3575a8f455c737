#include "tests/bench/generator/crossover.hpp"

#include <rte_errno.h>
#include <rte_eth_ring.h>

#include <stdexcept>

namespace lastack::bench {

namespace {

constexpr unsigned kOneEach = RING_F_SP_ENQ | RING_F_SC_DEQ;

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(std::string(what) + ": " + rte_strerror(rte_errno) +
                                 "; reserve more huge pages, or give --no-huge");
    }
}

void drain(rte_ring* ring) {
    void* mbuf = nullptr;
    while (rte_ring_dequeue(ring, &mbuf) == 0) rte_pktmbuf_free(static_cast<rte_mbuf*>(mbuf));
}

}  // namespace

Crossover::Crossover() {
    to_lastack_ = rte_ring_create("to_lastack", kSlots, 0, kOneEach);
    to_generator_ = rte_ring_create("to_generator", kSlots, 0, kOneEach);
    require(to_lastack_ != nullptr && to_generator_ != nullptr, "rings of the cable");
    // One cache per thread that takes or gives: the generator's and lastack's.
    pool_ = rte_pktmbuf_pool_create("generator", kMbufs, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
    require(pool_ != nullptr, "the generator's mbufs");
    require(rte_eth_from_rings("lastack", &to_lastack_, 1, &to_generator_, 1, 0) >= 0,
            "lastack's end of the cable");
    require(rte_eth_from_rings("generator", &to_generator_, 1, &to_lastack_, 1, 0) >= 0,
            "the generator's end of the cable");
    port::EthdevConfig config;
    config.device = "net_ring_generator";
    config.number = 1;
    generator_ = std::make_unique<port::Ethdev>(config);
    generator_->start(pool_);
}

Crossover::~Crossover() {
    generator_.reset();
    clear();
    rte_mempool_free(pool_);
    rte_ring_free(to_lastack_);
    rte_ring_free(to_generator_);
}

void Crossover::clear() {
    drain(to_lastack_);
    drain(to_generator_);
}

}  // namespace lastack::bench

// A frame whose text is copied against one whose text is attached, by the text's length: where the
// two cross is what port::kCopyBytes should be.
//
// A burst of frames is built and then freed, as a driver does when it has sent them. What a device
// pays for a second descriptor is not in here; it speaks for copying a little more.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "port/frame_builder.hpp"
#include "port/mbufs.hpp"
#include "tests/port/eal_for_tests.hpp"

namespace lastack::port {
namespace {

constexpr std::size_t kBurst = 32;
// More text than the first caches hold, as when many connections take turns.
constexpr std::size_t kBuffers = 4'096;

struct Bed {
    Bed() : pools((eal_of_tests(), sizes()), 0, 0), mbufs(pools) {
        for (std::size_t i = 0; i < kBuffers; ++i) {
            buffers.push_back(mbufs.allocate(mbufs.max_bytes()));
        }
    }
    static PoolSizes sizes() {
        PoolDemand demand;
        demand.rx_mbufs = 20'480;
        demand.all_chain = false;  // frames with room for all text, so that both ways use one pool
        PoolSizes out = pool_sizes(demand);
        out[static_cast<std::size_t>(PoolName::Rx)].count = 512;
        out[static_cast<std::size_t>(PoolName::Attach)].count = 4'096;
        return out;
    }

    Pools pools;
    Mbufs mbufs;
    std::vector<base::BufferRef> buffers;
};

void build(benchmark::State& state, std::uint32_t copy_bytes) {
    static Bed bed;
    const Capabilities chains{.multi_segs = true, .max_segs = 8};
    FrameBuilder builder(bed.pools, chains, copy_bytes);
    const auto text_bytes = static_cast<std::uint32_t>(state.range(0));
    std::array<rte_mbuf*, kBurst> frames{};
    std::size_t next = 0;
    for (auto _ : state) {
        for (rte_mbuf*& frame : frames) {
            const base::BufferRef buffer = bed.buffers[next++ % kBuffers];
            const base::BufferBytes piece{buffer, bed.mbufs.room(buffer).first(text_bytes)};
            TextCursor text({&piece, 1});
            frame = builder.build(54, text, text_bytes);
        }
        rte_pktmbuf_free_bulk(frames.data(), kBurst);
    }
    state.SetItemsProcessed(state.iterations() * std::int64_t{kBurst});
}

void copied(benchmark::State& state) {
    build(state, UINT32_MAX);
}
void attached(benchmark::State& state) {
    build(state, 0);
}

BENCHMARK(copied)->RangeMultiplier(2)->Range(64, 1024)->Arg(1448);
BENCHMARK(attached)->RangeMultiplier(2)->Range(64, 1024)->Arg(1448);

}  // namespace
}  // namespace lastack::port

#include "worker/arena_memory.hpp"

#include <rte_malloc.h>
#include <sys/mman.h>

#include <cerrno>
#include <string>

#include "base/arena.hpp"
#include "lastack/runtime.hpp"
#include "port/error.hpp"
#include "stack/stack.hpp"
#include "worker/memory_sum.hpp"

namespace lastack::worker {

namespace {

[[noreturn]] void refuse(const stack::Config& config, const std::string& why) {
    throw StartError("limits: the connections' records do not fit: " + memory_sum(config) + ", " +
                     why + "; lower limits.max_connections or limits.max_time_wait");
}

}  // namespace

ArenaMemory::ArenaMemory(const stack::Config& config, int socket, bool from_eal) {
    const std::size_t bytes = stack::Stack::arena_bytes(config);
    if (from_eal) {
        void* const memory = rte_zmalloc_socket("lastack-arena", bytes, base::kCacheLine, socket);
        if (memory != nullptr) {
            memory_ = {static_cast<std::byte*>(memory), bytes};
            from_eal_ = true;
            return;
        }
    }
    // The kernel promises more than it has, and takes the process's life when that is used.
    const auto available = available_bytes();
    if (available && bytes > *available) {
        refuse(config, "and the machine has " + std::to_string(*available >> 20) + " MiB left");
    }
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        refuse(config, "and the kernel says: " + std::string(port::errno_text(errno)));
    }
    madvise(memory, bytes, MADV_HUGEPAGE);  // the kernel may join pages later; it need not
    memory_ = {static_cast<std::byte*>(memory), bytes};
}

ArenaMemory::~ArenaMemory() {
    if (from_eal_) {
        rte_free(memory_.data());
    } else {
        munmap(memory_.data(), memory_.size());
    }
}

}  // namespace lastack::worker

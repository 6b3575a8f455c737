#include "worker/arena_memory.hpp"

#include <rte_malloc.h>
#include <sys/mman.h>

#include <cerrno>
#include <string>

#include "base/arena.hpp"
#include "lastack/runtime.hpp"
#include "port/error.hpp"

namespace lastack::worker {

ArenaMemory::ArenaMemory(std::size_t bytes, int socket, bool from_eal) {
    if (from_eal) {
        void* const memory = rte_zmalloc_socket("lastack-arena", bytes, base::kCacheLine, socket);
        if (memory != nullptr) {
            memory_ = {static_cast<std::byte*>(memory), bytes};
            from_eal_ = true;
            return;
        }
    }
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        throw StartError("limits: the connections' records need " +
                         std::to_string((bytes >> 20) + 1) +
                         " MiB and cannot have them: " + port::errno_text(errno) +
                         "; lower limits.max_connections or limits.max_time_wait");
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

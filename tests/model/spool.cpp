#include "tests/model/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "tests/model/temporary_file.hpp"

namespace lastack::model {

namespace {

[[noreturn]] void complain(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

template <class Call, class Byte>
void whole(Call call, const char* what, int file, Byte* bytes, std::size_t size, std::uint64_t at) {
    while (size > 0) {
        const ssize_t done = call(file, bytes, size, static_cast<off_t>(at));
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) complain(what);
        bytes += done;
        size -= static_cast<std::size_t>(done);
        at += static_cast<std::uint64_t>(done);
    }
}

}  // namespace

int open_temporary_file() {
    const int file = ::open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) complain("a temporary file in /var/tmp");
    return file;
}

Spool::~Spool() {
    if (file_ >= 0) ::close(file_);
}

void Spool::push(std::span<const std::byte> bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    if (chunks_.empty() || chunks_.back().bytes.size() + sizeof(size) + size > kSlotBytes ||
        chunks_.back().bytes.size() >= kChunkBytes) {
        // The newest but one goes, so that a short queue never sees the file.
        if (chunks_.size() > 2 && held_ > in_memory_) store(chunks_.back());
        chunks_.emplace_back();
    }
    std::vector<std::byte>& into = chunks_.back().bytes;
    const std::size_t at = into.size();
    into.resize(at + sizeof(size) + size);
    std::memcpy(into.data() + at, &size, sizeof(size));
    if (size > 0) std::memcpy(into.data() + at + sizeof(size), bytes.data(), size);
    held_ += sizeof(size) + size;
}

std::span<const std::byte> Spool::pop() {
    while (chunks_.front().slot == kInMemory && read_to_ == chunks_.front().bytes.size()) {
        held_ -= chunks_.front().bytes.size();
        chunks_.pop_front();
        read_to_ = 0;
    }
    Chunk& oldest = chunks_.front();
    if (oldest.slot != kInMemory) load(oldest);
    std::uint32_t size = 0;
    std::memcpy(&size, oldest.bytes.data() + read_to_, sizeof(size));
    const auto out =
        std::span<const std::byte>(oldest.bytes).subspan(read_to_ + sizeof(size), size);
    read_to_ += sizeof(size) + size;
    return out;
}

void Spool::store(Chunk& chunk) {
    if (file_ < 0) file_ = open_temporary_file();
    if (free_slots_.empty()) free_slots_.push_back(slots_++);
    chunk.slot = free_slots_.back();
    free_slots_.pop_back();
    chunk.size = chunk.bytes.size();
    whole(::pwrite, "writing states that wait", file_, chunk.bytes.data(), chunk.size,
          chunk.slot * kSlotBytes);
    held_ -= chunk.size;
    std::vector<std::byte>().swap(chunk.bytes);
}

void Spool::load(Chunk& chunk) {
    chunk.bytes.resize(chunk.size);
    whole(::pread, "reading states that wait", file_, chunk.bytes.data(), chunk.size,
          chunk.slot * kSlotBytes);
    free_slots_.push_back(chunk.slot);
    chunk.slot = kInMemory;
    held_ += chunk.size;
}

}  // namespace lastack::model

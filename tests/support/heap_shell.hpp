// A Shell for tests: buffers are heap blocks, frames that leave are byte vectors.
//
// Every block has exactly the bytes it was asked for, so a sanitizer sees the first one read beyond
// them. Every block is counted: live() is 0 when nobody has kept or lost one (J-36). Frames that
// exceed their MSS are cut as a port would, and checksums that were left to the port are completed,
// so that sent() holds what would be on the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "stack/shell.hpp"

namespace lastack::test {

struct SentFrame {
    std::vector<std::byte> bytes;
    std::uint8_t port = 0;
    bool cut = false;  // one of several that an OutFrame was cut into

    bool operator==(const SentFrame&) const = default;
};

class HeapShell final : public stack::Shell {
  public:
    explicit HeapShell(std::size_t max_buffer_bytes = 2'048) : max_bytes_(max_buffer_bytes) {}
    HeapShell(const HeapShell&) = delete;
    HeapShell& operator=(const HeapShell&) = delete;
    ~HeapShell();

    // --- Buffers
    base::BufferRef allocate(std::size_t len_bytes) override;
    std::span<std::byte> room(base::BufferRef buffer) override;
    std::size_t max_bytes() const override { return max_bytes_; }
    base::BufferRef wrap(base::Bytes memory, base::ReleaseFunction done, void* context) override;
    void retain(base::BufferRef buffer) override;
    void release(base::BufferRef buffer) override;
    Next detach_next(base::BufferRef buffer) override;

    // --- Shell
    void transmit(const stack::OutFrame& frame) override;

    // --- For tests

    /// A received frame with a copy of `bytes`. With `first_bytes` less than their number, the rest
    /// follows in chained buffers of at most `chunk_bytes`.
    struct Split {
        std::size_t first_bytes = SIZE_MAX;
        std::size_t chunk_bytes = 1'000;
    };
    stack::Frame frame(std::span<const std::byte> bytes, std::uint8_t port, Split split);
    stack::Frame frame(std::span<const std::byte> bytes, std::uint8_t port = 0) {
        return frame(bytes, port, Split{});
    }

    /// The frames that left since the last call, in order.
    std::vector<SentFrame> take_sent();
    const std::vector<SentFrame>& sent() const { return sent_; }

    std::uint64_t allocated() const { return allocated_; }
    std::uint64_t freed() const { return freed_; }
    std::size_t live() const { return blocks_.size(); }
    /// References to all that live; walks them.
    std::uint64_t references() const;

    /// allocate() and wrap() fail while this many blocks live (I-42). Received frames always fit.
    void limit(std::size_t blocks) { limit_ = blocks; }
    bool limited() const { return limit_ != SIZE_MAX; }

    /// transmit() loses what it gets, as a port does that has no buffer to send it in.
    void lose(bool lose) { loses_ = lose; }

  private:
    struct Block {
        std::unique_ptr<std::byte[]> own;  // null for wrapped memory
        std::span<std::byte> bytes;
        std::uint32_t references = 1;
        base::BufferRef next = nullptr;
        base::ReleaseFunction release = nullptr;
        void* context = nullptr;
    };

    base::BufferRef add(Block block);
    base::BufferRef add(std::span<const std::byte> bytes);
    Block& block(base::BufferRef buffer);
    void send_cut(const stack::OutFrame& frame, std::span<const std::byte> text);

    std::size_t max_bytes_;
    std::size_t limit_ = SIZE_MAX;
    bool loses_ = false;
    std::unordered_map<base::BufferRef, std::unique_ptr<Block>> blocks_;
    std::vector<SentFrame> sent_;
    std::uint64_t allocated_ = 0;
    std::uint64_t freed_ = 0;
};

}  // namespace lastack::test

// A Shell whose buffers lie in a fixed memory, so that a copy of that memory is a copy of them.
//
// A snapshot of a world holds the blocks beside the arena; the references that the arena keeps are
// addresses, and are right again when both are put back in place. Frames that leave go to a Wire.
// Freed blocks are filled, so that who reads one reads nonsense.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "stack/shell.hpp"

namespace lastack::model {

/// A buffer; received frames and sent text are both far shorter.
struct Block {
    std::uint32_t references = 0;
    std::uint32_t len_bytes = 0;
    std::array<std::byte, 120> bytes{};
};

inline constexpr std::byte kFreed{0xdd};  // what a free block holds
inline constexpr std::size_t kBlocks = 24;
using Blocks = std::array<Block, kBlocks>;

/// Where frames go.
class Wire {
  public:
    virtual void sent(unsigned end, std::span<const std::byte> frame) = 0;

  protected:
    ~Wire() = default;
};

class Shell final : public stack::Shell {
  public:
    Shell(Blocks& blocks, unsigned end, Wire& wire) : blocks_(blocks), end_(end), wire_(wire) {}

    base::BufferRef allocate(std::size_t len_bytes) override;
    std::span<std::byte> room(base::BufferRef buffer) override;
    std::size_t max_bytes() const override { return sizeof(Block::bytes); }
    base::BufferRef wrap(base::Bytes memory, base::ReleaseFunction, void*) override;
    void retain(base::BufferRef buffer) override;
    void release(base::BufferRef buffer) override;
    Next detach_next(base::BufferRef buffer) override;
    void transmit(const stack::OutFrame& frame) override;

    /// A received frame, in a block of its own.
    stack::Frame frame(std::span<const std::byte> bytes);

    /// Sums over all blocks.
    std::uint32_t references() const;
    std::uint32_t live() const;

  private:
    Block& block(base::BufferRef buffer);

    Blocks& blocks_;
    unsigned end_;
    Wire& wire_;
};

}  // namespace lastack::model

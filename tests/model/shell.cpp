#include "tests/model/shell.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace lastack::model {

base::BufferRef Shell::allocate(std::size_t len_bytes) {
    LA_ASSERT(len_bytes <= max_bytes());
    for (Block& block : blocks_) {
        if (block.references > 0) continue;
        block.references = 1;
        block.len_bytes = static_cast<std::uint32_t>(len_bytes);
        return reinterpret_cast<base::BufferRef>(&block);
    }
    return nullptr;
}

Block& Shell::block(base::BufferRef buffer) {
    auto* found = reinterpret_cast<Block*>(buffer);
    LA_ASSERT(found >= blocks_.data() && found < blocks_.data() + blocks_.size());
    LA_ASSERT(found->references > 0);
    return *found;
}

std::span<std::byte> Shell::room(base::BufferRef buffer) {
    Block& found = block(buffer);
    return std::span(found.bytes).first(found.len_bytes);
}

// No application here sends by reference.
base::BufferRef Shell::wrap(base::Bytes, base::ReleaseFunction, void*) {
    return nullptr;
}

void Shell::retain(base::BufferRef buffer) {
    ++block(buffer).references;
}

void Shell::release(base::BufferRef buffer) {
    Block& found = block(buffer);
    if (--found.references == 0) std::ranges::fill(found.bytes, kFreed);
}

Shell::Next Shell::detach_next(base::BufferRef) {
    return {nullptr, {}};
}

void Shell::transmit(const stack::OutFrame& frame) {
    std::array<std::byte, sizeof(Block::bytes)> bytes;
    LA_ASSERT(frame.header.size() + frame.text_bytes <= bytes.size());
    auto end = std::ranges::copy(frame.header, bytes.begin()).out;
    for (const stack::OutPiece& piece : frame.text) {
        LA_ASSERT(block(piece.buffer).references > 0);
        end = std::ranges::copy(piece.bytes, end).out;
    }
    wire_.sent(end_, std::span(bytes.begin(), end));
}

stack::Frame Shell::frame(std::span<const std::byte> bytes) {
    stack::Frame frame;
    frame.buffer = allocate(bytes.size());
    LA_ASSERT(frame.buffer != nullptr);
    std::ranges::copy(bytes, room(frame.buffer).begin());
    frame.bytes = room(frame.buffer);
    return frame;
}

std::uint32_t Shell::references() const {
    std::uint32_t sum = 0;
    for (const Block& block : blocks_) sum += block.references;
    return sum;
}

std::uint32_t Shell::live() const {
    return static_cast<std::uint32_t>(
        std::ranges::count_if(blocks_, [](const Block& block) { return block.references > 0; }));
}

}  // namespace lastack::model

#include "tests/support/heap_shell.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"
#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/cut.hpp"

namespace lastack::test {

namespace {

constexpr std::size_t kTcpChecksum = 16;

std::vector<std::byte> joined(std::span<const stack::OutPiece> pieces) {
    std::vector<std::byte> text;
    for (const stack::OutPiece& piece : pieces) {
        text.insert(text.end(), piece.bytes.begin(), piece.bytes.end());
    }
    return text;
}

}  // namespace

HeapShell::~HeapShell() {
    // Wrapped memory is the test's own; it is not told that the shell is gone.
    for (auto& [buffer, block] : blocks_) block->release = nullptr;
}

base::BufferRef HeapShell::add(Block block) {
    auto owned = std::make_unique<Block>(std::move(block));
    const auto buffer = reinterpret_cast<base::BufferRef>(owned.get());
    blocks_.emplace(buffer, std::move(owned));
    ++allocated_;
    return buffer;
}

base::BufferRef HeapShell::add(std::span<const std::byte> bytes) {
    Block block;
    block.own = std::make_unique<std::byte[]>(bytes.size());
    block.bytes = {block.own.get(), bytes.size()};
    std::copy(bytes.begin(), bytes.end(), block.bytes.begin());
    return add(std::move(block));
}

HeapShell::Block& HeapShell::block(base::BufferRef buffer) {
    const auto found = blocks_.find(buffer);
    LA_ASSERT(found != blocks_.end());  // else it was freed before, or never ours
    return *found->second;
}

base::BufferRef HeapShell::allocate(std::size_t len_bytes) {
    LA_ASSERT(len_bytes <= max_bytes_);
    if (blocks_.size() >= limit_) return nullptr;
    return add(std::vector<std::byte>(len_bytes));
}

std::span<std::byte> HeapShell::room(base::BufferRef buffer) {
    Block& found = block(buffer);
    LA_ASSERT(found.references == 1);
    LA_ASSERT(found.own != nullptr);
    return found.bytes;
}

base::BufferRef HeapShell::wrap(base::Bytes, base::ReleaseFunction done, void* context) {
    if (blocks_.size() >= limit_) return nullptr;
    Block block;
    block.release = done;
    block.context = context;
    return add(std::move(block));
}

void HeapShell::retain(base::BufferRef buffer) {
    ++block(buffer).references;
}

void HeapShell::release(base::BufferRef buffer) {
    while (buffer != nullptr) {
        Block& found = block(buffer);
        LA_ASSERT(found.references > 0);
        if (--found.references > 0) return;
        const base::BufferRef next = found.next;
        const auto done = found.release;
        void* const context = found.context;
        blocks_.erase(buffer);
        ++freed_;
        if (done != nullptr) done(context);
        buffer = next;
    }
}

HeapShell::Next HeapShell::detach_next(base::BufferRef buffer) {
    const base::BufferRef next = std::exchange(block(buffer).next, nullptr);
    if (next == nullptr) return {nullptr, {}};
    return {next, block(next).bytes};
}

void HeapShell::transmit(const stack::OutFrame& frame) {
    const std::vector<std::byte> text = joined(frame.text);
    LA_ASSERT(text.size() == frame.text_bytes);
    for (const stack::OutPiece& piece : frame.text) LA_ASSERT(block(piece.buffer).references > 0);
    if (frame.l4_bytes > 0) {
        LA_ASSERT(frame.header.size() ==
                  std::size_t{frame.l2_bytes} + frame.l3_bytes + frame.l4_bytes);
    }
    if (loses_) return;
    if (frame.mss > 0 && frame.text_bytes > frame.mss) {
        send_cut(frame, text);
    } else {
        SentFrame sent{.bytes = {frame.header.begin(), frame.header.end()}, .port = frame.port};
        sent.bytes.insert(sent.bytes.end(), text.begin(), text.end());
        if (frame.l4_checksum_by_port) {
            const std::size_t l4 = std::size_t{frame.l2_bytes} + frame.l3_bytes;
            const std::uint16_t sum = wire::checksum(std::span(sent.bytes).subspan(l4));
            wire::put16(sent.bytes, l4 + kTcpChecksum, sum);
        }
        sent_.push_back(std::move(sent));
    }
    // A shell may edit the header while it has it; whoever reads it afterwards is wrong.
    std::fill(frame.header.begin(), frame.header.end(), std::byte{0xee});
}

void HeapShell::send_cut(const stack::OutFrame& frame, std::span<const std::byte> text) {
    const wire::Cutter cutter({.header = frame.header,
                               .l2_bytes = frame.l2_bytes,
                               .l3_bytes = frame.l3_bytes,
                               .l4_bytes = frame.l4_bytes,
                               .text_bytes = frame.text_bytes,
                               .mss = frame.mss});
    for (std::uint32_t i = 0; i < cutter.frame_count(); ++i) {
        SentFrame sent{.bytes = std::vector<std::byte>(cutter.header_bytes()),
                       .port = frame.port,
                       .cut = true};
        cutter.emit_complete(i, sent.bytes, [&](wire::Checksum& sum, wire::Slice slice) {
            sum.add(text.subspan(slice.offset_bytes, slice.len_bytes));
        });
        const wire::Slice slice = cutter.slice(i);
        const auto part = text.subspan(slice.offset_bytes, slice.len_bytes);
        sent.bytes.insert(sent.bytes.end(), part.begin(), part.end());
        sent_.push_back(std::move(sent));
    }
}

stack::Frame HeapShell::frame(std::span<const std::byte> bytes, std::uint8_t port, Split split) {
    const std::size_t first_bytes = std::min(split.first_bytes, bytes.size());
    stack::Frame frame;
    frame.buffer = add(bytes.first(first_bytes));
    frame.chained_bytes = static_cast<std::uint32_t>(bytes.size() - first_bytes);
    frame.port = port;
    frame.bytes = block(frame.buffer).bytes;
    base::BufferRef last = frame.buffer;
    for (std::size_t at = first_bytes; at < bytes.size();) {
        const std::size_t len = std::min(split.chunk_bytes, bytes.size() - at);
        const base::BufferRef next = add(bytes.subspan(at, len));
        block(last).next = next;
        last = next;
        at += len;
    }
    return frame;
}

std::uint64_t HeapShell::references() const {
    std::uint64_t count = 0;
    for (const auto& [buffer, block] : blocks_) count += block->references;
    return count;
}

std::vector<SentFrame> HeapShell::take_sent() {
    return std::exchange(sent_, {});
}

}  // namespace lastack::test

// One Stack under a benchmark's own clock, and the peers of all its connections.
//
// Frames are made from the generator's templates; what the stack sends is read as the generator
// reads it, checksums included, but only where a measurement says so.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lastack/core.hpp"
#include "stack/stack.hpp"
#include "tests/bench/generator/frame.hpp"
#include "tests/bench/generator/plan.hpp"
#include "tests/bench/table/pages.hpp"

namespace lastack::bench {

/// Buffers of 2 KiB from a fixed number, and the last frames that were sent.
class BenchShell final : public stack::Shell {
  public:
    static constexpr std::size_t kBlocks = 4'096;
    static constexpr std::size_t kRoom = 2'048;

    BenchShell();

    /// A buffer whose bytes the caller fills, as a frame that was received.
    stack::Frame frame(std::size_t bytes);
    std::byte* bytes_of(const stack::Frame& frame);

    /// What was sent since the last clear(), at most kKept frames.
    static constexpr std::size_t kKept = 64;
    std::size_t sent() const { return sent_; }
    Octets sent_frame(std::size_t i) const { return {kept_[i].bytes.data(), kept_[i].size}; }
    void clear() { sent_ = 0; }

    base::BufferRef allocate(std::size_t len_bytes) override;
    std::span<std::byte> room(base::BufferRef buffer) override;
    std::size_t max_bytes() const override { return kRoom; }
    base::BufferRef wrap(base::Bytes, base::ReleaseFunction, void*) override { return nullptr; }
    void retain(base::BufferRef buffer) override;
    void release(base::BufferRef buffer) override;
    Next detach_next(base::BufferRef) override { return {nullptr, {}}; }
    void transmit(const stack::OutFrame& frame) override;

  private:
    struct Block {
        std::array<std::byte, kRoom> bytes;
        std::uint32_t references = 0;
    };
    struct Kept {
        std::array<std::byte, 512> bytes;
        std::size_t size = 0;
    };

    std::vector<Block> blocks_;
    std::vector<std::uint32_t> free_;
    std::array<Kept, kKept> kept_;
    std::size_t sent_ = 0;
};

/// Port 80 closes at once; port 81 answers as much as was asked, and stays.
class Service final : public Handler {
  public:
    explicit Service(bool closes) : closes_(closes) {}
    void on_open(Connection connection) override {
        if (closes_) connection.close();
    }
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;

  private:
    bool closes_;
};

class TimeWaitHost {
  public:
    static constexpr std::uint32_t kBurst = 32;
    static constexpr std::uint16_t kClosingPort = 80;
    static constexpr std::uint16_t kAnsweringPort = 81;
    static constexpr std::chrono::milliseconds kMsl{30'000};

    /// Room for so many TIME-WAITs.
    explicit TimeWaitHost(std::uint32_t records);

    static stack::Config config(std::uint32_t records);
    static std::size_t arena_bytes(std::uint32_t records) {
        return stack::Stack::arena_bytes(config(records));
    }

    /// The frame of a kind in the life of a number, as a buffer of the shell's.
    stack::Frame make(const Template& kind, std::uint64_t life, std::uint32_t seq,
                      std::uint32_t ack, std::uint16_t port = kClosingPort);
    void receive(std::span<const stack::Frame> burst) { stack_->receive(burst, now_); }
    void finish_turn();
    void advance(time::Duration duration) { now_ += duration; }

    stack::Stack& stack() { return *stack_; }
    BenchShell& shell() { return shell_; }
    time::Instant now() const { return now_; }
    std::uint32_t now_ms() const { return static_cast<std::uint32_t>(time::tick_of(now_)); }
    std::uint32_t time_waits() const;
    /// What the stack sent as frame `i` since the shell was cleared. Exits where it is malformed.
    Seen seen(std::size_t i) const;

    const Template syn, ack, fin, rst;
    Template request;

  private:
    Pages memory_;
    BenchShell shell_;
    Service closing_{true};
    Service answering_{false};
    time::Instant now_ = time::start_of(1'000'000);
    stack::Stack* stack_ = nullptr;
    Tuples tuples_;
};

/// The ISS of a life's peer.
constexpr std::uint32_t peer_iss(std::uint64_t life) {
    return static_cast<std::uint32_t>(mix(life));
}

}  // namespace lastack::bench

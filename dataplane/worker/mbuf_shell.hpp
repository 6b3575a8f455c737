// The shell of a Stack whose frames are mbufs: stack::Shell over port/.
#pragma once

#include <memory>
#include <vector>

#include "port/mbufs.hpp"
#include "port/transmitter.hpp"
#include "stack/shell.hpp"

namespace lastack::worker {

class MbufShell final : public stack::Shell {
  public:
    explicit MbufShell(port::Pools& pools) : mbufs_(pools) {}

    /// The transmitter of the next port; ports are numbered from 0.
    void add_port(std::unique_ptr<port::Transmitter> transmitter) {
        transmitters_.push_back(std::move(transmitter));
    }

    /// Hands what waits to the ports.
    port::Transmitter::Flushed flush() {
        port::Transmitter::Flushed all;
        for (const auto& transmitter : transmitters_) {
            const port::Transmitter::Flushed one = transmitter->flush();
            all.sent += one.sent;
            all.waiting += one.waiting;
        }
        return all;
    }

    std::uint32_t waiting(std::size_t port) const { return transmitters_[port]->waiting(); }

    base::BufferRef allocate(std::size_t len_bytes) override { return mbufs_.allocate(len_bytes); }
    std::span<std::byte> room(base::BufferRef buffer) override { return mbufs_.room(buffer); }
    std::size_t max_bytes() const override { return mbufs_.max_bytes(); }
    base::BufferRef wrap(base::Bytes memory, base::ReleaseFunction when_free,
                         void* context) override {
        return mbufs_.wrap(memory, when_free, context);
    }
    void retain(base::BufferRef buffer) override { mbufs_.retain(buffer); }
    void release(base::BufferRef buffer) override { mbufs_.release(buffer); }
    Next detach_next(base::BufferRef buffer) override { return mbufs_.detach_next(buffer); }

    void transmit(const stack::OutFrame& frame) override {
        LA_ASSERT(frame.port < transmitters_.size());
        transmitters_[frame.port]->send({.header = frame.header,
                                         .text = frame.text,
                                         .text_bytes = frame.text_bytes,
                                         .mss = frame.mss,
                                         .l2_bytes = frame.l2_bytes,
                                         .l3_bytes = frame.l3_bytes,
                                         .l4_bytes = frame.l4_bytes,
                                         .l4_checksum_by_port = frame.l4_checksum_by_port});
    }

  private:
    port::Mbufs mbufs_;
    std::vector<std::unique_ptr<port::Transmitter>> transmitters_;
};

}  // namespace lastack::worker

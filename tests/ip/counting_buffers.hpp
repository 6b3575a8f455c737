// Buffers that only count: retained minus released, per buffer and in all.
#pragma once

#include <cstdint>
#include <map>

#include "base/buffer.hpp"

namespace lastack::test {

class CountingBuffers final : public base::Buffers {
  public:
    /// A buffer that is not there; one reference is the test's own.
    base::BufferRef make() {
        const auto buffer = reinterpret_cast<base::BufferRef>(++last_);
        references_[buffer] = 1;
        return buffer;
    }
    int references(base::BufferRef buffer) const { return references_.at(buffer); }
    /// References beyond those of make().
    int held() const {
        int sum = 0;
        for (const auto& [buffer, count] : references_) sum += count - 1;
        return sum;
    }

    base::BufferRef allocate(std::size_t) override { return nullptr; }
    std::span<std::byte> room(base::BufferRef) override { return {}; }
    std::size_t max_bytes() const override { return 0; }
    base::BufferRef wrap(base::Bytes, base::ReleaseFunction, void*) override { return nullptr; }
    void retain(base::BufferRef buffer) override { ++references_.at(buffer); }
    void release(base::BufferRef buffer) override { --references_.at(buffer); }
    Next detach_next(base::BufferRef) override { return {}; }

  private:
    std::uintptr_t last_ = 0;
    std::map<base::BufferRef, int> references_;
};

}  // namespace lastack::test

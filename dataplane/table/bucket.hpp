// One cache line of the connection table: ten slots and a version.
//
//   0                   20                                      60      64
//   | tag x 10 (16 bit) | reference x 10 (32 bit)               |version|
//
// A slot is empty where its reference is none; its tag then means nothing. Readers on other threads
// see these words change under their eyes, so the writer stores each with release and they load
// each with acquire. The writer itself reads plainly: nobody else writes.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "table/flow_ref.hpp"

namespace lastack::table {

class alignas(64) Bucket {
  public:
    static constexpr unsigned kSlots = 10;

    // ---- the owner ----

    /// Bit i: slot i carries `tag`. It may be empty all the same.
    std::uint32_t slots_with(std::uint16_t tag) const;
    /// Bit i: slot i holds `ref`, which may be none.
    std::uint32_t slots_of(FlowRef ref) const;
    /// Bit i: slot i is empty.
    std::uint32_t empty_slots() const { return slots_of(FlowRef::none()); }

    std::uint16_t tag(unsigned slot) const { return tags_[slot]; }
    FlowRef ref(unsigned slot) const { return FlowRef::from_raw(refs_[slot]); }

    /// Fills an empty slot: the tag first, so that whoever sees the reference sees its tag.
    void fill(unsigned slot, std::uint16_t tag, FlowRef ref) {
        store(tags_[slot], tag);
        store(refs_[slot], ref.raw());
    }
    void set_ref(unsigned slot, FlowRef ref) { store(refs_[slot], ref.raw()); }

    /// Tells readers who look at this bucket to look again.
    void next_version() { store(version_, version_ + 1); }

    // ---- any thread ----

    std::uint16_t shared_tag(unsigned slot) const { return load(tags_[slot]); }
    FlowRef shared_ref(unsigned slot) const { return FlowRef::from_raw(load(refs_[slot])); }
    std::uint32_t shared_version() const { return load(version_); }

  private:
    template <class Word>
    static void store(Word& word, std::type_identity_t<Word> value) {
        std::atomic_ref<Word>(word).store(value, std::memory_order_release);
    }
    template <class Word>
    static Word load(const Word& word) {
        // atomic_ref wants a mutable object until C++26; the load does not write.
        return std::atomic_ref<Word>(const_cast<Word&>(word)).load(std::memory_order_acquire);
    }

    std::uint16_t tags_[kSlots] = {};
    std::uint32_t refs_[kSlots] = {};
    std::uint32_t version_ = 0;
};
static_assert(sizeof(Bucket) == 64);

// Ten do not fill vectors: the last one of each overlaps the one before, and bits that two of them
// found are the same bit.
inline std::uint32_t Bucket::slots_with(std::uint16_t tag) const {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi16(static_cast<short>(tag));
    const auto equal = [&](unsigned from) {
        const auto* eight = reinterpret_cast<const __m128i*>(tags_ + from);
        return _mm_cmpeq_epi16(_mm_loadu_si128(eight), wanted);
    };
    const auto found =
        static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(equal(0), equal(2))));
    return (found & 0xff) | found >> 8 << 2;
#else
    std::uint32_t found = 0;
    for (unsigned i = 0; i < kSlots; ++i) {
        found |= static_cast<std::uint32_t>(tags_[i] == tag) << i;
    }
    return found;
#endif
}

inline std::uint32_t Bucket::slots_of(FlowRef ref) const {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi32(static_cast<int>(ref.raw()));
    const auto equal = [&](unsigned from) {
        const auto* four = reinterpret_cast<const __m128i*>(refs_ + from);
        return _mm_cmpeq_epi32(_mm_loadu_si128(four), wanted);
    };
    const __m128i eight = _mm_packs_epi32(equal(0), equal(4));
    const __m128i last = _mm_packs_epi32(equal(6), _mm_setzero_si128());
    const auto found = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(eight, last)));
    return (found & 0xff) | found >> 8 << 6;
#else
    std::uint32_t found = 0;
    for (unsigned i = 0; i < kSlots; ++i) {
        found |= static_cast<std::uint32_t>(refs_[i] == ref.raw()) << i;
    }
    return found;
#endif
}

}  // namespace lastack::table

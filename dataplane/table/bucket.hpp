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
    /// Bit i: slot i is empty.
    std::uint32_t empty_slots() const;

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

inline std::uint32_t Bucket::slots_with(std::uint16_t tag) const {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi16(static_cast<short>(tag));
    const __m128i eight = _mm_loadu_si128(reinterpret_cast<const __m128i*>(tags_));
    const __m128i equal = _mm_packs_epi16(_mm_cmpeq_epi16(eight, wanted), _mm_setzero_si128());
    std::uint32_t found = static_cast<std::uint32_t>(_mm_movemask_epi8(equal));
    found |= static_cast<std::uint32_t>(tags_[8] == tag) << 8;
    found |= static_cast<std::uint32_t>(tags_[9] == tag) << 9;
    return found;
#else
    std::uint32_t found = 0;
    for (unsigned i = 0; i < kSlots; ++i) {
        found |= static_cast<std::uint32_t>(tags_[i] == tag) << i;
    }
    return found;
#endif
}

inline std::uint32_t Bucket::empty_slots() const {
    std::uint32_t empty = 0;
    for (unsigned i = 0; i < kSlots; ++i) {
        empty |= static_cast<std::uint32_t>(refs_[i] == 0) << i;
    }
    return empty;
}

}  // namespace lastack::table

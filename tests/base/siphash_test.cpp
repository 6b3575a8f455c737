#include "base/siphash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace lastack::base {
namespace {

// An implementation that shares nothing with ours: over bytes, with any number of rounds, so that
// it can be checked itself against the vector that the paper prints for SipHash-2-4.
class Reference {
  public:
    Reference(int compression_rounds, int final_rounds)
        : compression_rounds_(compression_rounds), final_rounds_(final_rounds) {}

    std::uint64_t hash(const std::vector<std::uint8_t>& key, std::vector<std::uint8_t> text) {
        const std::uint64_t k0 = little_endian(key, 0);
        const std::uint64_t k1 = little_endian(key, 8);
        v_ = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
              k1 ^ 0x7465646279746573ULL};
        const auto length = static_cast<std::uint8_t>(text.size());
        while (text.size() % 8 != 7) text.push_back(0);
        text.push_back(length);
        for (std::size_t at = 0; at < text.size(); at += 8) absorb(little_endian(text, at));
        v_[2] ^= 0xff;
        rounds(final_rounds_);
        return v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
    }

  private:
    static std::uint64_t little_endian(const std::vector<std::uint8_t>& bytes, std::size_t at) {
        std::uint64_t word = 0;
        for (std::size_t i = 8; i-- > 0;) word = word * 256 + bytes.at(at + i);
        return word;
    }
    static std::uint64_t turn_left(std::uint64_t x, unsigned by) {
        return (x << by) | (x >> (64 - by));
    }
    void absorb(std::uint64_t word) {
        v_[3] ^= word;
        rounds(compression_rounds_);
        v_[0] ^= word;
    }
    void half_round(std::size_t a, std::size_t b, std::size_t c, std::size_t d, unsigned s,
                    unsigned t) {
        v_[a] += v_[b];
        v_[c] += v_[d];
        v_[b] = turn_left(v_[b], s) ^ v_[a];
        v_[d] = turn_left(v_[d], t) ^ v_[c];
        v_[a] = turn_left(v_[a], 32);
    }
    void rounds(int count) {
        for (int i = 0; i < count; ++i) {
            half_round(0, 1, 2, 3, 13, 16);
            half_round(2, 1, 0, 3, 17, 21);
        }
    }

    int compression_rounds_;
    int final_rounds_;
    std::array<std::uint64_t, 4> v_{};
};

std::vector<std::uint8_t> counting_bytes(std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(i);
    return bytes;
}

// The key of counting_bytes(16).
constexpr SipKey kCountingKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// Aumasson and Bernstein, appendix A: key 00..0f, text 00..0e.
TEST(SipHash, TheReferenceAgreesWithThePapersVectorForTwoAndFourRounds) {
    EXPECT_EQ(Reference(2, 4).hash(counting_bytes(16), counting_bytes(15)), 0xa129ca6149be45e5ULL);
}

TEST(SipHash, OursAgreesWithTheReferenceForEveryLengthInWords) {
    const std::vector<std::uint8_t> text = counting_bytes(64);
    std::vector<std::uint64_t> words;
    for (std::size_t count = 0; count <= 8; ++count) {
        const std::vector<std::uint8_t> prefix(text.begin(),
                                               text.begin() + static_cast<long>(count * 8));
        EXPECT_EQ(siphash(kCountingKey, words), Reference(1, 3).hash(counting_bytes(16), prefix))
            << count << " words";
        words.push_back(0x0706050403020100 + 0x0808080808080808 * count);
    }
}

TEST(SipHash, AnotherKeyGivesAnotherHash) {
    const std::array<std::uint64_t, 2> words{1, 2};
    EXPECT_NE(siphash({1, 0}, words), siphash({0, 1}, words));
    EXPECT_NE(siphash({1, 0}, words), siphash({0, 0}, words));
}

TEST(SipHash, LengthCountsSoThatZeroWordsDoNotCollide) {
    const std::array<std::uint64_t, 2> zeros{};
    EXPECT_NE(siphash(kCountingKey, {zeros.data(), 1}), siphash(kCountingKey, {zeros.data(), 2}));
}

TEST(SipHash, IsComputedAtCompileTimeToo) {
    static constexpr std::array<std::uint64_t, 1> kWords{42};
    static constexpr std::uint64_t kHash = siphash({3, 4}, kWords);
    const std::array<std::uint64_t, 1> words{42};
    EXPECT_EQ(siphash({3, 4}, words), kHash);
}

}  // namespace
}  // namespace lastack::base

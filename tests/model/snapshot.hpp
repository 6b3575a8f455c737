// Copies of a world's memory: whole, to go back to before each of a state's steps, and as what
// differs from the first state, to keep many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace lastack::model {

class Images {
  public:
    /// What `memory` holds now is what all others are compared with.
    explicit Images(std::span<std::byte> memory)
        : memory_(memory), first_(memory.begin(), memory.end()), here_(first_) {}

    /// What differs, word by word: a place (2 bytes) and the word (8). Valid until the next call.
    std::span<const std::byte> take() {
        image_.clear();
        for (std::size_t line = 0; line < memory_.size(); line += kLine) {
            if (std::memcmp(memory_.data() + line, first_.data() + line, kLine) == 0) continue;
            for (std::size_t at = line; at < line + kLine; at += kWord) {
                const std::uint64_t word = read(memory_.data() + at);
                if (word == read(first_.data() + at)) continue;
                const auto place = static_cast<std::uint16_t>(at / kWord);
                image_.resize(image_.size() + kEntry);
                std::byte* const entry = image_.data() + image_.size() - kEntry;
                std::memcpy(entry, &place, sizeof(place));
                std::memcpy(entry + sizeof(place), &word, kWord);
            }
        }
        return image_;
    }

    void put_back(std::span<const std::byte> image) {
        std::memcpy(memory_.data(), first_.data(), first_.size());
        for (; !image.empty(); image = image.subspan(kEntry)) {
            std::uint16_t place;
            std::memcpy(&place, image.data(), sizeof(place));
            std::memcpy(memory_.data() + place * kWord, image.data() + sizeof(place), kWord);
        }
    }

    void remember_here() { std::memcpy(here_.data(), memory_.data(), memory_.size()); }
    template <class Parts>
    void return_here(const Parts& parts) {
        for (const std::span<std::byte> part : parts) {
            if (part.empty()) continue;
            std::memcpy(part.data(), here_.data() + (part.data() - memory_.data()), part.size());
        }
    }

  private:
    static constexpr std::size_t kLine = 64;
    static constexpr std::size_t kWord = 8;
    static constexpr std::size_t kEntry = sizeof(std::uint16_t) + kWord;

    static std::uint64_t read(const std::byte* from) {
        std::uint64_t word;
        std::memcpy(&word, from, sizeof(word));
        return word;
    }

    std::span<std::byte> memory_;
    std::vector<std::byte> first_;
    std::vector<std::byte> here_;
    std::vector<std::byte> image_;
};

}  // namespace lastack::model

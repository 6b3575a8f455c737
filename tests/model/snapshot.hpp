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

    struct Image {
        std::vector<std::uint16_t> places;  // words of 8 bytes
        std::vector<std::uint64_t> words;

        std::uint64_t bytes() const {
            return places.capacity() * sizeof(places[0]) + words.capacity() * sizeof(words[0]);
        }
    };

    Image take() {
        places_.clear();
        words_.clear();
        for (std::size_t line = 0; line < memory_.size(); line += kLine) {
            if (std::memcmp(memory_.data() + line, first_.data() + line, kLine) == 0) continue;
            for (std::size_t at = line; at < line + kLine; at += 8) {
                const std::uint64_t word = read(memory_.data() + at);
                if (word == read(first_.data() + at)) continue;
                places_.push_back(static_cast<std::uint16_t>(at / 8));
                words_.push_back(word);
            }
        }
        return {{places_.begin(), places_.end()}, {words_.begin(), words_.end()}};
    }

    void put_back(const Image& image) {
        std::memcpy(memory_.data(), first_.data(), first_.size());
        for (std::size_t i = 0; i < image.places.size(); ++i) {
            std::memcpy(memory_.data() + std::size_t{image.places[i]} * 8, &image.words[i], 8);
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

    static std::uint64_t read(const std::byte* from) {
        std::uint64_t word;
        std::memcpy(&word, from, sizeof(word));
        return word;
    }

    std::span<std::byte> memory_;
    std::vector<std::byte> first_;
    std::vector<std::byte> here_;
    std::vector<std::uint16_t> places_;
    std::vector<std::uint64_t> words_;
};

}  // namespace lastack::model

// Copies of a world's memory: of one state, to go back to before each of its steps, and as what
// differs from the copy that was taken before, to keep many: neighbours in a breadth-first queue
// differ by little.
//
// Only a tenth of the memory's lines ever changes: those are copied and compared, the others are
// only watched. learn() tells when one of those has changed; what was tried since the last
// put_back() is then to be tried again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace lastack::model {

class Images {
  public:
    /// What `memory` holds now is what the first copy is compared with.
    explicit Images(std::span<std::byte> memory)
        : memory_(memory),
          first_(memory.begin(), memory.end()),
          here_(first_),
          taken_(first_),
          put_back_(first_),
          changes_(memory.size() / kLine) {
        sort_lines();
    }

    /// What memory holds of the lines that change.
    void copy(std::vector<std::byte>& to) const {
        for (const std::uint32_t line : lines_) {
            const std::byte* const from = memory_.data() + line * kLine;
            to.insert(to.end(), from, from + kLine);
        }
    }
    std::size_t copy_bytes() const { return lines_.size() * kLine; }

    /// What a copy differs by from the last that was taken, word by word: a place (2 bytes) and the
    /// word (8). Valid until the next call.
    std::span<const std::byte> take(std::span<const std::byte> copy) {
        image_.clear();
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            const std::byte* const line = copy.data() + i * kLine;
            std::byte* const before = taken_.data() + lines_[i] * kLine;
            if (std::memcmp(line, before, kLine) == 0) continue;
            for (std::size_t at = 0; at < kLine; at += kWord) {
                if (std::memcmp(line + at, before + at, kWord) == 0) continue;
                const auto place = static_cast<std::uint16_t>((lines_[i] * kLine + at) / kWord);
                const std::size_t end = image_.size();
                image_.resize(end + kEntry);
                std::memcpy(image_.data() + end, &place, sizeof(place));
                std::memcpy(image_.data() + end + sizeof(place), line + at, kWord);
            }
            std::memcpy(before, line, kLine);
        }
        return image_;
    }

    /// Memory becomes what it was, and that is where return_here() returns to. Copies come back in
    /// the order in which they were taken, and none is left out.
    void put_back(std::span<const std::byte> image) {
        for (; !image.empty(); image = image.subspan(kEntry)) {
            std::uint16_t place;
            std::memcpy(&place, image.data(), sizeof(place));
            std::memcpy(put_back_.data() + place * kWord, image.data() + sizeof(place), kWord);
        }
        for (const std::uint32_t line : lines_) {
            std::memcpy(here_.data() + line * kLine, put_back_.data() + line * kLine, kLine);
        }
        return_here();
    }
    void return_here() {
        for (const std::uint32_t line : lines_) {
            std::memcpy(memory_.data() + line * kLine, here_.data() + line * kLine, kLine);
        }
    }

    /// Whether, in these parts of memory, a line has changed that had not before. From now on it is
    /// one that changes, and is again what it was.
    template <class Parts>
    bool learn(const Parts& parts) {
        bool learned = false;
        for (const std::span<std::byte> part : parts) {
            const auto begin = static_cast<std::size_t>(part.data() - memory_.data());
            for (const Still& still : stills_) {
                if (part.empty() || still.end <= begin || begin + part.size() <= still.begin) {
                    continue;
                }
                if (!is_as_it_was(still)) learned = note_changes(still);
            }
        }
        if (learned) sort_lines();
        return learned;
    }

  private:
    static constexpr std::size_t kLine = 64;
    static constexpr std::size_t kWord = 8;
    static constexpr std::size_t kEntry = sizeof(std::uint16_t) + kWord;

    /// A stretch of lines that do not change: where it begins and ends in memory.
    struct Still {
        std::size_t begin;
        std::size_t end;
        bool zero;  // so most of memory is, and that is quicker to see
    };

    bool is_as_it_was(const Still& still) const {
        const std::byte* const now = memory_.data() + still.begin;
        const std::size_t size = still.end - still.begin;
        if (!still.zero) return std::memcmp(now, first_.data() + still.begin, size) == 0;
        // The first word is zero, and each is as the one before.
        return read(now) == 0 && std::memcmp(now, now + kWord, size - kWord) == 0;
    }

    bool note_changes(const Still& still) {
        for (std::size_t at = still.begin; at < still.end; at += kLine) {
            if (std::memcmp(memory_.data() + at, first_.data() + at, kLine) == 0) continue;
            changes_[at / kLine] = 1;
            std::memcpy(memory_.data() + at, first_.data() + at, kLine);
        }
        return true;
    }

    void sort_lines() {
        static constexpr std::byte kZero[kLine]{};
        lines_.clear();
        stills_.clear();
        for (std::uint32_t line = 0; line < changes_.size(); ++line) {
            const std::size_t at = line * kLine;
            if (changes_[line] != 0) {
                lines_.push_back(line);
                continue;
            }
            const bool zero = std::memcmp(first_.data() + at, kZero, kLine) == 0;
            const bool goes_on =
                !stills_.empty() && stills_.back().end == at && stills_.back().zero == zero;
            if (!goes_on) stills_.push_back({at, at, zero});
            stills_.back().end = at + kLine;
        }
    }

    static std::uint64_t read(const std::byte* from) {
        std::uint64_t word;
        std::memcpy(&word, from, sizeof(word));
        return word;
    }

    std::span<std::byte> memory_;
    std::vector<std::byte> first_;
    std::vector<std::byte> here_;  // the lines that change, as in all that follow
    std::vector<std::byte> taken_;
    std::vector<std::byte> put_back_;
    std::vector<std::uint8_t> changes_;  // by line
    std::vector<std::uint32_t> lines_;   // that change
    std::vector<Still> stills_;          // between them
    std::vector<std::byte> image_;
};

}  // namespace lastack::model

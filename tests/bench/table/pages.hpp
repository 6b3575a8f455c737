// Memory of one kind for every contender: anonymous, in transparent huge pages where there are
// some.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace lastack::bench {

class Pages {
  public:
    static constexpr std::size_t kHuge = std::size_t{2} << 20;

    /// Whether the pages to come shall be huge; from the start yes.
    static void want_huge(bool huge);
    /// Words for the report: how much of this process's memory stands in huge pages.
    static std::string describe();

    /// At least `bytes`, zeroed, from a multiple of kHuge on. Exits where there are none.
    explicit Pages(std::size_t bytes);
    ~Pages();
    Pages(const Pages&) = delete;
    Pages& operator=(const Pages&) = delete;

    std::span<std::byte> bytes() const { return {start_, size_}; }

  private:
    std::byte* start_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace lastack::bench

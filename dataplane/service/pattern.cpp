#include "service/pattern.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace lastack::service {
namespace {

using Block = std::array<std::byte, kPatternPeriod>;

/// Below this a slice is copied: a reference costs a descriptor and a buffer of its own.
constexpr std::size_t kCopyBelowBytes = 512;

Block make_block() {
    Block block;
    std::uint64_t state = 0;
    for (std::byte& byte : block) {
        state += 0x9e37'79b9'7f4a'7c15;
        std::uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
        z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
        z ^= z >> 31;
        byte = static_cast<std::byte>(z >> 56);
    }
    return block;
}

const Block& block() {
    static const Block made = make_block();
    return made;
}

/// The block is never freed, so there is nothing to release.
void keep(void*) {}

}  // namespace

Bytes pattern_at(std::uint64_t position, std::uint64_t at_most) {
    const std::size_t begin = position % kPatternPeriod;
    const std::uint64_t n = std::min<std::uint64_t>(at_most, kPatternPeriod - begin);
    return Bytes(block()).subspan(begin, n);
}

bool matches_pattern(std::uint64_t position, Bytes bytes) {
    while (!bytes.empty()) {
        const Bytes expected = pattern_at(position, bytes.size());
        if (std::memcmp(expected.data(), bytes.data(), expected.size()) != 0) return false;
        position += expected.size();
        bytes = bytes.subspan(expected.size());
    }
    return true;
}

std::uint64_t send_pattern(Connection connection, std::uint64_t position, std::uint64_t len_bytes) {
    std::uint64_t sent = 0;
    while (sent < len_bytes) {
        Bytes slice = pattern_at(position + sent, len_bytes - sent);
        // References are all or nothing. Where there is no room at all, the attempt with the whole
        // slice fails, and is what makes on_writable follow.
        const std::size_t room = connection.send_room();
        if (room > 0 && room < slice.size()) slice = slice.first(room);
        if (slice.size() < kCopyBelowBytes) {
            const std::size_t accepted = connection.send(slice);
            sent += accepted;
            if (accepted < slice.size()) break;
        } else {
            if (!connection.send_by_reference(slice, keep, nullptr)) break;
            sent += slice.size();
        }
    }
    return sent;
}

}  // namespace lastack::service

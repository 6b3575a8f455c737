#include "control/config/eal_words.hpp"

#include <array>

namespace lastack::control {
namespace {

struct Owned {
    std::string_view name;
    std::string_view instead;  ///< What the operator sets in its place.
};

/// With two dashes. getopt_long() takes any beginning that fits one option alone.
constexpr std::array kLong{
    Owned{"file-prefix", "set eal.file_prefix instead"},
    Owned{"socket-mem", "set eal.memory_mib instead"},
    Owned{"lcores", "set worker.core instead"},
    Owned{"no-huge", "set eal.memory = \"none\" instead"},
    Owned{"in-memory", "set eal.memory = \"huge\" instead"},
    Owned{"huge-unlink", "set eal.memory = \"huge\" instead, which leaves no files"},
    Owned{"huge-dir", "set eal.memory = \"huge_files\" instead, and mount one hugetlbfs"},
};

/// With one dash; the value may follow without a blank.
constexpr std::array kShort{
    Owned{"m", "set eal.memory_mib instead"},
    Owned{"l", "set worker.core instead"},
    Owned{"c", "set worker.core instead"},
};

bool all_hex(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string complaint(std::string_view dashes, const Owned& owned) {
    return std::string(dashes) + std::string(owned.name) + " is lastack's own to set; " +
           std::string(owned.instead);
}

}  // namespace

bool is_pci_address(std::string_view text) {
    text = text.substr(0, text.find(','));
    if (text.size() == 12 && text[4] == ':' && all_hex(text.substr(0, 4))) text.remove_prefix(5);
    return text.size() == 7 && text[2] == ':' && text[5] == '.' && all_hex(text.substr(0, 2)) &&
           all_hex(text.substr(3, 2)) && text[6] >= '0' && text[6] <= '7';
}

std::string owned_by_lastack(std::string_view word) {
    if (word.starts_with("--")) {
        const std::string_view name = word.substr(2, word.find('=') - 2);
        for (const Owned& owned : kLong) {
            if (!name.empty() && owned.name.starts_with(name)) return complaint("--", owned);
        }
        return {};
    }
    for (const Owned& owned : kShort) {
        if (word.starts_with('-') && word.substr(1).starts_with(owned.name)) {
            return complaint("-", owned);
        }
    }
    return {};
}

}  // namespace lastack::control

#include "control/config/nearest.hpp"

#include <algorithm>
#include <vector>

#include "control/config/key.hpp"
#include "control/config/sysctl.hpp"

namespace lastack::control {
namespace {

/// Remembers the best of the candidates it is shown.
class Contest {
  public:
    explicit Contest(std::string_view name)
        : name_(name), best_(std::max<std::size_t>(2, name.size() / 3) + 1) {}

    /// `handicap` is added to the distance of `candidate`, known in full as `full_name`.
    void consider(std::string_view candidate, std::size_t handicap, const std::string& full_name) {
        const std::size_t distance = edit_distance(name_, candidate) + handicap;
        if (distance >= best_) return;
        best_ = distance;
        winner_ = full_name;
    }

    const std::string& winner() const { return winner_; }

  private:
    std::string_view name_;
    std::size_t best_;
    std::string winner_;
};

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> table((a.size() + 1) * width);
    const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
        return table[i * width + j];
    };
    for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
    for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0U : 1U);
            at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replaced});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
        }
    }
    return at(a.size(), b.size());
}

std::string nearest_key(std::string_view section, std::string_view name) {
    Contest contest(name);
    for (const Section& other : all_sections()) {
        const std::size_t handicap = other.name == section ? 0 : 1;
        for (const Key& key : other.keys) {
            const std::string full = std::string(other.name) + "." + std::string(key.name);
            contest.consider(key.name, handicap, full);
        }
    }
    for (const Sysctl& sysctl : all_sysctls()) {
        contest.consider(sysctl.name, section == "sysctl" ? 0 : 1,
                         "sysctl." + std::string(sysctl.name));
    }
    return contest.winner();
}

std::string nearest_section(std::string_view name) {
    Contest contest(name);
    for (const Section& section : all_sections()) {
        contest.consider(section.name, 0, std::string(section.name));
    }
    contest.consider("sysctl", 0, "sysctl");
    return contest.winner();
}

std::string suggestion(const std::string& nearest) {
    return nearest.empty() ? std::string() : "; did you mean " + nearest + "?";
}

}  // namespace lastack::control

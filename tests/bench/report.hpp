// A benchmark's figures beside its peers', for people and for programs.
//
// Every benchmark that measures peers in the same run hands its rows here, so that all of them look
// alike and `--json FILE` means the same everywhere. Conditions stand with the figures, always.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lastack::bench {

struct Row {
    std::string what;  // "table.hit_batch"
    std::string size;  // "4M"
    std::string unit;  // "ns"
    double lastack = 0;
    std::vector<std::pair<std::string, double>> peers{};  // none where a peer has no such thing
};

struct Condition {
    std::string name;
    std::string value;
};

/// CPU, load, compiler, build: what every figure depends on.
std::vector<Condition> usual_conditions();

/// Prints conditions and a table: a column per peer, with lastack's share of it behind (0.50 is
/// half the time). Writes `json_file` unless empty: an array of {what, size, unit, lastack, peers},
/// and as its last object "conditions". False where the file cannot be written.
bool report(const std::string& title, std::span<const Condition> conditions,
            std::span<const Row> rows, const std::string& json_file);

}  // namespace lastack::bench

#include "tests/walk/cell.hpp"

#include <algorithm>
#include <stdexcept>

namespace lastack::test::walk {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    while (true) {
        const auto end = text.find(separator);
        pieces.push_back(trimmed(text.substr(0, end)));
        if (end == std::string_view::npos) return pieces;
        text.remove_prefix(end + 1);
    }
}

Cell read_row(const std::string& line) {
    const auto fields = split(line, '|');
    if (fields.size() != 8) throw std::invalid_argument("not eight fields: " + line);
    Cell cell;
    const auto blank = fields[0].find(' ');
    cell.id = fields[0].substr(0, blank);
    if (blank != std::string_view::npos) cell.variant = trimmed(fields[0].substr(blank));
    cell.given = fields[1];
    cell.event = fields[2];
    cell.answer = fields[3];
    cell.after = fields[4];
    cell.told = fields[5];
    cell.counters = fields[6];
    cell.timer = fields[7];
    return cell;
}

}  // namespace

std::vector<std::string> parts_of(std::string_view text, char separator) {
    std::vector<std::string> parts;
    if (text.empty() || text == "-") return parts;
    for (const std::string_view part : split(text, separator)) parts.emplace_back(part);
    return parts;
}

std::vector<Cell> read_table(std::string_view text) {
    std::vector<std::string> rows;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (trimmed(line).empty() || line.front() == '#') continue;
        if (line.front() == ' ' && !rows.empty()) {
            rows.back() += line;
        } else {
            rows.emplace_back(line);
        }
    }
    std::vector<Cell> cells;
    for (const std::string& row : rows) cells.push_back(read_row(row));
    return cells;
}

}  // namespace lastack::test::walk

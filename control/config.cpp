#include "control/config.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <tuple>

#include "control/config/apply.hpp"
#include "control/config/check.hpp"
#include "control/config/document.hpp"
#include "control/config/interpret.hpp"
#include "control/config/key.hpp"

namespace lastack::control {
namespace {

std::string origin_of(const Config& config, const std::string& path) {
    const auto found = config.origins.find(path);
    if (found == config.origins.end()) return "default";
    if (found->second.line == 0) return "--set";
    return found->second.source + ":" + std::to_string(found->second.line);
}

/// Origins stand in one column, as far as the values before them let them.
constexpr std::size_t kOriginColumn = 44;

std::string line_of(const Key& key, const Value& value, const std::string& origin) {
    std::string line = std::string(key.name) + " = ";
    if (std::holds_alternative<std::monostate>(value)) {
        line = "# " + std::string(key.name) + " is not set";
    } else {
        line += notation(key, value);
    }
    line.resize(std::max(line.size() + 2, kOriginColumn), ' ');
    return line + "# " + origin + "\n";
}

void print_element(Config& config, const Section& section, std::size_t index, std::string& out) {
    void* const values = section.at(config, index);
    if (values == nullptr) return;  // a service of another kind
    const std::string name(section.name);
    out += out.empty() ? "" : "\n";
    out += section.repeated ? "[[" + name + "]]\n" : "[" + name + "]\n";
    if (!section.service_kind.empty()) out += "kind = " + quoted(section.service_kind) + "\n";
    const std::string path = section.repeated ? name + "." + std::to_string(index) : name;
    for (const Key& key : section.keys) {
        out += line_of(key, key.get(values), origin_of(config, path + "." + std::string(key.name)));
    }
}

/// Services are one list of several kinds; printing kind by kind would change their order.
void print_services(Config& config, std::string& out) {
    for (std::size_t i = 0; i < config.services.size(); ++i) {
        for (const Section& section : all_sections()) {
            if (!section.service_kind.empty()) print_element(config, section, i, out);
        }
    }
}

/// Appends the file's bytes to `text`; 0, or errno. C's files, because they tell that a directory
/// was opened, and streams do not.
int read_file(const std::string& path, std::string& text) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "r"),
                                                               std::fclose);
    if (file == nullptr) return errno;
    std::array<char, 4096> chunk{};
    while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
        text.append(chunk.data(), got);
    }
    return std::ferror(file.get()) != 0 ? errno : 0;
}

bool earlier(const Problem& a, const Problem& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
}

}  // namespace

std::string Place::to_string() const {
    std::string text = source;
    if (line > 0) text += ":" + std::to_string(line);
    if (line > 0 && column > 0) text += ":" + std::to_string(column);
    return text;
}

LoadResult load(std::string_view text, std::string_view name, std::span<const std::string> sets) {
    LoadResult result;
    Document document = parse_document(text, name);
    result.problems = std::move(document.problems);
    Applier applier(result.config, result.problems);
    applier.apply_profile(document.root, sets);
    applier.apply_document(document.root);
    for (const std::string& set : sets) applier.apply_set(set);
    applier.note_profile();
    // A value that could not be read leaves a default behind, and complaints about that would
    // only distract from the cause.
    if (result.problems.empty()) result.problems = check(result.config, name);
    std::stable_sort(result.problems.begin(), result.problems.end(), earlier);
    return result;
}

LoadResult load_file(const std::string& path, std::span<const std::string> sets) {
    std::string text;
    if (const int error = read_file(path, text); error != 0) {
        LoadResult result;
        Problem& problem = result.problems.emplace_back();
        problem.place.source = path;
        problem.message = "cannot read this file: " + std::string(std::strerror(error));
        return result;
    }
    return load(text, path, sets);
}

std::string print(Config config) {
    std::string out;
    for (const Section& section : all_sections()) {
        if (!section.service_kind.empty()) continue;
        for (std::size_t i = 0; i < section.count(config); ++i) {
            print_element(config, section, i, out);
        }
    }
    print_services(config, out);
    return out;
}

}  // namespace lastack::control

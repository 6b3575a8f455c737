#include "control/config/apply.hpp"

#include <charconv>
#include <cstdio>

#include "control/config/interpret.hpp"
#include "control/config/nearest.hpp"
#include "control/config/service_table.hpp"
#include "control/config/sysctl.hpp"
#include "lastack/profile.hpp"

namespace lastack::control {
namespace {

/// The first section of that name: enough to know whether it is repeated.
const Section* find_section(std::string_view name) {
    for (const Section& section : all_sections()) {
        if (section.name == name) return &section;
    }
    return nullptr;
}

const Member* find_member(const Node& table, std::string_view name) {
    for (const Member& member : table.members) {
        if (member.name == name) return &member;
    }
    return nullptr;
}

std::string service_kinds() {
    std::string text;
    for (const Section& section : service_sections()) {
        text += (text.empty() ? "" : ", ") + quoted(section.service_kind);
    }
    return text;
}

const Section& section_of_kind(std::string_view kind) {
    for (const Section& section : service_sections()) {
        if (section.service_kind == kind) return section;
    }
    return service_sections().front();
}

std::string wrong(std::string_view name, std::string_view expected, const Node& found) {
    return std::string(name) + ": expected " + std::string(expected) + ", found " +
           found.describe();
}

}  // namespace

void Applier::complain(const Place& place, std::string message) {
    problems_.push_back({place, std::move(message)});
}

// --- tcp.profile

namespace {

constexpr std::string_view kProfile = "tcp.profile";

/// The profile that `node` names; what is wrong with another is said when its key's turn comes.
void take_profile(TcpOptions& tcp, const Node& node) {
    TcpOptions named;
    if (find_key(*find_section("tcp"), "profile")->set(&named, node.value)) {
        tcp = tcp_options(named.profile);
    }
}

}  // namespace

void Applier::apply_profile(const Node& root, std::span<const std::string> sets) {
    TcpOptions& tcp = config_.options.tcp;
    if (const Member* section = find_member(root, "tcp")) {
        if (const Member* profile = find_member(section->node, "profile")) {
            take_profile(tcp, profile->node);
        }
    }
    const std::string assignment = std::string(kProfile) + "=";
    for (const std::string& set : sets) {
        if (!set.starts_with(assignment)) continue;
        take_profile(tcp, parse_value(set.substr(assignment.size()), {}));
    }
}

void Applier::note_profile() {
    const auto profile = config_.origins.find(kProfile);
    if (profile == config_.origins.end()) return;
    const Place place = profile->second;
    const TcpOptions plain;
    for (const Key& key : find_section("tcp")->keys) {
        if (key.get(&plain) == key.get(&config_.options.tcp)) continue;
        config_.origins.try_emplace("tcp." + std::string(key.name), place);
    }
}

void Applier::apply_document(const Node& root) {
    from_command_line_ = false;
    for (const Member& member : root.members) apply_section(member);
}

void Applier::apply_section(const Member& member) {
    const bool sysctl = member.name == "sysctl";
    const Section* section = find_section(member.name);
    if (section == nullptr && !sysctl) {
        const bool table =
            member.node.type == Node::Type::table || member.node.type == Node::Type::tables;
        const std::string nearest =
            table ? nearest_section(member.name) : nearest_key("", member.name);
        complain(member.place, "unknown " + std::string(table ? "section " : "key ") + member.name +
                                   suggestion(nearest));
    } else if (!sysctl && section->repeated) {
        apply_repeated(member, *section);
    } else if (member.node.type != Node::Type::table) {
        complain(member.place, wrong(member.name, "a table [" + member.name + "]", member.node));
    } else if (sysctl) {
        apply_sysctl_table(member.node);
    } else {
        apply_table({.section = section, .index = 0, .path = member.name}, member.node);
    }
}

void Applier::apply_repeated(const Member& member, const Section& section) {
    const bool empty_list = member.node.type == Node::Type::list && member.node.elements.empty() &&
                            std::get<std::vector<std::string>>(member.node.value).empty();
    if (member.node.type != Node::Type::tables && !empty_list) {
        complain(
            member.place,
            wrong(member.name, "tables [[" + member.name + "]], in double brackets", member.node));
        return;
    }
    for (const Node& element : member.node.elements) apply_element(section, element);
}

void Applier::apply_element(const Section& section, const Node& element) {
    const Section* kind = section.service_kind.empty() ? &section : service_section(element);
    if (kind == nullptr) return;
    const std::size_t index = kind->count(config_);
    kind->append(config_);
    const std::string path = std::string(kind->name) + "." + std::to_string(index);
    config_.origins[path] = element.place;
    apply_table({.section = kind, .index = index, .path = path}, element);
}

/// The section for the element's `kind`; nullptr, after a complaint, where that is none.
const Section* Applier::service_section(const Node& element) {
    const Member* kind = find_member(element, "kind");
    if (kind == nullptr) {
        complain(element.place, "service: kind is missing; expected one of " + service_kinds());
        return nullptr;
    }
    for (const Section& section : service_sections()) {
        if (kind->node.value == Value(std::string(section.service_kind))) return &section;
    }
    complain(kind->node.place, wrong("service.kind", "one of " + service_kinds(), kind->node));
    return nullptr;
}

void Applier::apply_table(const Target& target, const Node& table) {
    for (const Member& member : table.members) {
        const bool kind = !target.section->service_kind.empty() && member.name == "kind";
        if (!kind) apply_key(target, member);
    }
}

void Applier::apply_key(const Target& target, const Member& member) {
    const std::string name = std::string(target.section->name) + "." + member.name;
    const Key* key = find_key(*target.section, member.name);
    if (key == nullptr) {
        const std::string_view kind = target.section->service_kind;
        complain(member.place, "unknown key " + name +
                                   (kind.empty() ? "" : " of a service of kind " + quoted(kind)) +
                                   suggestion(nearest_key(target.section->name, member.name)));
        return;
    }
    const Written written{name, &member.node};
    const Interpretation meaning = interpret(*key, member.node);
    const std::string expected = expectation(*key);
    if (!meaning.acceptable) {
        complain(member.node.place, wrong(name, expected, member.node));
        return;
    }
    assign(target, *key, meaning.value, written, expected);
}

void Applier::assign(const Target& target, const Key& key, const Value& value,
                     const Written& written, std::string_view expected) {
    const std::string path = target.path + "." + std::string(key.name);
    if (!claim(path, written)) return;
    if (!key.set(target.section->at(config_, target.index), value)) {
        config_.origins.erase(path);
        complain(written.node->place, wrong(written.name, expected, *written.node));
    }
}

/// One value, one place: [tcp] fin_timeout and [sysctl] tcp_fin_timeout cannot both be there. The
/// command line wins over the file, and a later --set over an earlier one.
bool Applier::claim(const std::string& path, const Written& written) {
    const auto [entry, fresh] = config_.origins.try_emplace(path, written.node->place);
    if (!fresh && !from_command_line_) {
        complain(written.node->place, std::string(written.name) + ": this is " + path + ", which " +
                                          entry->second.to_string() + " has set already");
        return false;
    }
    entry->second = written.node->place;
    return true;
}

// --- [sysctl]

void Applier::apply_sysctl_table(const Node& table) {
    for (const Member& member : table.members) {
        // "net.ipv4.tcp_sack = 1" is TOML for a table in a table.
        const bool nested = member.name == "net" || member.name == "ipv4";
        if (nested && member.node.type == Node::Type::table) {
            apply_sysctl_table(member.node);
        } else {
            apply_sysctl(member);
        }
    }
}

void Applier::apply_sysctl(const Member& member) {
    const std::string name = "sysctl." + member.name;
    const Sysctl* sysctl = find_sysctl(member.name);
    if (sysctl == nullptr) {
        complain(member.place,
                 "unknown key " + name + suggestion(nearest_key("sysctl", member.name)));
        return;
    }
    if (sysctl->section.empty()) {
        complain(member.place, name + ": Linux has this, and lastack does not; remove it");
        return;
    }
    if (sysctl->unit == Sysctl::Unit::port_range) return apply_port_range(member);
    if (sysctl->unit == Sysctl::Unit::port_list) return apply_port_list(member);

    const Section* section = find_section(sysctl->section);
    const Key* key = find_key(*section, sysctl->key);
    const auto* number = std::get_if<std::int64_t>(&member.node.value);
    const Value value = number == nullptr ? Value() : from_sysctl(sysctl->unit, *number);
    const auto* ranged = std::get_if<std::int64_t>(&value);
    const bool outside = ranged != nullptr && (*ranged < key->least || *ranged > key->most);
    if (value == Value() || outside) {
        std::string expected(sysctl_expectation(sysctl->unit));
        if (outside)
            expected += "; " + std::string(sysctl->section) + "." + std::string(sysctl->key) +
                        " is " + expectation(*key);
        complain(member.node.place, wrong(name, expected, member.node));
        return;
    }
    assign({.section = section, .index = 0, .path = std::string(sysctl->section)}, *key, value,
           {name, &member.node}, expectation(*key));
}

/// "32768 60999", Linux's way to write both ends of the range.
void Applier::apply_port_range(const Member& member) {
    const std::string name = "sysctl." + member.name;
    const auto* text = std::get_if<std::string>(&member.node.value);
    int first = 0;
    int last = 0;
    char rest = 0;
    // The trailing %c tells apart "1 2" and "1 2 3".
    const int fields =
        text == nullptr ? 0 : std::sscanf(text->c_str(), " %5d %5d %c", &first, &last, &rest);
    if (fields != 2 || first < 1 || last < 1 || first > 65'535 || last > 65'535) {
        complain(member.node.place,
                 wrong(name, sysctl_expectation(Sysctl::Unit::port_range), member.node));
        return;
    }
    const Section* tcp = find_section("tcp");
    const Target target{.section = tcp, .index = 0, .path = "tcp"};
    const Written written{name, &member.node};
    assign(target, *find_key(*tcp, "port_first"), std::int64_t{first}, written, "a port");
    assign(target, *find_key(*tcp, "port_last"), std::int64_t{last}, written, "a port");
}

/// "8080,9000-9100", Linux's way to write a list; an empty one is none.
void Applier::apply_port_list(const Member& member) {
    const std::string name = "sysctl." + member.name;
    const std::string expected(sysctl_expectation(Sysctl::Unit::port_list));
    const auto* text = std::get_if<std::string>(&member.node.value);
    if (text == nullptr) return complain(member.node.place, wrong(name, expected, member.node));
    std::vector<std::string> ports;
    for (std::size_t at = 0; !text->empty() && at != std::string::npos;) {
        const std::size_t comma = text->find(',', at);
        ports.push_back(text->substr(at, comma - at));
        at = comma == std::string::npos ? comma : comma + 1;
    }
    const Section* tcp = find_section("tcp");
    assign({.section = tcp, .index = 0, .path = "tcp"}, *find_key(*tcp, "port_reserved"), ports,
           {name, &member.node}, expected);
}

// --- --set

void Applier::apply_set(const std::string& argument) {
    from_command_line_ = true;
    const Place place{.source = "--set " + argument};
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) {
        complain(place, "expected path=value, such as tcp.msl=30s");
        return;
    }
    const std::string_view path = std::string_view(argument).substr(0, equals);
    apply_set_path(path, {.name = std::string(path.substr(path.rfind('.') + 1)),
                          .place = place,
                          .node = parse_value(argument.substr(equals + 1), place)});
}

void Applier::apply_set_path(std::string_view path, Member member) {
    const std::string_view section_name = path.substr(0, path.find('.'));
    if (section_name == "sysctl") return apply_sysctl(member);
    const Section* section = find_section(section_name);
    if (section == nullptr || path.find('.') == std::string_view::npos) {
        complain(member.place, "unknown key " + std::string(path) +
                                   suggestion(nearest_key(section_name, member.name)));
        return;
    }
    const std::string name(section_name);
    if (!section->repeated) {
        // "tcp.x.msl" has no key "x": what follows the section is the key's name.
        member.name = path.substr(section_name.size() + 1);
        return apply_key({.section = section, .index = 0, .path = name}, member);
    }
    std::string_view middle = path.substr(section_name.size() + 1);
    middle = middle.substr(0, middle.find('.'));
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(middle.data(), middle.data() + middle.size(), index);
    const bool numeric = error == std::errc() && end == middle.data() + middle.size();
    if (!numeric || index >= section->count(config_)) {
        complain(member.place, "expected " + name + ".N." + member.name + " with N from 0; " +
                                   "there are " + std::to_string(section->count(config_)) + " [[" +
                                   name + "]]");
        return;
    }
    if (name == "service") section = &section_of_kind(config_.services[index].kind());
    apply_key({.section = section, .index = index, .path = name + "." + std::string(middle)},
              member);
}

}  // namespace lastack::control

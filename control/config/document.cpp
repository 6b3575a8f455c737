#include "control/config/document.hpp"

#include <toml++/toml.h>

namespace lastack::control {
namespace {

Place place_of(const toml::source_region& region, std::string_view name) {
    return {.source = std::string(name),
            .line = static_cast<std::uint32_t>(region.begin.line),
            .column = static_cast<std::uint32_t>(region.begin.column)};
}

Node convert(const toml::node& from, std::string_view name);

void convert_array(const toml::array& from, std::string_view name, Node& node) {
    std::vector<std::string> texts;
    for (const toml::node& element : from) {
        if (const auto* text = element.as_string()) texts.push_back(text->get());
        if (element.is_table()) node.elements.push_back(convert(element, name));
    }
    if (texts.size() == from.size()) {  // an empty list is a list of strings
        node.type = Node::Type::list;
        node.value = std::move(texts);
    } else if (node.elements.size() == from.size()) {
        node.type = Node::Type::tables;
    } else {
        node.elements.clear();
    }
}

Node convert(const toml::node& from, std::string_view name) {
    Node node;
    node.place = place_of(from.source(), name);
    if (const auto* truth = from.as_boolean()) {
        node.type = Node::Type::boolean;
        node.value = truth->get();
    } else if (const auto* number = from.as_integer()) {
        node.type = Node::Type::integer;
        node.value = number->get();
    } else if (from.is_floating_point()) {
        node.type = Node::Type::real;
    } else if (const auto* text = from.as_string()) {
        node.type = Node::Type::text;
        node.value = text->get();
    } else if (const auto* table = from.as_table()) {
        node.type = Node::Type::table;
        for (const auto& [key, value] : *table) {
            node.members.push_back({.name = std::string(key.str()),
                                    .place = place_of(key.source(), name),
                                    .node = convert(value, name)});
        }
    } else if (const auto* array = from.as_array()) {
        convert_array(*array, name, node);
    }
    return node;
}

}  // namespace

std::string Node::describe() const {
    switch (type) {
        case Type::boolean:
            return std::get<bool>(value) ? "true" : "false";
        case Type::integer:
            return std::to_string(std::get<std::int64_t>(value));
        case Type::real:
            return "a number with a fraction";
        case Type::text:
            return '"' + std::get<std::string>(value) + '"';
        case Type::table:
            return "a table";
        case Type::tables:
            return "a list of tables";
        case Type::other:
            return "a list or date of another kind";
        case Type::list:
            break;
    }
    std::string text = "[";
    for (const std::string& element : std::get<std::vector<std::string>>(value)) {
        text += (text.size() > 1 ? ", \"" : "\"") + element + '"';
    }
    return text + "]";
}

Document parse_document(std::string_view text, std::string_view name) {
    Document document;
    document.root.type = Node::Type::table;
    try {
        document.root = convert(toml::parse(text, name), name);
    } catch (const toml::parse_error& error) {
        document.problems.push_back(
            {place_of(error.source(), name), "not TOML: " + std::string(error.description())});
    }
    return document;
}

Node parse_value(std::string_view text, const Place& place) {
    const Document document = parse_document("value = " + std::string(text), "value");
    Node node;
    if (document.problems.empty() && document.root.members.size() == 1) {
        node = document.root.members.front().node;
    } else {
        node.type = Node::Type::text;
        node.value = std::string(text);
    }
    node.place = place;
    return node;
}

}  // namespace lastack::control

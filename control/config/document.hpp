// A TOML document as a tree of plain nodes, each with its place.
//
// The one source that includes the TOML library is document.cpp; everything behind it reads this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/config.hpp"
#include "control/config/value.hpp"

namespace lastack::control {

struct Member;

struct Node {
    /// `list` is a list of strings, `tables` a list of tables ([[x]]); any other list, and dates,
    /// are `other`: no key of ours is one.
    enum class Type : std::uint8_t { boolean, integer, real, text, list, table, tables, other };

    Type type = Type::other;
    Value value;                  ///< Of boolean, integer, text and list.
    std::vector<Member> members;  ///< Of a table.
    std::vector<Node> elements;   ///< Of tables.
    Place place;

    /// How a message calls it: "30", "\"abc\"", "a table".
    std::string describe() const;
};

/// `name = node` of a table.
struct Member {
    std::string name;
    Place place;  ///< Of the name.
    Node node;
};

struct Document {
    Node root;                      ///< A table; empty where the text is not TOML.
    std::vector<Problem> problems;  ///< At most one: TOML's reader stops at the first mistake.
};

Document parse_document(std::string_view text, std::string_view name);

/// One value in TOML's notation; what is not is taken as a string: 30s is "30s".
Node parse_value(std::string_view text, const Place& place);

}  // namespace lastack::control

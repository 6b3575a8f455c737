// The filter language of `ss`:
//
//     [state NAME | exclude NAME]...  EXPRESSION
//
//     EXPRESSION:  sport = :80          local port; also != < <= > >=, eq ne lt le gt ge
//                  dport = :41234       remote port
//                  src 198.18.0.0/24    local address, network, or address:port
//                  dst 198.18.0.1:80    remote one
//                  A and B, A B         both
//                  A or B, not A, ( A )
//
// `and` binds closer than `or`. What does not parse is an error that shows the place.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "control/cli/states.hpp"
#include "lastack/endpoint.hpp"

namespace lastack::control::cli {

/// what(): what was expected, and what was found.
class FilterError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Filter {
  public:
    /// Everything.
    Filter();
    ~Filter();
    Filter(Filter&&) noexcept;
    Filter& operator=(Filter&&) noexcept;

    /// Throws FilterError. `words` are the command line's; how it cut them does not matter.
    static Filter parse(const std::vector<std::string>& words);

    /// The states asked for by name; nullopt where none were.
    const std::optional<StateSet>& states() const { return states_; }

    bool matches(const Endpoint& local, const Endpoint& remote) const;

    /// A parameter of the API: "sport", "80".
    struct Parameter {
        std::string name;
        std::string value;
        bool operator==(const Parameter&) const = default;
    };
    /// What holds for every match, in the API's simpler words; the daemon then leaves out most of
    /// what does not match, and matches() decides. Each name at most once.
    std::vector<Parameter> implied() const;

    class Expression;

  private:
    std::optional<StateSet> states_;
    std::unique_ptr<Expression> expression_;
};

}  // namespace lastack::control::cli

#include "control/cli/filter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

namespace lastack::control::cli {

/// A question about a pair of endpoints.
class Filter::Expression {
  public:
    std::function<bool(const Endpoint& local, const Endpoint& remote)> ask;
    std::vector<Parameter> implied{};
};

namespace {

using Question = Filter::Expression;

constexpr std::string_view kPunctuation = "()!=<>&|";

std::vector<std::string> tokens_of(const std::vector<std::string>& words) {
    std::vector<std::string> tokens;
    for (const std::string& word : words) {
        bool joins = false;  // the next character continues the last token
        bool symbol = false;
        for (const char c : word) {
            const bool space = c == ' ' || c == '\t';
            const bool punctuation = kPunctuation.find(c) != std::string_view::npos;
            const bool alone = c == '(' || c == ')';
            if (space) {
                joins = false;
                continue;
            }
            if (!joins || symbol != punctuation || alone) tokens.emplace_back();
            tokens.back() += c;
            joins = !alone;
            symbol = punctuation;
        }
    }
    return tokens;
}

enum class Comparison : std::uint8_t { equal, unequal, less, less_equal, more, more_equal };

struct ComparisonName {
    std::string_view name;
    Comparison comparison;
};

constexpr std::array kComparisons{
    ComparisonName{"=", Comparison::equal},        ComparisonName{"==", Comparison::equal},
    ComparisonName{"eq", Comparison::equal},       ComparisonName{"!=", Comparison::unequal},
    ComparisonName{"ne", Comparison::unequal},     ComparisonName{"neq", Comparison::unequal},
    ComparisonName{"<", Comparison::less},         ComparisonName{"lt", Comparison::less},
    ComparisonName{"<=", Comparison::less_equal},  ComparisonName{"le", Comparison::less_equal},
    ComparisonName{"leq", Comparison::less_equal}, ComparisonName{">", Comparison::more},
    ComparisonName{"gt", Comparison::more},        ComparisonName{">=", Comparison::more_equal},
    ComparisonName{"ge", Comparison::more_equal},  ComparisonName{"geq", Comparison::more_equal},
};

bool compare(Comparison comparison, std::uint16_t a, std::uint16_t b) {
    switch (comparison) {
        case Comparison::equal:
            return a == b;
        case Comparison::unequal:
            return a != b;
        case Comparison::less:
            return a < b;
        case Comparison::less_equal:
            return a <= b;
        case Comparison::more:
            return a > b;
        case Comparison::more_equal:
            break;
    }
    return a >= b;
}

std::optional<unsigned> number_of(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return value;
}

/// "198.18.0.0/24", "198.18.0.1:80", "[2001:db8::1]:80", "*:80".
struct Where {
    std::optional<Address> address;
    unsigned prefix_length = 0;
    std::optional<std::uint16_t> port;

    bool matches(const Endpoint& endpoint) const {
        if (port && *port != endpoint.port) return false;
        if (!address) return true;
        if (address->family() != endpoint.address.family()) return false;
        for (unsigned bit = 0; bit < prefix_length; ++bit) {
            const int differ = address->octets()[bit / 8] ^ endpoint.address.octets()[bit / 8];
            if ((static_cast<unsigned>(differ) & 0x80U >> bit % 8) != 0) return false;
        }
        return true;
    }
};

std::optional<Where> parse_where(std::string_view text) {
    Where where;
    if (const auto endpoint = Endpoint::parse(text); endpoint && !text.starts_with(':')) {
        where.address = endpoint->address;
        where.port = endpoint->port;
        where.prefix_length = endpoint->address.is_ipv4() ? 32 : 128;
        return where;
    }
    if (text.starts_with("*:") || text.starts_with(':')) {
        const auto port = number_of(text.substr(text.find(':') + 1), 65'535);
        if (!port) return std::nullopt;
        where.port = static_cast<std::uint16_t>(*port);
        return where;
    }
    const std::size_t slash = text.find('/');
    where.address = Address::parse(text.substr(0, slash));
    if (!where.address) return std::nullopt;
    const unsigned longest = where.address->is_ipv4() ? 32 : 128;
    where.prefix_length = longest;
    if (slash == std::string_view::npos) return where;
    const auto length = number_of(text.substr(slash + 1), longest);
    if (!length) return std::nullopt;
    where.prefix_length = *length;
    return where;
}

/// The API takes networks of IPv4; what it cannot say is left to the filter.
std::vector<Filter::Parameter> implied_by(const Where& where, bool local) {
    std::vector<Filter::Parameter> implied;
    if (where.address && where.address->is_ipv4()) {
        implied.push_back({local ? "src" : "dst",
                           where.address->to_string() + "/" + std::to_string(where.prefix_length)});
    }
    if (where.port) implied.push_back({local ? "sport" : "dport", std::to_string(*where.port)});
    return implied;
}

/// Recursive descent over the tokens. Nesting is bounded by the length of a command line.
class Parser {
  public:
    explicit Parser(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

    std::optional<StateSet> states() {
        std::optional<StateSet> chosen;
        std::optional<StateSet> excluded;
        while (is("state") || is("exclude")) {
            std::optional<StateSet>& set = is("state") ? chosen : excluded;
            ++at_;
            const auto named = states_named(current());
            if (!named)
                fail("a state such as time-wait, or all, connected, synchronized, bucket, big");
            ++at_;
            if (!set) set = StateSet{};
            for (std::size_t i = 0; i < named->size(); ++i) (*set)[i] = (*set)[i] || (*named)[i];
        }
        if (!excluded) return chosen;
        StateSet result = chosen.value_or(*states_named("all"));
        for (std::size_t i = 0; i < result.size(); ++i) result[i] = result[i] && !(*excluded)[i];
        return result;
    }

    bool at_end() const { return at_ == tokens_.size(); }

    Question whole() {
        Question question = any_of();
        if (!at_end()) fail("the end");
        return question;
    }

  private:
    static const std::string& nothing() {
        static const std::string kEmpty;
        return kEmpty;
    }
    const std::string& current() const { return at_end() ? nothing() : tokens_[at_]; }
    bool is(std::string_view token) const { return !at_end() && tokens_[at_] == token; }
    bool take(std::string_view token) {
        if (!is(token)) return false;
        ++at_;
        return true;
    }
    [[noreturn]] void fail(const std::string& expected) const {
        throw FilterError("filter: expected " + expected + ", found " +
                          (at_end() ? "the end" : "\"" + current() + "\""));
    }

    Question any_of() {
        Question left = all_of();
        while (take("or") || take("|") || take("||")) {
            Question right = all_of();
            left.ask = [a = std::move(left.ask), b = std::move(right.ask)](
                           const Endpoint& l, const Endpoint& r) { return a(l, r) || b(l, r); };
            left.implied.clear();
        }
        return left;
    }

    Question all_of() {
        Question left = one();
        while (!at_end() && !is("or") && !is("|") && !is("||") && !is(")")) {
            if (!take("and") && !take("&")) take("&&");
            Question right = one();
            left.ask = [a = std::move(left.ask), b = std::move(right.ask)](
                           const Endpoint& l, const Endpoint& r) { return a(l, r) && b(l, r); };
            left.implied.insert(left.implied.end(), right.implied.begin(), right.implied.end());
        }
        return left;
    }

    Question one() {
        if (take("not") || take("!")) {
            return {
                .ask = [a = one().ask](const Endpoint& l, const Endpoint& r) { return !a(l, r); }};
        }
        if (take("(")) {
            Question inner = any_of();
            if (!take(")")) fail("\")\"");
            return inner;
        }
        if (is("sport") || is("dport")) return port();
        if (is("src") || is("dst")) return address();
        fail("sport, dport, src, dst, not or \"(\"");
    }

    Question port() {
        const bool local = tokens_[at_++] == "sport";
        const Comparison comparison = take_comparison().value_or(Comparison::equal);
        std::string_view text = current();
        if (text.starts_with(':')) text.remove_prefix(1);
        const auto number = number_of(text, 65'535);
        if (!number) fail("a port such as :80");
        ++at_;
        const auto wanted = static_cast<std::uint16_t>(*number);
        Question question{.ask = [local, comparison, wanted](const Endpoint& l, const Endpoint& r) {
            return compare(comparison, local ? l.port : r.port, wanted);
        }};
        if (comparison == Comparison::equal) {
            question.implied = {{local ? "sport" : "dport", std::to_string(wanted)}};
        }
        return question;
    }

    Question address() {
        const bool local = tokens_[at_++] == "src";
        const Comparison comparison = take_comparison().value_or(Comparison::equal);
        if (comparison != Comparison::equal && comparison != Comparison::unequal) {
            fail("= or != before an address");
        }
        const auto where = parse_where(current());
        if (!where) fail("an address such as 198.18.0.1, 198.18.0.0/24 or 198.18.0.1:80");
        ++at_;
        const bool wanted = comparison == Comparison::equal;
        Question question{
            .ask = [local, wanted, where = *where](const Endpoint& l, const Endpoint& r) {
                return where.matches(local ? l : r) == wanted;
            }};
        if (wanted) question.implied = implied_by(*where, local);
        return question;
    }

    std::optional<Comparison> take_comparison() {
        for (const ComparisonName& candidate : kComparisons) {
            if (take(candidate.name)) return candidate.comparison;
        }
        return std::nullopt;
    }

    std::vector<std::string> tokens_;
    std::size_t at_ = 0;
};

}  // namespace

Filter::Filter() = default;
Filter::~Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;

Filter Filter::parse(const std::vector<std::string>& words) {
    Parser parser(tokens_of(words));
    Filter filter;
    filter.states_ = parser.states();
    if (!parser.at_end()) filter.expression_ = std::make_unique<Expression>(parser.whole());
    return filter;
}

bool Filter::matches(const Endpoint& local, const Endpoint& remote) const {
    return expression_ == nullptr || expression_->ask(local, remote);
}

std::vector<Filter::Parameter> Filter::implied() const {
    std::vector<Parameter> once;
    if (expression_ == nullptr) return once;
    for (const Parameter& parameter : expression_->implied) {
        const bool fresh = std::none_of(once.begin(), once.end(), [&](const Parameter& other) {
            return other.name == parameter.name;
        });
        if (fresh) once.push_back(parameter);
    }
    return once;
}

}  // namespace lastack::control::cli

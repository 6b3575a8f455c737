#include "tests/walk/stage.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "tests/support/raw_frame.hpp"
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

namespace {

constexpr std::uint16_t kHostPort = Conversation::kHostPort;
constexpr std::uint16_t kPeerPort = Conversation::kPeerPort;

std::uint32_t value_of(std::string_view digits) {
    std::uint32_t value = 0;
    const auto result = std::from_chars(digits.begin(), digits.end(), value);
    EXPECT_TRUE(result.ec == std::errc() && result.ptr == digits.end()) << "no number: " << digits;
    return value;
}

bool is_segment(std::string_view word) {
    return !word.empty() && word.find_first_not_of("SFRPA") == std::string_view::npos;
}

std::uint32_t later(std::uint32_t a, std::uint32_t b) {
    return wire::later(wire::Seq(a), wire::Seq(b)).value();
}

}  // namespace

// --- The language of the rows

void Stage::prepare(const std::string& steps) {
    preparing_ = true;
    for (const std::string& step : parts_of(steps, ';')) {
        play(step);
        if (testing::Test::HasFatalFailure()) return;
        if (talk_) note_sent();
    }
    app().events.clear();
}

void Stage::happen(const std::string& steps) {
    preparing_ = false;
    for (const std::string& step : parts_of(steps, ';')) play(step);
    host().turn();
}

void Stage::play(const std::string& step) {
    const Words words = parts_of(step, ' ');
    if (words[0] == "config") return configure(words);
    if (!talk_) return enter(words[0]);
    if (is_segment(words[0])) return deliver(step);
    if (play_call(words) || play_time(words)) return;
    ADD_FAILURE() << "no such step: " << step;
}

std::uint32_t Stage::number(std::string_view text) const {
    const auto sign = text.find_first_of("+-");
    const auto base = numbers_.find(text.substr(0, sign));
    if (base == numbers_.end()) return value_of(text);
    if (sign == std::string_view::npos) return base->second;
    const std::uint32_t offset = value_of(text.substr(sign + 1));
    return text[sign] == '+' ? base->second + offset : base->second - offset;
}

Wire Stage::segment(std::string_view text) const {
    const Words words = parts_of(text, ' ');
    Wire wire;
    if (words.size() < 3) {
        ADD_FAILURE() << "not a segment: " << text;
        return wire;
    }
    wire.flags = words[0];
    wire.seq = number(words[1]);
    wire.ack = number(words[2]);
    for (const std::string& word : std::span(words).subspan(3)) {
        if (word.starts_with("w=")) {
            wire.window = static_cast<std::uint16_t>(value_of(std::string_view(word).substr(2)));
        } else if (word.starts_with("mss=")) {
            wire.options.mss = static_cast<std::uint16_t>(value_of(word.substr(4)));
        } else if (word.starts_with("sack=")) {
            const auto colon = word.find(':');
            wire.options.sack[0] = {wire::Seq(number(word.substr(5, colon - 5))),
                                    wire::Seq(number(word.substr(colon + 1)))};
            wire.options.sack_count = 1;
        } else if (!word.starts_with("to=") && !word.starts_with("from=")) {
            wire.text = std::string(value_of(word), 't');
        }
    }
    return wire;
}

void Stage::deliver(const std::string& step) {
    Wire wire = segment(step);
    if (preparing_) {
        if (wire.seq == numbers_["next"]) numbers_["next"] += wire.len();
        if (wire.flags.find('A') != std::string::npos) {
            numbers_["una"] = later(numbers_["una"], wire.ack);
        }
    }
    wire.source_port = kPeerPort;
    wire.destination_port = kHostPort;
    Route route;
    constexpr wire::Ipv4Address kBroadcast{0xc612'00ff};
    if (step.find("to=broadcast") != std::string::npos) route.to = kBroadcast;
    if (step.find("from=broadcast") != std::string::npos) route.from = kBroadcast;
    host().receive(encode(wire, route));
}

// What left moves SND.MAX and the right edge of the window, as the peer sees them.
void Stage::note_sent() {
    for (const Wire& wire : host().sent()) {
        if (wire.flags.find('R') != std::string::npos) continue;
        numbers_["max"] = later(numbers_["max"], wire.seq + wire.len());
        if (wire.flags.find('A') == std::string::npos) continue;
        numbers_["edge"] = later(numbers_["edge"], wire.ack + wire.window);
    }
}

void Stage::configure(const Words& words) {
    using Milliseconds = std::chrono::milliseconds;
    static const std::map<std::string, Milliseconds TcpOptions::*> kTimes{
        {"msl", &TcpOptions::msl},
        {"fin_wait1_timeout", &TcpOptions::fin_wait1_timeout},
        {"closing_timeout", &TcpOptions::closing_timeout},
        {"last_ack_timeout", &TcpOptions::last_ack_timeout},
        {"close_wait_timeout", &TcpOptions::close_wait_timeout},
        {"syn_timeout", &TcpOptions::syn_timeout},
        {"synack_timeout", &TcpOptions::synack_timeout},
        {"rto_max", &TcpOptions::rto_max},
    };
    static const std::map<std::string, std::uint8_t TcpOptions::*> kCounts{
        {"syn_linear_timeouts", &TcpOptions::syn_linear_timeouts},
        {"orphan_retries", &TcpOptions::orphan_retries},
    };
    if (const auto time = kTimes.find(words[1]); time != kTimes.end()) {
        config_.tcp.*time->second = std::chrono::duration_cast<Milliseconds>(duration_of(words[2]));
    } else if (const auto count = kCounts.find(words[1]); count != kCounts.end()) {
        config_.tcp.*count->second = static_cast<std::uint8_t>(value_of(words[2]));
    } else if (words[1] == "rfc1337") {
        config_.tcp.rfc1337 = words[2] == "on";
    } else if (words[1] == "syn_cookies") {
        config_.tcp.syn_cookies = words[2] == "always" ? SynCookies::always : SynCookies::never;
    } else if (words[1] == "receive_buffer") {
        config_.tcp.receive_buffer = value_of(words[2]);
    } else if (words[1] == "icmp_soft_opening") {
        config_.tcp.icmp_soft_opening = words[2] == "retry" ? SoftError::retry : SoftError::fail;
    } else {
        ADD_FAILURE() << "no such configuration: " << words[1];
    }
}

// --- What the application does

bool Stage::play_call(const Words& words) {
    static constexpr std::array kCalls{"shut", "close", "abort", "send", "resume"};
    const std::string& verb = words[0];
    if (std::ranges::find(kCalls, verb) != kCalls.end()) {
        call(handle(), words);
        if (preparing_) host().turn();
    } else if (verb == "say") {
        say(value_of(words[1]));
    } else if (verb == "set") {
        set_option(words);
    } else if (verb == "hold") {
        app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    } else if (verb == "read") {
        app().at_data = nullptr;
        handle().resume();
        if (preparing_) host().turn();
    } else if (verb == "on-fin") {
        app().at_peer_closed = [this, inside = Words(words.begin() + 1, words.end())](
                                   Connection connection) { call(connection, inside); };
    } else if (verb == "listener") {
        const Listener listener = talk_->listener;
        call(Connection(&host().stack(), listener.index, listener.generation),
             Words(words.begin() + 1, words.end()));
    } else if (verb == "unlisten") {
        host().stack().stop_listening(talk_->listener);
    } else if (verb == "stop-all") {
        host().stack().stop_listening_all();
    } else {
        return false;
    }
    return true;
}

void Stage::call(Connection connection, const Words& words) {
    const std::string& verb = words[0];
    if (verb == "shut") {
        connection.shutdown_write();
    } else if (verb == "close") {
        connection.close();
    } else if (verb == "abort") {
        connection.abort();
    } else if (verb == "resume") {
        connection.resume();
    } else if (verb == "send") {
        const std::string text(value_of(words[1]), 's');
        app().events.push_back("send=" + std::to_string(connection.send(as_bytes(text))));
    } else {
        ADD_FAILURE() << "no such call: " << verb;
    }
}

void Stage::say(std::size_t count) {
    ASSERT_EQ(handle().send(as_bytes(std::string(count, 's'))), count);
    host().turn();
}

void Stage::set_option(const Words& words) {
    static const std::map<std::string, Option> kOptions{
        {"keep_alive", Option::keep_alive},
        {"keep_alive_idle", Option::keep_alive_idle_ms},
        {"keep_alive_interval", Option::keep_alive_interval_ms},
        {"keep_alive_count", Option::keep_alive_count},
        {"user_timeout", Option::user_timeout_ms},
        {"linger", Option::linger_ms},
        {"linger2", Option::linger2_ms},
    };
    const auto option = kOptions.find(words[1]);
    ASSERT_NE(option, kOptions.end()) << words[1];
    const std::int64_t value = words[2] == "-1" ? -1 : std::int64_t{value_of(words[2])};
    ASSERT_TRUE(handle().set_option(option->second, value));
}

// --- What the network says

void Stage::unreachable(const Words& words) {
    const std::uint32_t mtu = words.size() > 3 ? value_of(words[3]) : 0;
    const auto quote = raw::ipv4({.source = kHostAddress.value, .destination = kPeerAddress.value},
                                 raw::tcp({.source_port = kHostPort,
                                           .destination_port = kPeerPort,
                                           .seq = number(words[2]),
                                           .flags = 0x10}));
    host().receive(raw::ethernet(
        {}, raw::ipv4(
                {.source = kPeerAddress.value, .protocol = 1},
                raw::icmp(
                    {.type = 3, .code = static_cast<std::uint8_t>(value_of(words[1])), .rest = mtu},
                    quote))));
}

// --- What can be seen

std::optional<stack::ConnectionRow> Stage::row() const {
    const auto found = host().rows({.local_port = kHostPort, .remote_port = kPeerPort});
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::string Stage::state() const {
    const auto found = row();
    if (!found) {
        return host().in_state(tcp::State::Listen) != 0 ? "LISTEN" : "CLOSED";
    }
    const bool ending = found->state == tcp::State::FinWait1 ||
                        found->state == tcp::State::FinWait2 ||
                        found->state == tcp::State::Closing || found->state == tcp::State::LastAck;
    return std::string(tcp::name(found->state)) + (ending && found->orphan ? " orphan" : "");
}

void Stage::tear_down() {
    app().at_data = nullptr;
    app().at_peer_closed = nullptr;
    if (handle().valid()) handle().close();
    host().stack().stop_listening_all();
    host().stack().abort_all();
    host().advance(3min);
    talk_->expect_nothing_left();
    EXPECT_EQ(host().in_state(tcp::State::TimeWait), 0U);
}

}  // namespace lastack::test::walk

#include "puppet_connection.hpp"

#include <cstring>
#include <map>
#include <vector>

#include "lastack/core.hpp"

namespace interop {

using nlohmann::json;

namespace {

const std::map<std::string, lastack::Option>& options() {
    using lastack::Option;
    static const std::map<std::string, Option> all{
        {"user_timeout_ms", Option::user_timeout_ms},
        {"linger_ms", Option::linger_ms},
        {"linger2_ms", Option::linger2_ms},
    };
    return all;
}

json set_option(lastack::Connection connection, std::istringstream& words) {
    std::string name;
    std::int64_t value = 0;
    words >> name >> value;
    const auto found = options().find(name);
    if (found == options().end()) return {{"error", "no such option"}};
    const bool taken = connection.set_option(found->second, value);
    return taken ? json::object() : json{{"error", "option refused"}};
}

json show(const Puppet& puppet) {
    const bool over = !puppet.closed.empty();
    return {{"state", over ? "CLOSED" : puppet.connection.state()},
            {"local_port", puppet.local_port},
            {"received", puppet.received},
            {"opened", puppet.opened},
            {"peer_closed", puppet.peer_closed},
            {"closed", puppet.closed},
            {"errno", puppet.error == 0 ? "" : strerrorname_np(puppet.error)}};
}

}  // namespace

json obey(const std::string& verb, Puppet& puppet, std::istringstream& words) {
    // Its handle is stale, and using it would be counted.
    if (!puppet.closed.empty()) return verb == "show" ? show(puppet) : json::object();
    if (verb == "option") return set_option(puppet.connection, words);
    lastack::Connection& connection = puppet.connection;
    std::size_t number = 0;
    words >> number;
    if (verb == "send") {
        return {{"sent", connection.send(std::vector<std::byte>(number))}};
    }
    if (verb == "read") {
        puppet.reading = number != 0;
        if (puppet.reading) connection.resume();
    } else if (verb == "shutdown") {
        connection.shutdown_write();
    } else if (verb == "close") {
        connection.close();
    } else if (verb == "abort") {
        connection.abort();
    } else if (verb != "show") {
        return {{"error", "no such command"}};
    }
    return show(puppet);
}

}  // namespace interop

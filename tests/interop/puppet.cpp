// puppet: lastackd with an application that does what a test tells it, and nothing by itself.
//
//     puppet -c FILE
//
// FILE is a lastackd's configuration; its services are not started. Beside it, as FILE.puppet, is a
// Unix datagram socket that takes a command at a time and answers each with a JSON object:
//
//     listen PORT 0|1               1 is SO_REUSEADDR
//     unlisten PORT
//     connect LOCAL_PORT ENDPOINT   {"id": 3}: LOCAL_PORT 0 is any
//     accepted PORT REMOTE_PORT     {"id": 4}: the newest such connection, or null
//     send ID COUNT                 {"sent": ...}: zeroes
//     shutdown ID | close ID | abort ID
//     read ID 0|1                   whether bytes that arrive are used up (1 at first)
//     option ID NAME VALUE          set_option(), of those that options() lists
//     show ID                       what has become of it
//     all                           {"ids": [...]}: those that on_closed has not come for
//
// Where a call is refused the answer is {"error": "why"}.
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "command_socket.hpp"
#include "control/config.hpp"
#include "control/daemon.hpp"
#include "lastack/runtime.hpp"
#include "puppet_connection.hpp"

namespace {

using interop::Puppet;
using nlohmann::json;

template <class ListenOptions>
ListenOptions listen_options(bool reuse) {
    ListenOptions options;
    if constexpr (requires { options.reuse_address; }) options.reuse_address = reuse;
    return options;
}

class Theatre final : public lastack::Application, lastack::Handler, lastack::TimerHandler {
  public:
    explicit Theatre(const std::string& path) : commands_(path) {}

    bool start(lastack::Core& core,
               const std::function<void(std::string_view)>& complain) override {
        core_ = &core;
        if (!commands_.bound()) complain("the command socket cannot be bound");
        on_timer(0);
        return commands_.bound();
    }

  private:
    static constexpr std::chrono::milliseconds kPollEvery{2};

    void on_timer(std::uint64_t) override {
        while (const auto command = commands_.receive()) {
            std::istringstream words(*command);
            commands_.answer(obey(words).dump());
        }
        core_->start_timer(kPollEvery, *this, 0);
    }

    // --- What the connections say

    Puppet& of(lastack::Connection connection) {
        for (auto& [id, puppet] : puppets_) {
            if (puppet.connection == connection) return puppet;
        }
        return add(connection).second;
    }

    std::pair<const int, Puppet>& add(lastack::Connection connection) {
        const int id = next_id_++;
        return *puppets_.emplace(id, Puppet{.connection = connection}).first;
    }

    void on_open(lastack::Connection connection) override {
        Puppet& puppet = of(connection);
        puppet.opened = true;
        puppet.local_port = connection.local().port;
        puppet.remote_port = connection.remote().port;
    }

    std::size_t on_data(lastack::Connection connection,
                        std::span<const lastack::Bytes> pieces) override {
        Puppet& puppet = of(connection);
        if (!puppet.reading) return 0;
        std::size_t used = 0;
        for (const lastack::Bytes piece : pieces) used += piece.size();
        puppet.received += used;
        return used;
    }

    void on_peer_closed(lastack::Connection connection) override {
        of(connection).peer_closed = true;
    }

    void on_closed(lastack::Connection connection, lastack::CloseReason reason) override {
        Puppet& puppet = of(connection);
        puppet.closed = lastack::name(reason);
        puppet.error = connection.take_error();
    }

    // --- What the test says

    json obey(std::istringstream& words) {
        std::string verb;
        words >> verb;
        if (verb == "listen" || verb == "unlisten") return obey_listening(verb, words);
        if (verb == "connect") return connect(words);
        if (verb == "accepted") return accepted(words);
        if (verb == "all") return {{"ids", living()}};
        int id = 0;
        words >> id;
        const auto found = puppets_.find(id);
        if (!words || found == puppets_.end()) return {{"error", "no such connection"}};
        return interop::obey(verb, found->second, words);
    }

    json obey_listening(const std::string& verb, std::istringstream& words) {
        std::uint16_t port = 0;
        words >> port;
        if (verb == "unlisten") {
            core_->stop_listening(listeners_[port]);
            return json::object();
        }
        bool reuse = false;
        words >> reuse;
        const auto result = core_->listen({.address = {}, .port = port}, *this,
                                          listen_options<lastack::ListenOptions>(reuse));
        if (!result) return {{"error", lastack::describe(result.error)}};
        listeners_[port] = result.listener;
        return json::object();
    }

    json connect(std::istringstream& words) {
        std::uint16_t local = 0;
        std::string remote;
        words >> local >> remote;
        const auto endpoint = lastack::Endpoint::parse(remote);
        if (!endpoint) return {{"error", "no such endpoint"}};
        const auto result =
            core_->connect(*endpoint, *this, {.local = {.address = {}, .port = local}});
        if (!result) return {{"error", lastack::describe(result.error)}};
        auto& [id, puppet] = add(result.connection);
        puppet.local_port = result.connection.local().port;
        return {{"id", id}};
    }

    json accepted(std::istringstream& words) {
        std::uint16_t port = 0;
        std::uint16_t remote = 0;
        words >> port >> remote;
        for (auto at = puppets_.rbegin(); at != puppets_.rend(); ++at) {
            const Puppet& puppet = at->second;
            if (puppet.local_port == port && puppet.remote_port == remote)
                return {{"id", at->first}};
        }
        return {{"id", nullptr}};
    }

    std::vector<int> living() const {
        std::vector<int> ids;
        for (const auto& [id, puppet] : puppets_) {
            if (puppet.closed.empty()) ids.push_back(id);
        }
        return ids;
    }

    interop::CommandSocket commands_;
    lastack::Core* core_ = nullptr;
    std::map<int, Puppet> puppets_;
    std::map<std::uint16_t, lastack::Listener> listeners_;
    int next_id_ = 1;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: puppet -c FILE\n", stderr);
        return 2;
    }
    const lastack::control::LoadResult result = lastack::control::load_file(argv[2], {});
    for (const auto& problem : result.problems) {
        std::fprintf(stderr, "puppet: %s\n", problem.to_string().c_str());
    }
    if (!result) return 3;
    const std::string path = std::string(argv[2]) + ".puppet";
    return to_int(lastack::control::run_daemon(
        result.config, argv[2], [path](unsigned) { return std::make_unique<Theatre>(path); }));
}

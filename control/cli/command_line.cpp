#include "control/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <ostream>

#include "control/cli/ladder_command.hpp"
#include "control/cli/show.hpp"

namespace lastack::control::cli {
namespace {

constexpr const char* kDefaultSocket = "/run/lastack/control.sock";

struct SsArguments {
    bool all = false;
    bool listening = false;
    bool summary = false;
    bool no_header = false;
    SsOptions format;
    std::vector<std::string> filter;
};

struct NstatArguments {
    bool json = false;
    NstatOptions options;
};

struct LadderArguments {
    LadderOptions options;
    std::vector<std::string> filter;
};

/// What the command line says, and what to do about it.
class Program {
  public:
    explicit Program(const Terminal& terminal)
        : terminal_(terminal), app_("Ask and steer a running lastackd.", "lastackctl") {
        declare();
    }

    ExitCode run(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        try {
            app_.parse(arguments);
            return action_();
        } catch (const CLI::ParseError& error) {
            return app_.exit(error, terminal_.out, terminal_.err) == 0 ? ExitCode::ok
                                                                       : ExitCode::usage;
        } catch (const FilterError& error) {
            return complain(error, ExitCode::usage);
        } catch (const NoDaemon& error) {
            return complain(error, ExitCode::no_daemon);
        } catch (const Refused& error) {
            return complain(error, ExitCode::refused);
        } catch (const Json::exception& error) {
            terminal_.err << "lastackctl: the daemon speaks another version: " << error.what()
                          << "\n";
            return ExitCode::refused;
        }
    }

  private:
    using Show = std::string (*)(const Json& answer);

    ExitCode complain(const std::exception& error, ExitCode code) {
        terminal_.err << "lastackctl: " << error.what() << "\n";
        return code;
    }

    CLI::App* command(const char* name, const char* help, std::function<ExitCode()> action) {
        CLI::App* const command = app_.add_subcommand(name, help);
        return acting(command, std::move(action));
    }

    CLI::App* acting(CLI::App* command, std::function<ExitCode()> action) {
        command->fallthrough();  // --json and --socket may stand behind the command, too
        command->callback([this, action = std::move(action)] { action_ = action; });
        return command;
    }

    void declare() {
        app_.add_option("--socket", socket_, "The daemon's control socket")
            ->envname("LASTACK_SOCKET")
            ->capture_default_str();
        app_.add_flag("-j,--json", json_, "JSON, as the API answers it");
        app_.set_version_flag("--version", "lastackctl " LASTACK_VERSION);
        app_.require_subcommand(1);
        app_.footer(
            "Exit codes: 0 ok, 1 refused by the daemon, 2 command line, 3 no daemon answers.");
        command("status", "The daemon at a glance",
                [this] { return ask("/v1/status", show_status); });
        declare_ss();
        declare_nstat();
        declare_ladder();
        declare_show();
        command("explain", "What a counter counts", [this] { return explain_counter(); })
            ->add_option("counter", counter_, "Its name, as nstat prints it")
            ->required();
        command("drain", "No new connections; open ones may finish, then the daemon ends", [this] {
            return drain();
        })->add_option("--patience", patience_, "How long, such as 30s");
    }

    void declare_ss() {
        CLI::App* const ss = command("ss", "Connections, with the columns of Linux's ss",
                                     [this] { return list_connections(); });
        ss->add_flag("-a,--all", ss_.all, "All states");
        ss->add_flag("-l,--listening", ss_.listening, "Listeners only");
        ss->add_flag("-o,--options", ss_.format.timers, "Timers");
        ss->add_flag("-e,--extended", ss_.format.extended, "Worker, and whether it is an orphan");
        ss->add_flag("-i,--info", ss_.format.info, "Retransmissions");
        ss->add_flag("-s,--summary", ss_.summary, "Only how many there are");
        ss->add_flag("-H,--no-header", ss_.no_header, "No line of column names");
        // Taken and without effect: there is only TCP, only numbers, and no socket memory.
        ss->add_flag("-t,--tcp", taken_, "TCP (there is no other)");
        ss->add_flag("-n,--numeric", taken_, "Numbers (there are no names)");
        ss->add_flag("-4,--ipv4", taken_, "IPv4 (there is no other)");
        ss->add_flag("-m,--memory", taken_, "Accepted; socket memory is not reported");
        ss->add_option("filter", ss_.filter,
                       "state NAME, sport = :80, dst 198.18.0.0/24, and, or, not");
    }

    void declare_nstat() {
        CLI::App* const nstat =
            command("nstat", "Counters, with Linux's names", [this] { return list_counters(); });
        nstat->add_flag("-a,--ignore", taken_, "Absolute values (they always are)");
        nstat->add_flag("-s,--noupdate", taken_, "Accepted; there is no history");
        nstat->add_flag("-z,--zeros", nstat_.options.zeros, "Counters that are zero, too");
        nstat->add_option("patterns", nstat_.options.patterns, "Shell patterns, such as 'TcpExt*'");
    }

    void declare_ladder() {
        CLI::App* const ladder = command("ladder", "One connection, segment by segment",
                                         [this] { return draw_ladder(); });
        ladder->add_flag("--live", taken_,
                         "From the daemon's trace (there is no other source yet)");
        ladder->add_option("--number", ladder_.options.number,
                           "Which of the matching connections, from 1");
        ladder
            ->add_option("--max-rows", ladder_.options.max_rows,
                         "Leave out the middle of longer ones; 0 shows all")
            ->capture_default_str();
        ladder->add_option("filter", ladder_.filter, "As for ss: 'dport = :41234'");
    }

    void declare_show() {
        CLI::App* const show =
            app_.add_subcommand("show", "ports, memory, neigh, services, config");
        show->fallthrough();
        show->require_subcommand(1);
        const auto add = [this, show](const char* name, const char* help, const char* target,
                                      Show format) {
            acting(show->add_subcommand(name, help),
                   [this, target, format] { return ask(target, format); });
        };
        add("ports", "Devices and their statistics", "/v1/ports", show_ports);
        add("memory", "Pools, and how full they are", "/v1/memory", show_memory);
        add("neigh", "The neighbour cache", "/v1/neighbours", show_neighbours);
        add("services", "What the services report", "/v1/services", show_services);
        add("config", "The effective configuration", "/v1/config",
            [](const Json& answer) { return answer.at("toml").get<std::string>(); });
    }

    Client client() const { return Client(socket_); }

    ExitCode print(const Json& json) {
        terminal_.out << json.dump(2) << "\n";
        return ExitCode::ok;
    }

    ExitCode ask(const char* target, Show show) {
        const Json answer = fetch(client(), target);
        if (json_) return print(answer);
        terminal_.out << show(answer);
        return ExitCode::ok;
    }

    StateSet states_wanted(const Filter& filter) const {
        if (filter.states()) return *filter.states();
        if (ss_.all) return *states_named("all");
        return ss_.listening ? listening_states() : usual_states();
    }

    ExitCode list_connections() {
        if (ss_.summary) return summarize();
        const Filter filter = Filter::parse(ss_.filter);
        const Connections found = fetch_connections(client(), states_wanted(filter), filter);
        if (json_) {
            return print({{"schema", 1}, {"connections", found.json}, {"changed", found.changed}});
        }
        ss_.format.header = !ss_.no_header;
        terminal_.out << format_ss(found.rows, ss_.format);
        if (found.changed != 0) {
            terminal_.err << found.changed << " changes of state while these were listed\n";
        }
        return ExitCode::ok;
    }

    ExitCode summarize() {
        const Json answer = fetch(client(), "/v1/states");
        if (json_) return print(answer);
        std::array<std::uint64_t, tcp::kStateCount> count{};
        for (const auto& [name, number] : answer.at("states").items()) {
            if (const auto state = state_of_rfc_name(name)) {
                count[static_cast<std::size_t>(*state)] = number.get<std::uint64_t>();
            }
        }
        terminal_.out << format_summary(count);
        return ExitCode::ok;
    }

    ExitCode list_counters() {
        const auto lines = select(fetch_counters(client()), nstat_.options);
        if (!json_) {
            terminal_.out << format_nstat(lines);
            return ExitCode::ok;
        }
        Json values = Json::object();
        for (const CounterLine& line : lines) values[line.name] = line.value;
        return print({{"schema", 1}, {"lastack", values}});
    }

    ExitCode draw_ladder() {
        const Filter filter = Filter::parse(ladder_.filter);
        const auto conversations = ladder::split(fetch_trace(client(), filter));
        ladder_.options.colour = terminal_.colour;
        if (json_) return print(ladder_json(conversations, ladder_.options));
        terminal_.out << draw(conversations, ladder_.options);
        return conversations.empty() ? ExitCode::refused : ExitCode::ok;
    }

    ExitCode explain_counter() {
        if (const auto text = explain(counter_)) {
            if (json_) return print({{"schema", 1}, {"help", *text}});
            terminal_.out << *text << "\n";
            return ExitCode::ok;
        }
        std::string similar;
        for (const std::string& name : names_like(counter_)) similar += " " + name;
        terminal_.err << "lastackctl: there is no counter " << counter_
                      << (similar.empty() ? "; nstat -z lists all" : "; similar:" + similar)
                      << "\n";
        return ExitCode::refused;
    }

    ExitCode drain() {
        const Json answer = fetch_post(
            client(),
            "/v1/drain" + (patience_.empty() ? std::string() : "?patience=" + encode(patience_)));
        if (json_) return print(answer);
        terminal_.out << "draining: " << answer.at("drain").at("live_connections")
                      << " connections are open\n";
        return ExitCode::ok;
    }

    const Terminal& terminal_;
    CLI::App app_;
    std::string socket_ = kDefaultSocket;
    bool json_ = false;
    bool taken_ = false;  // flags without effect, for the habit of typing them
    std::string counter_;
    std::string patience_;
    SsArguments ss_;
    NstatArguments nstat_;
    LadderArguments ladder_;
    std::function<ExitCode()> action_;
};

}  // namespace

ExitCode run(std::vector<std::string> arguments, const Terminal& terminal) {
    return Program(terminal).run(std::move(arguments));
}

}  // namespace lastack::control::cli

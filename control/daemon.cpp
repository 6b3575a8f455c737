#include "control/daemon.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "control/affinity.hpp"
#include "control/last_report.hpp"
#include "control/log.hpp"
#include "control/server/api.hpp"
#include "control/server/http_server.hpp"
#include "control/server/socket_path.hpp"
#include "control/services.hpp"
#include "control/supervisor.hpp"
#include "lastack/runtime.hpp"
#include "worker/runtime_impl.hpp"

namespace lastack::control {
namespace {

std::vector<std::string> describe_services(const Config& config) {
    std::vector<std::string> lines;
    for (const ServiceConfig& service : config.services) {
        std::string line(service.kind());
        if (const Endpoint* listen = service.listen()) line += " " + listen->to_string();
        if (const auto* load = std::get_if<service::LoadOptions>(&service.options)) {
            line += " -> " + load->target.to_string();
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

AboutDaemon describe(const Config& config, const std::string& config_file) {
    return {.version = LASTACK_VERSION,
            .config_file = config_file,
            .config_text = print(config),
            .services = describe_services(config),
            .tcp = config.options.tcp,
            .trace_events = config.options.limits.trace_events,
            .pid = ::getpid(),
            .started = std::chrono::system_clock::now(),
            .drain_patience = config.control.drain_patience};
}

bool has_load(const Config& config) {
    return std::any_of(config.services.begin(), config.services.end(),
                       [](const ServiceConfig& service) {
                           return std::holds_alternative<service::LoadOptions>(service.options);
                       });
}

void say_what_starts(const Config& config, const std::string& config_file) {
    log_info("lastackd " LASTACK_VERSION " with " + config_file);
    for (const PortOptions& port : config.options.ports) {
        std::string addresses;
        for (const AddressOptions& own : port.addresses) {
            addresses += " " + own.address.to_string() + "/" + std::to_string(own.prefix_length);
        }
        log_info("port " + port.device + ":" + addresses);
    }
    for (const std::string& service : describe_services(config)) log_info("service " + service);
}

void report_end(const Runtime::Impl& runtime) {
    const stack::StateGauges gauges = runtime.gauges(0);
    log_info("stopped; " +
             std::to_string(gauges.count[static_cast<std::size_t>(tcp::State::TimeWait)]) +
             " connections were in TIME-WAIT");
    const worker::CounterValues counters = runtime.counters(0);
    for (std::size_t i = 0; i < base::kCounterCount; ++i) {
        if (base::kCounters[i].group != base::CounterGroup::Guard || counters[i] == 0) continue;
        log_warning(std::string(base::kCounters[i].name) + " is " + std::to_string(counters[i]) +
                    " and should be 0: " + std::string(base::kCounters[i].help));
    }
}

/// J-36: after a run every buffer has come back and no record is held.
ExitCode exit_code(int run_result, const Runtime::Impl& runtime) {
    const auto conservation = runtime.conservation();
    const bool kept = !conservation || conservation->holds();
    if (!kept) {
        log_error("not everything came back: " + std::to_string(conservation->mbufs_missing) +
                  " mbufs are missing" +
                  (conservation->stack_quiescent ? "" : ", and the stack still holds records"));
    }
    return run_result == 0 && kept ? ExitCode::ok : ExitCode::run_time_failure;
}

/// Everything around one run(): control's threads live exactly as long as it may be asked.
ExitCode run(const Config& config, const std::string& config_file, ApplicationFactory application) {
    const Affinity affinity;
    clear_socket_path(config.control.socket);  // the commonest mistake, found before EAL starts
    const auto last_report = std::make_shared<LastReport>();
    Runtime runtime(config.options, keep_last_report(std::move(application), last_report));
    Runtime::Impl& inside = runtime.impl();
    const unsigned worker_cpu = inside.status(0).lcore;
    const auto keep_off = [affinity, worker_cpu] { affinity.keep_off(worker_cpu); };

    Api api(inside, describe(config, config_file));
    int result = 1;
    {
        const HttpServer server({.socket = config.control.socket, .on_thread_start = keep_off},
                                [&api](const Request& request) { return api.answer(request); });
        const Supervisor supervisor(
            inside, {.drain_patience = config.control.drain_patience, .on_thread_start = keep_off});
        result = runtime.run();
    }
    report_end(inside);
    if (has_load(config)) std::printf("%s\n", last_report->text().c_str());
    return exit_code(result, inside);
}

}  // namespace

ExitCode run_daemon(const Config& config, const std::string& config_file) {
    return run_daemon(config, config_file,
                      make_services(within(config.services, config.options.limits)));
}

ExitCode run_daemon(const Config& config, const std::string& config_file,
                    ApplicationFactory application) {
    set_log_level(config.control.log_level);
    block_supervised_signals();
    say_what_starts(config, config_file);
    try {
        return run(config, config_file, std::move(application));
    } catch (const ListenError& error) {
        log_error(error.what());
        return error.kind() == ListenError::Kind::in_use ? ExitCode::in_use
                                                         : ExitCode::cannot_start;
    } catch (const StartError& error) {
        log_error(error.what());
        return ExitCode::cannot_start;
    } catch (const std::exception& error) {
        log_error(error.what());
        return ExitCode::run_time_failure;
    }
}

}  // namespace lastack::control

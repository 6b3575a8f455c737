// The control API: questions about a running lastack, answered in JSON.
//
//     GET  /v1/status        workers, states, ports in short, notices, draining
//     GET  /v1/connections   a page of connections, half-open ones, TIME-WAIT records, listeners
//     GET  /v1/counters      every counter, with the MIB's gauges
//     GET  /v1/states        how many records are in each state
//     GET  /v1/trace         a page of one worker's trace
//     GET  /v1/ports         devices with their statistics
//     GET  /v1/memory        pools and mempools
//     GET  /v1/neighbours    the ARP cache
//     GET  /v1/services      the applications' own reports
//     GET  /v1/config        the effective configuration, as TOML with origins
//     POST /v1/drain         no new connections; open ones may finish
//
// Every answer has "schema": 1. Errors are problem+json. Nothing here knows of sockets or HTTP; the
// server hands requests in, and tests do too. Safe from any number of threads at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "control/server/message.hpp"
#include "lastack/options.hpp"
#include "worker/inspector.hpp"

namespace lastack::control {

/// What the daemon knows and the inspector does not.
struct AboutDaemon {
    std::string version;
    std::string config_file;
    std::string config_text;            ///< As --print-config.
    std::vector<std::string> services;  ///< "http 198.18.0.2:80"
    TcpOptions tcp;
    std::uint32_t trace_events = 0;  ///< What a worker's trace holds.
    int pid = 0;
    std::chrono::system_clock::time_point started{};
    std::chrono::milliseconds drain_patience{10'000};
};

class Api {
  public:
    Api(worker::Inspector& inspector, AboutDaemon about)
        : inspector_(inspector), about_(std::move(about)) {}

    Response answer(const Request& request);

  private:
    Response status(const Request& request);
    Response connections(const Request& request);
    Response counters(const Request& request);
    Response states(const Request& request);
    Response trace(const Request& request);
    Response ports(const Request& request);
    Response memory(const Request& request);
    Response neighbours(const Request& request);
    Response services(const Request& request);
    Response config(const Request& request);
    Response drain(const Request& request);

    struct Route {
        const char* method;
        const char* path;
        Response (Api::*handler)(const Request& request);
    };
    static const std::vector<Route>& routes();
    Response dispatch(const Request& request);
    stack::StateGauges all_gauges() const;

    worker::Inspector& inspector_;
    AboutDaemon about_;
};

}  // namespace lastack::control

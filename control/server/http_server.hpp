// HTTP over a unix socket, for the API: a thread that listens, and a few that answer.
//
// The socket has mode 0600 from the moment it exists. A socket file that a dead daemon left behind
// is replaced; one that answers is an error. The HTTP library is included in http_server.cpp alone.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "control/server/message.hpp"

namespace lastack::control {

/// Why the server cannot listen: what() names the place and the remedy.
class ListenError : public std::runtime_error {
  public:
    enum class Kind { in_use, impossible };
    ListenError(Kind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
    Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

struct ServerOptions {
    std::string socket;
    std::size_t threads = 8;  ///< Requests answered at the same time; more wait.
    /// Run once on the listening thread before any other is made: a place to set its CPUs.
    std::function<void()> on_thread_start;
};

class HttpServer {
  public:
    using Handler = std::function<Response(const Request&)>;

    /// Listens from now on; `handler` is called on several threads at once. Throws ListenError.
    HttpServer(const ServerOptions& options, Handler handler);

    /// Stops answering, ends the threads, and removes the socket's file.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace lastack::control

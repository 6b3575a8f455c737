// Asking a daemon over its unix socket.
//
// HTTP/1.1 with one request per connection, as little of it as our own server needs: a status line,
// a header, and a body until the connection closes.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace lastack::control::cli {

/// Nobody answered: what() names the socket and the remedy.
class NoDaemon : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Answer {
    int status = 0;
    std::string body;
};

class Client {
  public:
    explicit Client(std::string socket) : socket_(std::move(socket)) {}

    /// `target` is a path with its query, percent-encoded. Throws NoDaemon.
    Answer get(const std::string& target) const { return ask("GET", target); }
    Answer post(const std::string& target) const { return ask("POST", target); }

  private:
    Answer ask(std::string_view method, const std::string& target) const;

    std::string socket_;
};

/// Takes a whole HTTP/1.1 response apart; status 0 where it is none.
Answer parse_answer(const std::string& response);

/// Percent-encodes what may not stand in a query's value.
std::string encode(std::string_view text);

}  // namespace lastack::control::cli

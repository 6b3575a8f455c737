#include "control/server/http_server.hpp"

#include <httplib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "control/server/socket_path.hpp"

namespace lastack::control {
namespace {

constexpr std::size_t kMostBodyBytes = 64 * 1024;
constexpr time_t kSocketTimeoutSeconds = 5;  // a client that stops reading or writing is cut off
constexpr time_t kKeepAliveSeconds = 2;      // an idle one gives its thread back

Request from_http(const httplib::Request& http) {
    Request request{.method = http.method, .path = http.path, .query = {}};
    for (const auto& [name, value] : http.params) request.query[name] = value;
    return request;
}

void to_http(const Response& response, httplib::Response& http) {
    http.status = response.status;
    if (!response.allow.empty()) http.set_header("Allow", response.allow);
    http.set_content(response.body, response.content_type.c_str());
}

}  // namespace

class HttpServer::Impl {
  public:
    Impl(const ServerOptions& options, Handler handler) : path_(options.socket) {
        clear_socket_path(path_);
        configure(options, std::move(handler));
        if (!server_.bind_to_port(path_, 80)) {  // the port means nothing to a unix socket
            throw listen_error(path_, errno);
        }
        const auto on_start = options.on_thread_start;
        thread_ = std::thread([this, on_start] {
            if (on_start) on_start();
            server_.listen_after_bind();
        });
        while (!server_.is_running()) std::this_thread::yield();
    }

    ~Impl() {
        server_.stop();
        thread_.join();
        ::unlink(path_.c_str());
    }

  private:
    void configure(const ServerOptions& options, Handler handler) {
        server_.set_address_family(AF_UNIX);
        // The mode of the socket before bind() becomes the file's: it is never wider.
        server_.set_socket_options([](socket_t fd) { ::fchmod(fd, 0600); });
        const std::size_t threads = options.threads;
        server_.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
        server_.set_payload_max_length(kMostBodyBytes);
        server_.set_read_timeout(kSocketTimeoutSeconds);
        server_.set_write_timeout(kSocketTimeoutSeconds);
        server_.set_keep_alive_timeout(kKeepAliveSeconds);
        const auto answer = [handler = std::move(handler)](const httplib::Request& request,
                                                           httplib::Response& response) {
            to_http(handler(from_http(request)), response);
        };
        const char* const any = ".*";
        server_.Get(any, answer);
        server_.Post(any, answer);
        server_.Put(any, answer);
        server_.Patch(any, answer);
        server_.Delete(any, answer);
    }

    std::string path_;
    httplib::Server server_;
    std::thread thread_;
};

HttpServer::HttpServer(const ServerOptions& options, Handler handler)
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {}

HttpServer::~HttpServer() = default;

}  // namespace lastack::control

// The API over a real unix socket, with the command-line tool's client at the other end.
#include "control/server/http_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <thread>

#include "control/cli/client.hpp"
#include "tests/control/temporary_directory.hpp"

namespace lastack::control {
namespace {

Response echo(const Request& request) {
    std::string text = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
    return {.status = request.path == "/bad" ? 400 : 200, .body = text, .allow = {}};
}

/// A socket file that nobody listens on, as a dead daemon leaves it.
void leave_stale_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
}

TEST(HttpServer, AnswersOverASocketThatOnlyItsOwnerMayUse) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("control.sock");
    {
        const HttpServer server({.socket = path, .on_thread_start = {}}, echo);
        struct stat file {};
        ASSERT_EQ(::stat(path.c_str(), &file), 0);
        EXPECT_TRUE(S_ISSOCK(file.st_mode));
        EXPECT_EQ(file.st_mode & 0777U, 0600U);
        const cli::Client client(path);
        const cli::Answer answer = client.get("/v1/x?a=" + cli::encode("1 & 2") + "&b=%2F");
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "GET /v1/x a=1 & 2 b=/");
        EXPECT_EQ(client.post("/v1/drain").body, "POST /v1/drain");
        EXPECT_EQ(client.get("/bad").status, 400);
    }
    EXPECT_NE(::access(path.c_str(), F_OK), 0) << "nothing is left behind";
}

TEST(HttpServer, MakesTheDirectoryOfItsSocketWhereOnlyThatIsMissing) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("run/control.sock");
    {
        const HttpServer server({.socket = path, .on_thread_start = {}}, echo);
        EXPECT_EQ(cli::Client(path).get("/").status, 200);
    }
    ::rmdir(directory.file("run").c_str());
    try {
        const HttpServer server({.socket = directory.file("a/b/c.sock"), .on_thread_start = {}},
                                echo);
        FAIL() << "two directories are missing";
    } catch (const ListenError& error) {
        EXPECT_EQ(error.kind(), ListenError::Kind::impossible);
        EXPECT_EQ(std::string(error.what()),
                  "control socket " + directory.file("a/b/c.sock") +
                      ": No such file or directory; create its directory, or set control.socket "
                      "to another path");
    }
}

TEST(HttpServer, ReplacesTheSocketOfADeadDaemon) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("control.sock");
    leave_stale_socket(path);
    const HttpServer server({.socket = path, .on_thread_start = {}}, echo);
    EXPECT_EQ(cli::Client(path).get("/").status, 200);
}

TEST(HttpServer, RefusesToTakeTheSocketOfALivingDaemon) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("control.sock");
    const HttpServer server({.socket = path, .on_thread_start = {}}, echo);
    try {
        const HttpServer second({.socket = path, .on_thread_start = {}}, echo);
        FAIL() << "both listen";
    } catch (const ListenError& error) {
        EXPECT_EQ(error.kind(), ListenError::Kind::in_use);
        EXPECT_EQ(std::string(error.what()),
                  "control socket " + path +
                      ": another lastackd answers there; stop it, or set control.socket to "
                      "another path");
    }
    EXPECT_EQ(cli::Client(path).get("/").status, 200) << "the first one is as it was";
}

TEST(HttpServer, RefusesToRemoveWhatIsNoSocket) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("precious");
    std::ofstream(path) << "data";
    EXPECT_THROW(HttpServer({.socket = path, .on_thread_start = {}}, echo), ListenError);
    EXPECT_EQ(::access(path.c_str(), F_OK), 0);
    ::unlink(path.c_str());
}

TEST(HttpServer, ManyClientsAtOnceAllGetTheirAnswer) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("control.sock");
    const HttpServer server({.socket = path, .on_thread_start = {}}, echo);
    std::atomic<int> good = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 32; ++i) {
        clients.emplace_back([&] {
            if (cli::Client(path).get("/x").body == "GET /x") ++good;
        });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(good, 32);
}

TEST(HttpServer, RunsTheStartHookOnItsOwnThread) {
    const TemporaryDirectory directory;
    std::thread::id id;
    {
        const HttpServer server({.socket = directory.file("s"),
                                 .on_thread_start = [&id] { id = std::this_thread::get_id(); }},
                                echo);
    }
    EXPECT_NE(id, std::thread::id());
    EXPECT_NE(id, std::this_thread::get_id());
}

TEST(Client, SaysWhereNobodyAnswersAndWhatToDo) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("none.sock");
    try {
        cli::Client(path).get("/");
        FAIL();
    } catch (const cli::NoDaemon& error) {
        EXPECT_EQ(std::string(error.what()),
                  path +
                      ": No such file or directory; no lastackd answers there. Start one, or "
                      "name its socket by --socket or LASTACK_SOCKET");
    }
}

TEST(Client, TakesOnlyWholeHttpAnswers) {
    EXPECT_EQ(cli::parse_answer("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nbody").status, 404);
    EXPECT_EQ(cli::parse_answer("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nbody").body, "body");
    for (const char* text : {"", "HTTP/1.1 200 OK\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 x\r\n\r\n"}) {
        EXPECT_EQ(cli::parse_answer(text).status, 0) << text;
    }
}

}  // namespace
}  // namespace lastack::control

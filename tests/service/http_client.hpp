// Helpers of the HTTP tests: a server on a FakeCore, and requests and answers as text.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "service/http.hpp"
#include "service/pattern.hpp"
#include "tests/support/fake_core.hpp"

namespace lastack::test {

/// The answers' head fields and body of one answer; `rest` is what follows it.
struct Answer {
    unsigned status = 0;
    std::string head;
    std::string body;
    std::string rest;
};

inline std::string field(const Answer& answer, std::string_view name) {
    const std::string key = "\r\n" + std::string(name) + ": ";
    const std::size_t at = answer.head.find(key);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + key.size();
    return answer.head.substr(begin, answer.head.find("\r\n", begin) - begin);
}

/// Cuts the first answer off `text`; `has_body` is false for answers to HEAD.
inline Answer first_answer(const std::string& text, bool has_body = true) {
    Answer answer;
    const std::size_t end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) {
        ADD_FAILURE() << "not an answer: " << text.substr(0, 200);
        return answer;
    }
    answer.status = static_cast<unsigned>(std::stoul(text.substr(9, 3)));
    answer.head = text.substr(0, end + 2);
    std::size_t body = has_body && answer.status >= 200 ? std::string::npos : 0;
    const std::string length = field(answer, "Content-Length");
    if (body != 0 && !length.empty()) body = std::stoul(length);
    const std::string after = text.substr(end + 4);
    answer.body = after.substr(0, body);
    answer.rest = after.substr(answer.body.size());
    return answer;
}

inline std::string request(std::string_view line, std::string_view more_fields = "",
                           std::string_view body = "") {
    return std::string(line) + " HTTP/1.1\r\nHost: lastack.test\r\n" + std::string(more_fields) +
           "\r\n" + std::string(body);
}

inline std::string pattern(std::uint64_t size) {
    std::string text;
    while (text.size() < size) {
        const Bytes slice = service::pattern_at(text.size(), size - text.size());
        text.append(reinterpret_cast<const char*>(slice.data()), slice.size());
    }
    return text;
}

class HttpTest : public ::testing::Test {
  protected:
    static constexpr std::uint16_t kPort = 80;

    /// Starts the server; options are set before.
    void start() {
        application_ = service::make_http(options_)(0);
        ASSERT_TRUE(application_->start(core_, [](std::string_view why) { ADD_FAILURE() << why; }));
    }
    Connection open() {
        if (application_ == nullptr) start();
        return core_.accept(kPort);
    }
    /// One connection, one input, and everything that was sent for it.
    std::string talk(std::string_view input) {
        const Connection connection = open();
        core_.deliver(connection, input);
        last_ = connection;
        return core_.take(connection);
    }
    /// The answer to `input` on a connection of its own.
    Answer ask(std::string_view input, bool has_body = true) {
        return first_answer(talk(input), has_body);
    }

    HttpTest() { options_.max_connections = 128; }

    FakeCore core_;
    service::HttpOptions options_;
    std::unique_ptr<Application> application_;
    Connection last_;
};

}  // namespace lastack::test

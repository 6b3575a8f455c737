// What the HTTP server answers, route by route and error by error.
#include "tests/service/http_client.hpp"

namespace lastack::test {
namespace {

using namespace std::chrono_literals;

TEST_F(HttpTest, the_page_says_what_lastack_is) {
    const Answer answer = ask(request("GET /"));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(field(answer, "Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(answer.body.find("TIME-WAIT"), std::string::npos);
    EXPECT_EQ(answer.rest, "");
    EXPECT_FALSE(core_.ending(last_).fin_sent) << "HTTP/1.1 keeps the connection";
}

TEST_F(HttpTest, bytes_are_the_pattern_in_the_length_asked_for) {
    for (const std::uint64_t n : {0U, 1U, 511U, 512U, 65'521U, 65'522U, 200'000U}) {
        const Answer answer = ask(request("GET /bytes/" + std::to_string(n)));
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(field(answer, "Content-Length"), std::to_string(n));
        EXPECT_EQ(answer.body, pattern(n)) << n;
    }
    EXPECT_EQ(core_.references_held(), 0U);
}

TEST_F(HttpTest, a_tebibyte_is_begun_in_bounded_memory_and_one_byte_more_is_refused) {
    core_.set_send_buffer(100'000);
    Answer answer = ask(request("GET /bytes/1099511627776"));
    EXPECT_EQ(field(answer, "Content-Length"), "1099511627776");
    std::string seen = answer.body;
    while (seen.size() < 1'000'000) seen += core_.take(last_, 30'000);
    EXPECT_EQ(seen, pattern(seen.size()));
    EXPECT_LE(core_.untaken(last_), 100'000U);
    EXPECT_EQ(ask(request("GET /bytes/1099511627777")).status, 400U);
}

TEST_F(HttpTest, head_gets_the_head_of_get_and_no_body) {
    for (const char* path : {"/", "/bytes/1000", "/bytes/0"}) {
        const Answer get = ask(request("GET " + std::string(path)));
        const Answer head = ask(request("HEAD " + std::string(path)), false);
        EXPECT_EQ(head.head, get.head);
        EXPECT_EQ(head.rest, "");
    }
    const Answer missing = ask(request("HEAD /missing"), false);
    EXPECT_EQ(missing.status, 404U);
    EXPECT_EQ(missing.rest, "");
}

TEST_F(HttpTest, echo_returns_a_body_of_known_length) {
    const Answer answer = ask(request("POST /echo", "Content-Length: 5\r\n", "hello"));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(field(answer, "Content-Length"), "5");
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(ask(request("PUT /echo", "Content-Length: 2\r\n", "hi")).body, "hi");
    EXPECT_EQ(ask(request("POST /echo", "Content-Length: 0\r\n")).body, "");
    EXPECT_EQ(ask(request("POST /echo")).body, "") << "no length at all is no body";
}

TEST_F(HttpTest, echo_returns_a_chunked_body_in_chunks) {
    const Answer answer = ask(request("POST /echo", "Transfer-Encoding: chunked\r\n",
                                      "5\r\nhello\r\n7;name=value\r\n, world\r\n0\r\n\r\n"));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(field(answer, "Transfer-Encoding"), "chunked");
    EXPECT_EQ(answer.body, "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
}

TEST_F(HttpTest, echo_of_a_chunked_body_ignores_trailers_and_goes_on_with_the_next_request) {
    const Answer answer =
        ask(request("POST /echo", "Transfer-Encoding: chunked\r\n", "0\r\nChecksum: 1\r\n\r\n") +
            request("GET /missing"));
    const std::string expected_body = "0\r\n\r\n";
    EXPECT_EQ(answer.body.substr(0, expected_body.size()), expected_body);
    EXPECT_EQ(first_answer(answer.body.substr(expected_body.size())).status, 404U);
}

TEST_F(HttpTest, delay_answers_when_the_time_has_passed_and_not_before) {
    const Connection connection = open();
    core_.deliver(connection, request("GET /delay/250"));
    core_.advance(249ms);
    EXPECT_EQ(core_.take(connection), "");
    core_.advance(1ms);
    EXPECT_EQ(first_answer(core_.take(connection)).status, 200U);
}

TEST_F(HttpTest, the_longest_delay_is_an_option) {
    options_.max_delay = 100ms;
    EXPECT_EQ(talk(request("GET /delay/100")), "");
    EXPECT_EQ(ask(request("GET /delay/101")).status, 400U);
    EXPECT_EQ(ask(request("GET /delay/x")).status, 400U);
}

TEST_F(HttpTest, a_delay_whose_connection_is_reset_leaves_no_timer_behind) {
    const Connection connection = open();
    core_.deliver(connection, request("GET /delay/250"));
    core_.fail(connection, CloseReason::reset);
    EXPECT_EQ(core_.timers(), 0U);
}

TEST_F(HttpTest, without_a_free_timer_delay_is_unavailable) {
    core_.set_max_timers(1);  // the deadlines' own
    const Answer answer = ask(request("GET /delay/250"));
    EXPECT_EQ(answer.status, 503U);
}

TEST_F(HttpTest, what_is_not_there_is_404_and_the_connection_goes_on) {
    const Answer answer = ask(request("GET /index.html") + request("GET /"));
    EXPECT_EQ(answer.status, 404U);
    EXPECT_EQ(first_answer(answer.rest).status, 200U);
    EXPECT_EQ(ask(request("GET /bytes")).status, 404U);
    EXPECT_EQ(ask(request("GET /echo/")).status, 404U);
    EXPECT_EQ(ask(request("GET /" + std::string(500, 'x'))).status, 404U);
}

TEST_F(HttpTest, numbers_that_are_none_are_400) {
    for (const char* path : {"/bytes/", "/bytes/-1", "/bytes/+1", "/bytes/1x", "/bytes/0x10",
                             "/bytes/99999999999999999999", "/bytes/1/2"}) {
        EXPECT_EQ(ask(request("GET " + std::string(path))).status, 400U) << path;
    }
}

TEST_F(HttpTest, queries_and_the_absolute_form_name_the_same_path) {
    EXPECT_EQ(ask(request("GET /bytes/3?x=/y")).body, pattern(3));
    EXPECT_EQ(ask(request("GET http://lastack.test/bytes/3")).body, pattern(3));
    EXPECT_EQ(ask(request("GET http://lastack.test")).status, 200U);
    EXPECT_EQ(ask(request("GET http://lastack.test?q")).status, 200U);
}

TEST_F(HttpTest, methods_that_a_path_does_not_have_are_405_with_those_that_it_has) {
    Answer answer = ask(request("POST /"));
    EXPECT_EQ(answer.status, 405U);
    EXPECT_EQ(field(answer, "Allow"), "GET, HEAD");
    answer = ask(request("GET /echo"));
    EXPECT_EQ(answer.status, 405U);
    EXPECT_EQ(field(answer, "Allow"), "POST, PUT");
    EXPECT_EQ(ask(request("DELETE /bytes/1")).status, 405U);
    EXPECT_EQ(ask(request("OPTIONS *")).status, 405U);
}

TEST_F(HttpTest, unknown_methods_and_codings_are_501) {
    EXPECT_EQ(ask(request("BREW /")).status, 501U);
    EXPECT_EQ(ask(request("get /")).status, 501U) << "methods are case-sensitive";
    EXPECT_EQ(ask(request(std::string(40, 'M') + " /")).status, 501U);
    EXPECT_EQ(ask(request("POST /echo", "Transfer-Encoding: gzip, chunked\r\n")).status, 501U);
    EXPECT_EQ(ask(request("POST /echo", "Transfer-Encoding: gzip\r\n")).status, 501U);
}

TEST_F(HttpTest, other_versions_are_505_and_what_is_no_version_400) {
    EXPECT_EQ(ask("GET / HTTP/2.0\r\n\r\n").status, 505U);
    EXPECT_EQ(ask("GET / HTTP/0.9\r\n\r\n").status, 505U);
    EXPECT_EQ(ask("GET / HTTP/1.7\r\nHost: a\r\n\r\n").status, 200U) << "as 1.1";
    for (const char* version :
         {"HTTP/1", "HTTP/1.", "HTTP/1.10", "http/1.1", "HTTP/11", "HTTP/a.b", "FTP/1.1"}) {
        EXPECT_EQ(ask("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n").status, 400U)
            << version;
    }
    EXPECT_EQ(ask("GET /\r\n\r\n").status, 400U) << "HTTP/0.9's form";
}

TEST_F(HttpTest, exactly_one_host_is_needed_from_1_1_on) {
    EXPECT_EQ(ask("GET / HTTP/1.1\r\n\r\n").status, 400U);
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").status, 400U);
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: a b\r\n\r\n").status, 400U);
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n").status, 400U);
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n").status, 400U);
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost:\r\n\r\n").status, 200U) << "RFC 9112 3.2: may be empty";
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nhOsT:  [2001:db8::1]:80 \t\r\n\r\n").status, 200U);
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: " + std::string(60, 'h') + " \r\n\r\n").status, 200U);
    EXPECT_EQ(ask("GET / HTTP/1.0\r\n\r\n").status, 200U);
}

TEST_F(HttpTest, ambiguous_lengths_are_refused) {
    const std::string post = "POST /echo";
    for (const char* fields :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
          "Content-Length: 5\r\nContent-Length: 5\r\n",
          "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 5\r\n",
          "Content-Length: +5\r\n", "Content-Length: -5\r\n", "Content-Length: 5 5\r\n",
          "Content-Length: 0x5\r\n", "Content-Length:\r\n", "Content-Length: 5a\r\n",
          "Transfer-Encoding: chunked, chunked\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding:\r\n",
          "Transfer-Encoding: chunked, gzip\r\n"}) {
        const Answer answer = ask(request(post, fields, "hello"));
        EXPECT_EQ(answer.status, 400U) << fields;
        EXPECT_EQ(field(answer, "Connection"), "close") << fields;
    }
    EXPECT_EQ(ask(request(post, "Transfer-Encoding: chun ked\r\n", "")).status, 501U);
    EXPECT_EQ(ask("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").status, 400U);
    EXPECT_EQ(ask(request(post, "Content-Length:5 \t\r\n", "hello")).status, 200U);
    EXPECT_EQ(ask(request(post, "Transfer-Encoding: , Chunked ,\r\n", "0\r\n\r\n")).status, 200U);
}

TEST_F(HttpTest, lines_that_two_readers_could_cut_differently_are_refused) {
    for (const char* text : {"GET / HTTP/1.1\nHost: a\n\n",
                             "GET / HTTP/1.1\r\nHost: a\n\r\n",
                             "GET / HTTP/1.1\r\nHost: a\r\n\n",
                             "GET / HTTP/1.1\rHost: a\r\n\r\n",
                             "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
                             "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
                             "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
                             "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                             "GET / HTTP/1.1\r\n: a\r\n\r\n",
                             "GET / HTTP/1.1\r\nHost\r\n\r\n",
                             "GET / HTTP/1.1\r\nX Y: a\r\n\r\n",
                             "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
                             "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
                             " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                             "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
                             "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
                             "GET / HTTP/1.1\r\nX: a\x01\r\n\r\n",
                             "\n",
                             "\r\r",
                             "GET\r\n",
                             "\x16\x03\x01\x02"}) {
        EXPECT_EQ(ask(text).status, 400U) << text;
    }
    EXPECT_EQ(ask(std::string("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", 27)).status, 400U);
    EXPECT_EQ(ask("\r\n" + request("GET /")).status, 200U) << "RFC 9112 2.2: an empty line before";
}

TEST_F(HttpTest, malformed_chunks_are_refused) {
    for (const char* body :
         {"x\r\n", "\r\n", "5 \r\nhello\r\n", "5\nhello\r\n", "5\r\nhelloX\r\n", "5\r\nhello\rX",
          "1000000000000000\r\n", "-1\r\n", "0x5\r\n", ";a\r\n", "0\r\n bad\r\n\r\n"}) {
        const std::string sent =
            talk(request("POST /echo", "Transfer-Encoding: chunked\r\n", body));
        // Once the echo's head is out the only honest end is a reset.
        const bool refused = sent.starts_with("HTTP/1.1 400") || core_.ending(last_).aborted;
        EXPECT_TRUE(refused) << body << " -> " << sent;
    }
}

TEST_F(HttpTest, a_body_beyond_the_limit_is_413_and_one_at_the_limit_is_not) {
    options_.max_body_bytes = 5;
    EXPECT_EQ(ask(request("POST /echo", "Content-Length: 5\r\n", "hello")).status, 200U);
    EXPECT_EQ(ask(request("POST /echo", "Content-Length: 6\r\n", "hello!")).status, 413U);
    EXPECT_EQ(ask(request("POST /echo", "Content-Length: 99999999999999999999999\r\n")).status,
              413U);
    const char* chunked = "Transfer-Encoding: chunked\r\n";
    EXPECT_EQ(ask(request("POST /echo", chunked, "5\r\nhello\r\n0\r\n\r\n")).status, 200U);
    EXPECT_EQ(ask(request("POST /echo", chunked, "6\r\nhello!\r\n0\r\n\r\n")).status, 413U);
}

TEST_F(HttpTest, the_target_may_be_as_long_as_the_limit_and_no_longer) {
    options_.max_target_bytes = 200;
    EXPECT_EQ(ask(request("GET /" + std::string(199, 'x'))).status, 404U);
    EXPECT_EQ(ask(request("GET /" + std::string(200, 'x'))).status, 414U);
}

TEST_F(HttpTest, the_header_may_be_as_long_as_the_limit_and_no_longer) {
    // The limit counts field lines and the empty line: "Host: a\r\n" 9, "X: \r\n" 5, "\r\n" 2.
    options_.max_header_bytes = 1'000;
    const auto with_value = [](std::size_t size) {
        return "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(size, 'v') + "\r\n\r\n";
    };
    EXPECT_EQ(ask(with_value(1'000 - 16)).status, 200U);
    EXPECT_EQ(ask(with_value(1'000 - 15)).status, 431U);
}

TEST_F(HttpTest, as_many_fields_as_the_limit_are_read_and_no_more) {
    options_.max_header_fields = 10;
    const auto with_fields = [](int count) {
        std::string more;
        for (int i = 1; i < count; ++i) more += "X: y\r\n";  // Host is the first
        return request("GET /", more);
    };
    EXPECT_EQ(ask(with_fields(10)).status, 200U);
    EXPECT_EQ(ask(with_fields(11)).status, 431U);
}

TEST_F(HttpTest, expect_100_continue_is_answered_before_the_body) {
    const Connection connection = open();
    core_.deliver(connection,
                  request("POST /echo", "Content-Length: 5\r\nExpect: 100-continue\r\n"));
    EXPECT_EQ(core_.take(connection), "HTTP/1.1 100 Continue\r\n\r\n");
    core_.deliver(connection, "hello");
    EXPECT_EQ(first_answer(core_.take(connection)).body, "hello");
}

TEST_F(HttpTest, an_expectation_that_cannot_be_met_is_417_and_an_unwelcome_body_is_not_asked_for) {
    EXPECT_EQ(ask(request("POST /echo", "Content-Length: 5\r\nExpect: a-wonder\r\n")).status, 417U);
    EXPECT_EQ(ask(request("POST /", "Content-Length: 5\r\nExpect: 100-continue\r\n")).status, 405U);
    EXPECT_EQ(ask("GET / HTTP/1.0\r\nExpect: a-wonder\r\n\r\n").status, 200U)
        << "RFC 9110 10.1.1: 1.0 has no expectations";
}

TEST_F(HttpTest, a_get_with_a_body_is_answered_after_the_body_was_read) {
    const Answer answer =
        ask(request("GET /bytes/3", "Content-Length: 5\r\n", "hello") + request("GET /bytes/4"));
    EXPECT_EQ(answer.body, pattern(3));
    EXPECT_EQ(first_answer(answer.rest).body, pattern(4));
}

}  // namespace
}  // namespace lastack::test

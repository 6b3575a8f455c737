// How the HTTP server treats connections: persistence, pipelining, back pressure, timeouts, ends.
#include <random>

#include "tests/service/http_client.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using namespace std::chrono_literals;
using FirstCloser = service::HttpOptions::FirstCloser;

TEST_F(HttpTest, the_server_closes_first_after_connection_close) {
    const Answer answer = ask(request("GET /", "Connection: close\r\n"));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(field(answer, "Connection"), "close");
    EXPECT_TRUE(core_.ending(last_).closed);
    EXPECT_FALSE(core_.ending(last_).closed_unread) << "the request counts as used up";
    EXPECT_TRUE(core_.over(last_));
    EXPECT_EQ(core_.ending(last_).reason, CloseReason::orderly);
    EXPECT_EQ(core_.timers(), 0U);
}

TEST_F(HttpTest, connection_is_a_list_of_words_in_any_case) {
    EXPECT_EQ(field(ask(request("GET /", "connection: Upgrade ,\tCLOSE\r\n")), "Connection"),
              "close");
    EXPECT_EQ(field(ask(request("GET /", "Connection: not-close\r\n")), "Connection"), "");
    EXPECT_EQ(field(ask(request("GET /", "Connection: close x\r\n")), "Connection"), "");
}

TEST_F(HttpTest, http_1_0_closes_unless_it_asks_to_keep_alive) {
    Answer answer = ask("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(field(answer, "Connection"), "close");
    EXPECT_TRUE(core_.ending(last_).closed);
    answer = ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(field(answer, "Connection"), "keep-alive");
    EXPECT_FALSE(core_.ending(last_).closed);
    answer = ask("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n");
    EXPECT_TRUE(core_.ending(last_).closed);
}

TEST_F(HttpTest, with_the_client_closing_first_the_server_waits_for_its_fin) {
    options_.first_closer = FirstCloser::client;
    EXPECT_EQ(ask(request("GET /", "Connection: close\r\n")).status, 200U);
    EXPECT_FALSE(core_.ending(last_).fin_sent);
    core_.deliver_fin(last_);
    EXPECT_TRUE(core_.ending(last_).closed);
}

TEST_F(HttpTest, the_wait_for_the_clients_fin_is_bounded) {
    options_.first_closer = FirstCloser::client;
    options_.close_wait = 2s;
    EXPECT_EQ(ask(request("GET /", "Connection: close\r\n")).status, 200U);
    core_.advance(1'999ms);
    EXPECT_FALSE(core_.ending(last_).fin_sent);
    core_.advance(1ms);
    EXPECT_TRUE(core_.ending(last_).closed);
}

TEST_F(HttpTest, pipelined_requests_are_answered_in_order) {
    Answer answer = ask(request("GET /bytes/1") + request("GET /missing") +
                        request("POST /echo", "Content-Length: 3\r\n", "abc") +
                        request("GET /bytes/2", "Connection: close\r\n"));
    EXPECT_EQ(answer.body, pattern(1));
    answer = first_answer(answer.rest);
    EXPECT_EQ(answer.status, 404U);
    answer = first_answer(answer.rest);
    EXPECT_EQ(answer.body, "abc");
    answer = first_answer(answer.rest);
    EXPECT_EQ(answer.body, pattern(2));
    EXPECT_EQ(answer.rest, "");
    EXPECT_TRUE(core_.over(last_));
}

TEST_F(HttpTest, requests_after_connection_close_are_thrown_away_without_a_reset) {
    const Answer answer = ask(request("GET /", "Connection: close\r\n") + request("GET /"));
    EXPECT_EQ(answer.rest, "");
    EXPECT_FALSE(core_.ending(last_).closed_unread);
    EXPECT_EQ(core_.ending(last_).reason, CloseReason::orderly);
}

TEST_F(HttpTest, a_pipelining_client_leaves_others_their_turn) {
    options_.max_pipeline_burst = 3;
    std::string input;
    for (int i = 0; i < 5; ++i) input += request("GET /bytes/0");
    const Connection connection = open();
    core_.deliver(connection, input);
    const auto answers_in = [](const std::string& text) {
        std::size_t count = 0;
        for (std::size_t at = 0; (at = text.find("HTTP/1.1 200", at)) != std::string::npos; ++at) {
            ++count;
        }
        return count;
    };
    EXPECT_EQ(answers_in(core_.take(connection)), 3U);
    EXPECT_GT(core_.unread(connection), 0U) << "the rest holds the window";
    core_.advance(1ms);
    EXPECT_EQ(answers_in(core_.take(connection)), 2U);
    EXPECT_EQ(core_.unread(connection), 0U);
}

TEST_F(HttpTest, while_an_answer_is_under_way_the_next_request_stays_unread) {
    core_.set_send_buffer(1'000);
    const Connection connection = open();
    const std::string next = request("GET /bytes/1");
    core_.deliver(connection, request("GET /bytes/100000") + next);
    EXPECT_EQ(core_.unread(connection), next.size());
    std::string sent;
    while (core_.untaken(connection) > 0) sent += core_.take(connection, 700);
    const Answer first = first_answer(sent);
    EXPECT_EQ(first.body, pattern(100'000));
    EXPECT_EQ(first_answer(first.rest).body, pattern(1));
    EXPECT_EQ(core_.unread(connection), 0U);
}

TEST_F(HttpTest, echo_reads_no_faster_than_the_peer_takes) {
    core_.set_send_buffer(1'000);
    const std::string body = pattern(50'000);
    const Connection connection = open();
    core_.deliver(connection, request("POST /echo", "Content-Length: 50000\r\n", body));
    EXPECT_GT(core_.unread(connection), 48'000U);
    std::string sent;
    while (core_.untaken(connection) > 0) sent += core_.take(connection, 333);
    EXPECT_EQ(first_answer(sent).body, body);
}

TEST_F(HttpTest, without_a_descriptor_for_a_reference_the_answer_goes_on_later) {
    core_.set_max_references(2);
    const Connection connection = open();
    core_.deliver(connection, request("GET /bytes/400000"));
    EXPECT_EQ(core_.references_held(), 2U);
    std::string sent;
    while (core_.untaken(connection) > 0) sent += core_.take(connection);
    EXPECT_EQ(first_answer(sent).body, pattern(400'000));
    EXPECT_EQ(core_.references_held(), 0U);
}

TEST_F(HttpTest, a_peer_that_has_closed_its_half_still_gets_the_answer) {
    core_.set_send_buffer(1'000);
    const Connection connection = open();
    core_.deliver(connection, request("POST /echo", "Content-Length: 20000\r\n", pattern(20'000)));
    core_.deliver_fin(connection);
    std::string sent;
    while (core_.untaken(connection) > 0) sent += core_.take(connection, 900);
    EXPECT_EQ(first_answer(sent).body, pattern(20'000));
    EXPECT_TRUE(core_.over(connection)) << "both have closed now";
    EXPECT_EQ(core_.ending(connection).reason, CloseReason::orderly);
}

TEST_F(HttpTest, a_peer_that_closed_its_half_during_a_delay_gets_the_answer) {
    const Connection connection = open();
    core_.deliver(connection, request("GET /delay/50"));
    core_.deliver_fin(connection);
    core_.advance(50ms);
    EXPECT_EQ(first_answer(core_.take(connection)).status, 200U);
    EXPECT_TRUE(core_.over(connection));
}

TEST_F(HttpTest, a_fin_between_requests_is_answered_with_ours) {
    const Connection connection = open();
    core_.deliver_fin(connection);
    EXPECT_TRUE(core_.ending(connection).closed);
    EXPECT_EQ(core_.take(connection), "");
    EXPECT_TRUE(core_.over(connection));
}

TEST_F(HttpTest, a_fin_inside_a_header_is_400) {
    const Connection connection = open();
    core_.deliver(connection, "GET / HTTP/1.1\r\nHos");
    core_.deliver_fin(connection);
    EXPECT_EQ(first_answer(core_.take(connection)).status, 400U);
    EXPECT_TRUE(core_.over(connection));
}

TEST_F(HttpTest, a_fin_inside_an_echo_is_a_reset_for_the_answer_cannot_be_completed) {
    const Connection connection = open();
    core_.deliver(connection, request("POST /echo", "Content-Length: 5\r\n", "hel"));
    core_.deliver_fin(connection);
    EXPECT_TRUE(core_.ending(connection).aborted);
    EXPECT_EQ(core_.ending(connection).reason, CloseReason::aborted);
}

TEST_F(HttpTest, after_a_refusal_our_fin_goes_first_and_the_rest_is_thrown_away) {
    const Connection connection = open();
    core_.deliver(connection, "nonsense\r\n\r\n");
    EXPECT_EQ(first_answer(core_.take(connection)).status, 400U);
    EXPECT_TRUE(core_.ending(connection).fin_sent);
    EXPECT_FALSE(core_.ending(connection).closed);
    core_.deliver(connection, std::string(5'000, 'x'));
    EXPECT_EQ(core_.unread(connection), 0U);
    EXPECT_EQ(core_.take(connection), "");
    core_.deliver_fin(connection);
    EXPECT_TRUE(core_.over(connection));
    EXPECT_EQ(core_.ending(connection).reason, CloseReason::orderly);
}

TEST_F(HttpTest, the_wait_after_a_refusal_is_bounded) {
    options_.close_wait = 2s;
    const Connection connection = open();
    core_.deliver(connection, "nonsense\r\n\r\n");
    core_.take(connection);
    core_.advance(1'999ms);
    EXPECT_FALSE(core_.ending(connection).closed);
    core_.advance(1ms);
    EXPECT_TRUE(core_.ending(connection).closed);
}

TEST_F(HttpTest, an_idle_connection_is_closed_in_silence) {
    options_.idle_timeout = 60s;
    const Connection connection = open();
    core_.advance(59'999ms);
    EXPECT_FALSE(core_.ending(connection).closed);
    core_.advance(1ms);
    EXPECT_TRUE(core_.ending(connection).closed);
    EXPECT_EQ(core_.take(connection), "");
}

TEST_F(HttpTest, each_answer_begins_the_idle_time_anew) {
    options_.idle_timeout = 60s;
    const Connection connection = open();
    core_.advance(59s);
    core_.deliver(connection, request("GET /"));
    core_.take(connection);
    core_.advance(59'999ms);
    EXPECT_FALSE(core_.ending(connection).closed);
    core_.advance(1ms);
    EXPECT_TRUE(core_.ending(connection).closed);
}

TEST_F(HttpTest, a_header_that_does_not_end_is_408_however_busily_it_comes) {
    options_.header_timeout = 10s;
    const Connection connection = open();
    core_.deliver(connection, "GET / HTTP/1.1\r\n");
    for (int second = 1; second < 10; ++second) {
        core_.advance(1s);
        core_.deliver(connection, "X: y\r\n");
    }
    core_.advance(999ms);
    EXPECT_EQ(core_.take(connection), "");
    core_.advance(1ms);
    EXPECT_EQ(first_answer(core_.take(connection)).status, 408U);
}

TEST_F(HttpTest, a_body_that_stops_before_its_echo_began_is_408) {
    options_.stall_timeout = 5s;
    const Connection connection = open();
    core_.deliver(connection, request("POST /echo", "Content-Length: 5\r\n"));
    core_.advance(4'999ms);
    EXPECT_EQ(core_.take(connection), "");
    core_.advance(1ms);
    EXPECT_EQ(first_answer(core_.take(connection)).status, 408U);
}

TEST_F(HttpTest, a_peer_that_takes_nothing_of_its_answer_is_reset) {
    options_.stall_timeout = 5s;
    core_.set_send_buffer(1'000);
    const Connection connection = open();
    core_.deliver(connection, request("GET /bytes/100000"));
    core_.advance(4s);
    core_.take(connection, 500);  // progress
    core_.advance(4'999ms);
    EXPECT_FALSE(core_.over(connection));
    core_.advance(1ms);
    EXPECT_TRUE(core_.ending(connection).aborted);
    EXPECT_EQ(core_.references_held(), 0U);
}

TEST_F(HttpTest, beyond_the_limit_connections_are_reset_and_counted) {
    options_.max_connections = 2;
    const Connection first = open();
    open();
    const Connection third = open();
    EXPECT_TRUE(core_.ending(third).aborted);
    EXPECT_TRUE(core_.over(third));
    core_.fail(first, CloseReason::reset);
    const Connection fourth = open();
    core_.deliver(fourth, request("GET /bytes/1"));
    EXPECT_EQ(first_answer(core_.take(fourth)).body, pattern(1));
    EXPECT_NE(application_->report().find("\"refused\":1,"), std::string::npos);
}

TEST_F(HttpTest, draining_stops_listening_closes_idle_connections_and_finishes_answers) {
    const Connection idle = open();
    const Connection busy = open();
    core_.deliver(busy, request("GET /delay/50"));
    application_->drain();
    core_.advance(0ms);
    EXPECT_FALSE(core_.listening(kPort));
    EXPECT_TRUE(core_.ending(idle).closed);
    core_.advance(50ms);
    EXPECT_EQ(first_answer(core_.take(busy)).status, 200U);
    EXPECT_TRUE(core_.over(busy));
    EXPECT_EQ(core_.timers(), 1U - 1U) << "nothing is left behind once all are over";
}

TEST_F(HttpTest, a_port_that_is_taken_is_explained) {
    core_.refuse_listens(Error::address_in_use);
    application_ = service::make_http(options_)(0);
    std::string why;
    EXPECT_FALSE(application_->start(core_, [&](std::string_view text) { why = text; }));
    EXPECT_NE(why.find("http: cannot listen on 0.0.0.0:80: address in use"), std::string::npos)
        << why;
}

TEST_F(HttpTest, nothing_is_called_on_a_connection_that_is_over) {
    for (int i = 0; i < 5; ++i) {
        ask(request("GET /", "Connection: close\r\n"));
        ask("nonsense\r\n\r\n");
        core_.fail(last_, CloseReason::reset);
        core_.fail(open(), CloseReason::timed_out);
    }
    core_.advance(10min);
    EXPECT_EQ(core_.stale_calls(), 0U);
}

/// The same conversation, cut anywhere, gives the same answers.
class Splits : public HttpTest {
  protected:
    static std::string conversation() {
        return request("GET /bytes/700") +
               request("POST /echo", "Content-Length: 11\r\n", "hello world") +
               request("POST /echo",
                       "Transfer-Encoding: chunked\r\nX-Long: " + std::string(300, 'v') + "\r\n",
                       "3;ext=1\r\nabc\r\n1\r\nd\r\n0\r\nT: v\r\n\r\n") +
               request("HEAD /bytes/5") + request("GET /nowhere?x") +
               request("GET /", "Connection: close\r\n");
    }
    /// The echo's chunks follow the cuts; joined they are the same.
    static std::string without_chunk_sizes(std::string text) {
        const std::size_t begin = text.find("chunked\r\n\r\n");
        const std::size_t end = text.find("0\r\n\r\n", begin);
        if (begin == std::string::npos || end == std::string::npos) return text;
        std::string data;
        std::size_t at = begin + 11;
        while (at < end) {
            const std::size_t size = std::stoul(text.substr(at), nullptr, 16);
            at = text.find("\r\n", at) + 2;
            data += text.substr(at, size);
            at += size + 2;
        }
        return text.substr(0, begin + 11) + data + text.substr(end);
    }
};

TEST_F(Splits, byte_by_byte_the_answers_are_the_same) {
    const std::string whole = without_chunk_sizes(talk(conversation()));
    const Connection connection = open();
    std::string sent;
    for (const char c : conversation()) {
        core_.deliver(connection, std::string_view(&c, 1));
        sent += core_.take(connection);
    }
    EXPECT_EQ(without_chunk_sizes(sent), whole);
    EXPECT_TRUE(core_.over(connection));
}

TEST_F(Splits, cut_at_random_and_taken_at_random_the_answers_are_the_same) {
    const std::string input = conversation();
    const std::string whole = without_chunk_sizes(talk(input));
    std::mt19937_64 random(seed_or(9112));
    for (int round = 0; round < 300; ++round) {
        core_.set_send_buffer(1 + random() % 400);
        const Connection connection = open();
        std::string sent;
        for (std::size_t at = 0; at < input.size();) {
            std::vector<std::string> pieces;
            for (std::size_t n = 1 + random() % 3; n > 0 && at < input.size(); --n) {
                const std::size_t size = 1 + random() % 60;
                pieces.push_back(input.substr(at, size));
                at += pieces.back().size();
            }
            core_.deliver_pieces(connection, pieces);
            sent += core_.take(connection, random() % 300);
        }
        for (int i = 0; i < 10'000 && !core_.over(connection); ++i) {
            sent += core_.take(connection, 1 + random() % 300);
            core_.advance(1ms);
        }
        ASSERT_EQ(without_chunk_sizes(sent), whole) << "round " << round;
        ASSERT_TRUE(core_.over(connection));
        ASSERT_EQ(core_.ending(connection).reason, CloseReason::orderly);
    }
}

/// Whatever comes, the server stands, uses no stale handle and answers only well-formed statuses.
TEST_F(HttpTest, random_input_is_survived) {
    options_.max_connections = 4;
    start();
    std::mt19937_64 random(seed_or(2616));
    const std::vector<std::string> words = {"GET ",
                                            "POST ",
                                            "HEAD ",
                                            "PUT ",
                                            "/",
                                            "/echo",
                                            "/bytes/",
                                            "/delay/",
                                            "0",
                                            "1",
                                            "99999",
                                            " ",
                                            "HTTP/1.1",
                                            "HTTP/1.0",
                                            "\r\n",
                                            "\r",
                                            "\n",
                                            "\r\n\r\n",
                                            "Host: a",
                                            "Content-Length: ",
                                            "Transfer-Encoding: ",
                                            "chunked",
                                            "Connection: ",
                                            "close",
                                            "keep-alive",
                                            "Expect: 100-continue",
                                            ":",
                                            ",",
                                            ";",
                                            "5\r\nhello\r\n",
                                            "0\r\n\r\n",
                                            std::string(1, '\0'),
                                            "\x80\xff",
                                            "ffffffffffffffff"};
    for (int round = 0; round < 3'000; ++round) {
        core_.set_send_buffer(1 + random() % 2'000);
        const Connection connection = core_.accept(kPort);
        const std::size_t steps = random() % 40;
        for (std::size_t i = 0; i < steps && !core_.over(connection); ++i) {
            switch (random() % 8) {
                case 0:
                    core_.advance(std::chrono::milliseconds(random() % 20'000));
                    break;
                case 1:
                    core_.take(connection, random() % 2'000);
                    break;
                case 2:
                    core_.deliver(connection,
                                  request("GET /bytes/" + std::to_string(random() % 3'000)));
                    break;
                case 3:
                    if (random() % 8 == 0) core_.deliver_fin(connection);
                    break;
                default:
                    core_.deliver(connection, words[random() % words.size()]);
                    break;
            }
        }
        if (!core_.over(connection)) core_.fail(connection, CloseReason::reset);
        ASSERT_EQ(core_.stale_calls(), 0U) << "round " << round;
        ASSERT_EQ(core_.references_held(), 0U) << "round " << round;
    }
    EXPECT_EQ(core_.timers(), 0U);
    EXPECT_NE(application_->report().find("\"open\":0,"), std::string::npos);
}

}  // namespace
}  // namespace lastack::test

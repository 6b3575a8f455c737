// Scenarios of a host that has lost its memory: K-41 of requirements.md.
#include <memory>

#include "tests/sim/duo.hpp"

namespace lastack::test {
namespace {

using base::Counter;

constexpr std::array<std::string_view, 11> kStates{
    "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
    "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT"};

// Brings b into `state`; a is wherever that takes it.
void bring_b_to(Duo& duo, std::string_view state) {
    if (state == "CLOSED") return;
    if (state == "LISTEN") return duo.listen();
    if (state == "SYN-SENT") {
        duo.lose(Duo::kFromB, 'S', 1'000);
        const auto result = duo.b.stack().connect({Address::ipv4(kHostAddress.value), Duo::kPortA},
                                                  duo.b.app(), {.local = {Address{}, Duo::kPortB}});
        ASSERT_TRUE(result);
        duo.at_b = result.connection;
        return duo.run(20ms);
    }
    if (state == "SYN-RECEIVED") {
        duo.listen();
        duo.lose(Duo::kFromB, 'S', 1'000);
        return duo.connect();
    }
    duo.open();
    if (state == "FIN-WAIT-1") duo.lose(Duo::kFromB, 'F', 1);
    if (state == "CLOSING") duo.lose(Duo::kFromA, 'A', 1'000, 2);  // its FIN was the first
    if (state == "FIN-WAIT-1" || state == "FIN-WAIT-2" || state == "TIME-WAIT") {
        duo.at_b.shutdown_write();
    }
    if (state == "CLOSING") {
        duo.at_a.close();
        duo.at_b.close();
    }
    if (state == "CLOSE-WAIT" || state == "LAST-ACK") duo.at_a.close();
    duo.run(100ms);
    if (state == "TIME-WAIT") duo.at_a.close();
    if (state == "LAST-ACK") {
        duo.lose(Duo::kFromB, 'F', 1);
        duo.at_b.close();
    }
    duo.run(20ms);
}

// b remembers; a is up again, with nothing of what it knew, and secrets of its own.
class Reborn {
  public:
    explicit Reborn(std::string_view state, bool other_clock = false) : host(config(other_clock)) {
        bring_b_to(duo, state);
        const bool lists = state != "CLOSED" && state != "LISTEN";
        EXPECT_EQ(duo.state_b(), lists ? state : "CLOSED");
        host.stall_until(duo.link.now());
    }

    void join() {
        link = std::make_unique<Link>(host, duo.b, 2);
        link->watch = [this](Link::Side from, const Wire& segment) {
            ++segments;
            if (has(segment, 'R')) ++(from == Link::Side::A ? resets : resets_of_b);
        };
    }
    void connect() {
        const auto result = host.stack().connect({Address::ipv4(kPeerAddress.value), Duo::kPortB},
                                                 host.app(), {.local = {Address{}, Duo::kPortA}});
        ASSERT_TRUE(result);
        connection = result.connection;
    }
    std::string state() { return host.state(Duo::kPortA, Duo::kPortB); }

    Duo duo;
    Host host;
    std::unique_ptr<Link> link;
    Connection connection;
    unsigned segments = 0;
    unsigned resets = 0;  // of the reborn
    unsigned resets_of_b = 0;

  private:
    static stack::Config config(bool other_clock) {
        stack::Config fresh = small_config();
        fresh.secrets.isn = {99, 98};
        if (other_clock) fresh.secrets.timestamp_offset = {97, 96};
        return fresh;
    }
};

// It connects from where it did, which is Figures 9 to 11 of RFC 9293, E-4 and G-40.
TEST(Scenario, K_41_a_peer_that_restarts_and_connects_again_ends_what_the_other_remembers) {
    for (const bool other_clock : {false, true}) {
        for (const std::string_view state : kStates) {
            SCOPED_TRACE(std::string(state) + (other_clock ? ", another clock" : ""));
            Reborn test(state, other_clock);
            test.join();
            if (state == "ESTABLISHED" || state == "CLOSE-WAIT") {
                test.duo.at_b.send(as_bytes("hello?"));
            }
            test.connect();
            test.link->run(130s);
            EXPECT_LT(test.segments, 60U);  // nobody answers for ever
            if (state == "CLOSED") {
                EXPECT_EQ(told(test.host, "closed refused"), 1U);
                EXPECT_EQ(test.segments, 2U);
                continue;
            }
            EXPECT_EQ(test.state(), "ESTABLISHED");
            EXPECT_EQ(test.duo.state_b(), "ESTABLISHED");
            const bool first = state == "LISTEN" || state == "SYN-SENT" || state == "SYN-RECEIVED";
            EXPECT_EQ(told(test.duo.b, "open"), first ? 1U : 2U);
            // What follows belongs to the new one alone.
            EXPECT_EQ(test.connection.send(as_bytes("new")), 3U);
            test.link->run(1s);
            EXPECT_EQ(test.duo.b.app().received, "new");
        }
    }
}

// It does not, and b's retransmissions, or its application's text, meet a host that knows nothing.
TEST(Scenario, K_41_what_a_restarted_host_does_not_know_it_resets_and_all_of_it_ends) {
    for (const std::string_view state : kStates) {
        SCOPED_TRACE(state);
        Reborn test(state);
        test.join();
        if (state == "ESTABLISHED" || state == "CLOSE-WAIT") {
            test.duo.at_b.send(as_bytes("hello?"));
        }
        if (state == "FIN-WAIT-2") test.duo.at_b.close();  // so that fin_timeout runs
        test.link->run(130s);
        EXPECT_EQ(test.duo.state_b(), "CLOSED");
        const bool speaks = state == "SYN-SENT" || state == "SYN-RECEIVED" ||
                            state == "ESTABLISHED" || state == "FIN-WAIT-1" ||
                            state == "CLOSE-WAIT" || state == "CLOSING" || state == "LAST-ACK";
        EXPECT_EQ(test.segments, speaks ? 2U : 0U);  // one, and its RST
        EXPECT_EQ(test.resets, speaks ? 1U : 0U);
        EXPECT_EQ(test.resets_of_b, 0U);
        EXPECT_EQ(told(test.duo.b, "closed refused"), state == "SYN-SENT" ? 1U : 0U);
        const bool told_of_reset = speaks && state != "SYN-SENT" && state != "SYN-RECEIVED";
        EXPECT_EQ(told(test.duo.b, "closed reset"), told_of_reset ? 1U : 0U);
        EXPECT_EQ(test.duo.b.count(Counter::TimeWaitExpired), state == "TIME-WAIT" ? 1U : 0U);
        EXPECT_EQ(test.duo.b.count(Counter::FinWait2Timeout), state == "FIN-WAIT-2" ? 1U : 0U);
        for (Host* host : {&test.host, &test.duo.b}) {
            EXPECT_TRUE(host->stack().quiescent());
            EXPECT_EQ(host->shell().live(), 0U);
            EXPECT_EQ(host->count(Counter::StaleTimer), 0U);
        }
    }
}

// E-5: its new ISS is RCV.NXT - 1, so that it takes the challenge for a good ACK without SYN, and
// resets nothing; nor does text of b's make it. What frees it is that b gives up.
TEST(Scenario, K_41_E_5_a_restart_onto_the_very_number_loops_nowhere_and_a_timeout_frees_it) {
    Reborn test("ESTABLISHED");
    test.duo.say(test.duo.at_a, 1);
    test.duo.run(100ms);
    EXPECT_TRUE(test.duo.at_b.set_option(Option::user_timeout_ms, 10'000));
    const std::uint32_t next = test.duo.end_of(Duo::kFromA);
    test.host.stall_until(test.duo.link.now());
    test.host.wait_for_isn(Duo::kPortA, Duo::kPortB, next - 1);
    test.join();
    test.connect();
    test.link->run(20s);
    EXPECT_EQ(test.state(), "SYN-SENT");
    EXPECT_EQ(test.duo.state_b(), "ESTABLISHED");
    EXPECT_LT(test.segments, 20U);  // SYNs and their challenges
    EXPECT_EQ(test.duo.at_b.send(as_bytes("hello?")), 6U);
    test.link->run(100s);
    EXPECT_LT(test.segments, 60U);
    EXPECT_EQ(test.resets + test.resets_of_b, 0U);
    EXPECT_EQ(told(test.duo.b, "closed timed_out"), 1U);
    EXPECT_EQ(test.state(), "ESTABLISHED");
    EXPECT_EQ(test.duo.state_b(), "ESTABLISHED");
    EXPECT_EQ(told(test.duo.b, "open"), 2U);
}

}  // namespace
}  // namespace lastack::test

// Releases over a wire that loses, repeats and reorders (requirements A.2): what holds of every
// segment, whatever happens to the others.

#include <algorithm>

#include "tests/stack/pair.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using wire::Seq;

std::string text_of(std::size_t count, char first) {
    std::string text(count, '\0');
    for (std::size_t i = 0; i < count; ++i)
        text[i] = static_cast<char>(first + static_cast<int>(i % 19));
    return text;
}

// One release with text in front of both FINs, and what an observer of the wire knows of each end.
class LossyRelease {
  public:
    enum class Order : std::uint8_t { AThenB, BThenA, Together };

    LossyRelease(std::uint64_t seed, Order order) : pair_(seed), random_(seed), order_(order) {}

    void run() {
        watch_the_wire();
        pair_.open();
        watch_the_records();
        pair_.link.set_conditions(
            {.loss = 0.1, .duplication = 0.05, .reordering = 0.1, .delay = 5ms, .jitter = 3ms});
        const std::string from_a = text_of(random_() % 40'000, 'a');
        const std::string from_b = text_of(random_() % 20'000, 'A');
        const std::string later = text_of(random_() % 20'000, '0');
        const bool a_first = order_ != Order::BThenA;
        Connection first = a_first ? pair_.at_a : pair_.at_b;
        Connection second = a_first ? pair_.at_b : pair_.at_a;
        first.send(as_bytes(from_a));
        first.shutdown_write();
        second.send(as_bytes(from_b));
        if (order_ == Order::Together) second.shutdown_write();
        Host& closes_second = a_first ? pair_.b : pair_.a;
        closes_second.app().at_peer_closed = [&later](Connection connection) {
            connection.send(as_bytes(later));
            connection.shutdown_write();
        };
        ASSERT_TRUE(pair_.link.run_until([this] { return pair_.over(); }, 1h));
        Host& closes_first = a_first ? pair_.a : pair_.b;
        expect_whole(closes_second, from_a);
        expect_whole(closes_first, order_ == Order::Together ? from_b : from_b + later);
    }

  private:
    // S-47, S-71: every byte, and the end once, behind them.
    static void expect_whole(Host& host, const std::string& text) {
        const auto& events = host.app().events;
        EXPECT_TRUE(host.app().received == text)
            << host.app().received.size() << " of " << text.size();
        EXPECT_EQ(std::ranges::count(events, "peer closed"), 1);
        const auto end = std::ranges::find(events, "peer closed");
        EXPECT_TRUE(std::none_of(end, events.end(),
                                 [](const auto& event) { return event.starts_with("data"); }));
    }

    void watch_the_wire() {
        pair_.link.watch = [this](Side from, const Wire& segment) {
            Seen& mine = seen_[index_of(from)];
            const bool fin = segment.flags.find('F') != std::string::npos;
            if (fin) {
                EXPECT_NE(segment.flags.find('A'), std::string::npos) << "S-11: a FIN without ACK";
                const auto number = Seq(segment.seq) + std::uint32_t(segment.text.size());
                EXPECT_TRUE(!mine.fin || *mine.fin == number) << "the FIN moved";
                mine.fin = number;
            }
            const Seq end = Seq(segment.seq) + segment.len();
            EXPECT_TRUE(!mine.fin || end.at_or_before(*mine.fin + 1)) << "text beyond the FIN";
            EXPECT_TRUE(!mine.fin || !mine.highest || !(*mine.highest).after(*mine.fin + 1));
            mine.highest = mine.highest ? wire::later(*mine.highest, end) : end;
            if (pair_.state(from) == "TIME-WAIT") {
                const Seen& theirs = seen_[other_index(from)];
                EXPECT_EQ(segment.len(), 0U);
                EXPECT_EQ(segment.seq, theirs.acked->value()) << "S-54: the pipe is empty";
            }
            if (segment.flags.find('A') == std::string::npos) return;
            mine.acked = mine.acked ? wire::later(*mine.acked, Seq(segment.ack)) : Seq(segment.ack);
        };
    }

    // C-21: one record at every instant until the last has gone, and none after that.
    void watch_the_records() {
        pair_.link.after_event = [this] {
            const std::size_t at_a = rows_of_tuple(pair_.a, Pair::kPortOfA, Pair::kPortOfB);
            const std::size_t at_b = rows_of_tuple(pair_.b, Pair::kPortOfB, Pair::kPortOfA);
            EXPECT_LE(at_a, records_[0]);
            EXPECT_LE(at_b, records_[1]);
            records_ = {at_a, at_b};
        };
    }

    struct Seen {
        std::optional<Seq> fin, highest, acked;
    };
    Pair pair_;
    std::mt19937_64 random_;
    Order order_;
    std::array<Seen, 2> seen_;
    std::array<std::size_t, 2> records_{1, 1};
};

TEST(OverLoss, S_11_S_28_S_48_S_47_S_71_all_text_precedes_the_fin_and_every_fin_has_ack) {
    const std::uint64_t seed = seed_or(47);
    for (std::uint64_t i = 0; i < 12; ++i) {
        SCOPED_TRACE(seed + i);
        LossyRelease(seed + i, LossyRelease::Order::AThenB).run();
        LossyRelease(seed + i, LossyRelease::Order::BThenA).run();
    }
}

TEST(OverLoss, S_54_C_21_in_time_wait_nothing_is_outstanding_and_there_was_one_record_all_along) {
    const std::uint64_t seed = seed_or(54);
    for (std::uint64_t i = 0; i < 12; ++i) {
        SCOPED_TRACE(seed + i);
        LossyRelease(seed + i, LossyRelease::Order::Together).run();
        LossyRelease(seed + i, LossyRelease::Order::AThenB).run();
    }
}

// The last ACK is lost three times. 10 ms each way: a round trip is 20 ms.
TEST(OverLoss, S_63_S_79_the_last_ack_is_repeated_until_it_arrives_and_then_the_server_closes) {
    Pair pair(1, {.delay = 10ms});
    pair.open();
    pair.at_a.shutdown_write();
    ASSERT_TRUE(pair.link.run_until([&] { return pair.state_of_a() == "FIN-WAIT-2"; }, 5s));
    Trace fins, acks;
    time::Instant last_fin;
    pair.link.watch = [&](Side from, const Wire& segment) {
        if (from == Side::B) last_fin = pair.link.now();
        (from == Side::A ? acks : fins).push_back(segment);
    };
    pair.link.drop([](Side from, const Wire&) { return from == Side::A; }, 1, 3);
    pair.at_b.close();
    ASSERT_TRUE(pair.link.run_until([&] { return pair.state_of_b() == "CLOSED"; }, 60s));
    EXPECT_EQ(pair.link.now(), last_fin + 20ms) << "one round trip after the pair that survived";
    ASSERT_EQ(fins.size(), 4U);
    const std::uint32_t w = fins[0].seq;
    for (const Wire& fin : fins) EXPECT_EQ(fin, (Wire{"FA", w, acks[0].seq}));
    ASSERT_EQ(acks.size(), 4U);
    for (const Wire& ack : acks) EXPECT_EQ(ack, (Wire{"A", fins[0].ack, w + 1}));
    EXPECT_EQ(pair.a.count(base::Counter::TimeWaitRestarted), 3U);
    EXPECT_EQ(pair.b.app().events.back(), "closed orderly");
    pair.link.run(60s - 20ms);  // 2MSL since the last FIN arrived is over in 10 ms
    EXPECT_EQ(pair.state_of_a(), "TIME-WAIT");
    pair.link.run(20ms);
    EXPECT_EQ(pair.state_of_a(), "CLOSED");
}

}  // namespace
}  // namespace lastack::test

// A client's whole life on one tuple, in every way of cutting its frames into bursts: whatever the
// cuts, the application hears the same, the host sends the same FIN, and the record ends alike.
//
//     S | A | PA | FA   A       | a cut that a burst may have or not
//                     ^           one that it has: the frame behind answers what the host sends
//                                 only when its application has been told, which ends a burst
//
// The host's ISN is 5000; that of a second life is learned by living both once, frame by frame.

#include "tests/stack/conversation.hpp"
#include "tests/support/conservation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

struct Piece {
    Wire segment;
    bool answers = false;  // what the host sends after its application has been told
};
using Life = std::vector<Piece>;

/// What the host's application does; what it hears is written down in any case.
enum class Server { Listens, ClosesBehindThePeer, AnswersAndCloses };

/// What may not depend on the cuts.
struct End {
    std::vector<std::string> heard;  // text that came in several pieces is one
    std::string received;
    std::string state;
    Trace fins;
    bool operator==(const End&) const = default;
};

void PrintTo(const End& end, std::ostream* out) {
    for (const std::string& event : end.heard) *out << event << ", ";
    *out << '"' << end.received << "\", " << end.state << ", " << end.fins.size() << " FINs";
}

constexpr Counter kTroubles[] = {
    Counter::InErrs,           Counter::InCsumErrors,     Counter::OutRsts,
    Counter::TcpInClosed,      Counter::TcpInOutOfWindow, Counter::TcpInRstIgnored,
    Counter::TcpInAckUnsent,   Counter::TcpInAckTooOld,   Counter::DataAfterFin,
    Counter::TcpInSecondFin,   Counter::ListenDrops,      Counter::TcpInTextNotWanted,
    Counter::ListenOverflows,  Counter::TCPReqQFullDrop,  Counter::TableFull,
    Counter::TCPOFOQueue,      Counter::TCPOFODrop,       Counter::TCPRcvQDrop,
    Counter::TCPChallengeACK,  Counter::TCPSYNChallenge,  Counter::PAWSEstab,
    Counter::PAWSTimewait,     Counter::RetransSegs,      Counter::TCPTimeWaitOverflow,
    Counter::TCPZeroWindowDrop};

/// A fresh host, to which a life is delivered in bursts.
class Delivery : public Conversation {
  public:
    explicit Delivery(Server server) {
        listen();
        host.wait_for_isn(kHostPort, kPeerPort, 5'000);
        Recorder& app = host.app();
        app.at_data = [this, server](Connection accepted, std::string_view text) {
            received += text;
            if (server == Server::AnswersAndCloses) {
                EXPECT_EQ(accepted.send(as_bytes("world")), 5U);
                accepted.close();
            }
            return text.size();
        };
        app.at_peer_closed = [server](Connection accepted) {
            if (server == Server::ClosesBehindThePeer) accepted.close();
        };
    }

    /// `cut(i)`: a burst ends ahead of life[i].
    template <class Cut>
    void deliver(const Life& life, Cut cut) {
        std::vector<std::vector<std::byte>> burst;
        for (std::size_t i = 0; i < life.size(); ++i) {
            if (i > 0 && cut(i)) take(std::exchange(burst, {}));
            burst.push_back(peer.frame(life[i].segment));
        }
        take(burst);
    }
    void deliver_one_by_one(const Life& life) {
        deliver(life, [](std::size_t) { return true; });
    }

    End end() {
        End out;
        out.received = received;
        out.state = state();
        for (const std::string& event : host.app().events) {
            const bool text = event.starts_with("data ");
            if (text && !out.heard.empty() && out.heard.back() == "data") continue;
            out.heard.push_back(text ? "data" : event);
        }
        for (const Wire& segment : said) {
            if (segment.flags.find('F') != std::string::npos) out.fins.push_back(segment);
        }
        return out;
    }

    void expect_no_trouble() {
        for (const Counter counter : kTroubles) {
            EXPECT_EQ(host.count(counter), 0U) << base::info(counter).name;
        }
        for (const Counter counter : {Counter::StaleTimer, Counter::StaleHandle}) {
            EXPECT_EQ(host.count(counter), 0U) << base::info(counter).name;
        }
    }

    /// All of it is given back, TIME-WAIT after its time.
    void expect_all_comes_back() {
        host.advance(61s);
        EXPECT_EQ(state(), "CLOSED");
        expect_nothing_left();
    }

    std::string received;
    Trace said;

  private:
    void take(const std::vector<std::vector<std::byte>>& burst) {
        host.receive(burst);
        for (const Wire& segment : host.sent()) said.push_back(segment);
        const char* const fault =
            conservation_fault(host.stack(), host.now(), host.shell().references());
        EXPECT_EQ(fault, nullptr) << fault;
    }
};

/// Delivers `life` in all ways, each to a host of its own; each ends as `expected`, in which
/// nothing is said of FINs: they are those of the delivery frame by frame, and returned.
Trace expect_however_cut(const Life& life, Server server, End expected) {
    Delivery apart(server);
    apart.deliver_one_by_one(life);
    expected.fins = apart.end().fins;
    std::vector<std::size_t> free;
    for (std::size_t i = 1; i < life.size(); ++i) {
        if (!life[i].answers) free.push_back(i);
    }
    for (unsigned cuts = 0; cuts < 1U << free.size(); ++cuts) {
        SCOPED_TRACE(cuts);
        Delivery delivery(server);
        delivery.deliver(life, [&](std::size_t i) {
            const auto place = std::ranges::find(free, i);
            return place == free.end() || (cuts >> (place - free.begin()) & 1) != 0;
        });
        EXPECT_EQ(delivery.end(), expected);
        delivery.expect_no_trouble();
        if (expected.state == "CLOSED" || expected.state == "TIME-WAIT") {
            delivery.expect_all_comes_back();
        }
        if (testing::Test::HasFailure()) break;
    }
    return expected.fins;
}

const Wire kSyn{.flags = "S", .seq = 1'000, .options = {.mss = 1'460}};
const Wire kAck{.flags = "A", .seq = 1'001, .ack = 5'001};
const Wire kText{.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "hello"};
const Wire kFin{.flags = "FA", .seq = 1'006, .ack = 5'001};
const Wire kLastAck{.flags = "A", .seq = 1'007, .ack = 5'002};

/// The SYN,ACK that answers the second SYN of `life`.
std::uint32_t second_isn(const Life& life, Server server) {
    Delivery apart(server);
    apart.deliver_one_by_one(life);
    std::vector<std::uint32_t> isns;
    for (const Wire& segment : apart.said) {
        if (segment.flags == "SA") isns.push_back(segment.seq);
    }
    EXPECT_EQ(isns.size(), 2U);
    return isns.empty() ? 0 : isns.back();
}

TEST(BurstCut, K_8_S_68_a_client_that_closes_first_is_answered_by_one_fin_and_closed) {
    const Trace fins = expect_however_cut(
        {{kSyn}, {kAck}, {kText}, {kFin}, {.segment = kLastAck, .answers = true}},
        Server::ClosesBehindThePeer,
        {{"open", "data", "peer closed", "closed orderly"}, "hello", "CLOSED", {}});
    EXPECT_EQ(fins, (Trace{{"FA", 5'001, 1'007}}));
}

TEST(BurstCut, G_1_G_20_text_and_fin_may_ride_on_the_third_segment) {
    const Wire all{.flags = "FPA", .seq = 1'001, .ack = 5'001, .text = "hello"};
    expect_however_cut({{kSyn}, {kText}, {kFin}, {.segment = kLastAck, .answers = true}},
                       Server::ClosesBehindThePeer,
                       {{"open", "data", "peer closed", "closed orderly"}, "hello", "CLOSED", {}});
    expect_however_cut({{kSyn}, {all}, {.segment = kLastAck, .answers = true}},
                       Server::ClosesBehindThePeer,
                       {{"open", "data", "peer closed", "closed orderly"}, "hello", "CLOSED", {}});
}

TEST(BurstCut, H_24_text_in_many_segments_is_heard_whole_and_in_order) {
    Life life{{kSyn}, {kAck}};
    for (std::uint32_t i = 0; i < 5; ++i) {
        life.push_back({Wire{
            .flags = "PA", .seq = 1'001 + i, .ack = 5'001, .text = std::string(1, "hello"[i])}});
    }
    life.push_back({kFin});
    life.push_back({.segment = kLastAck, .answers = true});
    expect_however_cut(life, Server::ClosesBehindThePeer,
                       {{"open", "data", "peer closed", "closed orderly"}, "hello", "CLOSED", {}});
}

// As when a burst is late: what the peer sent first is gone, and it repeats what is not answered.
TEST(BurstCut, SYNR_E01_G_19_every_frame_may_come_twice) {
    const Life life{{kSyn}, {kSyn}, {kAck}, {kAck}, {kText}, {kFin}};
    for (unsigned cuts = 0; cuts < 1U << 5U; ++cuts) {
        SCOPED_TRACE(cuts);
        Delivery delivery(Server::Listens);
        delivery.deliver(life, [&](std::size_t i) { return (cuts >> (i - 1) & 1) != 0; });
        EXPECT_EQ(delivery.end(),
                  (End{{"open", "data", "peer closed"}, "hello", "CLOSE-WAIT", {}}));
        EXPECT_EQ(delivery.host.count(Counter::PassiveOpens), 1U);
    }
}

// No peer can acknowledge what has not been sent; one that guesses has to say it again.
TEST(BurstCut, CW_E06_a_last_ack_ahead_of_the_fin_is_void_and_holds_nothing_up) {
    const Life life{{kSyn}, {kAck}, {kText}, {kFin}, {kLastAck}};
    for (unsigned cuts = 0; cuts < 1U << 4U; ++cuts) {
        SCOPED_TRACE(cuts);
        Delivery delivery(Server::ClosesBehindThePeer);
        delivery.deliver(life, [&](std::size_t i) { return (cuts >> (i - 1) & 1) != 0; });
        const bool early = (cuts >> 3 & 1) == 0;
        EXPECT_EQ(delivery.state(), early ? "LAST-ACK" : "CLOSED");
        EXPECT_EQ(delivery.host.count(Counter::TcpInAckUnsent), early ? 1U : 0U);
        if (early) delivery.deliver_one_by_one({{kLastAck}});
        EXPECT_EQ(delivery.end().heard,
                  (std::vector<std::string>{"open", "data", "peer closed", "closed orderly"}));
        EXPECT_EQ(delivery.end().fins, (Trace{{"FA", 5'001, 1'007}}));
        delivery.expect_nothing_left();
    }
}

// --- The host closes first: TIME-WAIT, and the tuple again

const Wire kFinBehindTheHosts{.flags = "FA", .seq = 1'006, .ack = 5'007};  // "world" and its FIN

TEST(BurstCut, S_8_a_host_that_closes_first_ends_in_time_wait) {
    expect_however_cut({{kSyn},
                        {kAck},
                        {kText},
                        {.segment = {.flags = "A", .seq = 1'006, .ack = 5'007}, .answers = true},
                        {kFinBehindTheHosts}},
                       Server::AnswersAndCloses,
                       {{"open", "data", "closed orderly"}, "hello", "TIME-WAIT", {}});
}

Life twice(const Wire& second_syn, std::uint32_t isn) {
    const std::uint32_t seq = second_syn.seq + 1;
    const Wire ack{.flags = "A", .seq = seq, .ack = isn + 1};
    Wire text = ack, fin = ack;
    text.flags = "PA";
    text.text = "again";
    fin.flags = "FA";
    fin.seq = seq + 5;
    fin.ack = isn + 7;
    return {{kSyn},       {kAck}, {kText}, {.segment = kFinBehindTheHosts, .answers = true},
            {second_syn}, {ack},  {text},  {.segment = fin, .answers = true}};
}

TEST(BurstCut, C_7_C_9_C_21_a_syn_behind_the_last_ack_opens_the_tuple_again) {
    const Wire syn{.flags = "S", .seq = 9'000, .options = {.mss = 1'460}};
    Life until_then = twice(syn, 0);
    until_then.resize(5);
    const std::uint32_t isn = second_isn(until_then, Server::AnswersAndCloses);
    EXPECT_EQ(isn, 5'007U + 65'537);
    const Trace fins =
        expect_however_cut(twice(syn, isn), Server::AnswersAndCloses,
                           {{"open", "data", "closed orderly", "open", "data", "closed orderly"},
                            "helloagain",
                            "TIME-WAIT",
                            {}});
    EXPECT_EQ(fins, (Trace{{"FPA", 5'001, 1'006, "world"}, {"FPA", isn + 1, 9'006, "world"}}));
}

// A smaller number, and a later time stamp.
TEST(BurstCut, C_7_a_time_stamp_opens_the_tuple_again_too) {
    const auto stamped = [](Life life) {
        for (std::size_t i = 0; i < life.size(); ++i) {
            const std::uint32_t value = i < 4 ? 700'000 : 700'001;
            life[i].segment.options.timestamps = wire::Timestamps{value, 0};
        }
        return life;
    };
    const Wire syn{.flags = "S", .seq = 500, .options = {.mss = 1'460}};
    Life until_then = stamped(twice(syn, 0));
    until_then.resize(5);
    const std::uint32_t isn = second_isn(until_then, Server::AnswersAndCloses);
    expect_however_cut(stamped(twice(syn, isn)), Server::AnswersAndCloses,
                       {{"open", "data", "closed orderly", "open", "data", "closed orderly"},
                        "helloagain",
                        "TIME-WAIT",
                        {}});
}

// --- RST

TEST(BurstCut, G_21_of_a_syn_and_its_reset_nobody_hears) {
    expect_however_cut({{kSyn}, {Wire{.flags = "R", .seq = 1'001}}}, Server::Listens,
                       {{}, "", "CLOSED", {}});
}

TEST(BurstCut, a_reset_ends_what_the_frames_ahead_of_it_began) {
    const auto reset = [](std::uint32_t seq) { return Wire{.flags = "R", .seq = seq}; };
    expect_however_cut({{kSyn}, {kAck}, {reset(1'001)}}, Server::Listens,
                       {{"open", "closed reset"}, "", "CLOSED", {}});
    expect_however_cut({{kSyn}, {kAck}, {kText}, {reset(1'006)}}, Server::Listens,
                       {{"open", "data", "closed reset"}, "hello", "CLOSED", {}});
    expect_however_cut({{kSyn}, {kAck}, {kText}, {kFin}, {reset(1'007)}}, Server::Listens,
                       {{"open", "data", "peer closed", "closed reset"}, "hello", "CLOSED", {}});
}

TEST(BurstCut, a_reset_of_a_host_that_has_closed_first_ends_it) {
    const Wire reset{.flags = "RA", .seq = 1'006, .ack = 5'007};
    expect_however_cut({{kSyn}, {kAck}, {kText}, {.segment = reset, .answers = true}},
                       Server::AnswersAndCloses,
                       {{"open", "data", "closed reset"}, "hello", "CLOSED", {}});
}

TEST(BurstCut, a_whole_life_behind_a_reset_of_the_same_tuple_is_one_of_its_own) {
    const Wire syn{.flags = "S", .seq = 9'000, .options = {.mss = 1'460}};
    Life life{{kSyn}, {kAck}, {kText}, {Wire{.flags = "R", .seq = 1'006}}, {syn}};
    const std::uint32_t isn = second_isn(life, Server::ClosesBehindThePeer);
    life.push_back({Wire{.flags = "A", .seq = 9'001, .ack = isn + 1}});
    life.push_back({Wire{.flags = "PA", .seq = 9'001, .ack = isn + 1, .text = "again"}});
    life.push_back({Wire{.flags = "FA", .seq = 9'006, .ack = isn + 1}});
    life.push_back({.segment = {.flags = "A", .seq = 9'007, .ack = isn + 2}, .answers = true});
    expect_however_cut(
        life, Server::ClosesBehindThePeer,
        {{"open", "data", "closed reset", "open", "data", "peer closed", "closed orderly"},
         "helloagain",
         "CLOSED",
         {}});
}

}  // namespace
}  // namespace lastack::test

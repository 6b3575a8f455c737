// Listings: which records they show, and that one made beside the owner never shows a record that
// there was not.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "stack/fields.hpp"
#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

using stack::ConnectionRow;
using stack::ListCursor;
using stack::ListFilter;

constexpr std::uint16_t kService = 80;
constexpr std::uint16_t kOther = 443;

/// A peer of any address, for whom the host answers by way of its gateway, kPeerAddress.
struct FarPeer {
    wire::Ipv4Address address;
    std::uint16_t port;
    std::uint16_t host_port;

    std::vector<std::byte> frame(Wire segment) const {
        segment.source_port = port;
        segment.destination_port = host_port;
        return encode(segment, {.from = address});
    }
    /// Open, closed by the host first, and by the peer: TIME-WAIT.
    void live(Host& host) const {
        host.sent();
        host.receive(frame({.flags = "S", .seq = 1'000}));
        const auto answers = host.sent();
        ASSERT_EQ(answers.size(), 1U);
        const std::uint32_t first = answers[0].seq + 1;
        host.receive(frame({.flags = "A", .seq = 1'001, .ack = first}));
        host.receive(frame({.flags = "FA", .seq = 1'001, .ack = first + 1}));
    }
};

stack::Config with_gateway(std::uint32_t time_waits) {
    stack::Config config = small_config();
    config.routes.push_back({.destination = {{}, 0}, .gateway = kPeerAddress});
    config.limits.max_time_wait = time_waits;
    config.limits.trace_events = 0;
    config.tcp.msl = 1s;
    return config;
}

class Listing : public testing::Test {
  protected:
    Host host{with_gateway(64)};

    void SetUp() override {
        for (const std::uint16_t port : {kService, kOther}) {
            ASSERT_TRUE(host.stack().listen({Address{}, port}, host.app(), {}));
        }
        Peer(host, 40'000, kService).open(1'000);         // ESTABLISHED
        Peer(host, 40'001, kOther).send({.flags = "S"});  // SYN-RECEIVED
        host.sent();
        host.app().at_open = [](Connection connection) { connection.close(); };
        FarPeer{{0x0a01'0203}, 50'000, kService}.live(host);  // TIME-WAIT
        FarPeer{{0x0a01'0303}, 50'001, kOther}.live(host);
        host.sent();
    }

    std::vector<std::string> states(const ListFilter& filter) const {
        std::vector<std::string> names;
        for (const ConnectionRow& row : host.rows(filter)) {
            names.emplace_back(tcp::name(row.state));
        }
        return names;
    }
    using Names = std::vector<std::string>;
};

TEST_F(Listing, ShowsAllInTheOrderOfALife) {
    EXPECT_EQ(states({}),
              (Names{"LISTEN", "LISTEN", "SYN-RECEIVED", "ESTABLISHED", "TIME-WAIT", "TIME-WAIT"}));
}

TEST_F(Listing, ShowsWhatIsInTheStatesWanted) {
    const auto listen = ListFilter::bit_of(tcp::State::Listen);
    const auto waiting = ListFilter::bit_of(tcp::State::TimeWait);
    EXPECT_EQ(states({.states = listen}), (Names{"LISTEN", "LISTEN"}));
    EXPECT_EQ(states({.states = waiting}), (Names{"TIME-WAIT", "TIME-WAIT"}));
    EXPECT_EQ(states({.states = static_cast<std::uint16_t>(listen | waiting)}).size(), 4U);
    EXPECT_EQ(states({.states = 0}), Names{});
}

TEST_F(Listing, ShowsWhatIsOfTheNetworksAndPortsWanted) {
    const AddressOptions ten{Address::ipv4(0x0a01'0200), 24};
    const AddressOptions ours{Address::ipv4(kHostAddress.value), 32};
    EXPECT_EQ(states({.remote = ten}), Names{"TIME-WAIT"});
    EXPECT_EQ(states({.remote = AddressOptions{Address::ipv4(0x0a01'0000), 16}}).size(), 2U);
    EXPECT_EQ(states({.local = ours}).size(), 4U) << "a listener's address here is any";
    EXPECT_EQ(states({.local_port = kOther}), (Names{"LISTEN", "SYN-RECEIVED", "TIME-WAIT"}));
    EXPECT_EQ(states({.remote_port = 40'000}), Names{"ESTABLISHED"});
    EXPECT_EQ(states({.remote = ten, .local_port = kOther}), Names{});
    const AddressOptions other_family{*Address::parse("2001:db8::1"), 32};
    EXPECT_EQ(states({.remote = other_family}), Names{});
}

TEST_F(Listing, ShowsHowLongATimeWaitStillLasts) {
    host.advance(500ms);
    for (const ConnectionRow& row :
         host.rows({.states = ListFilter::bit_of(tcp::State::TimeWait)})) {
        EXPECT_EQ(row.timer, stack::TimerName::TimeWait);
        EXPECT_EQ(row.timer_remaining_ms, 1'500U);
        EXPECT_TRUE(row.orphan);
        EXPECT_EQ(row.local.address, Address::ipv4(kHostAddress.value));
    }
}

TEST_F(Listing, ACursorFromNowhereEnds) {
    std::array<ConnectionRow, 8> page;
    for (const unsigned pool : {3U, 4U, 200U}) {
        ListCursor cursor{.pool = static_cast<std::uint8_t>(pool), .index = 4'000'000'000};
        EXPECT_EQ(host.stack().list(cursor, page), 0U);
        EXPECT_TRUE(cursor.done);
    }
}

// What makes a reader look again (base/published.hpp has a test of that).
TEST_F(Listing, ARecordHasAnotherVersionWhenItIsGivenToAnotherConnection) {
    const base::StripedVersions& versions = stack::StackFields::versions(host.stack());
    const std::uint32_t before = versions.read(0);
    host.advance(3s);  // both have ended
    ASSERT_EQ(host.in_state(tcp::State::TimeWait), 0U);
    EXPECT_TRUE(versions.stands(0, before)) << "that one is free is in its state";
    FarPeer{{0x0a01'0404}, 50'002, kOther}.live(host);
    ASSERT_EQ(host.in_state(tcp::State::TimeWait), 1U);
    EXPECT_FALSE(versions.stands(0, before));
    EXPECT_TRUE(versions.stands(0, versions.read(0)));
}

TEST_F(Listing, AnOrphansFinWait2HasAnotherVersionWhenItBecomesTimeWait) {
    const FarPeer far{{0x0a01'0505}, 50'003, kService};
    host.sent();
    host.receive(far.frame({.flags = "S", .seq = 1'000}));
    const std::uint32_t first = host.sent().at(0).seq + 1;
    host.receive(far.frame({.flags = "A", .seq = 1'001, .ack = first}));
    host.receive(far.frame({.flags = "A", .seq = 1'001, .ack = first + 1}));
    ASSERT_EQ(host.in_state(tcp::State::FinWait2), 1U);
    const base::StripedVersions& versions = stack::StackFields::versions(host.stack());
    const std::uint32_t before = versions.read(2);
    host.receive(far.frame({.flags = "FA", .seq = 1'001, .ack = first + 1}));
    ASSERT_EQ(host.in_state(tcp::State::TimeWait), 3U);
    EXPECT_FALSE(versions.stands(2, before));
    EXPECT_TRUE(versions.stands(2, versions.read(2)));
}

TEST_F(Listing, ARecordThatIsJustBeingChangedEndsThePageAndIsNotMissed) {
    base::StripedVersions& versions = stack::StackFields::versions(host.stack());
    std::array<ConnectionRow, 8> page;
    ListCursor cursor{.pool = 3};
    versions.begin_change(0);
    EXPECT_EQ(host.stack().list_compact(cursor, page, {}, host.now()), 0U);
    EXPECT_FALSE(cursor.done);
    versions.end_change(0);
    EXPECT_EQ(host.stack().list_compact(cursor, page, {}, host.now()), 2U);
    EXPECT_TRUE(cursor.done);
}

// What readers must never see mixed: the words of one life say each other. Ports and address of a
// far peer are functions of one number.
FarPeer peer_of(std::uint32_t number) {
    const std::uint32_t mixed = number * 0x9e37'79b1U;
    return {.address = {0x0b00'0000U | (mixed >> 8)},
            .port = static_cast<std::uint16_t>(1'024 + mixed % 50'021),
            .host_port = (mixed >> 16) % 2 == 0 ? kService : kOther};
}
bool is_of_one_life(const ConnectionRow& row, const std::vector<FarPeer>& peers) {
    const auto found = std::ranges::lower_bound(peers, row.remote.address.ipv4_value(), {},
                                                [](const FarPeer& p) { return p.address.value; });
    return found != peers.end() && found->address.value == row.remote.address.ipv4_value() &&
           found->port == row.remote.port && found->host_port == row.local.port &&
           row.local.address == Address::ipv4(kHostAddress.value);
}

struct Seen {
    std::uint64_t rows = 0;
    std::uint64_t torn = 0;
    std::uint64_t strange = 0;  // in a state that no compact record had here
};

Seen list_until(const std::atomic<bool>& done, const Host& host,
                const std::vector<FarPeer>& peers) {
    Seen seen;
    std::array<ConnectionRow, 64> page;
    while (!done.load(std::memory_order_relaxed)) {
        ListCursor cursor{.pool = 3};
        while (!cursor.done) {
            const std::size_t count =
                host.stack().list_compact(cursor, page, {}, time::Instant{1s});
            for (const ConnectionRow& row : std::span(page).first(count)) {
                ++seen.rows;
                seen.torn += is_of_one_life(row, peers) ? 0U : 1U;
                seen.strange += row.state == tcp::State::TimeWait ? 0U : 1U;
            }
        }
    }
    return seen;
}

// Records that are used again and again, beside readers without pause. Run it under
// ThreadSanitizer as well.
TEST(ListingBesideItsOwner, NoReaderIsShownARecordThatThereWasNot) {
    constexpr std::uint32_t kLives = 20'000;
    std::vector<FarPeer> peers;
    for (std::uint32_t i = 0; i < kLives; ++i) peers.push_back(peer_of(i));
    std::vector<FarPeer> sorted = peers;
    std::ranges::sort(sorted, {}, [](const FarPeer& p) { return p.address.value; });

    Host host{with_gateway(256)};
    for (const std::uint16_t port : {kService, kOther}) {
        ASSERT_TRUE(host.stack().listen({Address{}, port}, host.app(), {}));
    }
    host.app().at_open = [](Connection connection) { connection.close(); };
    std::atomic<bool> done{false};
    std::array<Seen, 2> seen;
    std::vector<std::thread> readers;
    for (Seen& of_one : seen) {
        readers.emplace_back([&] { of_one = list_until(done, host, sorted); });
    }
    for (std::uint32_t i = 0; i < kLives; ++i) {
        peers[i].live(host);
        if (i % 64 == 63) {
            host.advance(600ms);  // 2MSL is 2 s: about 200 stand, each slot is used 100 times
            host.app().events.clear();
        }
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(host.count(base::Counter::TimeWaitEntered), kLives);
    EXPECT_EQ(host.count(base::Counter::TimeWaitEvicted), 0U);
    for (const Seen& of_one : seen) {
        EXPECT_GT(of_one.rows, 1'000U);
        EXPECT_EQ(of_one.torn, 0U);
        EXPECT_EQ(of_one.strange, 0U);
    }
}

}  // namespace
}  // namespace lastack::test

#include "tests/sim/duo.hpp"

#include <algorithm>

#include "tests/support/raw_frame.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace lastack::test {

namespace {

stack::Config moved_to(stack::Config config, wire::Ipv4Address address,
                       const wire::MacAddress& mac) {
    config.interfaces[0].mac = mac;
    config.interfaces[0].addresses = {{address, 24}};
    return config;
}

constexpr Route kToB{
    .from_mac = kHostMac, .to_mac = kPeerMac, .from = kHostAddress, .to = kPeerAddress};

}  // namespace

stack::Config plain() {
    stack::Config config = small_config();
    config.tcp.timestamps = false;
    return config;
}

bool has(const Wire& segment, char flag) {
    return segment.flags.find(flag) != std::string::npos;
}

std::size_t told(Host& host, std::string_view event) {
    return static_cast<std::size_t>(std::ranges::count(host.app().events, event));
}

Duo::Duo(const stack::Config& config_a, const stack::Config& config_b, Conditions conditions)
    : a(moved_to(config_a, kHostAddress, kHostMac)),
      b(moved_to(config_b, kPeerAddress, kPeerMac)),
      link(a, b, 1, conditions) {
    link.watch = [this](Link::Side from, const Wire& segment) {
        log.push_back({from, link.now(), segment});
    };
}

void Duo::listen() {
    ASSERT_TRUE(b.stack().listen({Address{}, kPortB}, b.app(), {}));
}

void Duo::connect() {
    const auto result = a.stack().connect({Address::ipv4(kPeerAddress.value), kPortB}, a.app(),
                                          {.local = {Address{}, kPortA}});
    ASSERT_TRUE(result) << describe(result.error);
    at_a = result.connection;
    link.run(5ms);
    at_b = b.app().last;
}

void Duo::open() {
    listen();
    connect();
    ASSERT_EQ(state_a(), "ESTABLISHED");
    ASSERT_EQ(state_b(), "ESTABLISHED");
    log.clear();
}

void Duo::say(Connection connection, std::size_t count, char byte) {
    ASSERT_EQ(connection.send(as_bytes(std::string(count, byte))), count);
    link.turn();
}

void Duo::b_follows() {
    b.app().at_peer_closed = [](Connection connection) { connection.close(); };
}

std::vector<Logged> Duo::sent(Link::Side from, char flag) const {
    std::vector<Logged> found;
    for (const Logged& one : log) {
        if (one.from == from && has(one.segment, flag)) found.push_back(one);
    }
    return found;
}

std::uint32_t Duo::end_of(Link::Side from) const {
    std::uint32_t end = 0;
    for (const Logged& one : log) {
        if (one.from == from) end = one.segment.seq + one.segment.len();
    }
    return end;
}

void Duo::lose(Link::Side from, char flag, unsigned count, unsigned nth) {
    link.drop([=](Link::Side side, const Wire& wire) { return side == from && has(wire, flag); },
              nth, count);
}

void Duo::spoof(Link::Side as, Wire segment) {
    const bool from_a = as == kFromA;
    segment.source_port = from_a ? kPortA : kPortB;
    segment.destination_port = from_a ? kPortB : kPortA;
    (from_a ? b : a).receive(encode(segment, from_a ? kToB : Route{}));
    link.turn();
}

void Duo::icmp(Link::Side to, std::uint8_t type, std::uint8_t code, std::uint32_t word,
               std::uint32_t seq) {
    const bool to_a = to == kFromA;
    Wire about{.flags = "A", .seq = seq};
    about.source_port = to_a ? kPortA : kPortB;
    about.destination_port = to_a ? kPortB : kPortA;
    const auto quoted = encode(about, to_a ? kToB : Route{});
    constexpr std::size_t kQuoted = wire::kIpv4HeaderBytes + 8;
    const Route route = to_a ? Route{} : kToB;
    const auto frame = raw::ethernet(
        {.destination = route.to_mac.octets, .source = route.from_mac.octets},
        raw::ipv4({.source = 0xc612'00fe, .destination = route.to.value, .protocol = 1},
                  raw::icmp({.type = type, .code = code, .rest = word},
                            std::span(quoted).subspan(wire::kEthernetBytes, kQuoted))));
    host(to).receive(frame);
    link.turn();
}

void Duo::expect_rest() {
    link.run(130s);
    for (Host* host : {&a, &b}) {
        EXPECT_TRUE(host->stack().quiescent());
        EXPECT_EQ(host->in_state(tcp::State::TimeWait), 0U);
        EXPECT_EQ(host->shell().live(), 0U);
        EXPECT_EQ(host->count(base::Counter::StaleTimer), 0U);
    }
}

}  // namespace lastack::test

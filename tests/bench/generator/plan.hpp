// What the generator plays: the lives of a run, all of them the same but for their tuples.
//
// A life has a number, and everything else follows from that: its address, its port, its initial
// sequence number. So nothing has to be remembered of a life to play it; a frame that comes back
// names its life by the tuple it carries.
//
//     life   0 .. ports-1          ports .. 2*ports-1        ...      sources*ports
//     from   first_source          first_source + 1                   the first tuple again
#pragma once

#include <cstdint>
#include <optional>

namespace lastack::bench {

/// Who sends the first FIN, and so whose is TIME-WAIT.
enum class Closer : std::uint8_t { Lastack, Generator };

/// Which end of the connections the generator plays.
enum class Role : std::uint8_t { Client, Server };

struct Plan {
    Role role = Role::Client;
    std::uint64_t lives = 2'000'000;
    Closer first_closer = Closer::Lastack;
    std::uint32_t request_bytes = 64;
    std::uint32_t response_bytes = 64;
    bool timestamps = true;
    /// ACKs that could ride on the request or on the FIN go alone, as a kernel's often do.
    bool lone_acks = false;

    // The tuples. Role::Client: the clients' addresses and ports. Role::Server: the servers'
    // addresses; ports are lastack's choice.
    std::uint32_t sources = 0;
    std::uint16_t ports = 60'000;

    static constexpr std::uint32_t kLastack = 0xc612'0001;      // 198.18.0.1
    static constexpr std::uint32_t kGateway = 0xc612'0002;      // 198.18.0.2, this generator
    static constexpr std::uint32_t kFirstSource = 0xc613'0000;  // 198.19.0.0, behind the gateway
    static constexpr std::uint32_t kMostSources = 1U << 16;
    static constexpr std::uint16_t kServicePort = 80;
    static constexpr std::uint16_t kFirstPort = 1'024;

    std::uint64_t tuples() const { return std::uint64_t{sources} * ports; }
};

/// A keyed function of what tells one life from another. Not for secrecy: for numbers that no
/// other life's frame has by chance.
constexpr std::uint64_t mix(std::uint64_t value) {
    value += 0x9e37'79b9'7f4a'7c15U;
    value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9U;
    value = (value ^ value >> 27) * 0x94d0'49bb'1331'11ebU;
    return value ^ value >> 31;
}

struct Tuple {
    std::uint32_t address = 0;
    std::uint16_t port = 0;
};

/// Lives to tuples and back.
class Tuples {
  public:
    explicit Tuples(const Plan& plan) : ports_(plan.ports), tuples_(plan.tuples()) {}

    Tuple of(std::uint64_t life) const {
        const std::uint64_t number = life < tuples_ ? life : life % tuples_;
        return {.address = Plan::kFirstSource + static_cast<std::uint32_t>(number / ports_),
                .port = static_cast<std::uint16_t>(Plan::kFirstPort + number % ports_)};
    }

    /// The latest life before `next` that has this tuple; nullopt where there is none.
    std::optional<std::uint64_t> latest_before(std::uint64_t next, Tuple tuple) const {
        const std::uint32_t source = tuple.address - Plan::kFirstSource;
        const std::uint32_t port = std::uint32_t{tuple.port} - Plan::kFirstPort;
        const std::uint64_t number = std::uint64_t{source} * ports_ + port;
        if (port >= ports_ || number >= tuples_ || next == 0) return std::nullopt;
        const std::uint64_t life = (next - 1) / tuples_ * tuples_ + number;
        if (life < next) return life;
        if (life < tuples_) return std::nullopt;
        return life - tuples_;
    }

  private:
    std::uint32_t ports_;
    std::uint64_t tuples_;
};

}  // namespace lastack::bench

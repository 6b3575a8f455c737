// The servers of all lives, when lastack is the client.
//
// Not even a ledger is kept here. A server's initial sequence number is a keyed function of the
// tuple and of the client's (as a SYN cookie is), so every later segment proves by its own numbers
// which life it belongs to and how far that has come:
//
//     client's ISN  c = seq - i     i = 1 before its request, 1 + request after, 2 + request with
//     FIN ours          s = f(tuple, c) acknowledged      ack - s     1 .. 2 + response
//
// Which lives have been completed is lastack's application to count.
#pragma once

#include <optional>
#include <vector>

#include "tests/bench/generator/client.hpp"
#include "tests/bench/generator/player.hpp"

namespace lastack::bench {

class Servers final : public Player {
  public:
    Servers(const Plan& plan, const Stations& stations, Tally& tally);

    Fault answer(const Seen& seen, const Now& now, Outbox& out) override;
    void begin(const Now&, Outbox&) override {}
    bool finished() const override { return tally_.completed >= plan_.lives; }

  private:
    /// How far a life has come, by a segment's numbers.
    struct Progress {
        std::uint32_t sent = 0;   // of lastack's sequence space before this segment: 1 is its SYN
        std::uint32_t acked = 0;  // of ours: 1 is our SYN
    };
    std::optional<Progress> progress_of(const Seen& seen) const;
    std::uint32_t isn_of(const Seen& seen, std::uint32_t theirs) const;
    Fault check(const Seen& seen, const Progress& progress, const Now& now) const;
    void reply(const Seen& seen, const Progress& progress, const Now& now, Outbox& out);

    Plan plan_;
    Tally& tally_;
    std::vector<std::byte> request_;
    Template syn_ack_;
    Template ack_;
    Template response_;
    Template fin_;
    Template response_fin_;
};

}  // namespace lastack::bench

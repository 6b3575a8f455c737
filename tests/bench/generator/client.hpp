// The clients of all lives: they open, ask, check what they are told, and close.
//
//     lastack closes first              the generator closes first
//     SYN            ->                 SYN            ->
//                    <- SYN,ACK                        <- SYN,ACK
//     ACK, request   ->                 ACK, request   ->
//                    <- response, FIN                  <- response
//     ACK, FIN       ->                 ACK, FIN       ->
//                    <- ACK                            <- ACK, FIN
//                                       ACK            ->
//
// What is sent is a function of the frame it answers and of nothing else, so a repeated frame is
// answered again. Nothing is repeated unasked: a client's frame that is lost is made good by
// lastack's retransmission of what it answered; but a lost SYN is a lost life.
#pragma once

#include <vector>

#include "tests/bench/generator/ledger.hpp"
#include "tests/bench/generator/pace.hpp"
#include "tests/bench/generator/player.hpp"

namespace lastack::bench {

class Clients final : public Player {
  public:
    Clients(const Plan& plan, const Pace& pace, const Stations& stations, Tally& tally);

    Fault answer(const Seen& seen, const Now& now, Outbox& out) override;
    void begin(const Now& now, Outbox& out) override;
    bool finished() const override {
        return ledger_.next() == plan_.lives && ledger_.in_flight() == 0;
    }

  private:
    std::uint32_t isn_of(std::uint64_t life) const { return static_cast<std::uint32_t>(mix(life)); }
    Fault check(Entry& entry, const Seen& seen, const Now& now);
    Fault check_syn_ack(Entry& entry, const Seen& seen) const;
    Fault check_ack(Entry& entry, const Seen& seen) const;
    Fault check_text(Entry& entry, const Seen& seen);
    bool ends_response(const Seen& seen) const;
    void reply(const Seen& seen, std::uint32_t isn, const Now& now, Outbox& out);
    void send(const Template& kind, const Words& to, std::uint32_t seq, std::uint32_t ack,
              Outbox& out);

    Plan plan_;
    Tuples tuples_;
    Pace pace_;
    Ledger ledger_;
    Tally& tally_;
    std::vector<std::byte> response_;
    Template syn_;
    Template ack_;
    Template request_;
    Template fin_;
};

}  // namespace lastack::bench

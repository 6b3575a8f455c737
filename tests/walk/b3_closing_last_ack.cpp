// B.3: CLOSING and LAST-ACK. Our FIN stands at max-1, unacknowledged; next is behind the peer's.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

const char* const kClosing = R"(
CLG.E01 | CLG | S next+10 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
CLG.E01 elsewhere | CLG | S next-100000 0 | A max next | = | - | TCPChallengeACK | =
CLG.E02 | CLG | SA irs iss+1 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
CLG.E03 | CLG; wait 50ms | A next una | - | = | - | - | =
CLG.E03 third_duplicate | CLG; A next una; A next una | A next una | FA una next | = | -
    | TCPFastRetrans FinRetrans | =
CLG.E04 | EST; say 20; shut; FA next una; wait 50ms | A next una+10 | - | = | - | - | rexmt 200
CLG.E04 sends_the_rest | EST; A next una w=2000; say 3000; shut; FA next una w=2000; wait 50ms
    | A next una+1460 w=2000 | A una+1460 next 1460, FPA una+2920 next 80 | = | - | - | rexmt 206
CLG.E04 all_but_fin | EST; say 20; shut; FA next una; wait 50ms | A next max-1 | - | = | - | -
    | rexmt 206
CLG.E05 | CLG | A next max | - | TIME-WAIT | closed orderly | TimeWaitEntered | 2msl 60000
CLG.E05 orphan | CLG-ORPHAN | A next max | - | TIME-WAIT | closed orderly | TimeWaitEntered
    | 2msl 60000
CLG.E05 text_out | EST; say 20; shut; FA next una | A next max | - | TIME-WAIT | closed orderly
    | TimeWaitEntered | 2msl 60000
CLG.E06 | CLG | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
CLG.E07 | CLG | A next una-65536 | A max next | = | - | TcpInAckTooOld TCPChallengeACK | =
CLG.E08 | CLG | PA next una 4 | - | = | - | DataAfterFin | =
CLG.E08 orphan | CLG-ORPHAN | PA next una 4 | - | = | - | DataAfterFin | =
CLG.E09 | CLG | A next+5 una 4 | - | = | - | DataAfterFin | =
CLG.E10 old | CLG | A next-5 una 4 | A max next | = | - | TcpInOutOfWindow | =
CLG.E10 right | CLG | A edge una | A max next | = | - | TcpInOutOfWindow | =
CLG.E11 | CLG | FA next una | - | = | - | - | =
CLG.E12 | CLG | FA next+5 una | - | = | - | - | =
CLG.E13 | CLG | FPA next una 4 | - | = | - | - | =
CLG.E14 | CLG; wait 50ms | FA next-1 una | A max next | = | - | TcpInOutOfWindow | =
CLG.E14 ack_not_used | CLG; wait 50ms | FA next-1 max | A max next | = | - | TcpInOutOfWindow | =
CLG.E14 highest_snd_nxt | EST; say 1460; shut; FA next una; wait 250ms | FA next-1 una | A max next
    | = | - | TcpInOutOfWindow | =
CLG.E15 | CLG | R next 0 | - | CLOSED | closed reset | - | off
CLG.E15 orphan | CLG-ORPHAN | R next 0 | - | CLOSED | closed reset | - | off
CLG.E16 | CLG | R next+10 0 | A max next | = | - | TCPChallengeACK | =
CLG.E17 left | CLG | R next-2 0 | - | = | - | TcpInRstIgnored | =
CLG.E17 right | CLG | R edge 0 | - | = | - | TcpInRstIgnored | =
CLG.E17 fin_number | CLG | R next-1 0 | - | CLOSED | closed reset | - | off
CLG.E18 | CLG | P next 0 4 | - | = | - | TcpInNoFlags | =

CLG.A01 | CLG; wait 50ms | close | - | CLOSING orphan | - | - | =
CLG.A02 | CLG; wait 50ms | shut | - | = | - | - | =
CLG.A03 | CLG | abort | - | CLOSED | closed aborted | TCPAbortByApplication | off
CLG.A03 linger_0 | CLG; set linger 0 | close | - | CLOSED | closed aborted | TCPAbortOnLinger | off
CLG.A04 | CLG | send 4 | - | = | send=0 | - | =
CLG.A05 | EST; hold; shut; FPA next una 4 | read | - | = | data 4, peer closed | - | =
CLG.A05 drained | CLG | read | - | = | - | - | =
CLG.A06 | EST; hold; shut; FPA next una 4 | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnClose | off

CLG.T01 | CLG | timer 200ms | FA una next | = | - | TCPTimeouts FinRetrans | rexmt 400
CLG.T01 orphan_retries | CLG-ORPHAN | outlast 102200ms | - | CLOSED | closed timed_out
    | OrphanKilled | off
CLG.T02 | EST; A next una w=0; shut; FA next una w=0 | timer 200ms | A una-1 next | = | -
    | TCPWinProbe | persist 400
CLG.T02 opens | EST; A next una w=0; shut; FA next una w=0 | A next una w=1 | FA una next | = | -
    | -
    | rexmt 200
CLG.T02 orphan_bounded | EST; A next una w=0; close; FA next una w=0 | outlast 102200ms | - | CLOSED
    | closed timed_out | OrphanKilled | off
CLG.T03 | EST; set keep_alive_idle 100; set keep_alive 1; shut; FA next una | never T03 60s | * | =
    | - | - | *
CLG.T03 set_late | CLG; set keep_alive_idle 100; set keep_alive 1 | never T03 60s | * | = | - | -
    | *
CLG.T04 | CLG | never T04 61s | * | = | - | - | *
CLG.T05 | CLG | never T05 61s | * | = | - | - | *
CLG.T05 orphan | CLG-ORPHAN | never T05 61s | * | = | - | - | *
CLG.T05 guard | config closing_timeout 10m; CLG | outlast 10m | - | CLOSED | closed timed_out
    | ClosingTimeout | off
CLG.T06 user_timeout | EST; set user_timeout 5000; shut; FA next una | outlast 5s | - | CLOSED
    | closed timed_out | TCPAbortOnTimeout | off
CLG.T06 r2 | CLG | outlast 924600ms | - | CLOSED | closed timed_out | TCPAbortOnTimeout | off
CLG.I01 | CLG | icmp 1 una | - | = | - | IcmpSoft | =
CLG.I01 explains | CLG; icmp 1 una | outlast 924600ms | - | CLOSED | closed unreachable
    | TCPAbortOnTimeout | off
CLG.I01 outside | CLG | icmp 1 max | - | = | - | OutOfWindowIcmps | =
CLG.I02 | EST; say 1460; shut; FA next una; wait 50ms | icmp 4 una 1000
    | A una next 960, FPA una+960 next 500 | = | - | PmtuReduced FinRetrans | =
)";

const char* const kLastAck = R"(
LA.E01 | LA | S next+10 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
LA.E01 elsewhere | LA | S next-100000 0 | A max next | = | - | TCPChallengeACK | =
LA.E02 | LA | SA irs iss+1 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
LA.E03 | LA; wait 50ms | A next una | - | = | - | - | =
LA.E03 third_duplicate | LA; A next una; A next una | A next una | FA una next | = | -
    | TCPFastRetrans FinRetrans | =
LA.E04 | CW; say 20; shut; wait 50ms | A next una+10 | - | = | - | - | rexmt 200
LA.E04 all_but_fin | CW; say 20; close; wait 50ms | A next max-1 | - | = | - | - | rexmt 206
LA.E04 sends_the_rest | CW; A next una w=2000; say 3000; shut; wait 50ms | A next una+1460 w=2000
    | A una+1460 next 1460, FPA una+2920 next 80 | = | - | - | rexmt 206
LA.E05 | LA | A next max | - | CLOSED | closed orderly | - | off
LA.E05 orphan | LA-ORPHAN | A next max | - | CLOSED | closed orderly | - | off
LA.E05 text_out | CW; say 20; shut | A next max | - | CLOSED | closed orderly | - | off
LA.E06 | LA | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
LA.E07 | LA | A next una-65536 | A max next | = | - | TcpInAckTooOld TCPChallengeACK | =
LA.E08 | LA | PA next una 4 | - | = | - | DataAfterFin | =
LA.E08 orphan | LA-ORPHAN | PA next una 4 | - | = | - | DataAfterFin | =
LA.E09 | LA | A next+5 una 4 | - | = | - | DataAfterFin | =
LA.E10 old | LA | A next-5 una 4 | A max next | = | - | TcpInOutOfWindow | =
LA.E10 right | LA | A edge una | A max next | = | - | TcpInOutOfWindow | =
LA.E11 | LA | FA next una | - | = | - | - | =
LA.E12 | LA | FA next+5 una | - | = | - | - | =
LA.E13 | LA | FPA next una 4 | - | = | - | - | =
LA.E14 | LA; wait 50ms | FA next-1 una | A max next | = | - | TcpInOutOfWindow | =
LA.E14 ack_not_used | LA; wait 50ms | FA next-1 max | A max next | = | - | TcpInOutOfWindow | =
LA.E15 | LA | R next 0 | - | CLOSED | closed reset | - | off
LA.E15 orphan | LA-ORPHAN | R next 0 | - | CLOSED | closed reset | - | off
LA.E16 | LA | R next+10 0 | A max next | = | - | TCPChallengeACK | =
LA.E17 left | LA | R next-2 0 | - | = | - | TcpInRstIgnored | =
LA.E17 right | LA | R edge 0 | - | = | - | TcpInRstIgnored | =
LA.E17 fin_number | LA | R next-1 0 | - | CLOSED | closed reset | - | off
LA.E18 | LA | P next 0 4 | - | = | - | TcpInNoFlags | =

LA.A01 | LA; wait 50ms | close | - | LAST-ACK orphan | - | - | =
LA.A02 | LA; wait 50ms | shut | - | = | - | - | =
LA.A03 | LA | abort | - | CLOSED | closed aborted | TCPAbortByApplication | off
LA.A03 linger_0 | LA; set linger 0 | close | - | CLOSED | closed aborted | TCPAbortOnLinger | off
LA.A04 | LA | send 4 | - | = | send=0 | - | =
LA.A05 | EST; hold; FPA next una 4; shut | read | - | = | data 4, peer closed | - | =
LA.A05 drained | LA | read | - | = | - | - | =
LA.A06 | EST; hold; FPA next una 4; shut | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnClose | off

LA.T01 | LA | timer 200ms | FA una next | = | - | TCPTimeouts FinRetrans | rexmt 400
LA.T01 merged | CW; say 10; shut | timer 200ms | FPA una next 10 | = | - | TCPTimeouts FinRetrans
    | rexmt 400
LA.T01 orphan_retries | LA-ORPHAN | outlast 102200ms | - | CLOSED | closed timed_out | OrphanKilled
    | off
LA.T02 | CW; A next una w=0; shut | timer 200ms | A una-1 next | = | - | TCPWinProbe | persist 400
LA.T02 opens | CW; A next una w=0; shut | A next una w=1 | FA una next | = | - | - | rexmt 200
LA.T02 orphan_bounded | CW; A next una w=0; close | outlast 102200ms | - | CLOSED | closed timed_out
    | OrphanKilled | off
LA.T03 | CW; set keep_alive_idle 100; set keep_alive 1; shut | never T03 60s | * | = | - | - | *
LA.T03 set_late | LA; set keep_alive_idle 100; set keep_alive 1 | never T03 60s | * | = | - | - | *
LA.T04 | LA | never T04 61s | * | = | - | - | *
LA.T05 | LA | never T05 61s | * | = | - | - | *
LA.T05 orphan | LA-ORPHAN | never T05 61s | * | = | - | - | *
LA.T05 guard | config last_ack_timeout 10m; LA | outlast 10m | - | CLOSED | closed timed_out
    | LastAckTimeout | off
LA.T06 user_timeout | CW; set user_timeout 5000; shut | outlast 5s | - | CLOSED | closed timed_out
    | TCPAbortOnTimeout | off
LA.T06 r2 | LA | outlast 924600ms | - | CLOSED | closed timed_out | TCPAbortOnTimeout | off
LA.I01 | LA | icmp 1 una | - | = | - | IcmpSoft | =
LA.I01 orphan | LA-ORPHAN | icmp 1 una | - | = | - | IcmpSoft | =
LA.I01 explains | LA; icmp 1 una | outlast 924600ms | - | CLOSED | closed unreachable
    | TCPAbortOnTimeout | off
LA.I01 outside | LA | icmp 1 max | - | = | - | OutOfWindowIcmps | =
LA.I02 | CW; say 1460; shut; wait 50ms | icmp 4 una 1000 | A una next 960, FPA una+960 next 500 | =
    | - | PmtuReduced FinRetrans | =
)";

}  // namespace lastack::test::walk

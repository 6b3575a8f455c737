// B.2: FIN-WAIT-1. Our FIN stands at max-1, unacknowledged.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

const char* const kFinWait1 = R"(
FW1.E01 | FW1 | S next+10 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
FW1.E01 elsewhere | FW1 | S next-100000 0 | A max next | = | - | TCPChallengeACK | =
FW1.E01 orphan | FW1-ORPHAN | S next+10 0 | A max next | = | - | TCPChallengeACK | =
FW1.E02 | FW1 | SA irs iss+1 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
FW1.E03 | FW1; wait 50ms | A next una | - | = | - | - | =
FW1.E03 orphan | FW1-ORPHAN; wait 50ms | A next una | - | = | - | - | =
FW1.E03 third_duplicate | FW1; A next una; A next una | A next una | FA una next | = | -
    | TCPFastRetrans FinRetrans | =
FW1.E04 | EST; say 20; shut; wait 50ms | A next una+10 | - | = | - | - | rexmt 200
FW1.E04 all_but_fin | EST; say 20; shut; wait 50ms | A next max-1 | - | = | - | - | rexmt 206
FW1.E04 sends_the_rest | EST; A next una w=2000; say 3000; shut; wait 50ms
    | A next una+1460 w=2000 | A una+1460 next 1460, FPA una+2920 next 80 | = | - | - | rexmt 206
FW1.E05 | FW1 | A next max | - | FIN-WAIT-2 | - | - | off
FW1.E05 text_and_fin | EST; say 20; shut | A next max | - | FIN-WAIT-2 | - | - | off
FW1.E05 then_text | FW1 | PA next max 4 | - | FIN-WAIT-2 | data 4 | - | delack
FW1.E05 then_fin | FW1 | FA next max | A max next+1 | TIME-WAIT | peer closed, closed orderly
    | TimeWaitEntered FinInOrder | 2msl 60000
FW1.E05 orphan | FW1-ORPHAN | A next max | - | FIN-WAIT-2 orphan | closed orderly | -
    | fin-wait-2 60000
FW1.E05 linger_waiter | EST; set linger 5000; close | A next max | - | FIN-WAIT-2 orphan
    | closed orderly | - | fin-wait-2 60000
FW1.E05 linger_expired | EST; set linger 5000; close; wait 5s | A next max | - | FIN-WAIT-2 orphan
    | - | - | fin-wait-2 60000
FW1.E05 orphan_then_text | FW1-ORPHAN | PA next max 4 | RA max next | CLOSED | closed aborted
    | TCPAbortOnData | off
FW1.E05 orphan_then_fin | FW1-ORPHAN | FA next max | A max next+1 | TIME-WAIT | closed orderly
    | TimeWaitEntered FinInOrder | 2msl 60000
FW1.E06 | FW1 | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
FW1.E07 | FW1 | A next una-65536 | A max next | = | - | TcpInAckTooOld TCPChallengeACK | =
FW1.E08 | FW1; wait 50ms | PA next una 4 | - | = | data 4 | - | delack
FW1.E08 acked | FW1; wait 50ms; PA next una 4 | timer 40ms | A max next | = | - | DelayedACKs
    | rexmt 110
# M-26: RST(a) while our FIN is unacknowledged.
FW1.E08 orphan | FW1-ORPHAN | PA next una 4 | R una 0 | CLOSED | closed aborted | TCPAbortOnData
    | off
FW1.E09 | FW1 | A next+5 una 4 | A max next | = | - | TCPOFOQueue | =
FW1.E09 orphan | FW1-ORPHAN | A next+5 una 4 | R una 0 | CLOSED | closed aborted | TCPAbortOnData
    | off
FW1.E10 old | FW1 | A next-5 una 4 | A max next | = | - | TcpInOutOfWindow | =
FW1.E10 right | FW1 | A edge una | A max next | = | - | TcpInOutOfWindow | =
FW1.E10 orphan | FW1-ORPHAN | A next-5 una 4 | A max next | = | - | TcpInOutOfWindow | =
FW1.E11 covered | FW1 | FA next max | A max next+1 | TIME-WAIT | peer closed, closed orderly
    | TimeWaitEntered FinInOrder | 2msl 60000
FW1.E11 not_covered | FW1; wait 50ms | FA next una | A max next+1 | CLOSING | peer closed
    | SimultaneousClose FinInOrder | =
FW1.E11 text_out | EST; say 20; shut; wait 50ms | FA next max-1 | A max next+1 | CLOSING
    | peer closed | SimultaneousClose FinInOrder | rexmt 206
FW1.E11 orphan | FW1-ORPHAN | FA next una | A max next+1 | CLOSING orphan | -
    | SimultaneousClose FinInOrder | =
FW1.E12 | FW1 | FA next+5 una | A max next | = | - | FinOutOfOrder | =
FW1.E12 filled | FW1 | FA next+5 una; PA next una 5 | A max next, A max next+6 | CLOSING
    | data 5, peer closed | FinOutOfOrder SimultaneousClose | =
FW1.E12 orphan | FW1-ORPHAN | FA next+5 una | R una 0 | CLOSED | closed aborted | TCPAbortOnData
    | off
FW1.E13 | FW1 | FPA next una 4 | A max next+5 | CLOSING | data 4, peer closed
    | SimultaneousClose FinInOrder FinWithData | =
FW1.E13 covered | FW1 | FPA next max 4 | A max next+5 | TIME-WAIT
    | data 4, peer closed, closed orderly | TimeWaitEntered FinInOrder FinWithData | 2msl 60000
FW1.E13 orphan | FW1-ORPHAN | FPA next una 4 | R una 0 | CLOSED | closed aborted | TCPAbortOnData
    | off
FW1.E14 | FW1 | FA next-1 una | A max next | = | - | TcpInOutOfWindow | =
FW1.E15 | FW1 | R next 0 | - | CLOSED | closed reset | - | off
FW1.E15 orphan | FW1-ORPHAN | R next 0 | - | CLOSED | closed reset | - | off
FW1.E16 | FW1 | R next+10 0 | A max next | = | - | TCPChallengeACK | =
FW1.E17 left | FW1 | R next-1 0 | - | = | - | TcpInRstIgnored | =
FW1.E17 right | FW1 | R edge 0 | - | = | - | TcpInRstIgnored | =
FW1.E18 | FW1 | P next 0 4 | - | = | - | TcpInNoFlags | =
FW1.E18 orphan | FW1-ORPHAN | P next 0 4 | - | = | - | TcpInNoFlags | =

FW1.A01 | FW1; wait 50ms | close | - | FIN-WAIT-1 orphan | - | - | =
FW1.A01 then_text | FW1; close | PA next una 4 | R una 0 | CLOSED | closed aborted | TCPAbortOnData
    | off
FW1.A01 twice | FW1; close | close | - | = | - | - | =
FW1.A02 | FW1; wait 50ms | shut | - | = | - | - | =
FW1.A03 | FW1 | abort | RA max next | CLOSED | closed aborted | TCPAbortByApplication | off
FW1.A03 linger_0 | FW1; set linger 0 | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnLinger | off
FW1.A04 | FW1 | send 4 | - | = | send=0 | - | =
FW1.A05 | EST; hold; PA next una 4; shut; wait 50ms | read | - | = | data 4 | - | =
FW1.A06 | EST; hold; PA next una 4; shut | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnClose | off

FW1.T01 | FW1 | timer 200ms | FA una next | = | - | TCPTimeouts FinRetrans | rexmt 400
FW1.T01 merged | EST; say 10; shut | timer 200ms | FPA una next 10 | = | - | TCPTimeouts FinRetrans
    | rexmt 400
FW1.T01 text_first | EST; say 1470; shut | timer 200ms | A una next 1460 | = | - | TCPTimeouts
    | rexmt 400
FW1.T01 orphan | FW1-ORPHAN | timer 200ms | FA una next | = | - | TCPTimeouts FinRetrans | rexmt 400
FW1.T01 orphan_retries | FW1-ORPHAN | outlast 102200ms | - | CLOSED | closed timed_out
    | OrphanKilled | off
FW1.T02 | EST; A next una w=0; shut | timer 200ms | A una-1 next | = | - | TCPWinProbe | persist 400
FW1.T02 opens | EST; A next una w=0; shut; wait 1s | A next una w=1 | FA una next | = | - | -
    | rexmt 200
FW1.T02 answered | EST; A next una w=0; shut | answered 2h | - | = | - | - | *
FW1.T02 orphan_bounded | EST; A next una w=0; close | outlast 102200ms | - | CLOSED
    | closed timed_out | OrphanKilled | off
FW1.T03 | EST; set keep_alive_idle 1000; set keep_alive 1; shut | quiet T03 60s | * | = | - | - | *
FW1.T04 | FW1 | never T04 61s | * | = | - | - | *
FW1.T05 | FW1 | never T05 61s | * | = | - | - | *
FW1.T05 orphan | FW1-ORPHAN | never T05 61s | * | = | - | - | *
FW1.T05 guard | config fin_wait1_timeout 10m; FW1 | outlast 10m | RA max next | CLOSED
    | closed timed_out | FinWait1Timeout | off
FW1.T05 linger | EST; set linger 5000; close | outlast 5s | - | = | closed linger_expired
    | LingerExpired | *
FW1.T06 user_timeout | EST; set user_timeout 5000; shut | outlast 5s | - | CLOSED
    | closed timed_out | TCPAbortOnTimeout | off
FW1.T06 r2 | FW1 | outlast 924600ms | - | CLOSED | closed timed_out | TCPAbortOnTimeout | off
FW1.I01 | FW1 | icmp 1 una | - | = | - | IcmpSoft | =
FW1.I01 hard | FW1 | icmp 2 una | - | = | - | IcmpHardIgnored | =
FW1.I01 orphan | FW1-ORPHAN | icmp 1 una | - | = | - | IcmpSoft | =
# The RTO has reached its greatest value, 60 s: nobody is there, and the network has said so.
FW1.I01 orphan_retries_0 | config rto_max 60s; config orphan_retries 20; FW1-ORPHAN; icmp 1 una
    | outlast 162200ms | - | CLOSED | closed unreachable | OrphanKilled | off
FW1.I01 orphan_retries_20 | config rto_max 60s; config orphan_retries 20; FW1-ORPHAN; wait 102200ms
    | timer 60s | FA una next | = | - | FinRetrans | rexmt 60000
FW1.I01 explains | FW1; icmp 1 una | outlast 924600ms | - | CLOSED | closed unreachable
    | TCPAbortOnTimeout | off
FW1.I01 outside | FW1 | icmp 1 max | - | = | - | OutOfWindowIcmps | =
FW1.I02 | EST; say 1460; shut; wait 50ms | icmp 4 una 1000
    | A una next 960, FPA una+960 next 500 | = | - | PmtuReduced FinRetrans | =
)";

}  // namespace lastack::test::walk

// B.2: ESTABLISHED and CLOSE-WAIT.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

const char* const kEstablished = R"(
EST.E01 | EST | S next+10 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
EST.E01 elsewhere | EST | S next-100000 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
EST.E01 again | EST | S irs 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
EST.E01 throttled | EST | S irs 0; S irs 0 | A max next | = | -
    | TCPChallengeACK TCPSYNChallenge TCPACKSkippedChallenge | =
EST.E02 | EST | SA irs iss+1 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
EST.E02 elsewhere | EST | SA next+10 max | A max next | = | - | TCPChallengeACK | =
EST.E03 | EST | A next una | - | = | - | - | =
EST.E03 duplicate | EST; say 100; wait 50ms | A next una | - | = | - | - | =
EST.E03 third_duplicate | EST; say 100; A next una; A next una | A next una | PA una next 100 | =
    | -
    | TCPFastRetrans RetransSegs | =
EST.E03 lowest | EST | A next una-65535 | - | = | - | - | =
EST.E03 window_update | EST; A next una w=0; say 10 | A next una w=100 | PA max next 10 | = | - | -
    | rexmt 200
EST.E03 window_of_an_older_ack | EST; say 20; A next una+20 | A next una-5 w=0; send 10
    | PA max next 10 | = | send=10 | - | rexmt 200
EST.E04 | EST; say 20; wait 50ms | A next una+10 | - | = | - | - | rexmt 200
EST.E04 all | EST; say 20; wait 50ms | A next max | - | = | - | - | off
EST.E04 lets_more_out | EST; A next una w=2000; say 3000; wait 50ms | A next una+1460 w=2000
    | A una+1460 next 1460 | = | - | - | rexmt 206
EST.E05 | EST | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
EST.E06 | EST | PA next max+1 4 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
EST.E06 with_text_out | EST; say 10 | A next max+1 | A max next | = | - | TCPChallengeACK | =
EST.E07 | EST | PA next una-65536 4 | A max next | = | - | TcpInAckTooOld TCPChallengeACK | =
EST.E08 | EST | PA next una 4 | - | = | data 4 | - | delack
EST.E08 delayed_ack | EST; PA next una 4 | timer 40ms | A max next | = | - | DelayedACKs | off
EST.E08 second_full | EST; A next una 1460 | A next una 1460 | A max next+1460 | = | data 1460 | -
    | off
EST.E08 last_byte_of_window | EST | A edge-1 una 1 | A max next | = | - | TCPOFOQueue | =
EST.E09 | EST | A next+5 una 4 | A max next | = | - | TCPOFOQueue | =
EST.E09 sack | EST-SACK | A next+5 una 4 | A max next sack=next+5:next+9 | = | - | TCPOFOQueue | =
EST.E09 overlap | EST | A next+5 una 4; A next+3 una 4; PA next una 5
    | A max next, A max next, A max next+9 | = | data 9 | TCPOFOQueue*2 TCPOFOMerge | off
EST.E10 old | EST | A next-5 una 5 | A max next | = | - | TcpInOutOfWindow | =
EST.E10 dsack | EST-SACK; PA next una 5; wait 50ms | PA next-5 una 5
    | A max next sack=next-5:next | = | - | TcpInOutOfWindow TCPDSACKOldSent | =
EST.E10 right | EST | A edge una | A max next | = | - | TcpInOutOfWindow | =
EST.E10 keep_alive_probe | EST | A next-1 una | A max next | = | - | TcpInOutOfWindow | =
EST.E10 throttled | EST | A next-1 una; A next-1 una | A max next | = | -
    | TcpInOutOfWindow*2 TCPACKSkippedSeq | =
EST.E10 text_unthrottled | EST | A next-5 una 5; A next-5 una 5 | A max next, A max next | = | -
    | TcpInOutOfWindow*2 | =
EST.E10 zero_window_probe | config receive_buffer 2048; EST; hold; A next una 1460; A next una 588;
    wait 50ms | A next una 1 | A max next | = | - | - | =
EST.E11 | EST | FA next una | A max next+1 | CLOSE-WAIT | peer closed | FinInOrder | off
EST.E11 text_out | EST; say 10; wait 50ms | FA next una | A max next+1 | CLOSE-WAIT | peer closed
    | FinInOrder | =
EST.E11 unread | EST; hold; PA next una 4; wait 50ms | FA next una; read | A max next+1 | CLOSE-WAIT
    | data 4, peer closed | FinInOrder | off
EST.E12 | EST | FA next+5 una | A max next | = | - | FinOutOfOrder | =
EST.E12 filled | EST | FA next+5 una; PA next una 5 | A max next, A max next+6 | CLOSE-WAIT
    | data 5, peer closed | FinOutOfOrder | off
EST.E12 bytes_above | EST | FA next+5 una; A next una 10 | A max next, A max next+6 | CLOSE-WAIT
    | data 5, peer closed | FinOutOfOrder DataAfterFin | off
EST.E12 repeated | EST | FA next+5 una; FA next+5 una | A max next, A max next | = | -
    | FinOutOfOrder | =
EST.E12 below_queued_text | EST | A next+10 una 5; FA next+5 una; PA next una 5
    | A max next, A max next, A max next+6 | CLOSE-WAIT | data 5, peer closed | FinOutOfOrder | off
EST.E12 inside_queued_text | EST | A next+5 una 10; FA next+10 una; PA next una 5
    | A max next, A max next, A max next+11 | CLOSE-WAIT | data 10, peer closed | FinOutOfOrder
    | off
EST.E12 text | EST | FPA next+5 una 4; PA next una 5 | A max next, A max next+10 | CLOSE-WAIT
    | data 9, peer closed | FinOutOfOrder FinWithData | off
EST.E13 | EST | FPA next una 4 | A max next+5 | CLOSE-WAIT | data 4, peer closed
    | FinInOrder FinWithData | off
EST.E14 | EST | FA next-1 una | A max next | = | - | TcpInOutOfWindow | =
EST.E15 | EST | R next 0 | - | CLOSED | closed reset | EstabResets | off
EST.E15 flush | EST; A next una w=0; say 10 | R next 0 | - | CLOSED | closed reset | EstabResets
    | off
EST.E15 unread_first | EST; hold; PA next una 4; wait 50ms | R next 0 | - | CLOSED
    | data 4, closed reset | EstabResets | off
EST.E16 | EST | R next+10 0 | A max next | = | - | TCPChallengeACK | =
EST.E16 last | EST | R edge-1 0 | A max next | = | - | TCPChallengeACK | =
EST.E17 left | EST | R next-1 0 | - | = | - | TcpInRstIgnored | =
EST.E17 right | EST | R edge 0 | - | = | - | TcpInRstIgnored | =
EST.E18 | EST | P next 0 4 | - | = | - | TcpInNoFlags | =
EST.E18 fin | EST | F next 0 | - | = | - | TcpInNoFlags | =

EST.A01 | EST | close | FA max next | FIN-WAIT-1 orphan | - | - | rexmt 200
EST.A01 behind_text | EST | send 10; close | FPA max next 10 | FIN-WAIT-1 orphan | send=10 | -
    | rexmt 200
EST.A01 blocked | EST; A next una w=0; say 10 | close | - | FIN-WAIT-1 orphan | - | - | =
EST.A01 then_text | EST; close | PA next una 4 | R una 0 | CLOSED | closed aborted | TCPAbortOnData
    | off
EST.A02 | EST | shut | FA max next | FIN-WAIT-1 | - | - | rexmt 200
EST.A02 then_text | EST | shut; PA next una 4 | FA max next+4 | FIN-WAIT-1 | data 4
    | - | rexmt 200
EST.A03 | EST | abort | RA max next | CLOSED | closed aborted | TCPAbortByApplication EstabResets
    | off
EST.A03 text_out | EST; say 10 | abort | RA max next | CLOSED | closed aborted
    | TCPAbortByApplication EstabResets | off
EST.A03 linger_0 | EST; set linger 0 | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnLinger EstabResets | off
EST.A04 | EST | send 10 | PA max next 10 | = | send=10 | - | rexmt 200
EST.A04 nagle | EST; say 10; wait 50ms | send 10 | - | = | send=10 | - | =
EST.A04 window | EST; A next una w=2000 | send 3000 | A max next 1460 | = | send=3000 | -
    | rexmt 200
EST.A04 cwnd | EST | send 20000
    | A max next 1460, A max+1460 next 1460, A max+2920 next 1460, A max+4380 next 1460,
    A max+5840 next 1460, A max+7300 next 1460, A max+8760 next 1460, A max+10220 next 1460,
    A max+11680 next 1460, A max+13140 next 1460 | = | send=20000 | - | rexmt 200
EST.A05 | EST; hold; PA next una 4; wait 50ms | read | - | = | data 4 | - | =
EST.A05 nothing | EST | read | - | = | - | - | =
EST.A05 window_update | config receive_buffer 4096; EST; hold; A next una 1460; A next una 1460;
    A next una 1176; wait 50ms | read | A max next | = | data 4096 | - | off
EST.A06 | EST; hold; PA next una 4; wait 50ms | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnClose EstabResets | off

EST.T01 | EST; say 10 | timer 200ms | PA una next 10 | = | - | TCPTimeouts RetransSegs | rexmt 400
EST.T01 backs_off | EST; say 10; wait 200ms | timer 400ms | PA una next 10 | = | - | TCPTimeouts
    | rexmt 800
EST.T01 first_of_many | EST; say 2920 | timer 200ms | A una next 1460 | = | - | TCPTimeouts
    | rexmt 400
EST.T02 | EST; A next una w=0; say 10 | timer 200ms | A una-1 next | = | - | TCPWinProbe
    | persist 400
EST.T02 backs_off | EST; A next una w=0; say 10; wait 200ms | timer 400ms | A una-1 next | = | -
    | TCPWinProbe | persist 800
EST.T02 answered | EST; A next una w=0; say 10 | answered 2h | - | = | - | - | *
EST.T03 | EST; set keep_alive_idle 1000; set keep_alive 1 | timer 1s | A max-1 next | = | -
    | TCPKeepAlive | keepalive 75000
EST.T03 misses | EST; set keep_alive_idle 1000; set keep_alive_interval 500; set keep_alive_count 3;
    set keep_alive 1 | outlast 2500ms | RA max next | CLOSED | closed timed_out
    | TCPAbortOnTimeout EstabResets | off
EST.T03 answered | EST; set keep_alive_idle 1000; set keep_alive_interval 500;
    set keep_alive_count 1; set keep_alive 1 | answered 1m | - | = | - | - | *
EST.T03 outstanding | EST; set keep_alive_idle 1000; set keep_alive 1; say 10 | quiet T03 60s | *
    | = | - | - | *
EST.T04 | EST | never T04 1h | - | = | - | - | off
EST.T05 | EST | never T05 1h | - | = | - | - | off
EST.T06 user_timeout | EST; set user_timeout 5000; say 10 | outlast 5s | - | CLOSED
    | closed timed_out | TCPAbortOnTimeout EstabResets | off
EST.T06 r2 | EST; say 10 | outlast 924600ms | - | CLOSED | closed timed_out
    | TCPAbortOnTimeout EstabResets | off
EST.I01 soft | EST; say 10 | icmp 1 una | - | = | - | IcmpSoft | =
EST.I01 hard | EST; say 10 | icmp 2 una | - | = | - | IcmpHardIgnored | =
EST.I01 explains | EST; say 10; icmp 1 una | outlast 924600ms | - | CLOSED | closed unreachable
    | TCPAbortOnTimeout EstabResets | off
EST.I01 outside | EST; say 10 | icmp 1 max | - | = | - | OutOfWindowIcmps | =
EST.I02 | EST; say 1460; wait 50ms | icmp 4 una 1000 | A una next 960, PA una+960 next 500 | = | -
    | PmtuReduced RetransSegs*2 | =
EST.I02 outside | EST; say 1460 | icmp 4 max 1000 | - | = | - | OutOfWindowIcmps | =
)";

// next is behind the peer's FIN.
const char* const kCloseWait = R"(
CW.E01 | CW | S next+10 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
CW.E01 elsewhere | CW | S next-100000 0 | A max next | = | - | TCPChallengeACK | =
CW.E02 | CW | SA irs iss+1 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
CW.E03 | CW | A next una | - | = | - | - | =
CW.E03 third_duplicate | CW; say 100; A next una; A next una | A next una | PA una next 100 | = | -
    | TCPFastRetrans | =
CW.E03 window_update | CW; A next una w=0; say 10 | A next una w=100 | PA max next 10 | = | - | -
    | rexmt 200
CW.E04 | CW; say 20; wait 50ms | A next una+10 | - | = | - | - | rexmt 200
CW.E04 all | CW; say 20; wait 50ms | A next max | - | = | - | - | off
CW.E05 | CW | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
CW.E06 | CW; say 10 | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
CW.E07 | CW | A next una-65536 | A max next | = | - | TcpInAckTooOld TCPChallengeACK | =
CW.E08 | CW | PA next una 4 | - | = | - | DataAfterFin | =
CW.E09 | CW | A next+5 una 4 | - | = | - | DataAfterFin | =
CW.E10 old | CW | A next-5 una 4 | A max next | = | - | TcpInOutOfWindow | =
CW.E10 right | CW | A edge una | A max next | = | - | TcpInOutOfWindow | =
CW.E11 | CW | FA next una | - | = | - | - | =
CW.E11 then_ack | CW | FA next una; A next-1 una | A max next | = | - | - | =
CW.E12 | CW | FA next+5 una | - | = | - | - | =
CW.E13 | CW | FPA next una 4 | - | = | - | - | =
CW.E14 | CW | FA next-1 una | A max next | = | - | TcpInOutOfWindow | =
CW.E14 unthrottled | CW | FA next-1 una; FA next-1 una | A max next, A max next | = | -
    | TcpInOutOfWindow*2 | =
CW.E15 | CW | R next 0 | - | CLOSED | closed reset | EstabResets | off
CW.E15 flush | CW; A next una w=0; say 10 | R next 0 | - | CLOSED | closed reset | EstabResets | off
CW.E16 | CW | R next+10 0 | A max next | = | - | TCPChallengeACK | =
CW.E17 left | CW | R next-2 0 | - | = | - | TcpInRstIgnored | =
CW.E17 right | CW | R edge 0 | - | = | - | TcpInRstIgnored | =
CW.E17 fin_number | CW | R next-1 0 | - | CLOSED | closed reset | EstabResets | off
CW.E18 | CW | P next 0 4 | - | = | - | TcpInNoFlags | =

CW.A01 | CW | close | FA max next | LAST-ACK orphan | - | - | rexmt 200
CW.A01 behind_text | CW | send 10; close | FPA max next 10 | LAST-ACK orphan | send=10 | -
    | rexmt 200
CW.A01 blocked | CW; A next una w=0; say 10 | close | - | LAST-ACK orphan | - | - | =
CW.A02 | CW | shut | FA max next | LAST-ACK | - | - | rexmt 200
CW.A02 blocked | CW; A next una w=0; say 10 | shut | - | LAST-ACK | - | - | =
CW.A02 still_readable | EST; hold; FPA next una 4 | shut; read | FA max next | LAST-ACK
    | data 4, peer closed | - | rexmt 200
CW.A03 | CW | abort | RA max next | CLOSED | closed aborted | TCPAbortByApplication EstabResets
    | off
CW.A03 linger_0 | CW; set linger 0 | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnLinger EstabResets | off
CW.A04 | CW | send 10 | PA max next 10 | = | send=10 | - | rexmt 200
CW.A05 | EST; hold; FPA next una 4 | read | - | = | data 4, peer closed | - | =
CW.A05 drained | EST; hold; FPA next una 4; read | read | - | = | - | - | =
CW.A06 | EST; hold; FPA next una 4 | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnClose EstabResets | off

CW.T01 | CW; say 10 | timer 200ms | PA una next 10 | = | - | TCPTimeouts RetransSegs | rexmt 400
CW.T02 | CW; A next una w=0; say 10 | timer 200ms | A una-1 next | = | - | TCPWinProbe | persist 400
CW.T02 answered | CW; A next una w=0; say 10 | answered 2h | - | = | - | - | *
CW.T03 | CW; set keep_alive_idle 1000; set keep_alive 1 | timer 1s | A max-1 next | = | -
    | TCPKeepAlive | keepalive 75000
CW.T03 misses | CW; set keep_alive_idle 1000; set keep_alive_interval 500; set keep_alive_count 3;
    set keep_alive 1 | outlast 2500ms | RA max next | CLOSED | closed timed_out
    | TCPAbortOnTimeout EstabResets | off
CW.T04 | CW | never T04 1h | - | = | - | - | off
# No timer leaves this state while the guard is off.
CW.T05 | CW | never T05 48h | - | = | - | - | off
CW.T05 guard | config close_wait_timeout 10m; CW | timer 10m | RA max next | CLOSED
    | closed timed_out | CloseWaitTimeout EstabResets | off
CW.T06 user_timeout | CW; set user_timeout 5000; say 10 | outlast 5s | - | CLOSED
    | closed timed_out | TCPAbortOnTimeout EstabResets | off
CW.T06 r2 | CW; say 10 | outlast 924600ms | - | CLOSED | closed timed_out
    | TCPAbortOnTimeout EstabResets | off
CW.I01 soft | CW; say 10 | icmp 1 una | - | = | - | IcmpSoft | =
CW.I01 hard | CW; say 10 | icmp 2 una | - | = | - | IcmpHardIgnored | =
CW.I01 explains | CW; say 10; icmp 1 una | outlast 924600ms | - | CLOSED | closed unreachable
    | TCPAbortOnTimeout EstabResets | off
CW.I01 outside | CW; say 10 | icmp 1 max | - | = | - | OutOfWindowIcmps | =
CW.I02 | CW; say 1460; wait 50ms | icmp 4 una 1000 | A una next 960, PA una+960 next 500 | = | -
    | PmtuReduced RetransSegs*2 | =
)";

}  // namespace lastack::test::walk

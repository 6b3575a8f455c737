// B.3: FIN-WAIT-2. Everything of ours is acknowledged; an orphan is a compact record, ten seconds
// old.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

const char* const kFinWait2 = R"(
FW2.E01 | FW2 | S next+10 0 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
FW2.E01 elsewhere | FW2 | S next-100000 0 | A max next | = | - | TCPChallengeACK | =
FW2.E01 orphan | FW2-ORPHAN | S next+10 0 | A max next | = | - | TCPChallengeACK | =
FW2.E01 orphan_elsewhere | FW2-ORPHAN | S next-100000 0 | A max next | = | - | TCPChallengeACK | =
FW2.E01 orphan_syn_fin | FW2-ORPHAN | SF next+10 0 | A max next | = | - | TCPChallengeACK | =
FW2.E02 | FW2 | SA irs iss+1 | A max next | = | - | TCPChallengeACK TCPSYNChallenge | =
FW2.E02 orphan | FW2-ORPHAN | SA irs iss+1 | A max next | = | - | TCPChallengeACK | =
FW2.E03 | FW2 | A next una-1 | - | = | - | - | =
FW2.E03 lowest | FW2 | A next una-65535 | - | = | - | - | =
FW2.E03 orphan | FW2-ORPHAN | A next una-1 | - | = | - | - | =
# There is no such number: up to SND.UNA it is E03, beyond it E06.
FW2.E04 | FW2 | A next una | - | = | - | - | =
FW2.E04 beyond | FW2 | A next una+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
FW2.E05 | FW2 | A next max | - | = | - | - | =
FW2.E05 orphan | FW2-ORPHAN | A next max | - | = | - | - | =
FW2.E06 | FW2 | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
FW2.E06 text | FW2 | PA next max+1 4 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
FW2.E06 orphan | FW2-ORPHAN | A next max+1 | A max next | = | - | TcpInAckUnsent TCPChallengeACK | =
FW2.E07 | FW2 | A next una-65536 | A max next | = | - | TcpInAckTooOld TCPChallengeACK | =
# A compact record may keep MAX.SND.WND rounded up to a power of two: the bound is 65536 there.
FW2.E07 orphan | FW2-ORPHAN | A next una-65537 | A max next | = | -
    | TcpInAckTooOld TCPChallengeACK | =
FW2.E07 orphan_far | FW2-ORPHAN | A next una-1342177280 | A max next | = | -
    | TcpInAckTooOld TCPChallengeACK | =
FW2.E08 | FW2 | PA next max 4 | - | = | data 4 | - | delack
FW2.E08 acked | FW2; PA next max 4 | timer 40ms | A max next | = | - | DelayedACKs | off
FW2.E08 orphan | FW2-ORPHAN | PA next max 4 | RA max next | CLOSED | - | TCPAbortOnData OutRsts
    | off
FW2.E09 | FW2 | A next+5 max 4 | A max next | = | - | TCPOFOQueue | =
FW2.E09 orphan | FW2-ORPHAN | A next+5 max 4 | RA max next | CLOSED | - | TCPAbortOnData OutRsts
    | off
FW2.E10 old | FW2 | A next-5 max 4 | A max next | = | - | TcpInOutOfWindow | =
FW2.E10 right | FW2 | A edge max | A max next | = | - | TcpInOutOfWindow | =
FW2.E10 orphan | FW2-ORPHAN | A next-5 max 4 | A max next | = | - | TcpInOutOfWindow | =
FW2.E10 orphan_right | FW2-ORPHAN | A edge max | A max next | = | - | TcpInOutOfWindow | =
FW2.E11 | FW2 | FA next max | A max next+1 | TIME-WAIT | peer closed, closed orderly
    | TimeWaitEntered FinInOrder | 2msl 60000
FW2.E11 orphan | FW2-ORPHAN | FA next max | A max next+1 | TIME-WAIT | -
    | TimeWaitEntered FinInOrder | 2msl 60000
FW2.E11 unread | EST; hold; PA next una 4; shut; A next max | FA next max | A max next+1 | TIME-WAIT
    | - | TimeWaitEntered FinInOrder | 2msl 60000
FW2.E12 | FW2 | FA next+5 max | A max next | = | - | FinOutOfOrder | =
FW2.E12 filled | FW2 | FA next+5 max; PA next max 5 | A max next, A max next+6 | TIME-WAIT
    | data 5, peer closed, closed orderly | FinOutOfOrder TimeWaitEntered | 2msl 60000
FW2.E12 orphan | FW2-ORPHAN | FA next+5 max | RA max next | CLOSED | - | TCPAbortOnData OutRsts
    | off
FW2.E13 | FW2 | FPA next max 4 | A max next+5 | TIME-WAIT | data 4, peer closed, closed orderly
    | TimeWaitEntered FinInOrder FinWithData | 2msl 60000
FW2.E13 orphan | FW2-ORPHAN | FPA next max 4 | RA max next | CLOSED | - | TCPAbortOnData OutRsts
    | off
FW2.E14 | FW2 | FA next-1 max | A max next | = | - | TcpInOutOfWindow | =
FW2.E14 orphan | FW2-ORPHAN | FA next-1 max | A max next | = | - | TcpInOutOfWindow | =
FW2.E15 | FW2 | R next 0 | - | CLOSED | closed reset | - | off
FW2.E15 orphan | FW2-ORPHAN | R next 0 | - | CLOSED | - | - | off
FW2.E16 | FW2 | R next+10 0 | A max next | = | - | TCPChallengeACK | =
FW2.E16 orphan | FW2-ORPHAN | R next+10 0 | A max next | = | - | TCPChallengeACK | =
FW2.E17 left | FW2 | R next-1 0 | - | = | - | TcpInRstIgnored | =
FW2.E17 right | FW2 | R edge 0 | - | = | - | TcpInRstIgnored | =
FW2.E17 orphan | FW2-ORPHAN | R next-1 0 | - | = | - | TcpInRstIgnored | =
FW2.E17 orphan_right | FW2-ORPHAN | R edge 0 | - | = | - | TcpInRstIgnored | =
FW2.E18 | FW2 | P next 0 4 | - | = | - | TcpInNoFlags | =
FW2.E18 orphan | FW2-ORPHAN | F next 0 | - | = | - | TcpInNoFlags | =

FW2.A01 | FW2; wait 10m | close | - | FIN-WAIT-2 orphan | closed orderly | - | fin-wait-2 60000
FW2.A01 linger2 | FW2; set linger2 5000 | close | - | FIN-WAIT-2 orphan | closed orderly | -
    | fin-wait-2 5000
FW2.A01 linger2_negative | FW2; set linger2 -1 | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnLinger | off
FW2.A02 | FW2 | shut | - | = | - | - | =
FW2.A03 | FW2 | abort | RA max next | CLOSED | closed aborted | TCPAbortByApplication | off
FW2.A03 linger_0 | FW2; set linger 0 | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnLinger | off
FW2.A04 | FW2 | send 4 | - | = | send=0 | - | =
FW2.A05 | EST; hold; PA next una 4; shut; A next max; wait 50ms | read | - | = | data 4 | - | =
FW2.A05 then_fin | FW2 | FA next max; read | A max next+1 | TIME-WAIT
    | peer closed, closed orderly | TimeWaitEntered StaleHandle | 2msl 60000
FW2.A06 | EST; hold; PA next una 4; shut; A next max | close | RA max next | CLOSED | closed aborted
    | TCPAbortOnClose | off

FW2.T01 | FW2 | never T01 48h | - | = | - | - | off
FW2.T01 after_a_retransmission | FW1; wait 250ms; A next max | never T01 48h | - | = | - | - | off
FW2.T01 orphan | FW2-ORPHAN | never T01 49s | - | = | - | - | fin-wait-2 1000
FW2.T02 | FW2 | never T02 48h | - | = | - | - | off
FW2.T02 after_a_shut_window | EST; A next una w=0; shut; A next una w=9; A next max w=0
    | never T02 48h | - | = | - | - | off
FW2.T02 orphan | FW2-ORPHAN | never T02 49s | - | = | - | - | fin-wait-2 1000
FW2.T03 | EST; set keep_alive_idle 1000; set keep_alive 1; shut; A next max | timer 1s
    | A max-1 next | = | - | TCPKeepAlive | keepalive 75000
FW2.T03 set_late | FW2; set keep_alive_idle 1000; set keep_alive 1 | timer 1s | A max-1 next | = | -
    | TCPKeepAlive | keepalive 75000
FW2.T03 misses | FW2; set keep_alive_idle 1000; set keep_alive_interval 500; set keep_alive_count 3;
    set keep_alive 1 | outlast 2500ms | RA max next | CLOSED | closed timed_out
    | TCPAbortOnTimeout | off
FW2.T03 off | FW2 | never T03 48h | - | = | - | - | off
FW2.T04 | FW2 | never T04 48h | - | = | - | - | off
# fin_timeout is as long as 2MSL unless one of them is set.
FW2.T04 orphan | config msl 10s; FW2-ORPHAN | never T04 49s | - | = | - | - | fin-wait-2 1000
FW2.T05 orphan | config msl 10s; FW2-ORPHAN | timer 50s | - | CLOSED | - | FinWait2Timeout | off
FW2.T05 open | FW2 | never T05 48h | - | = | - | - | off
FW2.T05 linger2 | FW2; set linger2 5000; close | timer 5s | - | CLOSED | - | FinWait2Timeout | off
FW2.T06 | EST; set user_timeout 5000; shut; A next max | never T06 48h | - | = | - | - | off
FW2.T06 orphan | EST; set user_timeout 5000; close; A next max | never T06 59s | - | = | - | -
    | fin-wait-2 1000
# Nothing is in flight, so no quoted number is one of ours (B-12), of a keep-alive neither.
FW2.I01 | FW2 | icmp 1 max-1 | - | = | - | OutOfWindowIcmps | =
FW2.I01 orphan | FW2-ORPHAN | icmp 1 max-1 | - | = | - | OutOfWindowIcmps | =
FW2.I02 | FW2 | icmp 4 max-1 1000 | - | = | - | OutOfWindowIcmps | =
FW2.I02 orphan | FW2-ORPHAN | icmp 4 max-1 1000 | - | = | - | OutOfWindowIcmps | =
)";

}  // namespace lastack::test::walk

// B.4: TIME-WAIT, ten seconds old. max = u+1, next = w+1; our last ACK is <SEQ=max><ACK=next>.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

const char* const kTimeWait = R"(
TW.E01 acceptable | TW; isn 2600000 | S next+1 0 | SA isn next+2 | SYN-RECEIVED | - | - | rexmt 1000
TW.E01 at_rcv_nxt | TW | S next 0 | A max next | = | - | - | =
TW.E01 old | TW | S irs 0 | A max next | = | - | - | =
TW.E01 throttled | TW | S irs 0; S irs 0 | A max next | = | - | TCPACKSkippedTimeWait | =
TW.E01 nobody_listens | TW; unlisten | S next+1 0 | A max next | = | - | - | =
TW.E01 fin | TW | SF next+1 0 | - | = | - | TcpInSynFin | =
TW.E02 | TW | SA next+1 max | A max next | = | - | - | =
TW.E02 again | TW | SA irs iss+1 | A max next | = | - | - | =
TW.E02 throttled | TW | SA next+1 max; SA next+1 max | A max next | = | - | TCPACKSkippedTimeWait
    | =
TW.E03 | TW | A next una-1 | - | = | - | - | =
TW.E03 lowest | TW | A next una-65535 | - | = | - | - | =
# No new data can be acknowledged: up to SND.UNA it is E03.
TW.E04 | TW | A next una | - | = | - | - | =
TW.E05 | TW | A next max | - | = | - | - | =
TW.E06 | TW | A next max+1 | A max next | = | - | TcpInAckUnsent | =
TW.E06 throttled | TW | A next max+1; A next max+1 | A max next | = | - | TCPACKSkippedTimeWait | =
# As for an orphan's FIN-WAIT-2: the bound may be a power of two.
TW.E07 | TW | A next una-65537 | A max next | = | - | TcpInAckTooOld | =
TW.E07 far | TW | A next una-1342177280 | A max next | = | - | TcpInAckTooOld | =
TW.E08 | TW | PA next max 4 | A max next | = | - | DataAfterFin | =
TW.E09 | TW | A next+5 max 4 | A max next | = | - | DataAfterFin | =
TW.E10 old | TW | A next-5 max 4 | A max next | = | - | TcpInOutOfWindow | =
TW.E10 right | TW | A edge max | A max next | = | - | TcpInOutOfWindow | =
TW.E10 throttled | TW | A next-1 max; A next-1 max | A max next | = | -
    | TcpInOutOfWindow*2 TCPACKSkippedTimeWait | =
TW.E11 | TW | FA next max | A max next | = | - | - | =
TW.E12 | TW | FA next+5 max | A max next | = | - | - | =
TW.E13 | TW | FPA next max 4 | A max next | = | - | - | =
TW.E14 | TW | FA next-1 max | A max next | = | - | TimeWaitRestarted TimeWaitReAcked | 2msl 60000
TW.E14 every_time | TW | FA next-1 max; FA next-1 max | A max next, A max next | = | -
    | TimeWaitRestarted*2 | 2msl 60000
TW.E14 with_its_text | EST; shut; A next max; FPA next max 4; wait 10s | FPA next-5 max 4
    | A max next | = | - | TimeWaitRestarted | 2msl 60000
TW.E15 | TW | R next 0 | - | = | - | TcpInRstIgnored | =
TW.E15 rfc1337_off | config rfc1337 off; TW | R next 0 | - | CLOSED | - | TimeWaitResetByPeer | off
TW.E16 | TW | R next+10 0 | - | = | - | TcpInRstIgnored | =
TW.E16 rfc1337_off | config rfc1337 off; TW | R next+1 0 | - | = | - | TcpInRstIgnored | =
TW.E17 left | TW | R next-1 0 | - | = | - | TcpInRstIgnored | =
TW.E17 right | TW | R edge 0 | - | = | - | TcpInRstIgnored | =
TW.E17 rfc1337_off | config rfc1337 off; TW | R next-1 0 | - | = | - | TcpInRstIgnored | =
TW.E18 | TW | P next 0 4 | - | = | - | TcpInNoFlags | =
TW.E18 fin | TW | F next-1 0 | - | = | - | TcpInNoFlags | =

# The handle lives as long as text is unread, or until the application has heard of the end: a call
# from inside that event is one in TIME-WAIT.
TW.A01 | FW2; on-fin close | FA next max | A max next+1 | TIME-WAIT | peer closed, closed orderly
    | TimeWaitEntered | 2msl 60000
TW.A02 | FW2; on-fin shut | FA next max | A max next+1 | TIME-WAIT | peer closed, closed orderly
    | TimeWaitEntered | 2msl 60000
TW.A02 unread | EST; hold; shut; A next max; FPA next max 4; wait 10s | shut | - | = | - | - | =
TW.A03 | FW2; on-fin abort | FA next max | A max next+1 | CLOSED | peer closed, closed orderly
    | TimeWaitEntered TimeWaitAborted | off
TW.A03 unread | EST; hold; shut; A next max; FPA next max 4; wait 10s | abort | - | CLOSED
    | closed orderly | TimeWaitAborted | off
TW.A04 | FW2; on-fin send 4 | FA next max | A max next+1 | TIME-WAIT
    | peer closed, send=0, closed orderly | TimeWaitEntered | 2msl 60000
TW.A04 unread | EST; hold; shut; A next max; FPA next max 4; wait 10s | send 4 | - | = | send=0 | -
    | =
TW.A05 | EST; hold; shut; A next max; FPA next max 4; wait 10s | read | - | =
    | data 4, peer closed, closed orderly | - | =
TW.A05 nothing_left | TW | read | - | = | - | StaleHandle | =
TW.A06 | EST; hold; shut; A next max; FPA next max 4; wait 10s | close | - | = | closed orderly | -
    | =

# The timer was armed in an earlier state, and must be cancelled on entry.
TW.T01 | FW1; FA next max; wait 10s | never T01 49s | - | = | - | - | 2msl 1000
TW.T01 from_closing | CLG; A next max; wait 10s | never T01 49s | - | = | - | - | 2msl 1000
TW.T02 | EST; A next una w=0; shut; A next una w=9; FA next max w=0; wait 10s | never T02 49s | -
    | =
    | - | - | 2msl 1000
TW.T03 | EST; set keep_alive_idle 1000; set keep_alive 1; shut; A next max; FA next max; wait 10s
    | never T03 49s | - | = | - | - | 2msl 1000
TW.T04 | TW | timer 50s | - | CLOSED | - | TimeWaitExpired | off
TW.T04 from_fin_wait_1 | FW1; FA next max | timer 60s | - | CLOSED | - | TimeWaitExpired | off
TW.T04 from_closing | CLG; A next max | timer 60s | - | CLOSED | - | TimeWaitExpired | off
TW.T04 restarted | TW; FA next-1 max | timer 60s | - | CLOSED | - | TimeWaitExpired | off
TW.T05 | FW2-ORPHAN; wait 45s; FA next max | never T05 59s | - | = | - | - | 2msl 1000
TW.T06 | EST; set user_timeout 5000; shut; FA next max | never T06 59s | - | = | - | - | 2msl 1000
# Nothing is in flight: B-12 counts what is ignored.
TW.I01 | TW | icmp 1 max-1 | - | = | - | OutOfWindowIcmps | =
TW.I01 hard | TW | icmp 3 max-1 | - | = | - | OutOfWindowIcmps | =
TW.I02 | TW | icmp 4 max-1 1000 | - | = | - | OutOfWindowIcmps | =
)";

}  // namespace lastack::test::walk

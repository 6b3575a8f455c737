// B.1: SYN-SENT and SYN-RECEIVED.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

// iss = SND.UNA is our SYN's number. What is said of the ACK: iss+1 is the only acceptable one.
const char* const kSynSent = R"(
SYNS.E01 | SYNS | S irs 0 | SA iss irs+1 | SYN-RECEIVED | - | - | rexmt 1000
SYNS.E01 text_fin | SYNS | SF irs 0 4 | SA iss irs+1 | SYN-RECEIVED | - | - | rexmt 1000
SYNS.E01 origin_active | SYNS | S irs 0; R next 0 | SA iss irs+1 | CLOSED | closed refused
    | EmbryonicRsts AttemptFails | off
SYNS.E01 window | SYNS | S irs 0 w=4; A next iss+1 w=4; send 9
    | SA iss irs+1, A max next 4 | ESTABLISHED | open, send=9 | - | rexmt 200
SYNS.E02 | SYNS | SA irs iss+1 | A iss+1 irs+1 | ESTABLISHED | open | - | off
SYNS.E02 fin | SYNS | SFA irs iss+1 | A iss+1 irs+2 | CLOSE-WAIT | open, peer closed
    | FinInOrder | off
SYNS.E02 text | SYNS | SA irs iss+1 4 | A iss+1 irs+5 | ESTABLISHED | open, data 4 | - | off
SYNS.E02 ack_low | SYNS | SA irs iss | R iss 0 | = | - | TcpInAckUnsent OutRsts | =
SYNS.E02 ack_high | SYNS | SA irs iss+2 | R iss+2 0 | = | - | TcpInAckUnsent OutRsts | =
SYNS.E03 | SYNS | A next iss | R iss 0 | = | - | TcpInAckUnsent OutRsts | =
SYNS.E04 | SYNS | A next iss+1 | - | = | - | TcpInNoSyn | =
SYNS.E05 | SYNS; send 4 | A next iss+1 | - | = | - | TcpInNoSyn | =
SYNS.E06 | SYNS | A next iss+2 | R iss+2 0 | = | - | TcpInAckUnsent OutRsts | =
SYNS.E07 | SYNS | A next iss-65536 | R iss-65536 0 | = | - | TcpInAckUnsent OutRsts | =
SYNS.E08 bad | SYNS | PA next iss 4 | R iss 0 | = | - | OutRsts | =
SYNS.E08 good | SYNS | PA next iss+1 4 | - | = | - | TcpInNoSyn | =
SYNS.E09 bad | SYNS | A next+5 iss 4 | R iss 0 | = | - | OutRsts | =
SYNS.E09 good | SYNS | A next+5 iss+1 4 | - | = | - | TcpInNoSyn | =
SYNS.E10 bad | SYNS | A next-5 iss+2 4 | R iss+2 0 | = | - | OutRsts | =
SYNS.E10 good | SYNS | A next-5 iss+1 4 | - | = | - | TcpInNoSyn | =
SYNS.E11 bad | SYNS | FA next iss | R iss 0 | = | - | OutRsts | =
SYNS.E11 good | SYNS | FA next iss+1 | - | = | - | TcpInNoSyn | =
SYNS.E12 bad | SYNS | FA next+5 iss | R iss 0 | = | - | OutRsts | =
SYNS.E12 good | SYNS | FA next+5 iss+1 | - | = | - | TcpInNoSyn | =
SYNS.E13 bad | SYNS | FPA next iss 4 | R iss 0 | = | - | OutRsts | =
SYNS.E13 good | SYNS | FPA next iss+1 4 | - | = | - | TcpInNoSyn | =
SYNS.E14 bad | SYNS | FA next-1 iss | R iss 0 | = | - | OutRsts | =
SYNS.E14 good | SYNS | FA next-1 iss+1 | - | = | - | TcpInNoSyn | =
SYNS.E15 | SYNS | RA next iss+1 | - | CLOSED | closed refused | AttemptFails | off
SYNS.E15 no_ack | SYNS | R next 0 | - | = | - | TcpInRstIgnored | =
SYNS.E15 ack_low | SYNS | RA next iss | - | = | - | TcpInAckUnsent | =
SYNS.E15 ack_high | SYNS | RA next iss+2 | - | = | - | TcpInAckUnsent | =
SYNS.E16 | SYNS | RA next+10 iss+1 | - | CLOSED | closed refused | AttemptFails | off
SYNS.E16 bad | SYNS | RA next+10 iss+2 | - | = | - | TcpInAckUnsent | =
SYNS.E17 | SYNS | R next-100 0 | - | = | - | TcpInRstIgnored | =
SYNS.E17 bad | SYNS | RA next-100 iss | - | = | - | TcpInAckUnsent | =
SYNS.E18 | SYNS | P next 0 4 | - | = | - | TcpInNoSyn | =

SYNS.A01 | SYNS | close | - | CLOSED | closed aborted | AttemptFails | off
SYNS.A02 | SYNS | shut | - | CLOSED | closed aborted | AttemptFails | off
SYNS.A03 | SYNS | abort | - | CLOSED | closed aborted | AttemptFails TCPAbortByApplication | off
SYNS.A03 queued | SYNS; send 4 | abort | - | CLOSED | closed aborted
    | AttemptFails TCPAbortByApplication | off
SYNS.A03 linger_0 | SYNS; set linger 0 | close | - | CLOSED | closed aborted | AttemptFails | off
SYNS.A04 | SYNS | send 4 | - | = | send=4 | - | =
SYNS.A04 then_open | SYNS; send 4 | SA irs iss+1 | PA iss+1 irs+1 4 | ESTABLISHED | open | -
    | rexmt 200
SYNS.A05 | SYNS | read | - | = | - | - | =
# Nothing can be unread: text without a SYN is not taken, text on a SYN without ACK neither (G-31).
SYNS.A06 | SYNS; PA next iss+1 4 | close | - | CLOSED | closed aborted | AttemptFails | off

SYNS.T01 | config syn_linear_timeouts 0; SYNS | timer 1s | S iss 0 | = | -
    | TCPSynRetrans TCPTimeouts RetransSegs | rexmt 2000
SYNS.T01 again | config syn_linear_timeouts 0; SYNS; wait 1s | timer 2s | S iss 0 | = | -
    | TCPSynRetrans | rexmt 4000
# The deviation that is the default: as Linux, the first four time-outs are equal.
SYNS.T01 linear | SYNS; wait 1s | timer 1s | S iss 0 | = | - | TCPSynRetrans | rexmt 1000
SYNS.T01 after_linear | SYNS; wait 4s | timer 1s | S iss 0 | = | - | TCPSynRetrans | rexmt 2000
SYNS.T02 | SYNS; send 4 | never T02 60s | * | = | - | - | *
SYNS.T03 | SYNS; set keep_alive_idle 100; set keep_alive 1 | never T03 60s | * | = | - | - | *
SYNS.T04 | SYNS | never T04 61s | * | = | - | - | *
SYNS.T05 | SYNS | never T05 61s | * | = | - | - | *
SYNS.T06 r2 | config syn_timeout 3m; SYNS | outlast 3m | - | CLOSED | closed timed_out
    | TCPAbortOnTimeout AttemptFails | off
SYNS.T06 linux | SYNS | outlast 131s | - | CLOSED | closed timed_out
    | TCPAbortOnTimeout AttemptFails | off
SYNS.T06 back_off_only | config syn_linear_timeouts 0; SYNS | outlast 127s | - | CLOSED
    | closed timed_out | TCPAbortOnTimeout AttemptFails | off
SYNS.T06 user_timeout | SYNS; set user_timeout 5000 | outlast 5s | - | CLOSED | closed timed_out
    | TCPAbortOnTimeout AttemptFails | off
SYNS.I01 soft | SYNS | icmp 1 iss | - | CLOSED | closed unreachable | AttemptFails | off
SYNS.I01 hard | SYNS | icmp 3 iss | - | CLOSED | closed unreachable | AttemptFails | off
SYNS.I01 strict | config icmp_soft_opening retry; SYNS | icmp 1 iss | - | = | - | IcmpSoft | =
SYNS.I01 strict_hard | config icmp_soft_opening retry; SYNS | icmp 3 iss | - | CLOSED
    | closed unreachable | AttemptFails | off
SYNS.I01 below | SYNS | icmp 1 iss-1 | - | = | - | OutOfWindowIcmps | =
SYNS.I01 above | SYNS | icmp 1 iss+1 | - | = | - | OutOfWindowIcmps | =
# The SYN was small enough: it is not sent again, but the bound holds for what comes.
SYNS.I02 | SYNS | icmp 4 iss 1000 | - | = | - | PmtuReduced | =
SYNS.I02 bound | SYNS; icmp 4 iss 1000 | SA irs iss+1 mss=1460; send 1000
    | A iss+1 irs+1, A iss+1 irs+1 960 | ESTABLISHED | open, send=1000 | - | rexmt 200
)";

// iss = SND.UNA is our SYN,ACK's number, irs the peer's SYN.
const char* const kSynReceived = R"(
SYNR.E01 passive | SYNR | S irs 0 | SA iss irs+1 | = | - | SynAckRetrans RetransSegs | =
SYNR.E01 active | SYNR-ACTIVE | S irs 0 | SA iss irs+1 | = | - | SynAckRetrans RetransSegs | =
SYNR.E01 throttled | SYNR | S irs 0; S irs 0 | SA iss irs+1 | = | - | TCPACKSkippedSynRecv | =
SYNR.E01 passive_in_window | SYNR | S next+10 0 | - | LISTEN | - | AttemptFails | off
SYNR.E01 active_in_window | SYNR-ACTIVE | S next+10 0 | A max next | = | - | TCPChallengeACK | =
SYNR.E01 passive_elsewhere | SYNR | S next-100000 0 | A max next | = | - | - | =
SYNR.E01 active_elsewhere | SYNR-ACTIVE | S next-100000 0 | A max next | = | - | - | =
SYNR.E01 peer_restarts | SYNR | S next-100000 0; R next 0 | A max next | LISTEN | -
    | EmbryonicRsts AttemptFails | off
SYNR.E02 passive | SYNR | SA irs iss+1 | - | ESTABLISHED | open | - | off
SYNR.E02 active | SYNR-ACTIVE | SA irs iss+1 | - | ESTABLISHED | open | - | off
SYNR.E02 passive_bad_ack | SYNR | SA irs iss | R iss 0 | = | - | OutRsts | =
SYNR.E02 active_bad_ack | SYNR-ACTIVE | SA irs iss+2 | R iss+2 0 | = | - | OutRsts | =
SYNR.E02 passive_in_window | SYNR | SA next+10 iss+1 | - | LISTEN | - | AttemptFails | off
SYNR.E02 active_in_window | SYNR-ACTIVE | SA next+10 iss+1 | A max next | = | -
    | TCPChallengeACK | =
SYNR.E02 passive_elsewhere | SYNR | SA next-100000 iss+1 | A max next | = | - | - | =
SYNR.E02 active_elsewhere | SYNR-ACTIVE | SA next-100000 iss+1 | A max next | = | - | - | =
SYNR.E03 passive | SYNR | A next iss | R iss 0 | = | - | OutRsts | =
SYNR.E03 active | SYNR-ACTIVE | A next iss | R iss 0 | = | - | OutRsts | =
SYNR.E04 passive | SYNR | A next iss+1 | - | ESTABLISHED | open | PassiveOpens | off
SYNR.E04 active | SYNR-ACTIVE | A next iss+1 | - | ESTABLISHED | open | - | off
SYNR.E04 reopened | SYNR-REOPENED | A next iss+1 | - | ESTABLISHED | open | TimeWaitReopened | off
SYNR.E04 window | SYNR-ACTIVE | A next iss+1 w=2000; send 3000 | A max next 1460 | ESTABLISHED
    | open, send=3000 | - | rexmt 200
# CLOSE has moved the state to FIN-WAIT-1 where nothing waits ahead of the FIN; where text does, the
# FIN is unsent, and its number one of something never sent.
SYNR.E05 active | SYNR-ACTIVE; send 4; close | A next iss+6 | R iss+6 0 | = | - | OutRsts | =
SYNR.E05 passive | SYNR | A next iss+2 | R iss+2 0 | = | - | OutRsts | =
SYNR.E06 passive | SYNR | A next iss+2 | R iss+2 0 | = | - | OutRsts | =
SYNR.E06 active | SYNR-ACTIVE | A next iss+2 | R iss+2 0 | = | - | OutRsts | =
SYNR.E07 passive | SYNR | A next iss-65536 | R iss-65536 0 | = | - | OutRsts | =
SYNR.E07 active | SYNR-ACTIVE | A next iss-65536 | R iss-65536 0 | = | - | OutRsts | =
SYNR.E08 passive | SYNR | PA next iss+1 4 | - | ESTABLISHED | open, data 4 | - | delack
SYNR.E08 active | SYNR-ACTIVE | PA next iss+1 4 | - | ESTABLISHED | open, data 4 | - | delack
SYNR.E08 ack_low | SYNR | PA next iss 4 | R iss 0 | = | - | OutRsts | =
SYNR.E08 ack_high | SYNR-ACTIVE | PA next iss+2 4 | R iss+2 0 | = | - | OutRsts | =
SYNR.E09 passive | SYNR | A next+5 iss+1 4 | A max next | ESTABLISHED | open | TCPOFOQueue | off
SYNR.E09 active | SYNR-ACTIVE | A next+5 iss+1 4 | A max next | ESTABLISHED | open | TCPOFOQueue
    | off
SYNR.E09 bad_ack | SYNR | A next+5 iss+2 4 | R iss+2 0 | = | - | OutRsts | =
SYNR.E10 passive | SYNR | A next-5 iss+1 5 | A max next | = | - | TcpInOutOfWindow | =
SYNR.E10 active | SYNR-ACTIVE | A next-5 iss+1 5 | A max next | = | - | TcpInOutOfWindow | =
SYNR.E10 right | SYNR | A edge iss+1 | A max next | = | - | TcpInOutOfWindow | =
SYNR.E11 passive | SYNR | FA next iss+1 | A max next+1 | CLOSE-WAIT | open, peer closed
    | FinInOrder | off
SYNR.E11 active | SYNR-ACTIVE | FA next iss+1 | A max next+1 | CLOSE-WAIT | open, peer closed
    | FinInOrder | off
SYNR.E11 bad_ack | SYNR | FA next iss | R iss 0 | = | - | OutRsts | =
SYNR.E12 passive | SYNR | FA next+5 iss+1 | A max next | ESTABLISHED | open | FinOutOfOrder | off
SYNR.E12 active | SYNR-ACTIVE | FA next+5 iss+1 | A max next | ESTABLISHED | open | FinOutOfOrder
    | off
SYNR.E12 remembered | SYNR | FA next+5 iss+1; PA next iss+1 5 | A max next, A max next+6
    | CLOSE-WAIT | open, data 5, peer closed | FinOutOfOrder | off
SYNR.E13 passive | SYNR | FPA next iss+1 4 | A max next+5 | CLOSE-WAIT
    | open, data 4, peer closed | FinInOrder FinWithData | off
SYNR.E13 active | SYNR-ACTIVE | FPA next iss+1 4 | A max next+5 | CLOSE-WAIT
    | open, data 4, peer closed | FinInOrder FinWithData | off
SYNR.E14 passive | SYNR | FA next-1 iss+1 | A max next | = | - | TcpInOutOfWindow | =
SYNR.E14 active | SYNR-ACTIVE | FA next-1 iss+1 | A max next | = | - | TcpInOutOfWindow | =
SYNR.E15 passive | SYNR | R next 0 | - | LISTEN | - | EmbryonicRsts AttemptFails | off
SYNR.E15 active | SYNR-ACTIVE | R next 0 | - | CLOSED | closed refused
    | EmbryonicRsts AttemptFails | off
SYNR.E15 reopened | SYNR-REOPENED | R next 0 | - | TIME-WAIT | - | EmbryonicRsts TimeWaitReturned
    | 2msl 49620
SYNR.E16 passive | SYNR | R next+10 0 | A max next | = | - | TCPChallengeACK | =
SYNR.E16 active | SYNR-ACTIVE | R next+10 0 | A max next | = | - | TCPChallengeACK | =
SYNR.E16 reopened | SYNR-REOPENED | R next+10 0 | A max next | = | - | TCPChallengeACK | =
SYNR.E17 passive | SYNR | R next-100 0 | - | = | - | TcpInRstIgnored | =
SYNR.E17 active | SYNR-ACTIVE | R next-100 0 | - | = | - | TcpInRstIgnored | =
SYNR.E18 passive | SYNR | P next 0 4 | - | = | - | TcpInNoFlags | =
SYNR.E18 active | SYNR-ACTIVE | P next 0 4 | - | = | - | TcpInNoFlags | =

# Before ESTABLISHED only the application that connected has a handle.
SYNR.A01 | SYNR-ACTIVE | close | - | FIN-WAIT-1 orphan | - | - | =
SYNR.A01 then_acked | SYNR-ACTIVE; close | A next iss+1 | FA iss+1 next | = | - | - | rexmt 200
SYNR.A01 then_timer | SYNR-ACTIVE; close | timer 1s | SA iss next | = | - | - | rexmt 2000
SYNR.A01 deferred | SYNR-ACTIVE; send 4 | close | - | = | - | - | =
SYNR.A01 deferred_then_acked | SYNR-ACTIVE; send 4; close | A next iss+1 | FPA iss+1 next 4
    | FIN-WAIT-1 orphan | - | - | rexmt 200
SYNR.A02 | SYNR-ACTIVE | shut | - | = | - | - | =
SYNR.A02 then_acked | SYNR-ACTIVE; shut | A next iss+1 | FA iss+1 next | FIN-WAIT-1 | open | -
    | rexmt 200
SYNR.A03 | SYNR-ACTIVE | abort | RA max next | CLOSED | closed aborted
    | TCPAbortByApplication AttemptFails | off
SYNR.A04 | SYNR-ACTIVE | send 4 | - | = | send=4 | - | =
SYNR.A04 then_acked | SYNR-ACTIVE; send 4 | A next iss+1 | PA iss+1 next 4 | ESTABLISHED | open | -
    | rexmt 200
SYNR.A05 | SYNR-ACTIVE | read | - | = | - | - | =
# Without TFO nothing can be unread, so this is A01.
SYNR.A06 no_tfo | SYNS; S irs 0 4 | close | - | FIN-WAIT-1 orphan | - | - | =

SYNR.T01 passive | SYNR | timer 1s | SA iss irs+1 | = | - | SynAckRetrans RetransSegs TCPTimeouts
    | rexmt 2000
SYNR.T01 active | config syn_linear_timeouts 0; SYNR-ACTIVE | timer 1s | SA iss irs+1 | = | - | RetransSegs TCPTimeouts
    | rexmt 2000
SYNR.T02 passive | SYNR | never T02 60s | * | = | - | - | *
SYNR.T02 active | SYNR-ACTIVE; send 4 | never T02 60s | * | = | - | - | *
SYNR.T03 passive | SYNR | never T03 60s | * | = | - | - | *
SYNR.T03 active | SYNR-ACTIVE; set keep_alive_idle 100; set keep_alive 1 | never T03 60s | * | = | -
    | - | *
SYNR.T04 passive | SYNR | never T04 61s | * | = | - | - | *
SYNR.T04 active | SYNR-ACTIVE | never T04 61s | * | = | - | - | *
SYNR.T05 passive | SYNR | never T05 61s | * | = | - | - | *
SYNR.T05 active | SYNR-ACTIVE | never T05 61s | * | = | - | - | *
SYNR.T06 passive | config synack_timeout 3m; SYNR | outlast 3m | - | LISTEN | -
    | SynRecvTimeouts AttemptFails | off
SYNR.T06 passive_linux | SYNR | outlast 63s | - | LISTEN | - | SynRecvTimeouts AttemptFails | off
SYNR.T06 active_r2 | config syn_timeout 3m; SYNR-ACTIVE | outlast 3m | - | CLOSED
    | closed timed_out | TCPAbortOnTimeout AttemptFails | off
SYNR.T06 active | SYNR-ACTIVE | outlast 131s | - | CLOSED | closed timed_out
    | TCPAbortOnTimeout AttemptFails | off
SYNR.T06 user_timeout | SYNS; set user_timeout 5000; S irs 0 | outlast 5s | - | CLOSED
    | closed timed_out | TCPAbortOnTimeout AttemptFails | off
SYNR.I01 passive | SYNR | icmp 1 iss | - | LISTEN | - | AttemptFails | off
SYNR.I01 active | SYNR-ACTIVE | icmp 1 iss | - | CLOSED | closed unreachable | AttemptFails | off
SYNR.I01 passive_outside | SYNR | icmp 1 iss+1 | - | = | - | OutOfWindowIcmps | =
SYNR.I01 active_outside | SYNR-ACTIVE | icmp 1 iss+1 | - | = | - | OutOfWindowIcmps | =
SYNR.I02 passive | SYNR | icmp 4 iss 1000 | - | = | - | PmtuReduced | =
SYNR.I02 passive_recorded | SYNR; icmp 4 iss 1000; A next iss+1 | send 1000 | A max next 960 | =
    | send=1000 | - | rexmt 200
SYNR.I02 active | SYNR-ACTIVE | icmp 4 iss 1000 | - | = | - | PmtuReduced | =
SYNR.I02 active_recorded | SYNR-ACTIVE; icmp 4 iss 1000 | A next iss+1; send 1000
    | A iss+1 next 960 | ESTABLISHED | open, send=1000 | - | rexmt 200
)";

}  // namespace lastack::test::walk

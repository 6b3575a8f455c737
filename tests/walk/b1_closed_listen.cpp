// B.1: CLOSED and LISTEN.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

// No record and no listener: RST(a) to what has an ACK, RST(0) to what has none.
const char* const kClosed = R"(
CLOSED.E01 | CLOSED | S irs 0 | RA 0 irs+1 | = | - | TcpInClosed OutRsts | off
CLOSED.E01 text | CLOSED | S irs 0 4 | RA 0 irs+5 | = | - | TcpInClosed OutRsts | off
CLOSED.E01 fin | CLOSED | SF irs 0 | RA 0 irs+2 | = | - | TcpInClosed OutRsts | off
CLOSED.E02 | CLOSED | SA irs una | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E03 | CLOSED | A next una | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E03 after_a_life | GONE; unlisten | A next una | R una 0 | = | - | TcpInClosed | off
CLOSED.E04 | CLOSED | A next una+9 | R una+9 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E05 | GONE; unlisten | A next max+1 | R max+1 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E06 | CLOSED | A next max+99 | R max+99 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E07 | CLOSED | A next una-65536 | R una-65536 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E08 | CLOSED | PA next una 4 | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E09 | CLOSED | A next+5 una 4 | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E10 | CLOSED | A next-5 una 4 | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E10 right | CLOSED | A edge una | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E11 | CLOSED | FA next una | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E12 | CLOSED | FA next+5 una | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E13 | CLOSED | FPA next una 4 | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E14 | CLOSED | FA next-1 una | R una 0 | = | - | TcpInClosed OutRsts | off
CLOSED.E14 after_last_ack | LA; A next max; unlisten | FA next-1 max | R max 0 | = | -
    | TcpInClosed OutRsts | off
CLOSED.E15 | CLOSED | R next 0 | - | = | - | TcpInClosed | off
CLOSED.E15 ack | CLOSED | RA next una | - | = | - | TcpInClosed | off
CLOSED.E16 | CLOSED | R next+10 0 | - | = | - | TcpInClosed | off
CLOSED.E17 | CLOSED | R next-100 0 | - | = | - | TcpInClosed | off
CLOSED.E18 | CLOSED | P next 0 4 | RA 0 next+4 | = | - | TcpInClosed OutRsts | off
CLOSED.E18 fin | CLOSED | F next 0 | RA 0 next+1 | = | - | TcpInClosed OutRsts | off

# The handle is stale, which is our EBADF: the call is refused and counted.
CLOSED.A01 | GONE | close | - | = | - | StaleHandle | off
CLOSED.A02 | GONE | shut | - | = | - | StaleHandle | off
CLOSED.A03 | GONE | abort | - | = | - | StaleHandle | off
CLOSED.A04 | GONE | send 4 | - | = | send=0 | StaleHandle | off
# What was left unread keeps the handle: bytes first, then the end, once.
CLOSED.A04 unread | EST; hold; FPA next una 4; shut; A next max | send 4 | - | = | send=0 | - | off
CLOSED.A05 | GONE | resume | - | = | - | StaleHandle | off
CLOSED.A05 unread | EST; hold; FPA next una 4; shut; A next max | read | - | =
    | data 4, peer closed, closed orderly | - | off
CLOSED.A06 | EST; hold; FPA next una 4; shut; A next max | close | - | = | closed orderly | - | off

# Each timer was armed when the connection ended: none fires, and nothing is stale.
CLOSED.T01 | EST; say 10; R next 0 | never T01 10m | - | = | - | - | off
CLOSED.T02 | EST; A next una w=0; send 10; R next 0 | never T02 10m | - | = | - | - | off
CLOSED.T03 | EST; set keep_alive_idle 1000; set keep_alive 1; R next 0 | never T03 10m | - | = | -
    | - | off
CLOSED.T04 | config rfc1337 off; TW; R next 0 | never T04 10m | - | = | - | - | off
CLOSED.T05 | FW2-ORPHAN; R next 0 | never T05 10m | - | = | - | - | off
CLOSED.T06 | EST; set user_timeout 5000; say 10; R next 0 | never T06 1h | - | = | - | - | off
CLOSED.I01 | CLOSED | icmp 1 una | - | = | - | IcmpQuoteUnknown | off
CLOSED.I01 after_a_life | GONE | icmp 1 una | - | = | - | IcmpQuoteUnknown | off
CLOSED.I02 | CLOSED | icmp 4 una 1000 | - | = | - | IcmpQuoteUnknown | off
)";

// Without SYN cookies an ACK for a listener is one of nothing that was sent: RST(a).
const char* const kListen = R"(
LISTEN.E01 | LISTEN | S irs 0 | SA iss irs+1 | SYN-RECEIVED | - | - | rexmt 1000
LISTEN.E01 fin | LISTEN | SF irs 0 | - | = | - | TcpInSynFin ListenDrops | off
LISTEN.E01 text | LISTEN | S irs 0 4 | SA iss irs+1 | SYN-RECEIVED | - | - | rexmt 1000
LISTEN.E01 to_broadcast | LISTEN | S irs 0 to=broadcast | - | = | - | - | off
LISTEN.E01 from_broadcast | LISTEN | S irs 0 from=broadcast | - | = | - | IpInBadSource | off
LISTEN.E02 | LISTEN | SA irs una | R una 0 | = | - | OutRsts | off
LISTEN.E03 | LISTEN | A next una | R una 0 | = | - | OutRsts | off
LISTEN.E03 cookie | config syn_cookies always; LISTEN; S irs 0 | A next max | - | ESTABLISHED
    | open | SyncookiesRecv PassiveOpens | off
LISTEN.E03 wrong_cookie | config syn_cookies always; LISTEN; S irs 0 | A next max+1 | R max+1 0
    | = | - | SyncookiesFailed OutRsts | off
LISTEN.E04 | LISTEN | A next una+9 | R una+9 0 | = | - | OutRsts | off
LISTEN.E05 | LISTEN | A next max+1 | R max+1 0 | = | - | OutRsts | off
LISTEN.E06 | LISTEN | A next max+99 | R max+99 0 | = | - | OutRsts | off
LISTEN.E07 | LISTEN | A next una-65536 | R una-65536 0 | = | - | OutRsts | off
LISTEN.E08 | LISTEN | PA next una 4 | R una 0 | = | - | OutRsts | off
LISTEN.E09 | LISTEN | A next+5 una 4 | R una 0 | = | - | OutRsts | off
LISTEN.E10 | LISTEN | A next-5 una 4 | R una 0 | = | - | OutRsts | off
LISTEN.E11 | LISTEN | FA next una | R una 0 | = | - | OutRsts | off
LISTEN.E12 | LISTEN | FA next+5 una | R una 0 | = | - | OutRsts | off
LISTEN.E13 | LISTEN | FPA next una 4 | R una 0 | = | - | OutRsts | off
LISTEN.E14 | LISTEN | FA next-1 una | R una 0 | = | - | OutRsts | off
LISTEN.E15 | LISTEN | R next 0 | - | = | - | TcpInRstIgnored | off
LISTEN.E15 ack | LISTEN | RA next una | - | = | - | TcpInRstIgnored | off
LISTEN.E16 | LISTEN | R next+10 0 | - | = | - | TcpInRstIgnored | off
LISTEN.E17 | LISTEN | R next-100 0 | - | = | - | TcpInRstIgnored | off
LISTEN.E18 | LISTEN | P next 0 4 | - | = | - | TcpInNoFlags | off
LISTEN.E18 fin | LISTEN | F next 0 | - | = | - | TcpInNoFlags | off

# stop_listening() is both CLOSE and ABORT of a listener; half-open children go silently. Without an
# accept queue no child is complete and unaccepted.
LISTEN.A01 | LISTEN | unlisten | - | CLOSED | - | - | off
LISTEN.A01 child | LISTEN; S irs 0 | unlisten | - | CLOSED | - | AttemptFails | off
LISTEN.A01 reopened_child | SYNR-REOPENED | unlisten | - | TIME-WAIT | - | TimeWaitReturned
    | 2msl 49620
LISTEN.A01 open_child | EST | unlisten | - | ESTABLISHED | - | - | off
LISTEN.A03 | LISTEN | stop-all | - | CLOSED | - | - | off
LISTEN.A03 child | LISTEN; S irs 0 | stop-all | - | CLOSED | - | AttemptFails | off
# A listener is no connection: a handle made from its numbers is refused, and it listens on.
LISTEN.A02 | LISTEN | listener shut; S irs 0 | SA iss irs+1 | SYN-RECEIVED | - | StaleHandle
    | rexmt 1000
LISTEN.A04 | LISTEN | listener send 4 | - | = | send=0 | StaleHandle | off
LISTEN.A05 | LISTEN | listener resume | - | = | - | StaleHandle | off
LISTEN.A06 | LISTEN | listener close | - | = | - | StaleHandle | off

# No timer is a listener's.
LISTEN.T01 | LISTEN | never T01 1h | - | = | - | - | off
LISTEN.T01 child_gone | LISTEN; S irs 0; R next 0 | never T01 1h | - | = | - | - | off
LISTEN.T02 | LISTEN | never T02 1h | - | = | - | - | off
LISTEN.T03 | LISTEN | never T03 5h | - | = | - | - | off
LISTEN.T04 | LISTEN | never T04 1h | - | = | - | - | off
LISTEN.T05 | LISTEN | never T05 1h | - | = | - | - | off
LISTEN.T06 | LISTEN | never T06 48h | - | = | - | - | off
LISTEN.I01 | LISTEN | icmp 1 iss | - | = | - | IcmpQuoteUnknown | off
LISTEN.I02 | LISTEN | icmp 4 iss 1000 | - | = | - | IcmpQuoteUnknown | off
)";

}  // namespace lastack::test::walk

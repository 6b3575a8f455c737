// D-16: close() in every combination of linger, unread text, unsent text and state: 72 rows, by
// hand from D-8 to D-15. In each the order of checks is D-8's: unread text, linger of 0 s, FIN.
//
//     state variant | given | event | first segment | state after | the peer then | counter | end
//
// unsent_1: the application has sent ten bytes that have not left when it closes. unsent_shut: they
// wait at a shut window; the first segment is then the probe, and the FIN follows the window's
// opening. In FIN-WAIT-1 without unsent text the FIN has left before close(), and the first segment
// is its retransmission.
//
// Impossible: unsent text in FIN-WAIT-2, for all of it has been acknowledged with the FIN (twelve
// rows). They are driven as far as they go: send() takes nothing there, and close() does what it
// does without unsent text; at a shut window too.
#include "tests/walk/cell.hpp"

namespace lastack::test::walk {

const char* const kCloseMatrix = R"(
# SO_LINGER off: FIN behind what was sent, unless text is unread (D-8, D-10, D-12).
EST linger_off_unread_0_unsent_0 | EST | close | FA una next | FIN-WAIT-1
    | FA next una+1 | - | TIME-WAIT
EST linger_off_unread_0_unsent_1 | EST | send 10; close | FPA una next 10 | FIN-WAIT-1
    | FA next una+11 | - | TIME-WAIT
EST linger_off_unread_0_unsent_shut | EST; A next una w=0; send 10 | close; timer 200ms | A una-1 next | FIN-WAIT-1
    | A next una; FA next una+11 | - | TIME-WAIT
EST linger_off_unread_1_unsent_0 | EST; hold; PA next una 4 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
EST linger_off_unread_1_unsent_1 | EST; hold; PA next una 4 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
EST linger_off_unread_1_unsent_shut | EST; hold; PA next una 4 w=0; send 10 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_off_unread_0_unsent_0 | CW | close | FA una next | LAST-ACK | A next una+1 | - | CLOSED
CW linger_off_unread_0_unsent_1 | CW | send 10; close | FPA una next 10 | LAST-ACK
    | A next una+11 | - | CLOSED
CW linger_off_unread_0_unsent_shut | CW; A next una w=0; send 10 | close; timer 200ms | A una-1 next | LAST-ACK
    | A next una; A next una+11 | - | CLOSED
CW linger_off_unread_1_unsent_0 | EST; hold; FPA next una 4 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_off_unread_1_unsent_1 | EST; hold; FPA next una 4 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_off_unread_1_unsent_shut | EST; hold; FPA next una 4 w=0; send 10 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_off_unread_0_unsent_0 | FW1 | close; timer 200ms | FA una next | FIN-WAIT-1
    | FA next una+1 | - | TIME-WAIT
FW1 linger_off_unread_0_unsent_1 | EST | send 10; shut; close | FPA una next 10 | FIN-WAIT-1
    | FA next una+11 | - | TIME-WAIT
FW1 linger_off_unread_0_unsent_shut | EST; A next una w=0; send 10; shut | close; timer 200ms | A una-1 next | FIN-WAIT-1
    | A next una; FA next una+11 | - | TIME-WAIT
FW1 linger_off_unread_1_unsent_0 | FW1; hold; PA next una 4 | close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_off_unread_1_unsent_1 | EST; hold; PA next una 4 | send 10; shut; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_off_unread_1_unsent_shut | EST; hold; PA next una 4 w=0; send 10; shut | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_off_unread_0_unsent_0 | FW2 | close | - | FIN-WAIT-2 | FA next max | - | TIME-WAIT
FW2 linger_off_unread_0_unsent_1 | FW2 | send 10; close | - | FIN-WAIT-2
    | FA next max | - | TIME-WAIT
FW2 linger_off_unread_0_unsent_shut | FW2; A next max w=0 | send 10; close | - | FIN-WAIT-2
    | FA next max | - | TIME-WAIT
FW2 linger_off_unread_1_unsent_0 | FW2; hold; PA next max 4 | close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_off_unread_1_unsent_1 | FW2; hold; PA next max 4 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_off_unread_1_unsent_shut | FW2; hold; PA next max 4 w=0 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED

# SO_LINGER on, 5 s: the same segments and states; only the telling differs (D-14).
EST linger_5_unread_0_unsent_0 | EST; set linger 5000 | close | FA una next | FIN-WAIT-1
    | FA next una+1 | - | TIME-WAIT
EST linger_5_unread_0_unsent_1 | EST; set linger 5000 | send 10; close | FPA una next 10 | FIN-WAIT-1
    | FA next una+11 | - | TIME-WAIT
EST linger_5_unread_0_unsent_shut | EST; A next una w=0; send 10; set linger 5000 | close; timer 200ms | A una-1 next | FIN-WAIT-1
    | A next una; FA next una+11 | - | TIME-WAIT
EST linger_5_unread_1_unsent_0 | EST; hold; PA next una 4; set linger 5000 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
EST linger_5_unread_1_unsent_1 | EST; hold; PA next una 4; set linger 5000 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
EST linger_5_unread_1_unsent_shut | EST; hold; PA next una 4 w=0; send 10; set linger 5000 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_5_unread_0_unsent_0 | CW; set linger 5000 | close | FA una next | LAST-ACK
    | A next una+1 | - | CLOSED
CW linger_5_unread_0_unsent_1 | CW; set linger 5000 | send 10; close | FPA una next 10 | LAST-ACK
    | A next una+11 | - | CLOSED
CW linger_5_unread_0_unsent_shut | CW; A next una w=0; send 10; set linger 5000 | close; timer 200ms | A una-1 next | LAST-ACK
    | A next una; A next una+11 | - | CLOSED
CW linger_5_unread_1_unsent_0 | EST; hold; FPA next una 4; set linger 5000 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_5_unread_1_unsent_1 | EST; hold; FPA next una 4; set linger 5000 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_5_unread_1_unsent_shut | EST; hold; FPA next una 4 w=0; send 10; set linger 5000 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_5_unread_0_unsent_0 | FW1; set linger 5000 | close; timer 200ms | FA una next | FIN-WAIT-1
    | FA next una+1 | - | TIME-WAIT
FW1 linger_5_unread_0_unsent_1 | EST; set linger 5000 | send 10; shut; close | FPA una next 10 | FIN-WAIT-1
    | FA next una+11 | - | TIME-WAIT
FW1 linger_5_unread_0_unsent_shut | EST; A next una w=0; send 10; shut; set linger 5000 | close; timer 200ms | A una-1 next | FIN-WAIT-1
    | A next una; FA next una+11 | - | TIME-WAIT
FW1 linger_5_unread_1_unsent_0 | FW1; hold; PA next una 4; set linger 5000 | close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_5_unread_1_unsent_1 | EST; hold; PA next una 4; set linger 5000 | send 10; shut; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_5_unread_1_unsent_shut | EST; hold; PA next una 4 w=0; send 10; shut; set linger 5000 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_5_unread_0_unsent_0 | FW2; set linger 5000 | close | - | FIN-WAIT-2
    | FA next max | - | TIME-WAIT
FW2 linger_5_unread_0_unsent_1 | FW2; set linger 5000 | send 10; close | - | FIN-WAIT-2
    | FA next max | - | TIME-WAIT
FW2 linger_5_unread_0_unsent_shut | FW2; A next max w=0; set linger 5000 | send 10; close | - | FIN-WAIT-2
    | FA next max | - | TIME-WAIT
FW2 linger_5_unread_1_unsent_0 | FW2; hold; PA next max 4; set linger 5000 | close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_5_unread_1_unsent_1 | FW2; hold; PA next max 4; set linger 5000 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_5_unread_1_unsent_shut | FW2; hold; PA next max 4 w=0; set linger 5000 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED

# SO_LINGER on, 0 s: RST, whatever waits (D-13).
EST linger_0_unread_0_unsent_0 | EST; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
EST linger_0_unread_0_unsent_1 | EST; set linger 0 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
EST linger_0_unread_0_unsent_shut | EST; A next una w=0; send 10; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
EST linger_0_unread_1_unsent_0 | EST; hold; PA next una 4; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
EST linger_0_unread_1_unsent_1 | EST; hold; PA next una 4; set linger 0 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
EST linger_0_unread_1_unsent_shut | EST; hold; PA next una 4 w=0; send 10; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_0_unread_0_unsent_0 | CW; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
CW linger_0_unread_0_unsent_1 | CW; set linger 0 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
CW linger_0_unread_0_unsent_shut | CW; A next una w=0; send 10; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
CW linger_0_unread_1_unsent_0 | EST; hold; FPA next una 4; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_0_unread_1_unsent_1 | EST; hold; FPA next una 4; set linger 0 | send 10; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
CW linger_0_unread_1_unsent_shut | EST; hold; FPA next una 4 w=0; send 10; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_0_unread_0_unsent_0 | FW1; set linger 0 | close | RA max next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
FW1 linger_0_unread_0_unsent_1 | EST; set linger 0 | send 10; shut; close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
FW1 linger_0_unread_0_unsent_shut | EST; A next una w=0; send 10; shut; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
FW1 linger_0_unread_1_unsent_0 | FW1; hold; PA next una 4; set linger 0 | close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_0_unread_1_unsent_1 | EST; hold; PA next una 4; set linger 0 | send 10; shut; close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW1 linger_0_unread_1_unsent_shut | EST; hold; PA next una 4 w=0; send 10; shut; set linger 0 | close | RA una next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_0_unread_0_unsent_0 | FW2; set linger 0 | close | RA max next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
FW2 linger_0_unread_0_unsent_1 | FW2; set linger 0 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
FW2 linger_0_unread_0_unsent_shut | FW2; A next max w=0; set linger 0 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnLinger | CLOSED
FW2 linger_0_unread_1_unsent_0 | FW2; hold; PA next max 4; set linger 0 | close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_0_unread_1_unsent_1 | FW2; hold; PA next max 4; set linger 0 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
FW2 linger_0_unread_1_unsent_shut | FW2; hold; PA next max 4 w=0; set linger 0 | send 10; close | RA max next | CLOSED
    | - | TCPAbortOnClose | CLOSED
)";

}  // namespace lastack::test::walk

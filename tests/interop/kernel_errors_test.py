#!/usr/bin/env python3
"""How a connection to the Linux kernel fails, and what each side's application is told; lastack in
both roles.

    kernel_errors_test.py PUPPET LASTACKCTL
"""

import socket
import time

import kernel_peer
import repair
from bed import KERNEL, LASTACK, until
from kernel_peer import KernelPeer, ROLES, SERVED_BY_LASTACK, error_of, in_both_roles, linger, \
    outcome, small_buffer
from puppets import Refused
from wire import FIN, RST

TCP_USER_TIMEOUT = 18
CLOSED_PORT = 4444


def everything(_):
    return True


class UserTimeout(KernelPeer):
    LIMIT = 1.2

    def until_timed_out(self, puppets):
        """Each ends in its time: not before, and the last timeout was cut to fit."""
        begun = time.monotonic()
        for puppet in puppets:
            puppet.becomes(closed="timed_out")
        self.assertGreater(time.monotonic() - begun, self.LIMIT - 0.3)
        self.assertLess(time.monotonic() - begun, self.LIMIT + 1.5)

    def test_D_22_lastack_gives_up_unacknowledged_data_and_FINs_in_time(self):
        """In ESTABLISHED, and taken along to FIN-WAIT-1 and LAST-ACK."""
        pairs = [self.pair(role) for role, _ in in_both_roles(1, 2, 3)]
        for index, pair in enumerate(pairs):
            pair.puppet.option("user_timeout_ms", int(self.LIMIT * 1000))
            if index % 3 == 2:
                pair.sock.shutdown(socket.SHUT_WR)
                self.until_states(pair, "CLOSE-WAIT")
        self.wire.lose(everything)
        with self.counts(TCPAbortOnTimeout=2, OrphanKilled=4):
            for index, pair in enumerate(pairs):
                pair.puppet.send(10)
                if index % 3 > 0:
                    pair.puppet.close()
            self.until_timed_out([pair.puppet for pair in pairs])

    def test_D_22_lastack_gives_up_a_window_that_stays_shut(self):
        pairs = [self.pair(role, small_buffer) for role in ROLES]
        for pair in pairs:
            pair.puppet.option("user_timeout_ms", int(self.LIMIT * 1000))
            pair.puppet.send(100_000)
        for pair in pairs:
            until(lambda: self.segments(pair, "kernel")[-1].window == 0, 5, "a window of 0")
        for pair in pairs:
            pair.puppet.becomes(patience=self.LIMIT + 3, closed="timed_out")

    def test_D_22_the_kernel_gives_up_in_its_own_time_and_lastack_can_go(self):
        pairs = [self.pair(role) for role in ROLES]
        for pair in pairs:
            pair.sock.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, int(self.LIMIT * 1000))
        self.wire.lose(everything)
        begun = time.monotonic()
        for pair in pairs:
            pair.sock.send(b"x")
        for pair in pairs:
            self.assertEqual(error_of(pair.sock.recv, 1), "ETIMEDOUT")
        self.assertLess(time.monotonic() - begun, self.LIMIT + 1.5)
        self.wire.lose(None)
        for pair in pairs:
            pair.puppet.send(1)
            pair.puppet.becomes(closed="reset")


class Errors(KernelPeer):
    def test_D_29_RST_in_SYN_SENT_is_refused(self):
        calling = self.puppeteer.connect(f"{KERNEL}:{CLOSED_PORT}")
        calling.becomes(closed="refused", opened=False)
        self.assertEqual(error_of(self.kernel_socket().connect, (LASTACK, CLOSED_PORT)),
                         "ECONNREFUSED")

    def test_D_29_RST_later_is_a_reset_to_lastack(self):
        for role, state in in_both_roles("ESTAB", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT"):
            with self.trying(role, state):
                pair = self.pair(role)
                if state == "FIN-WAIT-1":
                    self.wire.lose(lambda segment: segment.sender == "lastack" and segment.has(FIN))
                if state.startswith("FIN"):
                    pair.puppet.shutdown()
                if state == "CLOSE-WAIT":
                    pair.sock.shutdown(socket.SHUT_WR)
                self.until_states(pair, state)
                if state == "CLOSE-WAIT":
                    pair.sock.close()  # read side gone: what comes is answered with RST
                    pair.puppet.send(1)
                else:
                    linger(pair.sock, 0)
                    pair.sock.close()
                pair.puppet.becomes(closed="reset")
                self.assertEqual(self.lastack_state(pair), "CLOSED")

    def test_D_29_RST_of_lastacks_is_ECONNRESET_to_the_kernel_and_EPIPE_in_CLOSE_WAIT(self):
        for role, state in in_both_roles("ESTAB", "FIN-WAIT-2", "CLOSE-WAIT"):
            with self.trying(role, state):
                pair = self.pair(role)
                if state == "FIN-WAIT-2":
                    pair.sock.shutdown(socket.SHUT_WR)
                if state == "CLOSE-WAIT":
                    pair.puppet.shutdown()
                self.until_states(pair, kernel=state)
                pair.puppet.abort()
                self.until_states(pair, "CLOSED", "CLOSED")
                pair.puppet.becomes(closed="aborted")
                self.assertEqual(pair.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
                                 32 if state == "CLOSE-WAIT" else 104)

    def test_D_29_nothing_is_sent_after_the_FIN_and_no_route_is_unreachable(self):
        for role in ROLES:
            pair = self.pair(role)
            pair.puppet.shutdown()
            self.assertEqual(pair.puppet.send(1), 0)
            pair.sock.shutdown(socket.SHUT_WR)
            self.assertEqual(error_of(pair.sock.send, b"x"), "EPIPE")
        with self.assertRaisesRegex(Refused, "route"):
            self.puppeteer.connect("203.0.113.1:80")


class Silence(KernelPeer):
    """Nobody answers ARP: three requests, a second apart, and both sides' callers hear the same."""

    NOBODY = "198.18.0.77"

    def test_D_29_a_call_to_a_neighbour_that_is_not_there_is_EHOSTUNREACH(self):
        calling = self.puppeteer.connect(f"{self.NOBODY}:80")
        self.sysctl("neigh/peer0/retrans_time_ms", 100)
        sock = self.kernel_socket()
        self.assertEqual(error_of(sock.connect, (self.NOBODY, 80)), "EHOSTUNREACH")
        calling.becomes(patience=8, closed="unreachable", errno="EHOSTUNREACH")


class BehindTheFin(KernelPeer):
    """A peer that aborts after its FIN and gives the RST the number of the FIN. Neither side here
    does so: its RST is lost on the wire, and comes with one less."""

    STATES = ("CLOSE-WAIT", "CLOSING", "LAST-ACK")

    def reset_in(self, role, state):
        """lastack in `state`, the kernel aborts, and its RST comes with the number of its FIN."""
        pair = self.pair(role)
        self.wire.lose(lambda one: one.has(RST) or (one.sender == "lastack" and one.has(FIN)))
        if state == "CLOSING":
            pair.puppet.shutdown()
        pair.sock.shutdown(socket.SHUT_WR)
        if state == "LAST-ACK":
            self.until_states(pair, "CLOSE-WAIT")
            pair.puppet.shutdown()
        self.until_states(pair, state)
        self.until_states(pair, kernel="FIN-WAIT-2")
        linger(pair.sock, 0)
        pair.sock.close()
        self.move_to_the_fin(pair, "kernel")
        return pair

    def move_to_the_fin(self, pair, sender):
        fin = self.segments(pair, sender, FIN)[0]
        reset = until(lambda: self.segments(pair, sender, RST), 5, f"an RST of {sender}'s")[0]
        self.assertEqual(reset.number, fin.end())
        self.wire.repeat(repair.forged(reset, reset.source, reset.destination, reset.bits,
                                       reset.number - 1, reset.acknowledged))


class ResetBehindTheFin(BehindTheFin):
    def test_E_11_the_kernels_RST_with_the_number_of_its_FIN_ends_lastacks_connection(self):
        for role, state in in_both_roles(*self.STATES):
            with self.trying(role, state), self.counts(EstabResets=int(state == "CLOSE-WAIT")):
                pair = self.reset_in(role, state)
                pair.puppet.becomes(closed="reset")
                self.assertEqual(self.lastack_state(pair), "CLOSED")

    def test_E_11_lastacks_RST_with_the_number_of_its_FIN_ends_the_kernels_connection(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.puppet.shutdown()
                self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
                self.wire.lose(lambda one: one.has(RST))
                pair.puppet.abort()
                self.move_to_the_fin(pair, "lastack")
                self.until_states(pair, kernel="CLOSED")
                self.assertEqual(pair.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 32)


class ResetBehindTheFinSwitchedOff(BehindTheFin):
    tcp_extra = "rst_after_fin = false"

    def test_E_11_the_kernels_RST_with_the_number_of_its_FIN_is_ignored(self):
        for role, state in in_both_roles(*self.STATES):
            with self.trying(role, state):
                with self.counts(TcpInRstIgnored=1):
                    pair = self.reset_in(role, state)
                self.assertEqual(self.lastack_state(pair), state)


class Exit(KernelPeer):
    """The puppet lets its connections be: what becomes of them is lastack's."""

    control_extra = 'drain_patience = "1500ms"'

    def leave_nothing(self):
        pass  # it has ended

    def test_D_27_the_process_ends_and_the_kernel_sees_every_connection_end(self):
        """One that closes while there is patience does so in order; the others are reset."""
        first, *others = [self.pair(role) for role, _ in in_both_roles(1, 2)]
        self.lastack.process.terminate()
        until(lambda: error_of(self.kernel_socket().connect, (LASTACK, SERVED_BY_LASTACK))
              == "ECONNREFUSED", 5, "nothing new is taken")
        first.puppet.close()
        self.assertEqual(outcome(first.sock), (0, "EOF"))
        first.sock.close()
        for pair in others:
            self.assertEqual(outcome(pair.sock), (0, "ECONNRESET"))
        self.assertEqual(self.lastack.wait(), 0)
        self.assertEqual(self.segments(first, "lastack", RST), [])
        self.assertEqual(self.segments(first, bits=FIN)[0].sender, "lastack")


if __name__ == "__main__":
    kernel_peer.main()

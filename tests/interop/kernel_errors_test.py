#!/usr/bin/env python3
"""How a connection to the Linux kernel fails, and what each side's application is told; lastack in
both roles.

    kernel_errors_test.py PUPPET LASTACKCTL
"""

import socket
import time

import kernel_peer
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

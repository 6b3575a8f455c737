#!/usr/bin/env python3
"""What bounds the release, with the Linux kernel as peer: linger, TCP_LINGER2, the user timeout; and
what an application is told. lastack in both roles.

    kernel_linger_test.py PUPPET LASTACKCTL
"""

import socket
import struct
import time

import kernel_peer
from bed import KERNEL, LASTACK, until
from kernel_peer import KernelPeer, ROLES, SERVED_BY_KERNEL, SERVED_BY_LASTACK, error_of, \
    in_both_roles, outcome
from puppets import Refused
from wire import ACK, FIN, RST, SYN

TCP_LINGER2 = 8
TCP_USER_TIMEOUT = 18
CLOSED_PORT = 4444


def linger(sock, seconds):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


def small_buffer(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)


def took(call):
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


def everything(_):
    return True


class Linger(KernelPeer):
    def test_D_12_lastack_closes_and_what_it_had_sent_arrives_in_the_background(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role, small_buffer)
                sent = pair.puppet.send(400_000)
                pair.puppet.close()
                self.assertEqual(pair.puppet.show()["closed"], "")
                self.assertEqual(outcome(pair.sock), (sent, "EOF"))
                pair.sock.close()
                pair.puppet.becomes(closed="orderly")
                self.until_states(pair, "TIME-WAIT", "CLOSED")

    def test_D_12_the_kernel_closes_and_what_it_had_sent_arrives_in_the_background(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.puppet.read(False)
                pair.sock.sendall(b"x" * 100_000)
                self.assertLess(took(pair.sock.close), 0.2)
                pair.puppet.read(True)
                pair.puppet.becomes(received=100_000, peer_closed=True)
                pair.puppet.close()
                pair.puppet.becomes(closed="orderly")

    def test_D_13_lastack_with_linger_0_drops_what_waits_and_resets(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role, small_buffer)
                sent = pair.puppet.send(400_000)
                until(lambda: self.segments(pair, "lastack")[-1].length, 5, "data is on its way")
                pair.puppet.option("linger_ms", 0)
                with self.counts(TCPAbortOnLinger=1, TimeWaitEntered=0):
                    pair.puppet.close()
                    self.until_states(pair, "CLOSED", "CLOSED")
                got, how = outcome(pair.sock)
                self.assertEqual(how, "ECONNRESET")
                self.assertLess(got, sent)
                self.assertEqual(self.segments(pair, "lastack", FIN), [])

    def test_D_13_linger_0_in_SYN_SENT_and_of_a_listener_sends_no_RST(self):
        self.wire.lose(lambda segment: segment.has(SYN))
        calling = self.puppeteer.connect(f"{KERNEL}:{SERVED_BY_KERNEL}")
        calling.option("linger_ms", 0)
        until(lambda: len(self.wire.seen) > self.begun, 5, "a SYN")
        calling.close()
        self.assertEqual(calling.show()["state"], "CLOSED")
        self.puppeteer.listen(SERVED_BY_LASTACK + 1)
        self.puppeteer.unlisten(SERVED_BY_LASTACK + 1)
        self.wire.lose(None)
        # A connection after it: an RST would be on the wire before that.
        self.pair("client")
        self.assertEqual([one for one in self.wire.seen[self.begun:] if one.has(RST)], [])

    def test_D_13_the_kernel_with_linger_0_in_SYN_SENT_leaves_lastack_nothing(self):
        self.wire.lose(lambda segment: segment.sender == "lastack" and segment.has(SYN))
        sock = self.kernel_socket()
        sock.setblocking(False)
        sock.connect_ex((LASTACK, SERVED_BY_LASTACK))
        until(lambda: self.lastack.states() == {"SYN-RECEIVED": 1}, 5, self.lastack.states)
        linger(sock, 0)
        sock.close()
        self.wire.lose(None)
        # The kernel is gone without a word, and answers the SYN,ACK that comes again.
        until(lambda: not self.lastack.states(), 5, self.lastack.states)

    def test_D_15_linger_0_and_unread_data_the_kernel_sees_ECONNRESET(self):
        """Linux still gives out what had arrived, when it is asked by recv(), and then the error."""
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.puppet.send(1000)
                self.until_taken(pair, "lastack", 1000)
                pair.puppet.option("linger_ms", 0)
                pair.puppet.close()
                self.until_states(pair, "CLOSED", "CLOSED")
                self.assertEqual(outcome(pair.sock)[1], "ECONNRESET")

    def test_D_15_the_kernel_with_linger_0_and_lastack_with_unread_data_hears_of_a_reset(self):
        for role in ROLES:
            with self.trying(role), self.counts(EstabResets=1):
                pair = self.pair(role)
                pair.puppet.read(False)
                pair.sock.sendall(b"x" * 1000)
                self.until_taken(pair, "kernel", 1000)
                linger(pair.sock, 0)
                pair.sock.close()
                pair.puppet.becomes(closed="reset")
                self.assertEqual(self.lastack_state(pair), "CLOSED")

    def test_D_14_the_kernels_close_waits_for_lastacks_ACK_of_the_FIN_or_for_its_time(self):
        for role, case in in_both_roles("acknowledged", "out of time"):
            with self.trying(role, case):
                pair = self.pair(role)
                linger(pair.sock, 1)
                if case == "out of time":
                    self.wire.lose(is_from("lastack"))
                waited = took(pair.sock.close)
                self.assertEqual(waited > 0.9, case == "out of time", waited)
                self.until_states(pair, "CLOSE-WAIT")
                self.wire.lose(None)
                pair.puppet.close()
                pair.puppet.becomes(closed="orderly")

    def test_D_14_lastacks_close_with_time_ends_when_the_FIN_is_acknowledged(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.puppet.option("linger_ms", 3000)
                sent = pair.puppet.send(1000)
                self.wire.lose(is_from("lastack"))
                pair.puppet.close()
                until(lambda: self.segments(pair, "lastack", FIN), 5, "a FIN")
                self.assertEqual(pair.puppet.show()["closed"], "")
                self.wire.lose(None)
                self.assertEqual(outcome(pair.sock), (sent, "EOF"))
                pair.sock.close()
                pair.puppet.becomes(closed="orderly")
                self.assertEqual(self.segments(pair, bits=RST), [])

    def test_D_4_linger2_bounds_lastacks_orphan_in_FIN_WAIT_2(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.puppet.option("linger2_ms", 400)
                pair.puppet.close()
                self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
                begun = time.monotonic()
                self.until_states(pair, "CLOSED")
                self.assertLess(time.monotonic() - begun, 2)
                self.assertEqual(self.segments(pair, bits=RST), [])
                pair.sock.send(b"late")
                self.until_states(pair, kernel="CLOSED")
                self.assertIn(error_of(pair.sock.send, b"x"), ("EPIPE", "ECONNRESET"))

    def test_D_4_a_negative_linger2_resets_at_FIN_WAIT_2(self):
        for role in ROLES:
            with self.trying(role), self.counts(TCPAbortOnLinger=1, TimeWaitEntered=0):
                pair = self.pair(role)
                pair.puppet.option("linger2_ms", -1)
                pair.puppet.close()
                self.until_states(pair, "CLOSED", "CLOSED")
                self.assertEqual(pair.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 32)

    def test_D_4_the_kernels_orphan_with_linger2_is_gone_and_answers_lastack_with_RST(self):
        for role, seconds in in_both_roles(1, -1):
            with self.trying(role, seconds):
                pair = self.pair(role)
                pair.sock.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, seconds)
                pair.sock.close()
                self.until_states(pair, kernel="CLOSED")
                if seconds > 0:
                    self.until_states(pair, "CLOSE-WAIT")
                    pair.puppet.send(1)
                pair.puppet.becomes(closed="reset")


class UserTimeout(KernelPeer):
    LIMIT = 1.2

    def until_timed_out(self, puppets):
        """Each ends in its time: not before, and the last timeout was cut to fit."""
        begun = time.monotonic()
        for puppet in puppets:
            puppet.becomes(closed="timed_out")
        self.assertGreater(time.monotonic() - begun, self.LIMIT - 0.3)
        self.assertLess(time.monotonic() - begun, self.LIMIT + 0.6)

    def test_D_22_lastack_gives_up_unacknowledged_data_and_FINs_in_time(self):
        """In ESTABLISHED, and taken along to FIN-WAIT-1 and LAST-ACK."""
        pairs = [self.pair(role) for role, _ in in_both_roles(1, 2, 3)]
        for index, pair in enumerate(pairs):
            pair.puppet.option("user_timeout_ms", int(self.LIMIT * 1000))
            if index % 3 == 2:
                pair.sock.shutdown(socket.SHUT_WR)
                self.until_states(pair, "CLOSE-WAIT")
        self.wire.lose(everything)
        with self.counts(TCPAbortOnTimeout=6):
            for index, pair in enumerate(pairs):
                pair.puppet.send(10)
                if index % 3 > 0:
                    pair.puppet.close()
            self.until_timed_out([pair.puppet for pair in pairs])
        self.wire.lose(None)
        for pair in pairs:
            pair.sock.send(b"x") if self.kernel_state(pair) == "ESTAB" else None

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
        self.assertLess(time.monotonic() - begun, self.LIMIT + 1)
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


def is_from(sender):
    return lambda segment: segment.sender == sender


if __name__ == "__main__":
    kernel_peer.main()

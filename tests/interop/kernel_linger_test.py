#!/usr/bin/env python3
"""What close() waits for and leaves behind, with the Linux kernel as peer and lastack in both
roles: linger and TCP_LINGER2.

    kernel_linger_test.py PUPPET LASTACKCTL
"""

import socket
import time

import kernel_peer
from bed import KERNEL, LASTACK, until
from kernel_peer import KernelPeer, ROLES, SERVED_BY_KERNEL, SERVED_BY_LASTACK, error_of, \
    in_both_roles, linger, outcome, small_buffer
from wire import FIN, RST, SYN

TCP_LINGER2 = 8


def is_from(sender):
    return lambda segment: segment.sender == sender


def took(call):
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


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
                self.assertLess(took(pair.sock.close), 0.5)
                pair.puppet.read(True)
                pair.puppet.becomes(received=100_000, peer_closed=True)
                pair.puppet.close()
                pair.puppet.becomes(closed="orderly")

    def test_D_13_lastack_with_linger_0_drops_what_waits_and_resets(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role, small_buffer)  # it shrinks its window below SND.NXT
                sent = pair.puppet.send(1 << 20)
                until(lambda: self.segments(pair, "kernel")[-1].window == 0, 5, "it is full")
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
        until(lambda: self.but_time_wait() == {"SYN-RECEIVED": 1}, 5, self.lastack.states)
        linger(sock, 0)
        sock.close()
        self.wire.lose(None)
        # The kernel is gone without a word, and answers the SYN,ACK that comes again.
        until(lambda: not self.but_time_wait(), 5, self.lastack.states)

    def but_time_wait(self):
        """lastack's records, without what earlier tests have left."""
        return {state: n for state, n in self.lastack.states().items() if state != "TIME-WAIT"}

    def test_D_15_linger_0_and_unread_data_the_kernel_sees_ECONNRESET(self):
        """Linux still gives out what had arrived when it is asked by recv(), and then the error."""
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
                self.assertEqual(self.segments(pair, "lastack", RST), [])

    def test_D_14_lastacks_close_is_out_of_time_and_the_connection_goes_on_without_it(self):
        for role, state in in_both_roles("FIN-WAIT-1", "LAST-ACK"):
            with self.trying(role, state), self.counts(LingerExpired=1, OutRsts=0):
                pair = self.pair(role)
                if state == "LAST-ACK":
                    pair.sock.shutdown(socket.SHUT_WR)
                    self.until_states(pair, "CLOSE-WAIT")
                pair.puppet.option("linger_ms", 400)
                self.wire.lose(is_from("lastack"))
                sent = pair.puppet.send(1000)
                pair.puppet.close()
                waited = took(lambda: pair.puppet.becomes(closed="linger_expired"))
                self.assertGreater(waited, 0.3)
                self.assertLess(waited, 2)
                self.assertEqual(self.lastack_state(pair), state)
                self.wire.lose(None)
                self.assertEqual(outcome(pair.sock), (sent, "EOF"))
                pair.sock.close()
                first_closer_waits = ("TIME-WAIT", "CLOSED")
                self.until_states(pair, *first_closer_waits[::1 if state == "FIN-WAIT-1" else -1])

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
                self.assertEqual(self.segments(pair, "lastack", RST), [])
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


if __name__ == "__main__":
    kernel_peer.main()

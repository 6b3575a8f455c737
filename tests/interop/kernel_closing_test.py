#!/usr/bin/env python3
"""The release of a connection with the Linux kernel as peer, lastack in both roles: rows marked N.

    kernel_closing_test.py PUPPET LASTACKCTL
"""

import contextlib
import socket

import kernel_peer
from bed import until
from kernel_peer import KernelPeer, ROLES, error_of, in_both_roles, outcome
from wire import ACK, FIN, RST, SYN, before

def is_fin_of(sender):
    return lambda segment: segment.sender == sender and segment.has(FIN)


class HalfClose(KernelPeer):
    def test_S_22_B_9_the_kernel_shuts_down_and_lastack_goes_on_sending(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.sock.shutdown(socket.SHUT_WR)
                self.until_states(pair, "CLOSE-WAIT", "FIN-WAIT-2")
                pair.puppet.becomes(peer_closed=True)
                sent = sum(pair.puppet.send(50_000) for _ in range(4))
                pair.puppet.close()
                self.assertEqual(outcome(pair.sock), (sent, "EOF"))
                pair.puppet.becomes(closed="orderly")
                self.until_states(pair, "CLOSED", "TIME-WAIT")
                self.assertEqual(self.segments(pair, "lastack", RST), [])

    def test_S_22_B_9_lastack_shuts_down_and_takes_what_the_kernel_sends(self):
        """Acknowledged in FIN-WAIT-1, before its FIN got there, and in FIN-WAIT-2."""
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                self.wire.lose(is_fin_of("lastack"))
                pair.puppet.shutdown()
                self.until_states(pair, "FIN-WAIT-1", "ESTAB")
                pair.sock.sendall(b"x" * 20_000)
                self.until_taken(pair, "kernel", 20_000)
                self.assertEqual(self.lastack_state(pair), "FIN-WAIT-1")
                pair.puppet.becomes(received=20_000)
                self.wire.lose(None)
                self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
                pair.sock.sendall(b"x" * 200_000)
                pair.puppet.becomes(received=220_000)
                pair.sock.close()
                self.until_states(pair, "TIME-WAIT", "CLOSED")
                pair.puppet.becomes(peer_closed=True, closed="orderly")
                self.assertEqual(self.segments(pair, "lastack", RST), [])

    def test_S_22_flow_control_goes_on_in_FIN_WAIT_2(self):
        """An application that does not read holds the kernel at the window that it was offered."""
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.puppet.read(False)
                pair.puppet.shutdown()
                self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
                sent = self.fill(pair)
                pair.puppet.read(True)
                pair.puppet.becomes(received=sent)

    def fill(self, pair):
        """Sends until lastack's window is shut; how much."""
        pair.sock.setblocking(False)
        sent = 0

        def shut():
            nonlocal sent
            with contextlib.suppress(BlockingIOError):
                while True:
                    sent += pair.sock.send(b"x" * 65536)
            return self.segments(pair, "lastack")[-1].window == 0
        until(shut, 10, "a window of 0")
        return sent


class Abort(KernelPeer):
    STATES = ("ESTAB", "CLOSE-WAIT", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSING", "LAST-ACK")

    def unread(self, role, state):
        """A connection in which 100 bytes wait at lastack for its application, in `state`. A FIN of
        lastack's that must stay unacknowledged is lost."""
        pair = self.pair(role)
        pair.puppet.read(False)
        if state in ("FIN-WAIT-1", "CLOSING", "LAST-ACK"):
            self.wire.lose(is_fin_of("lastack"))
        if state in ("FIN-WAIT-1", "FIN-WAIT-2", "CLOSING"):
            pair.puppet.shutdown()
        if state == "FIN-WAIT-2":
            self.until_states(pair, state)
        pair.sock.sendall(b"x" * 100)
        if state in ("CLOSE-WAIT", "CLOSING", "LAST-ACK"):
            pair.sock.shutdown(socket.SHUT_WR)
        if state == "LAST-ACK":
            self.until_states(pair, "CLOSE-WAIT")
            pair.puppet.shutdown()
        self.until_taken(pair, "kernel", 100)
        self.until_states(pair, state)
        return pair

    def test_D_10_close_with_unread_data_is_RST_in_every_state(self):
        for role, state in in_both_roles(*self.STATES):
            with self.trying(role, state):
                pair = self.unread(role, state)
                last = self.segments(pair, "lastack")[-1]
                with self.counts(TCPAbortOnClose=1, TimeWaitEntered=0):
                    pair.puppet.close()
                    reset = until(lambda: self.segments(pair, "lastack", RST), 5, "RST")[0]
                self.assertFalse(before(reset.number, last.end()), (reset, last))
                later = [one for one in self.segments(pair, "lastack", FIN) if one.at > reset.at]
                self.assertEqual(later, [])
                self.assertEqual(self.lastack_state(pair), "CLOSED")
                had_fin = state == "FIN-WAIT-2"
                if had_fin:
                    self.assertEqual(pair.sock.recv(1), b"")
                self.until_states(pair, kernel="CLOSED")
                broken = pair.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                self.assertEqual(broken, 32 if had_fin else 104)  # EPIPE in CLOSE-WAIT, ECONNRESET

    def test_D_10_the_kernel_closes_with_unread_data_and_lastack_hears_of_a_reset(self):
        for role in ROLES:
            with self.trying(role), self.counts(EstabResets=1):
                pair = self.pair(role)
                pair.puppet.send(100)
                self.until_taken(pair, "lastack", 100)
                pair.sock.close()
                pair.puppet.becomes(closed="reset")
                self.assertEqual(self.segments(pair, "kernel", FIN), [])
                self.assertEqual(self.lastack_state(pair), "CLOSED")

    def test_D_11_B_9_data_after_close_is_answered_with_RST(self):
        """In order in FIN-WAIT-2 and FIN-WAIT-1; above a hole."""
        for role, case in in_both_roles("FIN-WAIT-2", "FIN-WAIT-1", "out of order"):
            with self.trying(role, case):
                pair = self.pair(role)
                if case == "FIN-WAIT-1":
                    self.wire.lose(is_fin_of("lastack"))
                pair.puppet.close()
                if case != "FIN-WAIT-1":
                    self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
                else:
                    self.until_states(pair, "FIN-WAIT-1", "ESTAB")
                if case == "out of order":
                    pair.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    lost = self.wire.lose_first(
                        lambda segment: segment.sender == "kernel" and segment.length == 7)
                with self.counts(TCPAbortOnData=1, TimeWaitEntered=0):
                    if case == "out of order":
                        pair.sock.send(b"x" * 7)
                        until(lambda: lost, 5, "a segment is lost")
                    pair.sock.send(b"x" * 5)
                    self.until_states(pair, "CLOSED", "CLOSED")
                fin = self.segments(pair, "lastack", FIN)[0]
                # Where its FIN was not acknowledged, the number that the kernel waits for.
                self.assertEqual(self.segments(pair, "lastack", RST)[0].number,
                                 fin.number if case == "FIN-WAIT-1" else fin.end())
                self.assertIn(error_of(pair.sock.send, b"x"), ("EPIPE", "ECONNRESET"))

    def test_D_11_a_keep_alive_brings_nothing_new_and_is_no_reason_to_reset(self):
        pairs = [self.pair(role, lambda sock: (
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1))) for role in ROLES]
        for pair in pairs:
            pair.puppet.close()
            self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
        for pair in pairs:
            until(lambda: self.probes(pair), 5, "a probe of the kernel's")
            answer = until(lambda: [one for one in self.segments(pair, "lastack", ACK)
                                    if one.at > self.probes(pair)[0].at], 5, "an answer")[0]
            self.assertEqual(answer.acknowledged, self.segments(pair, "kernel", SYN)[0].end())
            self.assertEqual(self.segments(pair, "lastack", RST), [])
            self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
            pair.sock.close()
            pair.puppet.becomes(closed="orderly")

    def probes(self, pair):
        """Keep-alives: a number that was used before."""
        first = self.segments(pair, "kernel", SYN)[0]
        return [one for one in self.segments(pair, "kernel", ACK)
                if one.number == first.number and not one.has(SYN)]

    def test_D_11_B_9_the_kernel_has_closed_and_what_lastack_sends_is_reset(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.sock.close()
                self.until_states(pair, "CLOSE-WAIT", "FIN-WAIT-2")
                self.assertEqual(pair.puppet.send(5), 5)
                pair.puppet.becomes(closed="reset")
                self.until_states(pair, "CLOSED", "CLOSED")


if __name__ == "__main__":
    kernel_peer.main()

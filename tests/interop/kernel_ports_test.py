#!/usr/bin/env python3
"""Ports that TIME-WAIT still uses: lastack answers listen() and connect() as Linux does.

    kernel_ports_test.py PUPPET LASTACKCTL
"""

import itertools
import socket

import kernel_peer
from bed import KERNEL, LASTACK, until
from kernel_peer import KernelPeer, error_of
from puppets import Pair, Refused
from wire import FIN, RST, SYN, ACK


class Doors(KernelPeer):
    """One side has closed first and its TIME-WAIT sits on the port that it listened on."""

    msl = "5s"
    # What Linux says, by: had the old owner SO_REUSEADDR, has the new one.
    ALLOWED = {(False, False): False, (False, True): False, (True, False): False,
               (True, True): True}
    _ports = itertools.count(7100)

    def lastack_waits(self, reuse):
        port, begun = next(self._ports), len(self.wire.seen)
        self.puppeteer.listen(port, reuse)
        sock = self.kernel_socket()
        sock.connect((LASTACK, port))
        pair = Pair("server", sock, self.puppeteer.accepted(port, sock.getsockname()[1]))
        pair.begun = begun
        self.close_in_turn(pair, "lastack")
        self.puppeteer.unlisten(port)
        return pair

    def kernel_waits(self, reuse):
        port, begun = next(self._ports), len(self.wire.seen)
        listener = self.kernel_listener(port, reuse)
        puppet = self.puppeteer.connect(f"{KERNEL}:{port}")
        sock, _ = listener.accept()
        pair = Pair("client", sock, puppet)
        pair.begun = begun
        self.close_in_turn(pair, "kernel")
        listener.close()
        return pair

    def kernel_listener(self, port, reuse):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.settimeout(5)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(reuse))
        listener.bind((KERNEL, port))
        listener.listen()
        return listener

    def assert_fin_is_answered(self, pair, sender):
        """The record is still there: the FIN that ended the connection gets its ACK again."""
        fin = self.segments(pair, sender, FIN)[-1]
        other = "kernel" if sender == "lastack" else "lastack"
        count = len(self.segments(pair, other))
        # Nobody is there any more who would know of the connection.
        self.wire.lose(lambda one: one.sender == sender and one.has(RST))
        self.wire.repeat(fin)
        until(lambda: len(self.segments(pair, other)) > count, 5, "an ACK")
        self.assertEqual(self.segments(pair, other)[-1].acknowledged, fin.end())
        self.wire.lose(None)

    def test_S_83_C_31_C_32_lastack_listens_again_on_a_port_in_TIME_WAIT(self):
        for (had, has), allowed in self.ALLOWED.items():
            with self.trying("server", (had, has)):
                old = self.lastack_waits(had)
                if not allowed:
                    with self.assertRaisesRegex(Refused, "in use"):
                        self.puppeteer.listen(old.lastack_port, has)
                    continue
                self.puppeteer.listen(old.lastack_port, has)
                self.assertEqual(self.lastack_state(old), "TIME-WAIT")
                self.assert_fin_is_answered(old, "kernel")
                self.kernel_socket().connect((LASTACK, old.lastack_port))
                self.puppeteer.unlisten(old.lastack_port)

    def test_S_83_C_31_C_32_the_kernel_binds_again_to_a_port_in_TIME_WAIT(self):
        for (had, has), allowed in self.ALLOWED.items():
            with self.trying("client", (had, has)):
                old = self.kernel_waits(had)
                self.assertEqual(error_of(self.kernel_listener, old.kernel_port, has),
                                 "" if allowed else "EADDRINUSE")
                if not allowed:
                    continue
                self.assertEqual(self.kernel_state(old), "TIME-WAIT")
                self.assert_fin_is_answered(old, "lastack")
                self.puppeteer.connect(f"{KERNEL}:{old.kernel_port}").becomes(opened=True)


class BoundPort(KernelPeer):
    """As Linux, where a port that was asked for may be in TIME-WAIT even without tcp_tw_reuse."""

    msl = "5s"
    tcp_extra = 'tw_reuse = "never"\ntw_reuse_bound_port = true'

    def test_C_28_both_take_over_a_TIME_WAIT_of_a_port_that_was_asked_for(self):
        self.sysctl("tcp_tw_reuse", 0)
        for role, opener in (("server", "kernel"), ("client", "lastack")):
            with self.trying(role):
                old = self.pair(role)
                self.close_in_turn(old, opener)
                new = self.again(old)
                self.assertEqual(
                    [(one.sender == opener, one.bits) for one in self.segments(new)[:3]],
                    [(True, SYN), (False, SYN | ACK), (True, ACK)])


if __name__ == "__main__":
    kernel_peer.main()

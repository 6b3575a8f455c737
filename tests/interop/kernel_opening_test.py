#!/usr/bin/env python3
"""How a connection opens with the Linux kernel as peer, lastack in both roles: rows marked N.

    kernel_opening_test.py PUPPET LASTACKCTL
"""

import socket
import struct

import kernel_peer
from bed import LASTACK, until
from kernel_peer import KernelPeer, ROLES, SERVED_BY_LASTACK, error_of, in_both_roles, linger
from puppets import Pair
from wire import ACK, RST, SYN, before

MSS, WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS = 2, 3, 4, 8
NUMBERS = 1 << 32


class Handshake(KernelPeer):
    def three(self, pair):
        """The first three segments: SYN, SYN,ACK and ACK."""
        until(lambda: len(self.segments(pair)) >= 3, 5, "three segments")
        return self.segments(pair)[:3]

    def test_G_1_three_segments_with_the_right_numbers(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                first, second, third = self.three(pair)
                client, server = ("kernel", "lastack")[::1 if role == "server" else -1]
                self.assertEqual([one.sender for one in (first, second, third)],
                                 [client, server, client])
                self.assertEqual([one.bits for one in (first, second, third)],
                                 [SYN, SYN | ACK, ACK])
                self.assertEqual(second.acknowledged, (first.number + 1) % NUMBERS)
                self.assertEqual(third.number, second.acknowledged)
                self.assertEqual(third.acknowledged, (second.number + 1) % NUMBERS)
                self.until_states(pair, "ESTAB", "ESTAB")

    def test_G_1_data_rides_on_the_third_segment(self):
        """Linux puts it there when it was told not to acknowledge the SYN,ACK at once."""
        pair = self.pair_with_data_on_the_third()
        third = self.three(pair)[2]
        self.assertEqual((third.number, third.length), (self.three(pair)[1].acknowledged, 5))
        pair.puppet.becomes(received=5)
        self.until_taken(pair, "kernel", 5)

    def pair_with_data_on_the_third(self):
        begun = len(self.wire.seen)
        sock = self.kernel_socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
        sock.connect((LASTACK, SERVED_BY_LASTACK))
        sock.send(b"hello")
        pair = Pair("server", sock,
                    self.puppeteer.accepted(SERVED_BY_LASTACK, sock.getsockname()[1]))
        pair.begun = begun
        return pair

    def test_G_11_all_options_are_on_both_SYNs(self):
        for role in ROLES:
            with self.trying(role):
                for syn in self.three(self.pair(role))[:2]:
                    self.assertEqual(set(syn.options),
                                     {MSS, WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS}, syn)
                    self.assertEqual(syn.options[MSS], struct.pack("!H", 1460))

    def test_G_11_what_the_kernel_does_not_offer_is_not_answered_nor_used(self):
        for role, (name, option) in in_both_roles(
                ("tcp_timestamps", TIMESTAMPS), ("tcp_sack", SACK_PERMITTED),
                ("tcp_window_scaling", WINDOW_SCALE)):
            with self.trying(role, name):
                kept = self.bed.sysctl(name, 0)
                try:
                    pair = self.pair(role)
                    pair.sock.sendall(b"x" * 100_000)
                    pair.puppet.becomes(received=100_000)
                    pair.puppet.send(3000)
                    self.until_taken(pair, "lastack", 3000)
                finally:
                    self.bed.sysctl(name, kept)
                first, second, *rest = self.segments(pair)
                self.assertEqual(option in first.options, role == "client")
                self.assertNotIn(option, second.options)
                self.assertEqual([one for one in rest if option in one.options], [])

    def test_F_12_no_window_of_a_SYN_is_scaled_and_every_other_is(self):
        """Each side holds the other to what it offered: the kernel's view is in TCP_INFO, and it
        fills lastack's window to the edge; lastack fills the kernel's, and no further."""
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                shift = {one.sender: one.options[WINDOW_SCALE][0]
                         for one in self.segments(pair, bits=SYN)}
                self.assertLessEqual(max(shift.values()), 14)
                scales = pair.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[6]
                self.assertEqual((scales & 15, scales >> 4), (shift["lastack"], shift["kernel"]))
                pair.puppet.read(False)
                self.assert_fills_to_the_edge(pair, "kernel", shift, self.fill_from_kernel(pair))
                sent = pair.puppet.send(8 << 20)
                self.assertGreater(sent, 65535)
                self.assert_fills_to_the_edge(pair, "lastack", shift, sent)

    def test_F_12_without_the_option_on_both_SYNs_nothing_is_scaled(self):
        self.sysctl("tcp_window_scaling", 0)
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.puppet.read(False)
                none = {"kernel": 0, "lastack": 0}
                self.assert_fills_to_the_edge(pair, "kernel", none, self.fill_from_kernel(pair))
                self.assert_fills_to_the_edge(pair, "lastack", none, pair.puppet.send(1 << 20))

    @staticmethod
    def fill_from_kernel(pair):
        pair.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        pair.sock.setblocking(False)
        sent = 0
        try:
            while sent < 8 << 20:
                sent += pair.sock.send(b"x" * 65536)
        except BlockingIOError:
            return sent
        return sent

    def assert_fills_to_the_edge(self, pair, sender, shift, had):
        """What was sent of `had` bytes reaches the last edge that was offered or the last byte that
        there was, and no segment ever lay beyond the edges offered before it."""
        other = "kernel" if sender == "lastack" else "lastack"

        def edge_of(one):
            by = 0 if one.has(SYN) else shift[other]
            return (one.acknowledged + (one.window << by)) % NUMBERS

        def at_the_edge():
            edge = edge_of(self.segments(pair, other, ACK)[-1])
            end = self.segments(pair, sender)[-1].end()
            # A sender that avoids silly windows leaves less than a segment.
            return (edge - end) % NUMBERS < 1460 or len(self.sent_text(pair, sender)) >= had
        until(at_the_edge, 10, f"{sender} fills the window")
        edge = None
        for one in self.segments(pair):
            if one.sender == other and one.has(ACK):
                edge = edge_of(one) if edge is None or before(edge, edge_of(one)) else edge
            elif edge is not None and one.length > 1:  # a probe of the window is a byte beyond
                self.assertFalse(before(edge, one.end()), one)

    def sent_text(self, pair, sender):
        segments = [one for one in self.segments(pair, sender) if one.length]
        if not segments:
            return b""
        first = self.segments(pair, sender, SYN)[0].end()
        return range((max((one.end() - first) % NUMBERS for one in segments)))


class Restart(KernelPeer):
    def lose_the_end(self, pair, abort):
        """One end forgets the connection without a word, and the other lives on."""
        self.wire.lose(pair.of)
        abort()
        until(lambda: self.segments(pair, bits=RST, lost=True), 5, "an RST that is lost")
        self.wire.lose(None)

    def test_E_4_the_kernel_starts_anew_and_lastack_lets_the_old_connection_go(self):
        old = self.pair("server")
        linger(old.sock, 0)
        self.lose_the_end(old, old.sock.close)
        self.assertEqual(old.puppet.show()["state"], "ESTABLISHED")
        with self.counts(TCPSYNChallenge=1, EstabResets=1, PassiveOpens=1):
            new = self.again(old)
        old.puppet.becomes(closed="reset")
        self.assert_recovered(new, "kernel", "lastack")

    def test_E_4_lastack_starts_anew_and_the_kernel_lets_the_old_connection_go(self):
        old = self.pair("client")
        self.lose_the_end(old, old.puppet.abort)
        self.assertEqual(self.kernel_state(old), "ESTAB")
        new = self.again(old)
        self.assertEqual(error_of(old.sock.recv, 1), "ECONNRESET")
        self.assert_recovered(new, "lastack", "kernel")

    def assert_recovered(self, new, opener, other):
        """SYN, challenge ACK, RST at its number, SYN once more, SYN,ACK."""
        segments = self.segments(new)
        syn, challenge, reset, again, answer = segments[:5]
        self.assertEqual([one.sender for one in segments[:5]],
                         [opener, other, opener, opener, other])
        self.assertEqual((syn.bits, challenge.bits, answer.bits), (SYN, ACK, SYN | ACK))
        self.assertTrue(reset.has(RST))
        self.assertEqual(reset.number, challenge.acknowledged)
        self.assertEqual((again.bits, again.number), (SYN, syn.number))
        self.until_states(new, "ESTAB", "ESTAB")


if __name__ == "__main__":
    kernel_peer.main()

#!/usr/bin/env python3
"""Lost and repeated segments between lastack and the Linux kernel, in both roles: rows marked N.

    kernel_loss_test.py PUPPET LASTACKCTL
"""

import socket

import kernel_peer
from bed import KERNEL, run, until
from kernel_peer import KernelPeer, ROLES, outcome
from wire import FIN, before

NUMBERS = 1 << 32


class Holes:
    """A rule: loses a sender's segments of text that stand at `places`, from 0 on, once each; what
    is sent again does not count."""

    def __init__(self, sender, *places):
        self._sender, self._places = sender, places
        self._numbers = []
        self.lost = []

    def __call__(self, one):
        if one.sender != self._sender or not one.length or one.number in self._numbers:
            return False
        self._numbers.append(one.number)
        if len(self._numbers) - 1 not in self._places:
            return False
        self.lost.append(one)
        return True


class Sack(KernelPeer):
    """Neither side's timer goes off where the machine is merely slow."""

    SIZE = 150_000
    tcp_extra = 'rto_min = "1s"'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.bed is not None:
            run("ip", "route", "change", "198.18.0.0/24", "dev", cls.bed.peer_interface,
                "src", KERNEL, "rto_min", "1s")

    def texts(self, pair, sender, lost=None):
        return [one for one in self.segments(pair, sender, lost=lost) if one.length]

    def blocks(self, pair, sender):
        return [block for one in self.segments(pair, sender) for block in one.sack_blocks()]

    def needless(self, pair, sender):
        """Segments of text that had arrived before, and were sent again nevertheless."""
        numbers, again = set(), []
        for one in self.texts(pair, sender, lost=False):
            if one.number in numbers:
                again.append(one)
            numbers.add(one.number)
        return again

    def assert_blocks_are_right(self, pair, sender):
        """At most three beside a timestamp; none covers a hole that is not filled yet. A first
        block at or below the ACK tells of what arrived twice (D-SACK)."""
        holes = [one for one in self.segments(pair) if one.lost]
        used = 0
        for one in self.segments(pair, sender):
            blocks = one.sack_blocks()
            self.assertLessEqual(len(blocks), 3, one)
            for place, (left, right) in enumerate(blocks):
                self.assertTrue(before(left, right), one)
                if place > 0 or before(one.acknowledged, left):
                    used += 1
                    self.assertTrue(before(one.acknowledged, left), one)
                    filled = [text.number for text in self.texts(pair, lost=False, sender=None)
                              if text.at <= one.at]
                    for hole in holes:
                        self.assertFalse(hole.at <= one.at and hole.number not in filled
                                         and not before(hole.number, left)
                                         and before(hole.number, right), (one, hole))
        self.assertGreater(used, 0, "SACK was used")

    def test_H_15_lastack_reports_what_lies_above_holes_and_the_kernel_fills_these(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                holes = Holes("kernel", 3, 5, 7, 20)
                self.wire.lose(holes)
                pair.sock.sendall(b"x" * self.SIZE)
                pair.puppet.becomes(received=self.SIZE)
                self.until_taken(pair, "kernel", self.SIZE)
                self.assertEqual(len(holes.lost), 4)
                self.assert_blocks_are_right(pair, "lastack")
                # Nothing but, perhaps, a probe of the tail.
                self.assertLessEqual(len(self.needless(pair, "kernel")), 1)

    def test_H_15_a_block_first_names_what_came_last(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # Each a segment of its own, the 1st, the 3rd and the 5th lost; the kernel does not
                # hear of it before all have been sent.
                holes = Holes("kernel", 0, 2, 4)
                self.wire.lose(lambda one: holes(one) or one.sender == "lastack")
                for length in (101, 102, 103, 104, 105, 106):
                    pair.sock.send(b"x" * length)
                report = until(lambda: [one for one in self.segments(pair, "lastack")
                                        if len(one.sack_blocks()) == 3], 5, "three blocks")[0]
                first, *others = [(right - left) % NUMBERS for left, right in report.sack_blocks()]
                self.assertEqual((first, set(others)), (106, {104, 102}))
                self.wire.lose(None)
                pair.puppet.becomes(received=621)

    def test_H_13_the_kernel_reports_holes_and_lastack_fills_them_before_any_timeout(self):
        for role in ROLES:
            with self.trying(role), self.counts(TCPTimeouts=0):
                pair = self.pair(role)
                holes = Holes("lastack", 3, 5, 7, 20)
                self.wire.lose(holes)
                sent = pair.puppet.send(self.SIZE)
                pair.puppet.close()
                self.assertEqual(outcome(pair.sock), (sent, "EOF"))
                self.assertEqual(len(holes.lost), 4)
                self.assert_blocks_are_right(pair, "kernel")
                for hole in holes.lost:
                    again = [one for one in self.texts(pair, "lastack", lost=False)
                             if one.number == hole.number]
                    self.assertEqual(len(again), 1, hole)
                pair.sock.close()
                pair.puppet.becomes(closed="orderly")

    def test_H_13_H_16_text_before_lastacks_FIN_is_lost_and_the_kernel_reports_the_FIN(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                holes = Holes("lastack", 0)
                self.wire.lose(holes)
                pair.puppet.send(1000)
                until(lambda: holes.lost, 5, "the text is lost")
                pair.puppet.close()
                self.assertEqual(outcome(pair.sock), (1000, "EOF"))
                fin = self.segments(pair, "lastack", FIN)[0]
                self.assertEqual((fin.number, fin.length), (holes.lost[0].end(), 0))
                self.assertIn((fin.number, fin.end()), self.blocks(pair, "kernel"))
                pair.sock.close()
                pair.puppet.becomes(closed="orderly")

    def test_H_16_lastack_reports_the_kernels_FIN_above_a_hole(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                holes = Holes("kernel", 0)
                self.wire.lose(holes)
                pair.sock.send(b"x" * 1000)
                until(lambda: holes.lost, 5, "the text is lost")
                pair.sock.shutdown(socket.SHUT_WR)
                pair.puppet.becomes(received=1000, peer_closed=True)
                fin = self.segments(pair, "kernel", FIN)[0]
                self.assertEqual(fin.number, holes.lost[0].end())
                self.assertIn((fin.number, fin.end()), self.blocks(pair, "lastack"))
                self.assertEqual(len(self.texts(pair, "kernel")), 2)


if __name__ == "__main__":
    kernel_peer.main()

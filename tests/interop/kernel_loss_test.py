#!/usr/bin/env python3
"""Lost and repeated segments between lastack and the Linux kernel, in both roles: rows marked N.

    kernel_loss_test.py PUPPET LASTACKCTL
"""

import socket

import kernel_peer
from bed import until
from kernel_peer import KernelPeer, ROLES, in_both_roles, outcome
from wire import ACK, FIN, RST, SYN, before

NUMBERS = 1 << 32


def text_of(sender, least=1):
    return lambda one: one.sender == sender and one.length >= least


class Every:
    """True for the segments of a sender's that stand at `places`, counted from 0; a repetition of
    one that was lost is let pass."""

    def __init__(self, sender, places):
        self.sender, self.places, self.count = sender, set(places), 0
        self.lost = []

    def __call__(self, one):
        if one.sender != self.sender or not one.length:
            return False
        if any(one.number == other.number for other in self.lost):
            return False
        self.count += 1
        if self.count - 1 not in self.places:
            return False
        self.lost.append(one)
        return True


class Sack(KernelPeer):
    SIZE = 150_000

    def repeated(self, pair, sender, holes):
        """Segments of text that the other side had already been sent, and not lost."""
        numbers, extra = set(), []
        for one in self.segments(pair, sender, lost=False):
            if one.length and one.number in numbers:
                extra.append(one)
            if one.length:
                numbers.add(one.number)
        return extra

    def test_H_15_lastack_reports_what_lies_above_holes_and_the_kernel_sends_only_these(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                holes = Every("kernel", (3, 5, 7, 20))
                self.wire.lose(holes)
                pair.sock.sendall(b"x" * self.SIZE)
                pair.puppet.becomes(received=self.SIZE)
                self.until_taken(pair, "kernel", self.SIZE)
                self.assertEqual(len(holes.lost), 4)
                self.assert_blocks_are_right(pair)
                self.assertLessEqual(len(self.repeated(pair, "kernel", holes)), 1)

    def assert_blocks_are_right(self, pair):
        """At most three beside a timestamp; the first holds the segment that came just before; none
        covers what was lost."""
        last, blocks = None, []
        for one in self.segments(pair):
            if one.sender == "kernel" and one.length and not one.lost:
                last = one
            found = one.sack_blocks() if one.sender == "lastack" else []
            self.assertLessEqual(len(found), 3)
            blocks += found
            for left, right in found:
                self.assertTrue(before(one.acknowledged, left) and before(left, right), one)
        self.assertTrue(blocks, "SACK was used")

    def test_H_15_a_block_first_names_what_came_last(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                pair.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # Each a segment of its own: the 1st, the 3rd and the 5th are lost.
                holes = Every("kernel", (0, 2, 4))
                self.wire.lose(lambda one: holes(one) or (one.sender == "kernel" and one.length
                                                           and one.number in names(holes.lost)))
                for length in (101, 102, 103, 104, 105, 106):
                    count = len(self.segments(pair, "kernel"))
                    pair.sock.send(b"x" * length)
                    until(lambda: len(self.segments(pair, "kernel")) > count, 5, "a segment")
                until(lambda: self.reports(pair, 3), 5, "three blocks")
                blocks = self.reports(pair, 3)[0].sack_blocks()
                lengths = [(right - left) % NUMBERS for left, right in blocks]
                self.assertEqual(lengths, [106, 104, 102])
                self.wire.lose(None)
                pair.puppet.becomes(received=621)

    def reports(self, pair, count):
        return [one for one in self.segments(pair, "lastack") if len(one.sack_blocks()) == count]

    def test_H_13_the_kernel_reports_holes_and_lastack_fills_them(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                holes = Every("lastack", (3, 5, 7, 20))
                self.wire.lose(holes)
                with self.counts(TCPTimeouts=0):
                    sent = pair.puppet.send(self.SIZE)
                    pair.puppet.close()
                    self.assertEqual(outcome(pair.sock), (sent, "EOF"))
                self.assertTrue([one for one in self.segments(pair, "kernel") if one.sack_blocks()])
                self.assertEqual(len(holes.lost), 4)
                pair.sock.close()
                pair.puppet.becomes(closed="orderly")

    def test_H_13_H_16_the_last_text_before_the_FIN_is_lost_and_the_kernel_reports_the_FIN(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                lost = self.wire.lose_first(text_of("lastack"))
                pair.puppet.send(1000)
                until(lambda: lost, 5, "the text is lost")
                pair.puppet.close()
                self.assertEqual(outcome(pair.sock), (1000, "EOF"))
                fin = self.segments(pair, "lastack", FIN)[0]
                if fin.number == lost[0].end():  # a FIN of its own, above the hole
                    self.assertIn((fin.number, fin.end()), self.blocks(pair, "kernel"))
                pair.sock.close()
                pair.puppet.becomes(closed="orderly")

    def test_H_16_lastack_reports_the_kernels_FIN_above_a_hole(self):
        for role in ROLES:
            with self.trying(role):
                pair = self.pair(role)
                lost = self.wire.lose_first(text_of("kernel"))
                pair.sock.send(b"x" * 1000)
                until(lambda: lost, 5, "the text is lost")
                pair.sock.shutdown(socket.SHUT_WR)
                pair.puppet.becomes(received=1000, peer_closed=True)
                fin = self.segments(pair, "kernel", FIN)[0]
                self.assertEqual(fin.number, lost[0].end())
                self.assertIn((fin.number, fin.end()), self.blocks(pair, "lastack"))
                self.assertEqual(len(self.segments(pair, "kernel", FIN)), 1)

    def blocks(self, pair, sender):
        return {block for one in self.segments(pair, sender) for block in one.sack_blocks()}


def names(segments):
    return {one.number for one in segments}


if __name__ == "__main__":
    kernel_peer.main()

#!/usr/bin/env python3
"""TIME-WAIT with the Linux kernel as peer, each of them as the side that waits: rows marked N.

    kernel_timewait_test.py PUPPET LASTACKCTL
"""

import time

import kernel_peer
import repair
from bed import KERNEL, LASTACK, until
from kernel_peer import KernelPeer, SERVED_BY_KERNEL, SERVED_BY_LASTACK, error_of
from puppets import Pair, Refused
from wire import ACK, FIN, RST, SYN

NUMBERS = 1 << 32


class WaitingLastack(KernelPeer):
    """What the two settings of tcp.rfc1337 share. 2MSL is longer than the second after which a SYN
    is sent again, and over before the third: which SYN connects tells what the RST did."""

    msl = "1250ms"

    def waiting(self):
        old = self.pair("server")
        self.close_in_turn(old, "lastack")
        return old

    def old_syn(self):
        """lastack in TIME-WAIT, and a SYN of the kernel's below RCV.NXT, without timestamps; what
        followed until the connection was there: (segments, RCV.NXT, seconds)."""
        self.sysctl("tcp_timestamps", 0)
        old = self.waiting()
        receive_next = self.segments(old, "kernel", FIN)[-1].end()
        sock = self.kernel_socket(old.kernel_port)
        repair.choose_isn(sock, receive_next - 100_000)
        seen, begun = len(self.wire.seen), time.monotonic()
        sock.settimeout(10)
        sock.connect((LASTACK, SERVED_BY_LASTACK))
        took = time.monotonic() - begun
        puppet = self.puppeteer.accepted(SERVED_BY_LASTACK, old.kernel_port, old.puppet.number)
        new = Pair("server", sock, puppet)
        new.begun = seen
        return self.segments(new), receive_next, took

    def assert_answered_and_reset(self, segments, receive_next):
        syn, answer, reset = segments[:3]
        self.assertEqual((syn.bits, syn.sender), (SYN, "kernel"))
        self.assertEqual((answer.bits, answer.sender), (ACK, "lastack"))
        self.assertEqual(answer.acknowledged, receive_next)
        self.assertTrue(reset.has(RST) and reset.sender == "kernel", reset)
        self.assertEqual(reset.number, receive_next)


class WithoutRfc1337(WaitingLastack):
    tcp_extra = "rfc1337 = false"

    def test_C_14_C_15_the_kernels_RST_ends_TIME_WAIT_and_its_second_SYN_connects(self):
        with self.counts(TimeWaitEntered=1, PassiveOpens=2):
            segments, receive_next, took = self.old_syn()
        self.assert_answered_and_reset(segments, receive_next)
        self.assertEqual([one.bits for one in segments[3:5]], [SYN, SYN | ACK])
        self.assertLess(took, 2)

    def test_C_14_an_RST_beside_RCV_NXT_is_ignored(self):
        old = self.waiting()
        fin = self.segments(old, "kernel", FIN)[-1]
        self.wire.lose(lambda one: one.sender == "kernel")  # it would answer, and end it
        for number in (fin.end() + 1, fin.end() - 1):
            self.wire.repeat(repair.forged(fin, fin.source, fin.destination, RST, number, 0))
        count = len(self.segments(old, "lastack"))
        self.wire.repeat(fin)
        until(lambda: len(self.segments(old, "lastack")) > count, 5, "an ACK of the FIN again")
        self.assertEqual(self.lastack_state(old), "TIME-WAIT")
        self.wire.repeat(repair.forged(fin, fin.source, fin.destination, RST, fin.end(), 0))
        until(lambda: self.lastack_state(old) == "CLOSED", 0.5, "RST at RCV.NXT ends it")


class WithRfc1337(WaitingLastack):
    def test_C_14_C_15_the_kernels_RST_is_ignored_and_it_tries_again_until_2MSL_are_over(self):
        with self.counts(TimeWaitEntered=1, PassiveOpens=2):
            segments, receive_next, took = self.old_syn()
        self.assert_answered_and_reset(segments, receive_next)
        self.assertEqual(segments[3].bits, SYN)
        self.assertEqual(len([one for one in segments if one.has(SYN | ACK)]), 1)
        self.assertGreater(took, 2.4)


class WaitingKernel(KernelPeer):
    """The same with the roles exchanged: the kernel's net.ipv4.tcp_rfc1337."""

    def old_syn(self):
        """The kernel in TIME-WAIT above the number of a SYN that lastack will send again."""
        calling = self.lost_call()
        syn = [one for one in self.wire.seen[self.begun:] if one.bits == SYN][-1]
        calling.abort()
        port, receive_next = syn.source, (syn.number + (1 << 29)) % NUMBERS
        self.wire.lose(lambda one: one.sender == "kernel")
        waiting = repair.established((KERNEL, SERVED_BY_KERNEL), (LASTACK, port), send_next=1000,
                                     receive_next=receive_next)
        waiting.close()
        fin = until(lambda: [one for one in self.wire.seen[self.begun:]
                             if one.has(FIN) and one.destination == port], 5, "the kernel's FIN")[0]
        self.wire.repeat(repair.forged(syn, port, SERVED_BY_KERNEL, FIN | ACK, receive_next,
                                       fin.end()))
        self.until_kernel_waits(port)
        self.wire.lose(None)
        return port, (receive_next + 1) % NUMBERS

    def lost_call(self):
        self.wire.lose(lambda one: one.has(SYN))
        calling = self.puppeteer.connect(f"{KERNEL}:{SERVED_BY_KERNEL}")
        until(lambda: any(one.bits == SYN for one in self.wire.seen[self.begun:]), 5, "a SYN")
        return calling

    def until_kernel_waits(self, port):
        until(lambda: self.bed.kernel_sockets("dport", "=", f":{port}") == {"TIME-WAIT": 1}, 5,
              lambda: f"the kernel is in TIME-WAIT: {self.bed.kernel_sockets()}")

    def begin_again(self, port, receive_next):
        """lastack's SYN, what the kernel answers, and lastack's RST."""
        begun = len(self.wire.seen)
        puppet = self.puppeteer.connect(f"{KERNEL}:{SERVED_BY_KERNEL}", port)
        segments = until(lambda: [one for one in self.wire.seen[begun:] if one.source == port
                                  or one.destination == port][:3][2:] and self.wire.seen[begun:], 5,
                         "three segments")
        syn, answer, reset = [one for one in segments if port in (one.source, one.destination)][:3]
        self.assertEqual((syn.bits, answer.bits), (SYN, ACK))
        self.assertEqual(answer.acknowledged, receive_next)
        self.assertTrue(reset.has(RST) and reset.sender == "lastack", reset)
        self.assertEqual(reset.number, receive_next)
        return puppet

    def test_C_14_C_15_lastacks_RST_ends_the_kernels_TIME_WAIT_and_its_second_SYN_connects(self):
        self.sysctl("tcp_rfc1337", 0)
        puppet = self.begin_again(*self.old_syn())
        sock, _ = self.listener.accept()
        self.addCleanup(sock.close)
        puppet.becomes(opened=True)

    def test_C_14_C_15_with_rfc1337_the_kernel_ignores_lastacks_RST_and_stays(self):
        self.sysctl("tcp_rfc1337", 1)
        port, receive_next = self.old_syn()
        puppet = self.begin_again(port, receive_next)
        until(lambda: len([one for one in self.wire.seen[self.begun:]
                           if one.has(RST) and one.source == port]) == 2, 5, "a second RST")
        self.until_kernel_waits(port)
        self.assertFalse(puppet.show()["opened"])


class Reuse(KernelPeer):
    msl = "5s"
    tcp_extra = 'tw_reuse_delay = "10ms"'

    def closed_first_by(self, closer, role):
        old = self.pair(role)
        self.close_in_turn(old, closer)
        time.sleep(0.05)  # the least age of what is reused
        return old

    def assert_connected_at_once(self, new):
        self.assertEqual([one.bits for one in self.segments(new)[:3]], [SYN, SYN | ACK, ACK])
        new.puppet.send(10)
        self.until_taken(new, "lastack", 10)

    def test_S_85_lastack_takes_its_TIME_WAIT_over_and_the_kernel_accepts(self):
        old = self.closed_first_by("lastack", "client")
        with self.counts(TWRecycled=1, ActiveOpens=1):
            new = self.again(old)
        self.assert_connected_at_once(new)

    def test_S_85_the_kernel_takes_its_TIME_WAIT_over_and_lastack_accepts(self):
        self.sysctl("tcp_tw_reuse", 1)
        self.sysctl("tcp_tw_reuse_delay", 10)
        old = self.closed_first_by("kernel", "server")
        self.assert_connected_at_once(self.again(old))

    def test_S_85_each_takes_the_SYN_of_the_other_into_its_TIME_WAIT(self):
        for role, closer in (("server", "lastack"), ("client", "kernel")):
            with self.trying(role):
                self.assert_connected_at_once(self.again(self.closed_first_by(closer, role)))

    def test_S_85_without_timestamps_neither_takes_its_TIME_WAIT_over(self):
        self.sysctl("tcp_tw_reuse", 1)
        self.sysctl("tcp_tw_reuse_delay", 10)
        self.sysctl("tcp_timestamps", 0)
        old = self.closed_first_by("lastack", "client")
        with self.assertRaisesRegex(Refused, "in use"):
            self.puppeteer.connect(f"{KERNEL}:{SERVED_BY_KERNEL}", old.lastack_port)
        self.assertEqual(self.lastack_state(old), "TIME-WAIT")
        old = self.closed_first_by("kernel", "server")
        self.assertEqual(error_of(self.kernel_socket(old.kernel_port).connect,
                                  (LASTACK, SERVED_BY_LASTACK)), "EADDRNOTAVAIL")

    def in_last_ack(self, role):
        """The opener has closed first; its ACK of the other's FIN is lost, and every later one."""
        old = self.pair(role)
        opener = "kernel" if role == "server" else "lastack"
        first, second = (old.sock, old.puppet) if role == "server" else (old.puppet, old.sock)
        first.close()
        self.until_states(old, *("CLOSE-WAIT", "FIN-WAIT-2")[::1 if role == "server" else -1])
        self.wire.lose(lambda one: one.sender == opener and one.bits == ACK)
        second.close()
        self.until_states(old, *("LAST-ACK", "TIME-WAIT")[::1 if role == "server" else -1])
        time.sleep(0.05)  # the least age of what is reused
        return old

    def assert_recovered(self, new, opener):
        """SYN, the ACK of LAST-ACK, RST at its number, and the SYN again."""
        other = "kernel" if opener == "lastack" else "lastack"
        segments = [one for one in self.segments(new) if not one.has(FIN)]
        syn, answer, reset = segments[:3]
        self.assertEqual((syn.sender, syn.bits), (opener, SYN))
        self.assertEqual((answer.sender, answer.bits), (other, ACK))
        self.assertTrue(reset.sender == opener and reset.has(RST), reset)
        self.assertEqual(reset.number, answer.acknowledged)
        again = [one for one in segments if one.bits == SYN][1]
        self.assertEqual(again.number, syn.number)
        new.puppet.becomes(opened=True)

    def reopen(self, role):
        old = self.in_last_ack(role)
        self.wire.lose(None)
        return self.again(old)

    def test_C_27_lastacks_SYN_meets_the_kernel_in_LAST_ACK(self):
        with self.counts(TWRecycled=1):
            new = self.reopen("client")
        self.assert_recovered(new, "lastack")

    def test_C_27_the_kernels_SYN_meets_lastack_in_LAST_ACK(self):
        self.sysctl("tcp_tw_reuse", 1)
        self.sysctl("tcp_tw_reuse_delay", 10)
        new = self.reopen("server")
        self.assert_recovered(new, "kernel")


if __name__ == "__main__":
    kernel_peer.main()

"""One connection that carries more than 2^33 bytes: the sequence space wraps twice
before the FIN comes. Not in CI, for it takes minutes: interop_test.py takes it in where it moves
a gigabyte at once (LASTACK_LONG=1).
So it is no *_test.py, whose tests scripts/requirements expects among the results of every run.
"""

import socket
import struct
import threading

import bed
import peers
from at_rest import AtRest, Settings
from bed import LASTACK

HTTP, ECHO = 80, 7
SERVICES = f"""
[[service]]
kind = "http"
listen = ":{HTTP}"
[[service]]
kind = "echo"
listen = ":{ECHO}"
"""
# Above 2^33 by so much that the FIN stands at the edge of no wrap, page or segment.
LENGTH = (1 << 33) + 7_340_033
SPACE = 1 << 32
BLOCKS = peers.BLOCK * 6  # a chunk of a receive from any position of the pattern on is in here
CHUNK = 1 << 18

_TCPI_TIMESTAMPS, _TCPI_WINDOW_SCALE = 1, 4
_TCPI_BYTES_ACKED = 120  # bytes_acked and bytes_received of struct tcp_info, both of 64 bits


def follows_the_pattern(position, chunk):
    start = position % peers.PERIOD
    return chunk == BLOCKS[start:start + len(chunk)]


def tcp_info(sock):
    """(options, window shifts, bytes acknowledged, bytes received) as the kernel has them."""
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
    return info[5], info[6], *struct.unpack_from("QQ", info, _TCPI_BYTES_ACKED)


class LongStream(AtRest):
    def setUp(self):
        super().setUp()
        self.bed = bed.Bed(Settings.kind, Settings.lastackd)
        self.addCleanup(self.bed.close)
        self.bed.start(SERVICES)
        self.remember(self.bed.lastack)

    def dial(self, port):
        sock = peers.dial((LASTACK, port))
        self.addCleanup(sock.close)
        return sock

    def assert_arrives(self, sock, position, begun=b""):
        """All of the pattern, byte for byte, and then the FIN: not earlier, and nothing after it."""
        chunk = begun or sock.recv(CHUNK)
        while chunk:
            if not follows_the_pattern(position, chunk):
                self.fail(f"other bytes than the pattern's at {position} or behind")
            position += len(chunk)
            chunk = sock.recv(CHUNK)
        self.assertEqual(position, LENGTH)

    def assert_used_the_options(self, sock):
        options, shifts, _, _ = tcp_info(sock)
        self.assertTrue(options & _TCPI_TIMESTAMPS)
        self.assertTrue(options & _TCPI_WINDOW_SCALE)
        self.assertGreater(shifts & 15, 0)
        self.assertGreater(shifts >> 4, 0)

    def assert_ended_in_order(self, service, **counters):
        bed.until(lambda: self.lastack.services()[service]["ended"] == {"orderly": 1}, 10,
                  lambda: f"{service} ends in order: {self.lastack.services()[service]}")
        for counter in ("EstabResets", "OutRsts", "TCPAbortOnTimeout", "PAWSEstab"):
            self.assertEqual(self.moved(counter), 0, counter)
        for counter, count in counters.items():
            self.assertEqual(self.moved(counter), count, counter)
        self.assert_at_rest()
        self.assert_ends_well()

    def test_610_F_11_lastack_sends_more_than_twice_the_sequence_space(self):
        sock = self.dial(HTTP)
        sock.sendall(f"GET /bytes/{LENGTH} HTTP/1.1\r\nHost: la\r\nConnection: close\r\n\r\n".encode())
        _, begun = peers.read_head(sock)
        self.assert_arrives(sock, 0, begun)
        self.assert_used_the_options(sock)
        self.assertGreater(tcp_info(sock)[3], 2 * SPACE)
        sock.close()
        self.assert_ended_in_order("http", TimeWaitEntered=1)

    def test_620_F_11_the_kernel_sends_it_and_has_all_of_it_back(self):
        """Both directions wrap twice, and the kernel closes first."""
        sock = self.dial(ECHO)

        def send():
            for block in peers.pattern(LENGTH):
                sock.sendall(block)
            sock.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        self.assert_arrives(sock, 0)
        sender.join()
        self.assert_used_the_options(sock)
        acknowledged, received = tcp_info(sock)[2:]
        self.assertGreater(acknowledged, 2 * SPACE)
        self.assertGreater(received, 2 * SPACE)
        sock.close()
        self.assert_ended_in_order("echo", TimeWaitEntered=0)

"""A bed whose link a test can look at, and can lose or repeat frames on.

    [ kernel on peer0 ]== veth ==[ wire0 -- Wire -- wire1 ]== veth ==[ la0 -- lastackd ]

Not every kernel has netem. The two inner ends are in a namespace of their own, and a thread of the
test hands each frame from one to the other, where the rule lets it pass.
"""

import select
import socket
import struct
import threading
import time

import bed
import capture
from bed import run

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_SOL_PACKET, _PACKET_IGNORE_OUTGOING = 263, 23
_LETTERS = ((SYN, "S"), (FIN, "F"), (RST, "R"), (PSH, "P"), (ACK, "."))


def before(a, b):
    """a < b, modulo 2^32."""
    return 0 < (b - a) % (1 << 32) < 1 << 31


class Segment(capture.Tcp):
    """A TCP segment as it was on the wire, and who had sent it: "kernel" or "lastack"."""

    def __init__(self, frame, sender="", at=0.0):
        super().__init__(frame)
        self.sender, self.at, self.lost = sender, at, False
        tcp = self._tcp
        self.source, self.destination = self.ports()
        self.number = self.seq()
        self.acknowledged, = struct.unpack_from("!I", frame, tcp + 8)
        self.bits = self.flags()
        self.window, = struct.unpack_from("!H", frame, tcp + 14)
        header = (frame[tcp + 12] >> 4) * 4
        self.length = self._end - tcp - header
        self.options = self._parse_options(bytes(frame[tcp + 20:tcp + header]))

    @staticmethod
    def _parse_options(text):
        """{kind: body}"""
        found, at = {}, 0
        while at < len(text) and text[at] != 0:
            if text[at] == 1:
                at += 1
                continue
            found[text[at]] = text[at + 2:at + text[at + 1]]
            at += text[at + 1]
        return found

    def has(self, bits):
        return self.bits & bits == bits

    def end(self):
        """The number after its last, FIN and SYN counted."""
        return (self.number + self.length + self.has(SYN) + self.has(FIN)) % (1 << 32)

    def sack_blocks(self):
        body = self.options.get(5, b"")
        return [struct.unpack_from("!II", body, at) for at in range(0, len(body), 8)]

    def __repr__(self):
        letters = "".join(letter for bit, letter in _LETTERS if self.bits & bit)
        sack = "".join(f" {left}:{right}" for left, right in self.sack_blocks())
        return (f"{self.at:9.4f} {self.sender:>7} {self.source}>{self.destination} {letters} "
                f"{self.number}({self.length}) ack {self.acknowledged} win {self.window}{sack}"
                f"{' LOST' if self.lost else ''}")


class Wire(threading.Thread):
    """Hands frames over, and remembers the TCP segments among them."""

    def __init__(self, ends):
        super().__init__(daemon=True)
        self._ends = ends
        self._wake, self._woken = socket.socketpair()
        self._began = time.monotonic()
        self.seen = []
        self.rule = None

    def run(self):
        senders = {self._ends["kernel"]: ("kernel", self._ends["lastack"]),
                   self._ends["lastack"]: ("lastack", self._ends["kernel"])}
        while True:
            for sock in select.select([*senders, self._woken], [], [])[0]:
                if sock is self._woken:
                    return
                sender, other = senders[sock]
                self._hand_over(sock.recv(65536), sender, other)

    def _hand_over(self, frame, sender, other):
        if capture.Tcp.is_one(frame):
            segment = Segment(frame, sender, time.monotonic() - self._began)
            rule = self.rule
            segment.lost = bool(rule and rule(segment))
            self.seen.append(segment)
            if segment.lost:
                return
        self.put(frame, other)

    @staticmethod
    def put(frame, end):
        try:
            end.send(frame)
        except OSError:
            pass  # the interface went away or is full: a wire does not complain

    def repeat(self, segment):
        """Sends it once more, to where it went."""
        self.put(segment.frame, self._ends["kernel" if segment.sender == "lastack" else "lastack"])

    def lose(self, rule):
        """From now on frames that `rule` is true for are lost; None: nothing is."""
        self.rule = rule

    def lose_first(self, rule, count=1):
        """Loses the first `count` segments that `rule` is true for. Returns the list they go to."""
        lost = []

        def matches(segment):
            if len(lost) < count and rule(segment):
                lost.append(segment)
                return True
            return False
        self.lose(matches)
        return lost

    def segments(self, sender=None, bits=0, port=None, lost=None):
        """Those seen so far, the oldest first."""
        return [one for one in list(self.seen)
                if sender in (None, one.sender) and one.has(bits)
                and port in (None, one.source, one.destination) and lost in (None, one.lost)]

    def close(self):
        self._wake.send(b"x")
        self.join()
        for sock in (*self._ends.values(), self._wake, self._woken):
            sock.close()


class WireBed(bed.Bed):
    """A veth bed with a Wire in the middle."""

    def __init__(self, program):
        self.wire = None
        super().__init__("veth", program)

    def _make_namespaces(self):
        self._add_namespace(self.name)
        self._add_namespace(self.name + "-wire")
        self.lastack_namespace = self.name + "-la"
        self._add_namespace(self.lastack_namespace)
        self._enter(self.name + "-wire")
        self._link("wire0", "peer0", self.name)
        self._link("wire1", "la0", self.lastack_namespace)
        run("ip", "-n", self.lastack_namespace, "link", "set", "la0", "up")
        self.wire = Wire({"kernel": self._open("wire0"), "lastack": self._open("wire1")})
        self._enter(self.name)
        run("ip", "link", "set", "lo", "up")
        # The kernel would leave its checksums to a NIC that is not there, and cutting to size.
        run("ethtool", "-K", "peer0", "tx", "off", "tso", "off", "gso", "off")
        self._configure_peer()
        self._allow_time_wait()
        self.wire.start()

    @staticmethod
    def _link(here, there, namespace):
        run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", namespace)
        run("sysctl", "-qw", f"net.ipv6.conf.{here}.disable_ipv6=1")
        run("ip", "link", "set", here, "up")

    @staticmethod
    def _open(interface):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        sock.bind((interface, capture.ETH_P_ALL))
        return sock

    def sysctl(self, name, value):
        """In the kernel's namespace, which the test is in."""
        path = f"/proc/sys/net/ipv4/{name}"
        with open(path) as file:
            before_it = file.read().strip()
        with open(path, "w") as file:
            file.write(str(value))
        return before_it

    def write_pcap(self, path):
        capture.write_pcap(path, [(int(one.at * 1e6), bytes(one.frame)) for one in self.wire.seen])

    def close(self):
        if self.wire is not None and self.wire.is_alive():
            self.wire.close()
        super().close()

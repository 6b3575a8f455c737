"""pcap files, frames from a live interface, and a captured client made to fit another server's numbers.

A captured client acknowledges the numbers that lastack had chosen then. Under debug.replay it
chooses others, always the same: they are learned from a first replay, and the client's ACK numbers
and timestamp echoes are moved by the difference.
"""

import select
import socket
import struct

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
FIN, SYN, RST, ACK = 1, 2, 4, 16


def read_pcap(path):
    """[(microseconds, frame)]"""
    data = path.read_bytes()
    magic, = struct.unpack_from("<I", data)
    if magic not in (0xA1B2C3D4, 0xA1B23C4D):
        raise AssertionError(f"{path} is no pcap file of this machine's byte order")
    per_us = 1000 if magic == 0xA1B23C4D else 1
    frames, at = [], 24
    while at < len(data):
        seconds, fraction, captured, _ = struct.unpack_from("<IIII", data, at)
        frames.append((seconds * 1_000_000 + fraction // per_us, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return frames


def write_pcap(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at_us, frame in frames:
            file.write(struct.pack("<IIII", *divmod(at_us, 1_000_000), len(frame), len(frame)))
            file.write(frame)


class Sniffer:
    """All frames of an interface from now on, in both directions."""

    def __init__(self, interface):
        self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._sock.bind((interface, 0))

    def take(self, quiet=0.5):
        """[(microseconds, frame, sent by the kernel)], once nothing has come for `quiet` seconds."""
        out = []
        while select.select([self._sock], [], [], quiet)[0]:
            frame, extra, _, (_, _, kind, _, _) = self._sock.recvmsg(65536, 256)
            seconds, nanoseconds = struct.unpack("qq", extra[0][2])
            at_us = seconds * 1_000_000 + nanoseconds // 1000
            out.append((at_us, frame, kind == PACKET_OUTGOING))
        return out

    def close(self):
        self._sock.close()


class Tcp:
    """A TCP segment in an Ethernet frame, with the fields that a replay moves."""

    def __init__(self, frame):
        self.frame = bytearray(frame)
        self._ip = 14
        self._tcp = self._ip + (frame[14] & 15) * 4
        self._end = self._ip + struct.unpack_from("!H", frame, 16)[0]

    @staticmethod
    def is_one(frame):
        return len(frame) >= 54 and frame[12:14] == b"\x08\x00" and frame[23] == socket.IPPROTO_TCP

    def ports(self):
        return struct.unpack_from("!HH", self.frame, self._tcp)

    def seq(self):
        return struct.unpack_from("!I", self.frame, self._tcp + 4)[0]

    def flags(self):
        return self.frame[self._tcp + 13]

    def _timestamps_at(self):
        at, end = self._tcp + 20, self._tcp + (self.frame[self._tcp + 12] >> 4) * 4
        while at < end and self.frame[at] != 0:
            if self.frame[at] == 8:
                return at + 2
            at += 1 if self.frame[at] == 1 else self.frame[at + 1]
        return None

    def timestamp(self):
        at = self._timestamps_at()
        return None if at is None else struct.unpack_from("!I", self.frame, at)[0]

    def move(self, ack_by, echo_by):
        """Acknowledges what is numbered higher by `ack_by`, echoes what is later by `echo_by`."""
        if self.flags() & ACK:
            self._add(self._tcp + 8, ack_by)
            at = self._timestamps_at()
            if at is not None:
                self._add(at + 4, echo_by)
        self._make_checksum()
        return bytes(self.frame)

    def _add(self, at, by):
        old, = struct.unpack_from("!I", self.frame, at)
        struct.pack_into("!I", self.frame, at, (old + by) % (1 << 32))

    def _make_checksum(self):
        struct.pack_into("!H", self.frame, self._tcp + 16, 0)
        segment = bytes(self.frame[self._tcp:self._end])
        data = (bytes(self.frame[self._ip + 12:self._ip + 20])
                + struct.pack("!HH", socket.IPPROTO_TCP, len(segment)) + segment)
        total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into("!H", self.frame, self._tcp + 16, ~total & 0xFFFF)


def first_numbers(frames):
    """By (server port, client port): sequence number and timestamp of the first SYN,ACK."""
    numbers = {}
    for frame in frames:
        if not Tcp.is_one(frame):
            continue
        segment = Tcp(frame)
        if segment.flags() & (SYN | ACK) == SYN | ACK:
            numbers.setdefault(segment.ports(), (segment.seq(), segment.timestamp() or 0))
    return numbers


def fit(client_frames, then, now):
    """The client's frames for a server whose first numbers were `then` and are `now`."""
    out = []
    for at_us, frame in client_frames:
        key = Tcp(frame).ports()[::-1] if Tcp.is_one(frame) else None
        if key in then and key in now:
            frame = Tcp(frame).move(now[key][0] - then[key][0], now[key][1] - then[key][1])
        out.append((at_us, frame))
    return out

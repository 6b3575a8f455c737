"""Linux sockets whose numbers a test chooses, by TCP_REPAIR; and segments that nobody sent."""

import socket
import struct

import capture
from wire import Segment

TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_REPAIR_WINDOW = 19, 20, 21, 29
_ON, _OFF, _OFF_WITHOUT_A_PROBE = 1, 0, -1
_RECEIVE_QUEUE, _SEND_QUEUE = 1, 2


def _set(sock, option, value):
    sock.setsockopt(socket.IPPROTO_TCP, option, struct.pack("I", value % (1 << 32)))


def _set_number(sock, queue, number):
    _set(sock, TCP_REPAIR_QUEUE, queue)
    _set(sock, TCP_QUEUE_SEQ, number)


def choose_isn(sock, number):
    """The SYN that connect() will send has this number."""
    _set(sock, TCP_REPAIR, _ON)
    _set_number(sock, _SEND_QUEUE, number)
    _set(sock, TCP_REPAIR, _OFF)


def established(local, remote, send_next, receive_next):
    """A socket in ESTABLISHED that nobody was asked about; without timestamps."""
    sock = socket.socket()
    _set(sock, TCP_REPAIR, _ON)
    _set_number(sock, _SEND_QUEUE, send_next)
    _set_number(sock, _RECEIVE_QUEUE, receive_next)
    sock.bind(local)
    sock.connect(remote)
    window = 30_000
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_WINDOW, struct.pack(
        "5I", receive_next, window, window, window, receive_next))
    _set(sock, TCP_REPAIR, _OFF_WITHOUT_A_PROBE)
    return sock


def forged(like, source, destination, bits, number, acknowledged):
    """A bare segment with the addresses of `like`, a Segment."""
    frame = bytearray(like.frame[:54])
    struct.pack_into("!H", frame, 16, 40)
    struct.pack_into("!HHIIBBHHH", frame, 34, source, destination, number % (1 << 32),
                     acknowledged % (1 << 32), 5 << 4, bits, 30_000, 0, 0)
    frame[14] = 0x45
    struct.pack_into("!H", frame, 24, 0)
    struct.pack_into("!H", frame, 24, _checksum(frame[14:34]))
    segment = capture.Tcp(bytes(frame))
    segment._make_checksum()
    return Segment(bytes(segment.frame), like.sender)


def _checksum(header):
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

#!/usr/bin/env python3
"""Writes the seeds of tests/fuzz/corpus/stack/: whole lives of connections, in the steps that
stack_fuzz.cpp reads.

    tests/fuzz/make_stack_corpus.py

Each event of the application reads an octet that says what it does in reply: 0 nothing, REPLY + n
the nth line of World::act_on().
"""
import pathlib

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
REPLY = 96
SAY, SAY_MUCH, LEND, SHUTDOWN, CLOSE, ABORT, RESUME = 0, 2, 3, 4, 6, 8, 9
DELIVER = [200, 0, 0]  # no more of the burst, not chained, a turn follows


def segment(flags, text=0, seq=None, which=0, window=None, reply=()):
    """A segment with the numbers that the stack expects; `seq` is an offset to them."""
    shape, more = 0, []
    if seq is not None:
        shape |= 1
        more.append(seq & 0xff)
    if window is not None:
        shape |= 16
        more += [window >> 8, window & 0xff]
    if text:
        shape |= 64
        more.append(text)
    return [0, which, flags, shape] + more + DELIVER + list(reply)


def burst(*segments):
    """Segments without the turns between them."""
    steps = []
    for i, one in enumerate(segments):
        body = one[:-3] if one[-3:] == DELIVER else one
        steps += body + ([200] if i == len(segments) - 1 else [0])
    return steps + [0] * len(segments) + [0]


def wait(ms):
    return [10, ms >> 8, ms & 0xff]


def act(what, *more):
    return [7, what] + list(more)


def on_connection(action, *more):
    """The application acts on its first connection: act() reads the action after the choice."""
    return [7, action, 0] + list(more)


OPEN = segment(SYN) + segment(ACK, reply=[0])
CONNECT = act(192) + segment(SYN | ACK, which=4, reply=[0])  # 192 % 6 == 0, port 1000
DATA = segment(PSH | ACK, 100, reply=[255, 0])

SEEDS = {
    "passive-close": OPEN + DATA + segment(FIN | ACK, reply=[REPLY + CLOSE]) + segment(ACK),
    "active-close": OPEN + on_connection(SHUTDOWN) + segment(ACK) +
    segment(FIN | ACK, reply=[REPLY + CLOSE]) + wait(60000) + wait(2000),
    "simultaneous-close": OPEN + on_connection(CLOSE) + segment(FIN | ACK) + segment(ACK),
    "client": CONNECT + on_connection(SAY, 50) + segment(ACK, which=8) +
    segment(FIN | ACK, 20, which=8, reply=[255, 0, REPLY + CLOSE]) + segment(ACK, which=8),
    "crossing": act(192) + segment(SYN, which=4) + segment(SYN | ACK, which=4, seq=-1) +
    segment(ACK, which=8),
    "reset": OPEN + DATA + segment(RST),
    "challenge": OPEN + segment(RST, seq=5) + segment(SYN, seq=9) + segment(ACK, seq=-9),
    "gap": OPEN + segment(PSH | ACK, 50, seq=100) + segment(PSH | ACK, 50, seq=50) +
    segment(PSH | ACK, 50, reply=[255, 0]) + segment(FIN | ACK, seq=40) + DATA,
    "zero-window": OPEN + segment(ACK, window=0) + on_connection(SAY_MUCH, 8, 0) + wait(5000) +
    segment(ACK, window=3000) + wait(1000) + segment(ACK),
    "unread": OPEN + segment(PSH | ACK, 100, reply=[0, 0]) + on_connection(CLOSE),
    "half-read": OPEN + segment(PSH | ACK, 100, reply=[64, 0]) + on_connection(RESUME) + [255, 0],
    "lend": OPEN + on_connection(LEND, 4, 0) + wait(500) + segment(ACK) + on_connection(ABORT),
    "orphan": OPEN + on_connection(CLOSE) + segment(ACK) + segment(PSH | ACK, 10),
    "reopen": OPEN + on_connection(CLOSE) + segment(FIN | ACK) + segment(SYN, seq=50) +
    segment(ACK, reply=[0]),
    "reopen-returned": OPEN + on_connection(CLOSE) + segment(FIN | ACK) + segment(SYN, seq=50) +
    segment(RST) + wait(61000),
    "one-burst": burst(segment(SYN), segment(ACK), segment(PSH | ACK, 9), segment(FIN | ACK)),
    "retransmit": OPEN + on_connection(SAY_MUCH, 30, 0) + wait(300) + wait(700) + segment(ACK) +
    wait(60000) + wait(60000),
    "no-memory": OPEN + act(130 + 5 - 4, 1) + on_connection(SAY_MUCH, 9, 9) + DATA + wait(900),
    "icmp": act(192) + [12, 0, 1] + OPEN + [12, 8, 4, 2, 64],
    "raw-arp": [13, 42] + list(bytes.fromhex(
        "ffffffffffff020000000003 0806 0001080006040001 020000000003c6120003 000000000000c6120001"))
    + DELIVER,
}

folder = pathlib.Path(__file__).parent / "corpus" / "stack"
folder.mkdir(parents=True, exist_ok=True)
for name, steps in SEEDS.items():
    for config in (0, 0xbf):
        (folder / f"{name}-{config:02x}").write_bytes(bytes([config] + steps))

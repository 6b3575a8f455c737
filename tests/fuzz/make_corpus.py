#!/usr/bin/env python3
"""Writes the seeds of tests/fuzz/corpus/: a few frames for each path through the parsers.

    tests/fuzz/make_corpus.py

The seeds are committed; this says what is in them, and makes them anew when it is changed.
"""
import pathlib

L2 = "020000000002 020000000001"
IP4 = L2 + "0800"
IP_TCP = "452a{total:04x} 12344000 3f060000 c6120001 c6120002"
PORTS = "9c400050 01020304 11223344"


def tcp(flags, options="", text=""):
    """An Ethernet frame with a TCP segment; checksums zero, for the target does not ask for them."""
    header = 20 + len(bytes.fromhex(options))
    total = 20 + header + len(bytes.fromhex(text))
    return (IP4 + IP_TCP.format(total=total) + PORTS +
            f"{header // 4:01x}0{flags:02x}0100 00000000" + options + text)


def icmp(message):
    total = 20 + len(bytes.fromhex(message))
    return IP4 + f"4500{total:04x} 00010000 40010000 c6120001 c6120002" + message


QUOTE = "45000028 00070000 4006eea1 c6120002 c6120001 00509c40 deadbeef"

WIRE = {
    "arp-request": L2 + "0806 0001080006040001 020000000001c6120001 000000000000c6120002",
    "arp-reply-padded": L2 + "0806 0001080006040002 020000000001c6120001 020000000002c6120002"
                        + "00" * 18,
    "tagged-syn": L2 + "8100a064 0800 452a0028 12344000 3f069d4a c6120001 c6120002"
                  "00010002 00000000 00000000 50022000 03b80000",
    "syn": IP4 + "452a003c 12344000 3f069d36 c6120001 c6120002"
           "9c400050 01020304 00000000 a002faf0 becf0000 020405b4 0402080a a0b0c0d0 00000000"
           "01030307",
    "data-timestamps": tcp(0x18, "0101080a 00000007 00000009", "68656c6c6f"),
    "fin-large": tcp(0x99, "", "5a" * 700),
    "sack": tcp(0x10, "0101080a 00000007 00000009 0101051a"
                "00000064 000000c8 0000012c 00000190 000001f4 00000258"),
    "sack-without-room": tcp(0x10, "020405b4 0402 0522" + "00000001" * 8),
    "option-length-0": tcp(0x02, "020405b4 fe000000 03030700"),
    "option-beyond": tcp(0x02, "0101080a"),
    "rst": tcp(0x14),
    "urgent": tcp(0x38, "", "21" * 300),
    "padded": tcp(0x10) + "00" * 6,
    "echo": icmp("08006658 00770003 61626364656667"),
    "fragmentation-needed": icmp("0304bd55 00000578" + QUOTE),
    "time-exceeded-short": icmp("0b000000 00000000" + QUOTE[:-2]),
    "source-route": IP4 + "47000030 00010000 40065f94 c6120001 c6120002 8307040102030400"
                    "00140050 00000000 00000000 50022000 c5650000",
    "option-malformed": IP4 + "46000018 00010000 40060000 c6120001 c6120002 5e010000",
    "fragment": IP4 + "45000028 00012001 40060000 c6120001 c6120002" + "00" * 20,
    "ipv6": L2 + "86dd 60000000 0000 3b40" + "00" * 32,
    "short": L2,
}


def write(folder, seeds):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in seeds.items():
        (folder / name).write_bytes(bytes.fromhex(text.replace(" ", "")))


write(pathlib.Path(__file__).parent / "corpus" / "wire", WIRE)

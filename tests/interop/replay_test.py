#!/usr/bin/env python3
"""A captured conversation, replayed to lastackd from a file, gives the committed packets.

    replay_test.py LASTACKD              the test: as an ordinary user, without huge pages
    replay_test.py LASTACKD --update     the same, and what it sends becomes the golden output
    replay_test.py LASTACKD --record     captures a new conversation first, on a tap, as root

golden/conversation.pcap is what a Linux client sent; golden/answers.pcap what lastack answers under
debug.replay. Every byte of every packet is compared; only the times in the file's record headers are
not (net_pcap writes the wall clock there): the golden file has 0, 1, 2 ... in their place.
"""

import os
import pathlib
import shutil
import socket
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

import bed
import capture
import peers
import tap
from bed import LASTACK

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
CONVERSATION, ANSWERS = GOLDEN / "conversation.pcap", GOLDEN / "answers.pcap"
NOBODY = "65534"
MAC = 'mac = "02:00:00:00:00:01"'

SERVICES = """
[[service]]
kind = "http"
listen = ":80"
[[service]]
kind = "echo"
listen = ":7"
"""

CONFIG = f"""
[eal]
memory = "none"
memory_mib = 160
[[port]]
device = "net_pcap0,rx_pcap=@IN@,tx_pcap=@OUT@"
addresses = ["{LASTACK}/24"]
{MAC}
[limits]
max_connections = 64
max_time_wait = 64
max_half_open = 64
mbufs = 4096
[control]
socket = "@SOCKET@"
[debug]
replay = true
{SERVICES}
"""

lastackd = ""


def replay(frames):
    """What lastackd sends in answer to [(microseconds, frame)]: frames."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"lastack-{os.getpid()}-replay-"))
    lastack = None
    try:
        capture.write_pcap(folder / "in.pcap", frames)
        command = ["env", f"XDG_RUNTIME_DIR={folder}"]
        if os.geteuid() == 0:
            os.chmod(folder / "in.pcap", 0o644)
            os.chown(folder, int(NOBODY), int(NOBODY))
            command += ["setpriv", f"--reuid={NOBODY}", "--clear-groups"]
        config = CONFIG.replace("@IN@", str(folder / "in.pcap")).replace(
            "@OUT@", str(folder / "out.pcap"))
        lastack = bed.Lastack(lastackd, folder, config, command_prefix=command)
        code = lastack.wait(60)
        if code != 0 or "error" in lastack.log():
            raise AssertionError(f"lastackd ended with {code}:\n{lastack.log()}")
        # EAL makes dpdk/ for everybody, and does not take it away; nothing may be in it.
        left = {str(file.relative_to(folder)) for file in folder.rglob("*")} - {"dpdk"}
        if left != {"in.pcap", "lastack.toml", "lastackd.log", "out.pcap"}:
            raise AssertionError(f"lastackd left more behind than its output: {left}")
        return [frame for _, frame in capture.read_pcap(folder / "out.pcap")]
    finally:
        if lastack is not None:
            lastack.kill()
        shutil.rmtree(folder, ignore_errors=True)


def describe(frame):
    if not capture.Tcp.is_one(frame):
        return frame.hex()
    segment = capture.Tcp(frame)
    return f"ports {segment.ports()} seq {segment.seq()} flags {segment.flags():#x}: {frame.hex()}"


class Replay(unittest.TestCase):
    maxDiff = None

    def test_a_captured_conversation_gets_the_committed_answers(self):
        answers = replay(capture.read_pcap(CONVERSATION))
        golden = [frame for _, frame in capture.read_pcap(ANSWERS)]
        for number, (ours, theirs) in enumerate(zip(answers, golden)):
            self.assertEqual(describe(ours), describe(theirs), f"packet {number}")
        self.assertEqual(len(answers), len(golden))

    def test_the_golden_answers_hold_what_the_conversation_is_about(self):
        """So that --update cannot turn a silent lastack into the golden one."""
        segments = [capture.Tcp(frame) for _, frame in capture.read_pcap(ANSWERS)
                    if capture.Tcp.is_one(frame)]
        opened = [s for s in segments if s.flags() & capture.SYN]
        self.assertEqual(len(opened), 3)
        self.assertEqual(len([s for s in segments if s.flags() & capture.FIN]), 2)
        self.assertTrue(any(s.flags() & capture.RST for s in segments))
        self.assertTrue(any(b"HTTP/1.1 200 OK" in s.frame for s in segments))

    def test_a_port_that_is_no_file_is_refused(self):
        folder = tempfile.mkdtemp(prefix=f"lastack-{os.getpid()}-replay-")
        self.addCleanup(shutil.rmtree, folder, True)
        config = CONFIG.replace("net_pcap0,rx_pcap=@IN@,tx_pcap=@OUT@", "net_null0")
        lastack = bed.Lastack(lastackd, folder, config)
        self.assertNotEqual(lastack.wait(30), 0)
        self.assertIn("debug.replay", lastack.log())


def talk():
    """The conversation: a ping, a page whose server closes first, an echo half-closed by the
    client, a connection that the client resets, and one to a closed port."""
    bed.run("ping", "-n", "-c", "1", "-W", "2", LASTACK)
    web = peers.dial((LASTACK, 80))
    web.sendall(b"GET /bytes/3000 HTTP/1.1\r\nHost: la\r\n\r\n")
    head, begun = peers.read_head(web)
    assert " 200 " in head, head
    list(peers.read_body(web, begun, 3000))
    web.sendall(b"GET / HTTP/1.1\r\nHost: la\r\nConnection: close\r\n\r\n")
    peers.read_all(web)
    web.close()
    echo = peers.dial((LASTACK, 7))
    echo.sendall(b"said once")
    echo.recv(100)
    echo.sendall(b"said last")
    echo.shutdown(socket.SHUT_WR)
    peers.read_all(echo)
    echo.close()
    rude = peers.dial((LASTACK, 7))
    rude.sendall(b"never mind")
    rude.recv(100)
    peers.reset_on_close(rude)
    rude.close()
    try:
        peers.dial((LASTACK, 4444))
        raise AssertionError("somebody listens at 4444")
    except ConnectionRefusedError:
        pass


def record():
    a_bed = bed.Bed("tap", lastackd)
    a_bed.start(SERVICES, port_extra=MAC)
    sniffer = capture.Sniffer(a_bed.peer_interface)
    talk()
    frames = sniffer.take()
    sniffer.close()
    a_bed.close()
    ours = [(at, frame) for at, frame, from_kernel in frames
            if from_kernel and frame[12:14] in (b"\x08\x00", b"\x08\x06")]
    then = capture.first_numbers([frame for _, frame, from_kernel in frames if not from_kernel])
    now = capture.first_numbers(replay(ours))
    assert then.keys() == now.keys(), (then, now)
    GOLDEN.mkdir(exist_ok=True)
    capture.write_pcap(CONVERSATION, capture.fit(ours, then, now))


def update():
    capture.write_pcap(ANSWERS, list(enumerate(replay(capture.read_pcap(CONVERSATION)))))


def main():
    global lastackd
    lastackd = str(pathlib.Path(sys.argv[1]).resolve())
    bed.clean_up_at_the_end()
    if "--record" in sys.argv:
        record()
    if "--record" in sys.argv or "--update" in sys.argv:
        update()
        print(f"wrote {ANSWERS}: look at the difference before you commit it", file=sys.stderr)
    tap.main()


if __name__ == "__main__":
    main()

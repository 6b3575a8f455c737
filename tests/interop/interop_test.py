#!/usr/bin/env python3
"""lastackd and the Linux kernel, over one kind of link.

    interop_test.py LASTACKD LASTACKCTL tap|veth [bulk bytes] [connections] [bulk bytes if long]

Every test ends with both sides at rest: no connection but TIME-WAIT in the kernel and none in
lastack, every buffer and record back, no stale handle or timer met.
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "scripts/lib")]

import bed
import peers
import short_connections
import tap
from at_rest import GUARDS, WAITING_IN_DEVICE, AtRest, Settings
from bed import KERNEL, LASTACK, run, until

HTTP, HTTP_CLIENT_CLOSES, HTTP_SMALL, HTTP_SHORT, ECHO, CLOSED_PORT = 80, 81, 82, 83, 7, 4444

SERVICES = f"""
[[service]]
kind = "http"
listen = ":{HTTP}"
[[service]]
kind = "http"
listen = ":{HTTP_CLIENT_CLOSES}"
first_closer = "client"
[[service]]
kind = "http"
listen = ":{HTTP_SMALL}"
max_body_bytes = 1000
[[service]]
kind = "http"
listen = ":{HTTP_SHORT}"
[[service]]
kind = "echo"
listen = ":{ECHO}"
"""


def curl():
    """Status and size of a small body."""
    return run("curl", "-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code} %{size_download}",
               f"http://{LASTACK}/bytes/1000")


class LastackAsServer(AtRest):
    """One lastackd for all of these; a test that ends badly gets the next one a fresh bed."""

    bed = None
    lastack = None

    def setUp(self):
        super().setUp()
        cls = LastackAsServer
        if cls.bed is None:
            cls.bed = bed.Bed(Settings.kind, Settings.lastackd)
            cls.bed.start(SERVICES)
            cls.first_memory = cls.bed.lastack.memory()
        self.bed = cls.bed
        self.remember(self.bed.lastack)
        self.memory_before = cls.first_memory
        self.addCleanup(self.check_or_discard)

    def check_or_discard(self):
        """Runs after the test, whatever came of it. What is not at rest is not used again."""
        cls = LastackAsServer
        try:
            self.assert_at_rest()
        except BaseException:
            print(self.lastack.log()[-3000:], file=sys.stderr)
            cls.bed.close()
            cls.bed = None
            raise

    def dial(self, port):
        sock = peers.dial((LASTACK, port))
        self.addCleanup(sock.close)
        return sock

    def http_service(self, name="http"):
        return self.lastack.services()[name]

    # --- Reaching it

    def test_010_ping_is_answered(self):
        out = run("ping", "-n", "-c", "5", "-i", "0.1", "-W", "2", LASTACK)
        self.assertIn("5 received, 0% packet loss", out)

    def test_020_curl_gets_200(self):
        self.assertEqual(curl(), "200 1000")

    def test_030_connect_to_a_closed_port_is_refused_by_RST(self):
        with self.assertRaises(ConnectionRefusedError):
            peers.dial((LASTACK, CLOSED_PORT))
        self.assertGreaterEqual(self.moved("OutRsts"), 1)

    # --- Bulk

    def test_110_a_large_body_down_has_the_right_sha256(self):
        size = Settings.bulk_bytes
        sock = self.dial(HTTP)
        sock.sendall(f"GET /bytes/{size} HTTP/1.1\r\nHost: la\r\nConnection: close\r\n\r\n".encode())
        head, begun = peers.read_head(sock)
        self.assertIn(" 200 ", head.splitlines()[0])
        got = peers.sha256_of(peers.read_body(sock, begun, size))
        self.assertEqual(got, peers.sha256_of(peers.pattern(size)))
        self.assertEqual(sock.recv(1), b"")

    def test_120_a_large_body_up_comes_back_with_the_same_sha256(self):
        size = Settings.bulk_bytes
        folder = pathlib.Path(self.bed.folder)
        up, down = folder / "up", folder / "down"
        with open("/dev/urandom", "rb") as random, open(up, "wb") as file:
            for left in range(size, 0, -(1 << 20)):
                file.write(random.read(min(left, 1 << 20)))
        self.addCleanup(lambda: [file.unlink(missing_ok=True) for file in (up, down)])
        out = run("curl", "-sS", "-m", "200", "-H", "Expect:", "-T", str(up), "-X", "POST", "-o",
                  str(down), "-w", "%{http_code}", f"http://{LASTACK}/echo", timeout=220)
        self.assertEqual(out, "200")
        sums = [run("sha256sum", str(file)).split()[0] for file in (up, down)]
        self.assertEqual(sums[0], sums[1])
        self.assertEqual(down.stat().st_size, size)

    # --- Ten thousand short connections

    def fetch_many(self, port, closer):
        short_connections.fetch_many((LASTACK, port), Settings.connections, "/bytes/100",
                                     closer=closer, expected=peers.BLOCK[:100])

    def test_210_ten_thousand_connections_that_the_server_closes_first(self):
        self.fetch_many(HTTP_SHORT, "server")
        which = ("dst", f"{LASTACK}:{HTTP_SHORT}")
        until(lambda: set(self.listed(f"sport = :{HTTP_SHORT}")) == {"TIME-WAIT"}, 1,
              lambda: f"lastackctl lists TIME-WAIT: {self.listed(f'sport = :{HTTP_SHORT}')}")
        until(lambda: set(self.lastack.states()) <= {"TIME-WAIT"}, 5, self.lastack.states)
        until(lambda: not self.bed.kernel_sockets(*which), 5,
              lambda: f"the kernel, closed first, has nothing: {self.bed.kernel_sockets(*which)}")
        self.assertEqual(self.moved("TimeWaitEntered"), Settings.connections)
        self.assertEqual(self.moved("PassiveOpens"), Settings.connections)
        self.assertEqual(self.moved("EstabResets"), 0)
        self.assertEqual(self.moved("OutRsts"), 0)

    def test_220_ten_thousand_connections_that_the_client_closes_first(self):
        self.fetch_many(HTTP_CLIENT_CLOSES, "client")
        which = ("dst", f"{LASTACK}:{HTTP_CLIENT_CLOSES}")
        until(lambda: not self.lastack.states(), 5, self.lastack.states)
        self.assertEqual(self.listed(f"sport = :{HTTP_CLIENT_CLOSES}"), {})
        until(lambda: self.bed.kernel_sockets(*which) == {"TIME-WAIT": Settings.connections}, 5,
              lambda: f"TIME-WAIT sits in the kernel: {self.bed.kernel_sockets(*which)}")
        self.assertEqual(self.moved("TimeWaitEntered"), 0)
        self.assertEqual(self.moved("PassiveOpens"), Settings.connections)
        self.assertEqual(self.moved("EstabResets"), 0)

    def test_230_lastackctl_ss_shows_time_wait_at_the_active_closer(self):
        short_connections.fetch_many((LASTACK, HTTP), 20, "/")
        listed = run(Settings.lastackctl, "--socket", self.lastack.socket, "ss", "-tan")
        rows = [line.split() for line in listed.splitlines()[1:]]
        waiting = [row for row in rows if row[0] == "TIME-WAIT"]
        self.assertEqual(len(waiting), 20, listed)
        self.assertEqual({row[0] for row in rows}, {"TIME-WAIT", "LISTEN"}, listed)
        self.assertTrue(all(row[3] == f"{LASTACK}:{HTTP}" for row in waiting), listed)

    # --- The release

    def test_310_half_close_the_kernel_shuts_down_and_still_gets_the_rest(self):
        payload = b"".join(peers.pattern(2_000_000))
        sock = self.dial(ECHO)
        sock.settimeout(30)
        pid = os.fork()
        if pid == 0:
            try:
                sock.sendall(payload)
                sock.shutdown(1)
            finally:
                os._exit(0)
        back = peers.read_all(sock)
        os.waitpid(pid, 0)
        self.assertEqual(peers.sha256_of([back]), peers.sha256_of([payload]))

    def test_311_half_close_before_the_answer_has_begun(self):
        size = 3_000_000
        sock = self.dial(HTTP)
        sock.sendall(f"GET /bytes/{size} HTTP/1.1\r\nHost: la\r\n\r\n".encode())
        sock.shutdown(1)
        head, begun = peers.read_head(sock)
        got = peers.sha256_of(peers.read_body(sock, begun, size))
        self.assertEqual(got, peers.sha256_of(peers.pattern(size)))
        self.assertEqual(sock.recv(1), b"")
        self.assertEqual(self.moved("TimeWaitEntered"), 0)

    def test_320_half_close_lastack_shuts_down_and_still_takes_the_rest(self):
        """A body too large is refused and lastack's FIN sent, while the client goes on sending."""
        rest = b"x" * 300_000
        sock = self.dial(HTTP_SMALL)
        sock.sendall(f"POST /echo HTTP/1.1\r\nHost: la\r\nContent-Length: {len(rest)}\r\n\r\n".encode())
        answer = peers.read_all(sock)
        self.assertIn(b" 413 ", answer.splitlines()[0])
        until(lambda: self.lastack.states() == {"FIN-WAIT-2": 1}, 1.5, self.lastack.states)
        sock.sendall(rest)
        sock.close()
        until(lambda: self.moved("TimeWaitEntered") == 1, 5, self.lastack.states)
        self.assertEqual(self.moved("OutRsts"), 0)
        self.assertEqual(self.http_service("http-3")["ended"], {"orderly": 1})

    def test_330_a_kernel_socket_with_linger_0_sends_RST_and_lastack_says_reset(self):
        already = self.lastack.services()["echo"]["ended"].get("reset", 0)
        sock = self.dial(ECHO)
        sock.sendall(b"hello")
        self.assertEqual(sock.recv(5), b"hello")
        peers.reset_on_close(sock)
        sock.close()
        until(lambda: self.lastack.services()["echo"]["ended"].get("reset", 0) == already + 1, 5,
              "echo hears of a reset")
        self.assertEqual(self.moved("EstabResets"), 1)
        self.assertEqual(self.moved("TimeWaitEntered"), 0)

    def test_999_sigterm_ends_it_with_everything_given_back(self):
        self.assert_at_rest()
        self.doCleanups()
        LastackAsServer.bed = None
        self.assert_ends_well()
        self.bed.close()


class LinkLost(AtRest):
    def test_410_a_link_lost_in_mid_transfer_ends_in_timed_out(self):
        self.bed = bed.Bed(Settings.kind, Settings.lastackd)
        self.addCleanup(self.bed.close)
        self.remember(self.bed.start(SERVICES, user_timeout="1500ms"))
        sock = peers.dial((LASTACK, HTTP))
        self.addCleanup(sock.close)
        sock.sendall(b"GET /bytes/100000000000 HTTP/1.1\r\nHost: la\r\n\r\n")
        for _ in zip(range(100), peers.read_body(sock, b"", 10**11)):
            pass
        self.bed.link(up=False)
        until(lambda: self.lastack.services()["http"]["ended"] == {"timed_out": 1}, 20,
              lambda: f"http hears of a timeout: {self.lastack.services()['http']['ended']}")
        self.assertEqual(self.moved("TCPAbortOnTimeout"), 1)
        peers.reset_on_close(sock)
        sock.close()
        self.bed.link(up=True)
        until(lambda: subprocess.run(["ping", "-n", "-c", "1", "-W", "1", LASTACK],
                                     capture_output=True).returncode == 0, 15, "ping works again")
        self.assertEqual(curl(), "200 1000")
        self.assert_at_rest()
        self.assert_ends_well()


class LastackAsClient(AtRest):
    """`load` against a kernel server. With `stay` lastackd goes on when the load is over, so that it
    can be asked the same as a server; one test lets it end by itself.
    """

    def start(self, options, server=True, **how):
        self.bed = bed.Bed(Settings.kind, Settings.lastackd, link_first=True)
        self.addCleanup(self.bed.close)
        if server:
            self.server = peers.HttpServer((KERNEL, 8080), body_bytes=500)
            self.addCleanup(self.server.close)
        return self.bed.start(f"""
[[service]]
kind = "load"
path = "/bytes/500"
{options}
""", **how)

    def load(self, options, count):
        """Runs it; its report. What must hold afterwards is looked at when the test is over."""
        lastack = self.start(f"target = \"{KERNEL}:8080\"\ncount = {count}\nconcurrency = 50\n"
                             f"stay = true\n{options}")
        self.lastack = lastack
        self.addCleanup(self.check)
        until(lambda: lastack.services()["load"]["finished"], 90,
              lambda: f"the load is over: {lastack.services()['load']}")
        return lastack.services()["load"]

    def check(self):
        """Nothing is held and no guard has moved; counters began at 0, and pools empty but for what
        the device has."""
        self.memory_before = dict.fromkeys(self.lastack.memory(), 0)
        self.memory_before["mbufs rx"] = WAITING_IN_DEVICE[Settings.kind]
        self.assert_at_rest()
        self.assert_ends_well()
        self.assertFalse(os.path.exists(self.lastack.socket))

    def counter(self, name):
        return self.lastack.counters()[name]

    def test_510_lastack_opens_and_closes_first(self):
        count = Settings.connections
        report = self.load('first_closer = "client"', count)
        self.assertEqual((report["succeeded"], report["failed"]), (count, 0), report)
        self.assertEqual(self.counter("TimeWaitEntered"), count)
        until(lambda: not self.bed.kernel_sockets("sport", "=", ":8080"), 10,
              lambda: f"the kernel keeps nothing: {self.bed.kernel_sockets()}")

    def test_520_lastack_opens_and_the_kernel_closes_first(self):
        count = Settings.connections
        report = self.load('first_closer = "server"', count)
        self.assertEqual((report["succeeded"], report["failed"]), (count, 0), report)
        self.assertEqual(self.counter("TimeWaitEntered"), 0)
        until(lambda: self.bed.kernel_sockets("sport", "=", ":8080") == {"TIME-WAIT": count}, 10,
              lambda: f"TIME-WAIT sits in the kernel: {self.bed.kernel_sockets()}")

    def test_530_lastack_opens_to_a_closed_port_and_is_refused(self):
        lastack = self.start(f"target = \"{KERNEL}:{CLOSED_PORT}\"\ncount = 5\n", server=False,
                             ends_by_itself=True)
        self.assertEqual(lastack.wait(90), 0, lastack.log())  # 0: J-36 held, too
        for unwanted in ("error", *GUARDS):
            self.assertNotIn(unwanted, lastack.log())
        self.assertFalse(os.path.exists(lastack.socket))
        report = json.loads(lastack.report)["load"]
        self.assertEqual(report["errors"]["refused"], 5, report)

    def test_540_lastack_closes_with_linger_0_and_the_kernel_gets_ECONNRESET(self):
        count = 100
        report = self.load("abortive_close = true", count)
        self.assertEqual((report["succeeded"], report["failed"]), (count, 0), report)
        until(lambda: self.server.resets == count, 5,
              lambda: f"every socket of the server's sees a reset: {self.server.resets}")
        self.assertEqual(self.counter("OutRsts"), count)
        self.assertEqual(self.counter("TCPAbortOnLinger"), count)
        self.assertEqual(self.counter("TimeWaitEntered"), 0)
        self.assertEqual(self.bed.kernel_sockets("sport", "=", ":8080"), {})


def amounts(arguments, environment):
    """Bytes of a bulk transfer and how many short connections, as the build wants them. It also says
    how many bytes make a long run: for a sanitizer's build that is no gigabyte."""
    usual, connections, long = (*arguments, *(str(64 << 20), "10000", str(10**9))[len(arguments):])
    bulk = long if environment.get("LASTACK_LONG", "0") == "1" else usual
    return int(environment.get("LASTACK_BULK_BYTES", bulk)), int(connections)


def main():
    Settings.lastackd, Settings.lastackctl, Settings.kind = sys.argv[1:4]
    Settings.bulk_bytes, Settings.connections = amounts(sys.argv[4:7], os.environ)
    Settings.why_not = bed.why_no_bed()
    bed.clean_up_at_the_end()
    # Over the faster link, and not in a sanitizer's build, whose amounts are small.
    if Settings.kind == "veth" and Settings.bulk_bytes >= 10**9:
        global LongStream  # where the loader finds it
        from long_stream import LongStream
    tap.main()


if __name__ == "__main__":
    main()

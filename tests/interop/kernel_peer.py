"""What the tests of the requirements' rows marked N share: one wire, a kernel socket at its one end
and a puppet of lastack's at the other, in both roles, and the looks from both sides.

    kernel_..._test.py PUPPET LASTACKCTL
"""

import contextlib
import errno
import pathlib
import socket
import struct
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

import bed
import puppets
import tap
import wire
from bed import KERNEL, LASTACK, run, until

SERVED_BY_LASTACK, SERVED_BY_KERNEL = 7000, 9000
# lastack's: "server" is the end that was connected to.
ROLES = ("server", "client")
GUARDS = ("StaleHandle", "StaleTimer")


class Settings:
    program = lastackctl = ""
    why_not = ""


class KernelPeer(unittest.TestCase):
    """A class has one bed; what a test has opened is gone when it ends."""

    bed = None
    msl = "2s"
    tcp_extra = control_extra = ""

    @classmethod
    def setUpClass(cls):
        if Settings.why_not:
            return
        cls.bed = wire.WireBed(Settings.program)
        cls.lastack = cls.bed.start(cls.control_extra, msl=cls.msl, tcp_extra=cls.tcp_extra)
        cls.puppeteer = puppets.Puppeteer(cls.lastack)
        cls.puppeteer.listen(SERVED_BY_LASTACK)
        cls.listener = socket.create_server((KERNEL, SERVED_BY_KERNEL))
        cls.listener.settimeout(5)

    @classmethod
    def tearDownClass(cls):
        if cls.bed is None:
            return
        cls.listener.close()
        cls.puppeteer.close()
        code = cls.lastack.stop()
        log = cls.lastack.log()
        cls.bed.close()
        assert code == 0 and "error" not in log, f"exit code {code}\n{log}"

    def setUp(self):
        if Settings.why_not:
            self.skipTest(Settings.why_not)
        self.wire = self.bed.wire
        self.begun = len(self.wire.seen)
        self.addCleanup(self.leave_nothing)

    def run(self, result=None):
        bad = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > bad and not Settings.why_not:
            for segment in self.bed.wire.seen[self.begun:][-1000:]:
                print(segment, file=sys.stderr)
            print(self.lastack.log()[-2000:], file=sys.stderr)

    def leave_nothing(self):
        """Nothing is at work that another test could stumble over, and no guard has moved."""
        self.wire.lose(None)
        for number in self.puppeteer.say("all")["ids"]:
            puppets.PuppetConnection(self.puppeteer, number).abort()
        until(lambda: set(self.lastack.states()) <= {"TIME-WAIT"}, 5, self.lastack.states)
        counters = self.lastack.counters()
        self.assertEqual({guard: counters[guard] for guard in GUARDS}, dict.fromkeys(GUARDS, 0))

    # --- Opening

    def pair(self, role, prepare=None, **opener):
        """A connection in ESTABLISHED. `prepare` sees the kernel's socket as early as there is one;
        `local_port` is that of the side that opens it."""
        begun = len(self.wire.seen)
        pair = {"server": self._serve, "client": self._dial}[role](prepare, **opener)
        pair.begun = begun
        self.addCleanup(pair.sock.close)
        return pair

    def _serve(self, prepare, local_port=0, later_than=0):
        sock = self.kernel_socket(local_port)
        if prepare:
            prepare(sock)
        sock.connect((LASTACK, SERVED_BY_LASTACK))
        puppet = self.puppeteer.accepted(SERVED_BY_LASTACK, sock.getsockname()[1], later_than)
        return puppets.Pair("server", sock, puppet)

    def _dial(self, prepare, local_port=0):
        puppet = self.puppeteer.connect(f"{KERNEL}:{SERVED_BY_KERNEL}", local_port)
        sock, _ = self.listener.accept()
        sock.settimeout(5)
        if prepare:
            prepare(sock)
        puppet.becomes(opened=True)
        return puppets.Pair("client", sock, puppet)

    def kernel_socket(self, local_port=0):
        sock = socket.socket()
        self.addCleanup(sock.close)
        sock.settimeout(5)
        # Its TIME-WAIT lets the port be bound again only where it had the option, too.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if local_port:
            sock.bind((KERNEL, local_port))
        return sock

    def close_in_turn(self, pair, first):
        """`first` closes, then the other; TIME-WAIT is with the first."""
        if first == "lastack":
            pair.puppet.close()
            self.until_states(pair, "FIN-WAIT-2", "CLOSE-WAIT")
            pair.sock.close()
            self.until_states(pair, "TIME-WAIT", "CLOSED")
        else:
            pair.sock.close()
            self.until_states(pair, "CLOSE-WAIT", "FIN-WAIT-2")
            pair.puppet.close()
            self.until_states(pair, "CLOSED", "TIME-WAIT")

    def again(self, old):
        """The same four-tuple, opened anew by who had opened it."""
        if old.role == "client":
            return self.pair("client", local_port=old.lastack_port)
        return self.pair("server", local_port=old.kernel_port, later_than=old.puppet.number)

    @contextlib.contextmanager
    def trying(self, role, case=""):
        """A subtest, in which nothing is lost at first."""
        with self.subTest(lastack_as=role, case=case):
            self.wire.lose(None)
            yield

    def sysctl(self, name, value):
        """Until the test ends."""
        self.addCleanup(self.bed.sysctl, name, self.bed.sysctl(name, value))

    # --- Looking

    def segments(self, pair, sender=None, bits=0, lost=None):
        return [one for one in self.wire.seen[pair.begun:]
                if pair.of(one) and sender in (None, one.sender) and one.has(bits)
                and lost in (None, one.lost)]

    def until_taken(self, pair, sender, count):
        """Until the other side has acknowledged `count` bytes of `sender`'s text."""
        other = "kernel" if sender == "lastack" else "lastack"
        first = self.segments(pair, sender, wire.SYN)[0].end()

        def taken():
            answers = self.segments(pair, other, wire.ACK, lost=False)
            return answers and not wire.before(answers[-1].acknowledged, first + count)
        until(taken, 5, f"{other} acknowledges {count} bytes")

    def kernel_state(self, pair):
        out = run("ss", "-tanH", "sport", "=", f":{pair.kernel_port}", "and",
                  "dport", "=", f":{pair.lastack_port}").split()
        return out[0] if out else "CLOSED"

    def lastack_state(self, pair):
        """As lastackctl ss tells it."""
        out = run(Settings.lastackctl, "--socket", self.lastack.socket, "ss", "-tanH",
                  f"sport = :{pair.lastack_port} and dport = :{pair.kernel_port}").split()
        return out[0] if out else "CLOSED"

    def until_states(self, pair, lastack=None, kernel=None, patience=5):
        for wanted, look in ((lastack, self.lastack_state), (kernel, self.kernel_state)):
            if wanted:
                until(lambda: look(pair) == wanted, patience,
                      lambda: f"{look.__name__} is {wanted}, it is {look(pair)}")

    @contextlib.contextmanager
    def counts(self, **wanted):
        """lastack's counters move by just so much, as lastackctl nstat shows them."""
        before = self.lastack.counters()
        yield
        now = before

        def moved():
            nonlocal now
            now = self.lastack.counters()
            return {name: now[name] - before[name] for name in wanted}
        until(lambda: moved() == wanted, 5, lambda: f"counters move by {wanted}, not {moved()}")


def in_both_roles(*cases):
    return [(role, case) for role in ROLES for case in cases]


def linger(sock, seconds):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))


def small_buffer(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)


def outcome(sock):
    """All that a kernel socket still gives: how many bytes, and "EOF" or the name of the error."""
    count = 0
    while True:
        try:
            chunk = sock.recv(1 << 16)
        except OSError as error:
            return count, error_name(error)
        if not chunk:
            return count, "EOF"
        count += len(chunk)


def error_name(error):
    return "timed out here" if isinstance(error, TimeoutError) and error.errno is None \
        else errno.errorcode[error.errno]


def error_of(call, *arguments):
    """The name of the error that a call ends with; "" where it succeeds."""
    try:
        call(*arguments)
    except OSError as error:
        return error_name(error)
    return ""


def main():
    Settings.program, Settings.lastackctl = sys.argv[1:3]
    del sys.argv[1:3]
    Settings.why_not = bed.why_no_bed()
    bed.clean_up_at_the_end()
    tap.main()

"""A Linux kernel and a lastackd with one link between them, in namespaces of their own.

    tap    [ namespace: kernel 198.18.0.2 on la0 -- tap -- lastackd 198.18.0.1 ]
    veth   [ kernel 198.18.0.2 on peer0 ]== veth ==[ la0 -- af_packet -- lastackd 198.18.0.1 ]

The process that makes a Bed moves into the kernel's namespace, so that its sockets and the programs
it starts are the Linux side. Everything has a name that begins with lastack-PID, and everything goes
away with close(), at the end of the process, and when it is interrupted. Nothing here sleeps for a
time that was guessed: until() polls to a deadline.
"""

import atexit
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

LASTACK = "198.18.0.1"
KERNEL = "198.18.0.2"

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1


def why_no_bed():
    """Why this process may not make a Bed; empty where it may. A tool that is missing is no reason
    to skip anything: scripts/setup installs it. Nor is a machine on which root can make no
    namespace: there a Bed fails, and says why."""
    return "" if os.geteuid() == 0 else "only root can make network namespaces and links"


def until(condition, patience=10.0, what="the condition"):
    """Polls `condition` until it is true and returns what it gave; AssertionError at the end."""
    deadline = time.monotonic() + patience
    pause = 0.005
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience:g} s: {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def run(*command, check=True, timeout=60):
    """A program to its end; its output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


def end_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("lastack", timeout=10)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Lastack:
    """A running lastackd, and the questions one may ask it."""

    def __init__(self, program, folder, config, namespace=None, command_prefix=()):
        self.folder = pathlib.Path(folder)
        self.socket = str(self.folder / "control.sock")
        self.config_file = self.folder / "lastack.toml"
        self.log_file = self.folder / "lastackd.log"
        self.config_file.write_text(config.replace("@SOCKET@", self.socket))
        enter = ["ip", "netns", "exec", namespace] if namespace else []
        with open(self.log_file, "w") as log:
            self.process = subprocess.Popen(
                [*command_prefix, *enter, program, "-c", str(self.config_file)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                preexec_fn=end_with_parent)

    def log(self):
        return self.log_file.read_text()

    def wait_until_ready(self, patience=30.0):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError(f"lastackd ended with {self.process.returncode}:\n"
                                     f"{self.log()}")
            return "lastackd info: ready" in self.log()
        until(ready, patience, lambda: f"lastackd is ready:\n{self.log()}")

    def ask(self, path, method="GET"):
        """The answer. 503 is a worker that got no CPU within the daemon's second: asked again."""
        deadline = time.monotonic() + 10
        while True:
            status, body = self._ask_once(path, method)
            if status == 200:
                return body
            if status != 503 or time.monotonic() > deadline:
                raise AssertionError(f"{path}: {status} {body}")

    def _ask_once(self, path, method):
        connection = _UnixConnection(self.socket)
        try:
            connection.request(method, path, headers={"Connection": "close"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def states(self):
        """Records by state, those without any left out; listeners too."""
        gauges = self.ask("/v1/states")["states"]
        return {state: n for state, n in gauges.items() if n and state != "LISTEN"}

    def counters(self):
        return {row["name"]: row["value"] for row in self.ask("/v1/counters")["counters"]}

    def services(self):
        return self.ask("/v1/services")["workers"][0]["report"]

    def memory(self):
        pools = self.ask("/v1/memory")["workers"][0]["pools"]
        return {pool["name"]: pool["in_use"] for pool in pools}

    def trace(self, query=""):
        """The events of the trace, oldest first."""
        events, start = [], 0
        while True:
            page = self.ask(f"/v1/trace?from={start}&limit=10000{query}")
            events += page["events"]
            if page["end"]:
                return events
            start = page["next"]

    def stop(self, patience=30.0):
        """SIGTERM, and the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait(patience)

    def wait(self, patience=30.0):
        """The exit code of a lastackd that ends by itself; stdout is in `report` afterwards."""
        try:
            self.report, _ = self.process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"lastackd does not end:\n{self.log()}") from None
        return self.process.returncode

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class Bed:
    KINDS = ("tap", "veth")
    _made = 0

    def __init__(self, kind, program, link_first=False):
        """`link_first`: the kernel's side of a tap is there before lastackd, which then joins it."""
        assert kind in Bed.KINDS
        Bed._made += 1
        self.kind = kind
        self._link_first = link_first or kind == "veth"
        self.program = program
        self.name = f"lastack-{os.getpid()}-{kind}{Bed._made}"
        self.peer_interface = "la0" if kind == "tap" else "peer0"
        self.folder = tempfile.mkdtemp(prefix=self.name + "-")
        self.lastack = None
        self._namespaces = []
        self._home = os.open("/proc/self/ns/net", os.O_RDONLY)
        _open_beds.append(self)
        self._make_namespaces()

    def _make_namespaces(self):
        self._add_namespace(self.name)
        self.lastack_namespace = self.name
        if self.kind == "veth":
            self.lastack_namespace = self.name + "-la"
            self._add_namespace(self.lastack_namespace)
        self._enter(self.name)
        run("ip", "link", "set", "lo", "up")
        if self.kind == "veth":
            run("ip", "link", "add", "peer0", "type", "veth", "peer", "name", "la0",
                "netns", self.lastack_namespace)
            # The kernel would leave its checksums to a NIC that is not there.
            run("ethtool", "-K", "peer0", "tx", "off")
            run("ip", "-n", self.lastack_namespace, "link", "set", "la0", "up")
        elif self._link_first:
            run("ip", "tuntap", "add", "la0", "mode", "tap", "multi_queue")
        if self._link_first:
            self._configure_peer()
        self._allow_time_wait()

    @staticmethod
    def _allow_time_wait(wanted=65536):
        """The kernel drops TIME-WAIT beyond a number that it takes from the machine's memory."""
        limit = pathlib.Path("/proc/sys/net/ipv4/tcp_max_tw_buckets")
        if int(limit.read_text()) < wanted:
            limit.write_text(str(wanted))

    def _add_namespace(self, name):
        run("ip", "netns", "add", name)
        self._namespaces.append(name)

    def _enter(self, name):
        with open(f"/run/netns/{name}") as namespace:
            if _libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"cannot enter {name}")

    def _configure_peer(self):
        run("ip", "address", "add", f"{KERNEL}/24", "dev", self.peer_interface)
        run("ip", "link", "set", self.peer_interface, "up")

    def start(self, services, msl="500ms", user_timeout="5s", port_extra="", tcp_extra="",
              ends_by_itself=False):
        """Starts lastackd with `services` (TOML); when it returns all is ready, unless it is one that
        ends by itself and may have done so by then.
        """
        device = "net_tap0" if self.kind == "tap" else "net_af_packet0"
        config = f"""
[eal]
memory_mib = 192
file_prefix = "{self.name}"
[[port]]
device = "{device},iface=la0"
addresses = ["{LASTACK}/24"]
{port_extra}
[tcp]
user_timeout = "{user_timeout}"
msl = "{msl}"
{tcp_extra}
[limits]
mbufs = 8192
max_connections = 8192
max_half_open = 4096
max_time_wait = 65536
[control]
socket = "@SOCKET@"
{services}
"""
        self.lastack = Lastack(self.program, self.folder, config, self.lastack_namespace)
        if not ends_by_itself:
            self.lastack.wait_until_ready()
        if not self._link_first:
            self._configure_peer()
        return self.lastack

    def link(self, up):
        run("ip", "link", "set", self.peer_interface, "up" if up else "down")

    def kernel_sockets(self, *which):
        """The kernel's TCP connections by state, those that `which` (a filter of ss's) selects."""
        counts = {}
        for line in run("ss", "-tanH", *which).splitlines():
            state = line.split()[0]
            if state != "LISTEN":
                counts[state] = counts.get(state, 0) + 1
        return counts

    def close(self):
        if self not in _open_beds:
            return
        _open_beds.remove(self)
        if self.lastack is not None:
            self.lastack.kill()
        _libc.setns(self._home, _CLONE_NEWNET)
        os.close(self._home)
        for name in self._namespaces:
            subprocess.run(["ip", "netns", "delete", name], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(f"/var/run/dpdk/{self.name}", ignore_errors=True)


_open_beds = []


def _close_all():
    for bed in list(_open_beds):
        bed.close()


def clean_up_at_the_end():
    """To be called once by a program: also SIGTERM and SIGHUP take everything down."""
    def leave(number, _):
        raise SystemExit(128 + number)
    atexit.register(_close_all)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)

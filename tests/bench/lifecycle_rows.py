#!/usr/bin/env python3
"""Whole lives a second: lastack with many TIME-WAITs standing, at its cap, offered too much; and the
Linux kernel beside it, in one run.

    lifecycle_rows.py FOLDER [--most-standing 10000000] [--seconds 10] [--only ROW] [--json FILE]

    lastack   [ generator: a model of a peer ]== two DPDK rings ==[ lastack ]
    Linux     [ epoll client, its kernel ]== veth ==[ the kernel, epoll server ]

FOLDER has bench_lifecycle and kernel_lives. Each row is a run of its own, one after the other:

    standing 0, 1 M, 10 M ...   MSL such that so many TIME-WAITs stand at the rate that row 0 had;
                                100 M take 7.3 GB, and two minutes at a million lives a second
    lastack asks                it is the client, and closes first; else as row 0
    the peer closes first       so that TIME-WAIT is the peer's; else as row 0
    at the cap                  limits.max_time_wait = 100,000, of which the oldest makes room
    standing 0, again           for the next row, as the machine may have another speed by now
    offered twice               an open loop at twice that rate; what is over finds a ring full
    beside a lister             what a thread that lists all connections without pause costs the
                                worker: peer and worker share a thread, the lister has the other CPU;
                                the median of five pairs of runs
    Linux                       MSL 30 s, as always there; as many TIME-WAITs as come

A CPU second of lastack's is one of its thread in turns that found work. Linux works for a connection
wherever a packet happens to be handled: half of what both CPUs were busy counts as the server's.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/interop")]

import bed
from bed import LASTACK, run, until

FIRST_SOURCE = "198.18.0.16"  # with those behind it, of the kernel's client
SOURCES = 128


class Lastack:
    def __init__(self, folder):
        self.program = str(folder / "bench_lifecycle")

    def measure(self, *arguments):
        """The figures of one run by name, and its conditions."""
        out = pathlib.Path(f"/tmp/lastack-rows-{os.getpid()}.json")
        try:
            done = subprocess.run([self.program, *map(str, arguments), "--json", str(out)],
                                  capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"bench_lifecycle {' '.join(map(str, arguments))}: exit code "
                         f"{done.returncode}\n{done.stdout}{done.stderr}")
            figures = {row["what"]: row.get("lastack", row) for row in json.loads(out.read_text())}
        finally:
            out.unlink(missing_ok=True)
        return figures

    def standing(self, records, rate, seconds, *more):
        """A steady state in which about `records` TIME-WAITs stand."""
        for _ in range(3):  # lives were too few where they passed faster than `rate`
            two_msl = max(records / rate, 0.002)
            msl = max(round(two_msl * 500), 1)
            lives = int(rate * (1.1 * two_msl + seconds) * 1.05)
            figures = self.measure("--lives", lives, "--msl", msl, "--max-time-wait",
                                   max(int(records * 1.3), 200_000), *more)
            if figures["conditions"]["steady"]:
                return figures
            rate = figures["lifecycle.rate"]
        sys.exit(f"lifecycle: {records} TIME-WAITs: 2MSL did not pass within the lives")


class Linux:
    """Server and client, each on a CPU of its own."""

    def __init__(self, folder, cpus):
        self.program = str(folder / "kernel_lives")
        self.cpus = cpus
        self.bed = bed.Bed("veth", "")
        self.space = self.bed.lastack_namespace
        run("ethtool", "-K", "peer0", "tx", "on")
        run("ip", "-n", self.space, "address", "add", f"{LASTACK}/24", "dev", "la0")
        first = int(FIRST_SOURCE.rpartition(".")[2])
        for place in range(first, first + SOURCES):
            run("ip", "address", "add", f"198.18.0.{place}/24", "dev", "peer0")
        for space in (self.space, self.bed.name):
            self._set(space, "net.ipv4.tcp_max_tw_buckets", 4_000_000)
            self._set(space, "net.ipv4.ip_local_port_range", "1024 65535")
        self._set(self.space, "net.core.somaxconn", 4096)
        self._set(self.space, "net.ipv4.tcp_max_syn_backlog", 8192)

    @staticmethod
    def _set(space, name, value):
        run("ip", "netns", "exec", space, "sysctl", "-q", "-w", f"{name}={value}")

    def measure(self, lives, in_flight=256):
        server = subprocess.Popen(["ip", "netns", "exec", self.space, self.program, "server",
                                   LASTACK, "8080", str(self.cpus[1])], stdout=subprocess.PIPE,
                                  text=True, preexec_fn=bed.end_with_parent)
        until(lambda: ":8080" in run("ip", "netns", "exec", self.space, "ss", "-tln"), 10,
              "the server listens")
        busy = busy_seconds()
        client = json.loads(run(self.program, "client", LASTACK, "8080", str(self.cpus[0]),
                                "--from", FIRST_SOURCE, "--addresses", str(SOURCES),
                                "--lives", str(lives), "--in-flight", str(in_flight), timeout=600))
        busy = busy_seconds() - busy
        records = int(run("ip", "netns", "exec", self.space, "sh", "-c",
                          "ss -Htan state time-wait | wc -l"))
        server.terminate()
        answered = json.loads(server.communicate(timeout=10)[0])
        if client["wrong"] or answered["wrong"] or answered["lives"] != lives:
            sys.exit(f"the kernel's lives went wrong: {client}, {answered}")
        return {"lifecycle.rate": lives / client["seconds"],
                "lifecycle.rate_per_cpu_second": lives / (busy / 2),
                "lifecycle.time_waits": records}

    def close(self):
        self.bed.close()


def busy_seconds():
    """Of all CPUs, since the machine's start: all that is not idle."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    idle = int(fields[3]) + int(fields[4])
    return (sum(map(int, fields[:8])) - idle) / os.sysconf("SC_CLK_TCK")


def rows_of(given, lastack):
    empty = lastack.standing(0, 1_000_000, given.seconds)
    yield "standing 0", empty
    rate = empty["lifecycle.rate"]
    for records in (1_000_000, 10_000_000, 100_000_000):
        if records <= given.most_standing and given.wants("standing"):
            yield f"standing {records // 1_000_000} M", lastack.standing(records, rate,
                                                                         given.seconds)
    if given.wants("asks"):
        yield "lastack asks", lastack.standing(0, rate, given.seconds, "--generator-is", "server")
    if given.wants("peer"):
        yield "the peer closes first", lastack.standing(0, rate, given.seconds, "--closer",
                                                        "generator")
    if given.wants("cap"):
        yield "at the cap", lastack.measure("--lives", int(rate * given.seconds), "--msl", 30_000,
                                            "--max-time-wait", 100_000)
    if given.wants("twice"):
        again = lastack.standing(0, rate, given.seconds)
        yield "standing 0, again", again
        rate = again["lifecycle.rate"]
        yield "offered twice", lastack.measure("--lives", int(2 * rate * given.seconds), "--rate",
                                               int(2 * rate), "--msl", 500)


def lister_cost(lastack):
    """By how much a lister slows the worker down, in per cent; and how many rows it saw a second."""
    costs, rows = [], []
    for _ in range(5):
        alone, beside = (
            lastack.measure("--single-thread", "--lives", 2_000_000, "--msl", 500, *lister)
            for lister in ((), ("--lister",)))
        rate = "lifecycle.rate_per_cpu_second"
        costs.append((alone[rate] / beside[rate] - 1) * 100)
        rows.append(beside["conditions"]["listed_rows"] * beside["lifecycle.rate"] / 2_000_000)
    return statistics.median(costs), statistics.median(rows)


def linux_row(given, cpus):
    linux = Linux(given.folder, cpus)
    try:
        linux.measure(20_000)  # warms caches, and learns the neighbour
        return linux.measure(20_000 * given.seconds)
    finally:
        linux.close()


def show(name, figures):
    cell = figures.get
    print(f"| {name} | {cell('lifecycle.rate'):,.0f} | "
          f"{cell('lifecycle.rate_per_cpu_second'):,.0f} | {cell('lifecycle.time_waits'):,.0f} | "
          f"{cell('lifecycle.cycles', 0):,.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--most-standing", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=int, default=10, help="each row's window")
    parser.add_argument("--only", action="append",
                        choices=["standing", "asks", "peer", "cap", "twice", "lister", "linux"])
    parser.add_argument("--json", type=pathlib.Path)
    given = parser.parse_args()
    given.wants = lambda row: given.only is None or row in given.only
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        sys.exit("lifecycle: both ends need a CPU each, and there is one")
    if given.wants("linux") and (why := bed.why_no_bed()):
        sys.exit(f"lifecycle: {why}")
    bed.clean_up_at_the_end()
    load = os.getloadavg()[0]
    print(f"kernel {platform.release()}, load {load:.1f} before\n")
    print("| | lives/s | lives per busy CPU second | TIME-WAITs | TSC cycles/life |")
    print("|---|---|---|---|---|")
    rows = []
    for name, figures in rows_of(given, Lastack(given.folder)):
        show(name, figures)
        rows.append({"what": "lifecycle.rate", "size": name, "unit": "lives/s",
                     "lastack": figures["lifecycle.rate"], "peers": {}})
    extra = []
    if given.wants("lister"):
        cost, listed = lister_cost(Lastack(given.folder))
        print(f"| beside a lister: {listed / 1e6:,.1f} M rows/s | {cost:+.1f} % of the worker's time "
              "| | | |", flush=True)
        extra.append({"what": "lifecycle.reader_cost", "size": "beside a lister", "unit": "%",
                      "lastack": cost, "peers": {}})
    if given.wants("linux"):
        figures = linux_row(given, (cpus[0], cpus[-1]))
        show("Linux", figures)
        for row in rows:
            row["peers"]["linux"] = figures["lifecycle.rate"]
    if given.json:
        given.json.write_text(json.dumps(rows + extra + [{"what": "conditions", "load": load,
                                                  "kernel": platform.release()}], indent=2) + "\n")


if __name__ == "__main__":
    main()

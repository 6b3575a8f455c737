#!/usr/bin/env python3
"""Connections a second, each with one request: lastackd beside nginx on the kernel, in one run.

    http_peers.py LASTACKD [--seconds 5] [--rounds 3] [--concurrency 64] [--json FILE]

    lastackd, tap     [ client's namespace: la0 ]-- tap --[ lastackd ]
    lastackd, veth    [ client's namespace: peer0 ]== veth ==[ la0 -- af_packet -- lastackd ]
    nginx, veth       [ client's namespace: peer0 ]== veth ==[ la0: the kernel -- nginx ]

The clients are wrk and ab, with `Connection: close`; every answer has 64 octets of body. Client and
server have a CPU each, the same ones for all. The servers take turns, round by round; the median of
the rounds is shown, with the least and the most. An answer that is not 200, or a socket error, ends
the run. A tap ends in a process, so for nginx there is none; its veth pair keeps the kernel's own
checksum offload, which lastackd's cannot have.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/interop")]

import bed
from bed import LASTACK, run, until

BODY = "x" * 64
LASTACK_HTTP = '[[service]]\nkind = "http"\nlisten = ":80"\n'


def nginx_config(folder):
    temporary = "\n".join(f"    {kind}_temp_path {folder}/{kind};" for kind in
                          ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
{temporary}
    server {{
        listen {LASTACK}:80 backlog=4096;
        location / {{ return 200 "{BODY}"; }}
    }}
}}
"""


class LastackServer:
    """lastackd as a user starts it: adaptive idling, the trace on, TIME-WAIT for a minute."""

    def __init__(self, link, program, cpu):
        self.name = f"lastackd, {link}"
        self.path = "/bytes/64"
        self.bed = bed.Bed(link, program)
        self.bed.start(f"{LASTACK_HTTP}[worker]\ncore = {cpu}\n", msl="30s")

    def connections(self):
        return self.bed.lastack.counters()["PassiveOpens"]

    def close(self):
        code = self.bed.lastack.stop()
        log = self.bed.lastack.log()
        self.bed.close()
        if code != 0:
            sys.exit(f"lastackd ended with {code}:\n{log}")


class NginxServer:
    name = "nginx, veth"
    path = "/"

    def __init__(self, cpu):
        self.bed = bed.Bed("veth", "")
        space = self.bed.lastack_namespace
        run("ethtool", "-K", "peer0", "tx", "on")
        run("ip", "-n", space, "address", "add", f"{LASTACK}/24", "dev", "la0")
        config = pathlib.Path(self.bed.folder) / "nginx.conf"
        config.write_text(nginx_config(self.bed.folder))
        self.space = space
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", space, "taskset", "-c", str(cpu), "nginx", "-c", str(config),
             "-e", f"{self.bed.folder}/error.log"], stdin=subprocess.DEVNULL,
            preexec_fn=bed.end_with_parent)
        pid = pathlib.Path(self.bed.folder) / "nginx.pid"
        until(pid.exists, 10, "nginx has started")

    def connections(self):
        out = run("ip", "netns", "exec", self.space, "nstat", "-asz", "TcpPassiveOpens")
        return int(re.search(r"TcpPassiveOpens +(\d+)", out).group(1))

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        self.bed.close()


def client(cpu, *command, timeout):
    return run("taskset", "-c", str(cpu), *command, timeout=timeout)


def wrk(server, cpu, seconds, concurrency):
    """Requests, and their rate."""
    out = client(cpu, "wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", "-H", "Connection: close",
                 f"http://{LASTACK}{server.path}", timeout=seconds + 60)
    for trouble in ("Non-2xx", "Socket errors"):
        if trouble in out:
            sys.exit(f"{server.name}: wrk saw trouble:\n{out}")
    return (int(re.search(r"(\d+) requests in", out).group(1)),
            float(re.search(r"Requests/sec: +([\d.]+)", out).group(1)))


def ab(server, cpu, seconds, concurrency):
    out = client(cpu, "ab", "-q", "-t", str(seconds), "-n", "10000000", "-c", str(concurrency),
                 f"http://{LASTACK}{server.path}", timeout=seconds + 60)
    if not re.search(r"Failed requests: +0\n", out) or "Non-2xx" in out:
        sys.exit(f"{server.name}: ab saw trouble:\n{out}")
    return (int(re.search(r"Complete requests: +(\d+)", out).group(1)),
            float(re.search(r"Requests per second: +([\d.]+)", out).group(1)))


def measure(server, cpu, given):
    rates = {}
    try:
        wrk(server, cpu, 1, given.concurrency)  # warms caches, and learns the neighbour
        for tool in (wrk, ab):
            before = server.connections()
            requests, rates[tool.__name__] = tool(server, cpu, given.seconds, given.concurrency)
            opened = server.connections() - before
            if opened < requests:
                sys.exit(f"{server.name}: {requests} requests on {opened} connections: "
                         "they were not closed after each")
    finally:
        server.close()
    return rates


def conditions(given, cpus):
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cpu": model.group(1) if model else "?", "cpus": os.cpu_count(),
            "kernel": platform.release(), "client_cpu": cpus[0], "server_cpu": cpus[1],
            "nginx": subprocess.run(["nginx", "-v"], capture_output=True,
                                    text=True).stderr.strip().rpartition("/")[2],
            "concurrency": given.concurrency, "seconds": given.seconds, "rounds": given.rounds,
            "load_average_before": os.getloadavg()[0]}


def print_table(rates):
    print("\n| server | client | connections/s, median | least | most |\n|---|---|---|---|---|")
    for (server, tool), each in rates.items():
        print(f"| {server} | {tool} | {statistics.median(each):.0f} | {min(each):.0f} |"
              f" {max(each):.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lastackd")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--json")
    given = parser.parse_args()
    if why := bed.why_no_bed():
        sys.exit(f"http: {why}")
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        sys.exit("http: client and server need a CPU each, and there is one")
    cpus = (cpus[0], cpus[-1])
    bed.clean_up_at_the_end()
    about = conditions(given, cpus)
    print(", ".join(f"{key} {value}" for key, value in about.items()), flush=True)
    makers = (lambda: LastackServer("tap", given.lastackd, cpus[1]),
              lambda: LastackServer("veth", given.lastackd, cpus[1]),
              lambda: NginxServer(cpus[1]))
    rates = {}
    for number in range(given.rounds):
        for make in makers:
            server = make()
            for tool, rate in measure(server, cpus[0], given).items():
                rates.setdefault((server.name, tool), []).append(rate)
                print(f"round {number + 1}: {server.name}, {tool}: {rate:.0f}", flush=True)
    print_table(rates)
    if given.json:
        rows = [{"server": server, "client": tool, "connections_per_s": each}
                for (server, tool), each in rates.items()]
        pathlib.Path(given.json).write_text(json.dumps({"conditions": about, "results": rows},
                                                       indent=2) + "\n")


if __name__ == "__main__":
    main()

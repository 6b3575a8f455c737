#!/usr/bin/env python3
"""Instructions and simulated cache misses of a life, and the share of each phase of the turn.

    lifecycle_phases.py BENCH_LIFECYCLE [--lives 20000] [--msl 10] [--json FILE]
                        [more arguments of bench_lifecycle]

bench_lifecycle runs twice under callgrind, generator and lastack in one thread, the second time
with twice the lives. The generator's turns are not collected, and lastack's only from a quarter of
the lives to three (tests/bench/lifecycle/passenger.hpp). A figure is the difference of both runs,
divided by the difference of lives.

    port.receive   the port's burst, and the frames made of it
    receive        Stack::receive: segments judged, records changed; SYN,ACKs and last ACKs sent
    expire         Stack::expire: timers and TIME-WAITs that are due
    serve          Stack::serve: the application hears
    transmit       Stack::transmit: what records owe, as frames
    port.flush     frames that wait, to the port
    rest           of the turn: clock, control, idling

The phases add up to the whole life. Two parts of them stand below: `application`, of serve (what
the application calls included), and `port.send`, of receive and transmit (frames become mbufs).

The caches are this machine's, as lscpu tells; the last level is simulated as if nobody shared it.
callgrind knows no prefetch: a line that was asked for ahead counts as missed when it is used. The
build is without LTO, which would inline phases into one another.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from callgrind import CallgrindError, Profile

# What is reported, and of which of callgrind's events it is the sum.
METRICS = {
    "instructions": ("instructions/life", ("Ir",)),
    "d1_misses": ("misses/life", ("D1mr", "D1mw")),
    "ll_misses": ("misses/life", ("DLmr", "DLmw")),
}
WHOLE = "whole life"
PARTS = ("application", "port.send")  # of phases
DEFAULT_CACHES = {"I1": "32768,8,64", "D1": "32768,8,64", "LL": "33554432,16,64"}


def is_application(name):
    return name.startswith(("lastack::bench::Responder::", "lastack::bench::Asker::"))


class Costs(dict):
    """By metric."""

    @classmethod
    def of(cls, profile, wanted):
        found = profile.inclusive(wanted)
        return cls({metric: sum(found[event] for event in events)
                    for metric, (_, events) in METRICS.items()})

    def __sub__(self, other):
        return Costs({metric: value - other[metric] for metric, value in self.items()})

    def __add__(self, other):
        return Costs({metric: value + other[metric] for metric, value in self.items()})

    def __truediv__(self, lives):
        return Costs({metric: value / lives for metric, value in self.items()})


def phases_of(profile):
    """A run's costs: the whole life's; the phases', which add up to it; then the parts'."""
    def costs(wanted):
        return Costs.of(profile, wanted)

    receive = costs("lastack::stack::Stack::receive")
    passenger = costs("lastack::bench::{anonymous}::take_a_turn")
    phases = {
        "port.receive": costs("lastack::port::Receiver::receive") - passenger
                        + costs("lastack::worker::Worker::hand_over") - receive,
        "receive": receive,
        "expire": costs("lastack::stack::Stack::expire"),
        "serve": costs("lastack::stack::Stack::serve"),
        "transmit": costs("lastack::stack::Stack::transmit"),
        "port.flush": costs("lastack::port::Transmitter::flush"),
    }
    whole = costs("lastack::worker::Worker::turn") - passenger
    rest = whole
    for phase in phases.values():
        rest = rest - phase
    return {WHOLE: whole, **phases, "rest": rest, "application": costs(is_application),
            "port.send": costs("lastack::worker::MbufShell::transmit")}


def caches_of(listing):
    """valgrind's options from what lscpu tells; for what it does not, the usual."""
    out = dict(DEFAULT_CACHES)
    kinds = {("1", "Data"): "D1", ("1", "Instruction"): "I1", ("3", "Unified"): "LL"}
    for cache in listing.get("caches", []):
        kind = kinds.get((str(cache.get("level")), cache.get("type")))
        size, ways, line = (int(cache.get(key) or 0)
                            for key in ("one-size", "ways", "coherency-size"))
        sets = size // (ways * line) if ways and line else 0
        if kind and sets and sets & (sets - 1) == 0 and sets * ways * line == size:
            out[kind] = f"{size},{ways},{line}"
    return out


def these_caches():
    try:
        done = subprocess.run(["lscpu", "--json", "--bytes", "--caches"], capture_output=True,
                              text=True, check=True)
        return caches_of(json.loads(done.stdout))
    except (OSError, subprocess.CalledProcessError, ValueError):
        return caches_of({})


def run_once(given, lives, caches, folder):
    """Costs of one run and its conditions."""
    profile = folder / "callgrind.out"
    figures = folder / "figures.json"
    command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--cache-sim=yes",
               *(f"--{name}={value}" for name, value in caches.items()),
               f"--callgrind-out-file={profile}", str(given.program), "--single-thread",
               "--no-huge", "--lives", str(lives), "--msl", str(given.msl), *given.more,
               "--json", str(figures)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"phases: {' '.join(command)}: exit code {done.returncode}\n"
                 f"{done.stdout}{done.stderr}")
    conditions = json.loads(figures.read_text())[-1]
    if conditions["collected_lives"] == 0:
        sys.exit("phases: no lives were collected: give more of them")
    try:
        return phases_of(Profile(profile.read_text())), conditions
    except CallgrindError as error:
        sys.exit(f"phases: {error}\nWas {given.program} built with <valgrind/callgrind.h> and "
                 "without LTO? scripts/bench lifecycle --phases builds it so.")


def per_life(first, second):
    """Each phase's costs per life, of two runs' costs and lives."""
    (few, few_lives), (many, many_lives) = first, second
    return {name: (many[name] - few[name]) / (many_lives - few_lives) for name in many}


def rows_of(figures):
    return [{"what": f"lifecycle.{metric}", "size": name, "unit": unit,
             "lastack": costs[metric], "peers": {}}
            for metric, (unit, _) in METRICS.items() for name, costs in figures.items()]


def show(figures, conditions):
    for name, value in conditions.items():
        if name != "what":
            print(f"{name.replace('_', ' '):<10} {value}")
    print(f"\n{'per life':<14}" + "".join(f"{head:>16}{'share':>8}" for head in
                                          ("instructions", "D1 misses", "LL misses")))
    for name, costs in figures.items():
        if name == PARTS[0]:
            print("of these:")
        line = f"{name:<14}"
        for metric, value in costs.items():
            whole = figures[WHOLE][metric]
            digits = 0 if metric == "instructions" else 2
            share = f"{value / whole:.1%}" if round(whole, digits) > 0 else "-"
            line += f"{round(value, digits) + 0.0:>16,.{digits}f}{share:>8}"
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--lives", type=int, default=20_000, help="of the first run")
    parser.add_argument("--msl", type=int, default=10, help="milliseconds; callgrind is slow")
    parser.add_argument("--json", type=pathlib.Path)
    given, given.more = parser.parse_known_args()
    caches = these_caches()
    runs = []
    for lives in (given.lives, 2 * given.lives):
        with tempfile.TemporaryDirectory(prefix=f"lastack-{os.getpid()}-phases-") as folder:
            costs, run = run_once(given, lives, caches, pathlib.Path(folder))
            runs.append((costs, run["collected_lives"]))
    figures = per_life(*runs)
    version = subprocess.run(["valgrind", "--version"], capture_output=True, text=True).stdout
    conditions = {"what": "conditions", "cpu": run["cpu"], "compiler": run["compiler"],
                  "build": run["build"], "valgrind": version.strip(),
                  "caches": " ".join(f"{name}={value}" for name, value in caches.items()),
                  "lives": f"{runs[1][1]} less {runs[0][1]}",
                  "arguments": " ".join(["--msl", str(given.msl), *given.more])}
    show(figures, conditions)
    if given.json:
        given.json.write_text(json.dumps([*rows_of(figures), conditions], indent=2) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Runs very many worlds of the simulator, several processes at a time.

    run_sim.py SIM_RUN CONNECTIONS

CONNECTIONS is what CI runs, always the same worlds. With LASTACK_LONG=1 it goes on from where the
last long run ended, for LASTACK_SIM_MINUTES (without: until SUM_AIM connections are in the sum),
and adds to the sum in the file LASTACK_SIM_SUM: ranges of seeds per commit, and what came of them.
"""
import itertools
import json
import os
import pathlib
import subprocess
import sys
import time
from concurrent import futures

SUM_AIM = 20_000_000
CHUNK_WORLDS = 110  # ten of each kind
CHUNK_CONNECTIONS = 24_000  # at least
FIRST_LONG = 1_000_000  # beyond what CI runs


def commit():
    root = pathlib.Path(__file__).resolve().parents[2]
    git = ["git", "-c", f"safe.directory={root}", "-C", str(root)]
    done = subprocess.run(git + ["describe", "--always", "--dirty", "--abbrev=12"], text=True,
                          capture_output=True, check=False)
    return done.stdout.strip() or "unknown"


def run_chunk(program, first):
    done = subprocess.run([program, "--first", str(first), "--worlds", str(CHUNK_WORLDS)],
                          text=True, capture_output=True, check=False)
    if done.returncode != 0:
        return first, None, (done.stderr or f"ended with {done.returncode}").replace(
            "sim_run --", f"{program} --")
    return first, json.loads(done.stdout), None


def add(total, part):
    for key, value in part.items():
        total[key] = total.get(key, 0) + value


def run(program, starts, goes_on, done_one):
    """Chunks that begin at `starts` while goes_on(); done_one(first, tally) in the order they end.
    Returns the first failure, or None; what ran beside it is still counted."""
    fault = None
    workers = os.cpu_count() or 1
    with futures.ThreadPoolExecutor(workers) as pool:
        running = set()
        while True:
            while fault is None and len(running) < workers and goes_on():
                running.add(pool.submit(run_chunk, program, next(starts)))
            if not running:
                return fault
            finished, running = futures.wait(running, return_when=futures.FIRST_COMPLETED)
            for one in finished:
                seed, tally, what = one.result()
                if what:
                    fault = fault or f"worlds from {seed} on: {what}"
                else:
                    done_one(seed, tally)


def load(path):
    if path.is_file():
        return json.loads(path.read_text())
    return {"ranges": [], "outcomes": {}}


def store(path, total):
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(total, indent=1) + "\n")
    new.replace(path)


def note_range(total, first, connections, at):
    """Neighbouring ranges of one commit are one entry."""
    last = first + CHUNK_WORLDS - 1
    for entry in total["ranges"]:
        if entry["commit"] == at and entry["last"] + 1 == first:
            entry["last"], entry["connections"] = last, entry["connections"] + connections
            return
        if entry["commit"] == at and last + 1 == entry["first"]:
            entry["first"], entry["connections"] = first, entry["connections"] + connections
            return
    total["ranges"].append({"first": first, "last": last, "commit": at,
                            "connections": connections})


def starts_not_in(total):
    """The chunks that no range has, from the first on: one that failed comes again."""
    ranges = [(entry["first"], entry["last"]) for entry in total["ranges"]]
    for first in itertools.count(FIRST_LONG, CHUNK_WORLDS):
        if not any(a <= first <= b for a, b in ranges):
            yield first


def long_run(program, path):
    total, at, started = load(path), commit(), time.monotonic()
    minutes = float(os.environ.get("LASTACK_SIM_MINUTES") or 0)
    before = total["outcomes"].get("connections", 0)

    def goes_on():
        if minutes:
            return time.monotonic() - started < minutes * 60
        return total["outcomes"].get("connections", 0) < SUM_AIM

    def done_one(first, tally):
        add(total["outcomes"], tally)
        note_range(total, first, tally["connections"], at)
        store(path, total)

    fault = run(program, starts_not_in(total), goes_on, done_one)
    now = total["outcomes"].get("connections", 0)
    rate = (now - before) / max(time.monotonic() - started, 0.001)
    print(f"{now - before} connections more, {now} in all ({rate:.0f}/s); sum in {path}")
    return fault


def short_run(program, wanted):
    total, started = {}, time.monotonic()
    # How many are running must not decide which worlds run: the chunks are counted.
    chunks = iter(range(-(-wanted // CHUNK_CONNECTIONS)))
    fault = run(program, itertools.count(0, CHUNK_WORLDS), lambda: next(chunks, None) is not None,
                lambda first, tally: add(total, tally))
    rate = total.get("connections", 0) / max(time.monotonic() - started, 0.001)
    print(f"{total.get('connections', 0)} connections in {total.get('worlds', 0)} worlds "
          f"({rate:.0f}/s)")
    for key, value in total.items():
        print(f"  {key}: {value}")
    return fault


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    program, wanted = sys.argv[1], int(sys.argv[2])
    path = os.environ.get("LASTACK_SIM_SUM")
    if os.environ.get("LASTACK_LONG", "0") not in ("", "0") and path:
        fault = long_run(program, pathlib.Path(path))
    else:
        fault = short_run(program, wanted)
    if fault:
        sys.exit(fault)


main()

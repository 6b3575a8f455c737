#!/usr/bin/env python3
"""Runs a libFuzzer target for a while, from its committed corpus.

    run_fuzzer.py TARGET CORPUS SHARE

LASTACK_FUZZ_SECONDS says how long (5 unless told; 60 with LASTACK_LONG=1), of which SHARE per cent
are this target's, but a second at least; LASTACK_SEED says from which seed. Inputs that find new paths are thrown away; one that fails is kept beside the target, and the
command that replays it is printed.
"""
import os
import subprocess
import sys
import tempfile


def seconds_from_environment():
    text = os.environ.get("LASTACK_FUZZ_SECONDS")
    if text is None:
        return 60 if os.environ.get("LASTACK_LONG", "0") not in ("", "0") else 5
    if not text.isdigit() or int(text) == 0:
        sys.exit(f"LASTACK_FUZZ_SECONDS={text}: expected a whole number of seconds, at least 1")
    return int(text)


def main():
    if len(sys.argv) != 4 or not sys.argv[3].isdigit():
        sys.exit(__doc__)
    target, corpus, share = sys.argv[1:]
    seconds = max(1, seconds_from_environment() * int(share) // 100)
    if not os.listdir(corpus):
        sys.exit(f"{corpus}: empty; make_corpus.py writes the seeds")
    seed = int(os.environ.get("LASTACK_SEED", "0"), 0) or int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}; replay with LASTACK_SEED={seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"lastack-{os.getpid()}-fuzz-") as found:
        done = subprocess.run(
            [target, f"-max_total_time={seconds}", f"-seed={seed & 0xffffffff}",
             "-max_len=2048", "-timeout=5", "-rss_limit_mb=1024", "-print_final_stats=1",
             f"-artifact_prefix={target}-", found, corpus], check=False)
    if done.returncode != 0:
        print(f"replay: {target} {target}-crash-...", file=sys.stderr)
    sys.exit(1 if done.returncode != 0 else 0)


main()

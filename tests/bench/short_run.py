#!/usr/bin/env python3
"""Runs a benchmark very shortly, and looks at what it wrote: short_run.py PROGRAM [ARGUMENT...]

That it runs, gets through all its cases and writes its JSON is tested; how fast it was is not.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile


def main():
    with tempfile.TemporaryDirectory(prefix=f"lastack-{os.getpid()}-bench-") as folder:
        out = pathlib.Path(folder) / "out.json"
        done = subprocess.run([*sys.argv[1:], "--json", str(out)], check=False)
        if done.returncode != 0:
            sys.exit(f"exit code {done.returncode}")
        cases = json.loads(out.read_text())["benchmarks"]
    bad = [case["name"] for case in cases
           if case.get("error_occurred") or not case.get("real_time", 0) > 0]
    if bad or not cases:
        sys.exit(f"{len(cases)} cases; those without a result: {bad}")


main()

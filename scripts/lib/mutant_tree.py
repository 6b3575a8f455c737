"""A copy of the tree in which production source may be broken, and the proofs built from it.

The copy follows the working tree file by file, so that only what changed is compiled again.
"""

import json
import os
import pathlib
import subprocess
import time
from dataclasses import dataclass

# Each proof's programs: (target, filter of GoogleTest). Of alternatives between bars the first that
# the build knows is run; a proof of which nothing is built is not run.
PROGRAMS = {
    "trace": [("tests/stack/stack_test", "-*Matrix*"), ("tests/tcp/tcp_test", "*"),
              ("tests/time/time_test", "*")],
    "walk": [("tests/walk/walk_test", None)],
    "sim": [("tests/sim/sim_test", "*")],
    "model": [("tests/model/model_test", "*")],
}
OPTIONS = ["-Ddpdk=false", "-Doptimization=1", "-Ddebug=false", "-Db_lto=false", "-Db_lundef=false",
           "-Dwerror=false"]


@dataclass(frozen=True)
class Program:
    target: str
    tests: str  # what --gtest_filter gets


def choose(alternatives, tests, known):
    """The first of `a|b|c` that is a target; the matrix inside a bigger program is filtered out."""
    for target in alternatives.split("|"):
        if target in known:
            inside = tests is None and target.endswith("stack_test")
            return Program(target, "*Matrix*" if inside else tests or "*")
    return None


class Tree:
    def __init__(self, root, work):
        self.root, self.source, self.build = root, work / "src", work / "build"
        self.seconds = {}  # each proof's time where nothing is broken

    # ---- the copy ----

    def follow(self):
        """Makes the copy equal to the working tree: what git tracks, and what it would."""
        listed = subprocess.run(["git", "-c", f"safe.directory={self.root}", "ls-files", "-co",
                                 "--exclude-standard", "-z"],
                                cwd=self.root, check=True, capture_output=True, text=True)
        wanted = {path for path in listed.stdout.split("\0")
                  if path and (self.root / path).is_file()}
        for path in wanted:
            self.write(path, (self.root / path).read_bytes())
        for old in [path for path in self.source.rglob("*") if path.is_file()]:
            if str(old.relative_to(self.source)) not in wanted:
                old.unlink()

    def write(self, path, content):
        """Writes only what differs, for ninja goes by times."""
        target = self.source / path
        if target.is_file() and target.read_bytes() == content:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    # ---- the build ----

    def configure(self):
        if (self.build / "build.ninja").exists():
            return
        ccache = "ccache " if any((pathlib.Path(folder) / "ccache").exists()
                                  for folder in os.get_exec_path()) else ""
        subprocess.run(["meson", "setup", str(self.build), str(self.source), *OPTIONS], check=True,
                       capture_output=True, text=True,
                       env=dict(os.environ, CC=f"{ccache}gcc", CXX=f"{ccache}g++"))

    def programs(self):
        """{proof: [Program]} of what this tree has, by meson's own list of targets."""
        done = subprocess.run(["meson", "introspect", "--targets", str(self.build)], check=True,
                              capture_output=True, text=True)
        known = {str(pathlib.Path(name).relative_to(self.build))
                 for target in json.loads(done.stdout) if target["type"] == "executable"
                 for name in target["filename"]}
        chosen = {proof: [choose(names, tests, known) for names, tests in wanted]
                  for proof, wanted in PROGRAMS.items()}
        return {proof: [program for program in programs if program]
                for proof, programs in chosen.items()}

    def make(self, programs):
        """Builds them all; the end of what ninja said where that fails, else None."""
        targets = sorted({program.target for ours in programs.values() for program in ours})
        done = subprocess.run(["ninja", "-j2", "-C", str(self.build), *targets],
                              capture_output=True, text=True)
        return None if done.returncode == 0 else done.stdout[-3000:] + done.stderr[-1000:]

    # ---- the proofs ----

    def run_proof(self, proof, programs, seed):
        """None where all its programs pass, else the first complaint."""
        started = time.monotonic()
        for program in programs:
            # What took seconds with nothing broken is hung after many times as long.
            limit = max(20, 20 * self.seconds.get(proof, 30))
            complaint = run_program(self.build / program.target, program.tests, seed, limit)
            if complaint:
                return complaint
        self.seconds.setdefault(proof, time.monotonic() - started)
        return None


def run_program(path, tests, seed, limit_seconds):
    environment = dict(os.environ, LASTACK_SEED=str(seed))
    try:
        done = subprocess.run([str(path), f"--gtest_filter={tests}", "--gtest_brief=1"],
                              capture_output=True, text=True, errors="replace",
                              timeout=limit_seconds, env=environment)
    except subprocess.TimeoutExpired:
        return f"{path.name} did not end in {limit_seconds:.0f} s"
    if done.returncode == 0:
        return None
    failed = [line.split()[3].rstrip(",") for line in done.stdout.splitlines()
              if line.startswith("[  FAILED  ]") and len(line.split()) > 3]
    last = (done.stderr or done.stdout).strip().splitlines()[-1:] or [""]
    return failed[0] if failed else f"{path.name} ended with {done.returncode}: {last[0][:120]}"

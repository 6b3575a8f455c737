#!/usr/bin/env python3
"""What must not compile, does not, and for the reason that we mean.

    nocompile_test.py ARGUMENTS...        the compiler and its arguments, as meson calls it

A file in snippets/ holds a part that compiles, and after the line `#ifdef MUST_NOT_COMPILE` one that
must not. Its head says so to the reader and names the diagnostic: `// expect: TEXT`. Each file is
compiled twice: without the macro it must pass, so that a snippet cannot fail for a stray reason.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import tap  # noqa: E402

COMPILER = ["g++", "-std=c++20"]
SNIPPETS = sorted((HERE / "snippets").glob("*.cpp"))


def compile_snippet(path, *more):
    return subprocess.run([*COMPILER, "-fsyntax-only", *more, str(path)],
                          capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})


def expectations(path):
    return re.findall(r"^// expect: (.+)$", path.read_text(), re.MULTILINE)


class Nocompile(unittest.TestCase):
    """One test per snippet is added below."""

    def test_the_snippets_are_found(self):
        self.assertGreaterEqual(len(SNIPPETS), 10)

    def test_a_snippet_without_fault_would_be_noticed(self):
        self.assertEqual(compile_snippet(HERE / "control.cpp", "-DMUST_NOT_COMPILE").returncode, 0)

    def judge(self, path):
        expected = expectations(path)
        self.assertTrue(expected, f"{path.name} names no diagnostic")
        without = compile_snippet(path)
        self.assertEqual(without.returncode, 0, f"the right part fails:\n{without.stderr[:1500]}")
        with_fault = compile_snippet(path, "-DMUST_NOT_COMPILE")
        self.assertNotEqual(with_fault.returncode, 0, f"{path.name} compiles")
        for text in expected:
            self.assertIn(text, with_fault.stderr)


def add_test(path):
    setattr(Nocompile, f"test_{path.stem}", lambda self: self.judge(path))


for snippet in SNIPPETS:
    add_test(snippet)

if __name__ == "__main__":
    if len(sys.argv) > 1:
        COMPILER = sys.argv[1:]
    tap.main()

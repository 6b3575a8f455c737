#!/usr/bin/env python3
"""What the interop tests decide before they begin: whether to skip, and how much to do."""

import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

import bed
import interop_test
import tap


class WhyNoBed(unittest.TestCase):
    def test_an_ordinary_user_skips(self):
        with mock.patch("os.geteuid", return_value=1000):
            self.assertIn("only root", bed.why_no_bed())

    def test_root_on_a_machine_without_namespaces_fails_and_does_not_skip(self):
        with tempfile.TemporaryDirectory(prefix=f"lastack-{os.getpid()}-helpers-") as folder:
            ip = pathlib.Path(folder) / "ip"
            ip.write_text("#!/bin/sh\necho 'Operation not permitted' >&2\nexit 1\n")
            ip.chmod(0o755)
            with mock.patch.dict(os.environ, {"PATH": f"{folder}:{os.environ['PATH']}"}), \
                    mock.patch("os.geteuid", return_value=0):
                self.assertEqual(bed.why_no_bed(), "")
                with self.assertRaisesRegex(AssertionError, "Operation not permitted"):
                    bed.Bed("tap", "lastackd")
        bed._close_all()


class Amounts(unittest.TestCase):
    def test_a_long_run_moves_what_the_build_says(self):
        build = ["4194304", "1000", "16777216"]
        self.assertEqual(interop_test.amounts(build, {}), (4194304, 1000))
        self.assertEqual(interop_test.amounts(build, {"LASTACK_LONG": "0"}), (4194304, 1000))
        self.assertEqual(interop_test.amounts(build, {"LASTACK_LONG": "1"}), (16777216, 1000))

    def test_by_hand_there_are_usual_amounts_and_the_environment_wins(self):
        self.assertEqual(interop_test.amounts([], {}), (64 << 20, 10_000))
        self.assertEqual(interop_test.amounts([], {"LASTACK_LONG": "1"}), (10**9, 10_000))
        long = {"LASTACK_LONG": "1", "LASTACK_BULK_BYTES": "1000"}
        self.assertEqual(interop_test.amounts(["5", "6", "7"], long), (1000, 6))


if __name__ == "__main__":
    tap.main()

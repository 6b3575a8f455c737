#!/usr/bin/env python3
"""The count that scripts/test ends with: what it calls passed, failed and skipped."""

import contextlib
import datetime
import io
import json
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/lib"), str(HERE.parent / "support")]

import results  # noqa: E402
import tap  # noqa: E402


def gtest_suite(*cases):
    return (f'<testsuite name="lastack.lastack:tcp / tcp.Close">{"".join(cases)}</testsuite>')


PASSED = '<testcase name="a_fin_is_answered" status="run" time="0"/>'
FAILED = ('<testcase name="a_rst_ends_it" status="run"><failure message="1 is not 2"/></testcase>')
SKIPPED = ('<testcase name="a_nic_sends" status="run"><skipped message="no NIC"/></testcase>')
DISABLED = '<testcase name="someday" status="notrun"/>'


class Count(unittest.TestCase):
    """Each test makes what meson leaves behind, and reads the last line."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        (self.dir / "meson-info").mkdir()
        (self.dir / "meson-logs").mkdir()
        (self.dir / "meson-info/intro-tests.json").write_text(
            json.dumps([{"name": "tcp", "suite": ["lastack:tcp"]}]))

    def count(self, junit, result="OK", returncode=0, skips="", command=()):
        run = {"name": "lastack:tcp / tcp", "result": result, "returncode": returncode,
               "duration": 1.5, "stdout": "", "command": list(command), "starttime": 1e9}
        (self.dir / "meson-logs/testlog.json").write_text(json.dumps(run) + "\n")
        (self.dir / "meson-logs/testlog.junit.xml").write_text(f"<testsuites>{junit}</testsuites>")
        (self.dir / "skips.txt").write_text(skips)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            results.collect(self.dir, "release", self.dir / "out.xml")
            status = results.sum_up(self.dir / "skips.txt", [self.dir / "out.xml"])
        return said.getvalue().splitlines()[-1], status

    def test_cases_are_counted_and_not_programs(self):
        self.assertEqual(self.count(gtest_suite(PASSED, PASSED)),
                         ("2 passed, 0 failed, 0 skipped", 0))

    def test_a_failed_case_fails_the_run(self):
        self.assertEqual(self.count(gtest_suite(PASSED, FAILED), "FAIL", 1),
                         ("1 passed, 1 failed, 0 skipped", 1))

    def test_a_program_that_ends_badly_after_its_last_case_is_a_failure(self):
        self.assertEqual(self.count(gtest_suite(PASSED), "FAIL", 23),
                         ("1 passed, 1 failed, 0 skipped", 1))

    def test_a_program_that_died_before_it_wrote_anything_is_a_failure(self):
        self.assertEqual(self.count("", "FAIL", -6), ("0 passed, 1 failed, 0 skipped", 1))

    def test_a_program_that_ran_into_its_time_limit_is_a_failure(self):
        self.assertEqual(self.count("", "TIMEOUT", -15), ("0 passed, 1 failed, 0 skipped", 1))

    def test_a_googletest_program_without_a_test_is_a_failure(self):
        self.assertEqual(self.count("", command=["tcp_test", "--gtest_output=xml:tcp.xml"]),
                         ("0 passed, 1 failed, 0 skipped", 1))

    def test_a_plain_program_counts_as_one(self):
        self.assertEqual(self.count('<testsuite name="lastack"><testcase name="tcp"/></testsuite>'),
                         ("1 passed, 0 failed, 0 skipped", 0))

    def test_tap_lines_count_each(self):
        tap_suite = ('<testsuite name="lastack.lastack:tcp / tcp"><testcase name="1 a"/>'
                     '<testcase name="2 b"><failure/></testcase></testsuite>')
        self.assertEqual(self.count(tap_suite, "FAIL"), ("1 passed, 1 failed, 0 skipped", 1))

    def test_a_skip_that_nobody_excused_is_a_failure(self):
        self.assertEqual(self.count(gtest_suite(PASSED, SKIPPED)),
                         ("1 passed, 1 failed, 0 skipped", 1))

    def test_a_skip_with_its_reason_is_a_skip(self):
        excuse = "release/tcp/Close.a_nic_* : CI has no NIC\n"
        self.assertEqual(self.count(gtest_suite(PASSED, SKIPPED), skips=excuse),
                         ("1 passed, 0 failed, 1 skipped", 0))

    def test_an_excuse_without_a_reason_is_refused(self):
        with self.assertRaises(SystemExit):
            self.count(gtest_suite(SKIPPED), skips="release/tcp/*\n")

    def test_a_disabled_case_counts_as_skipped(self):
        self.assertEqual(self.count(gtest_suite(PASSED, DISABLED)),
                         ("1 passed, 1 failed, 0 skipped", 1))

    def test_when_a_suite_began_and_what_its_tests_were_made_of_is_noted(self):
        here = str(pathlib.Path(__file__).resolve())
        self.count(gtest_suite(PASSED), command=["/usr/bin/env", here, "--option", "/nowhere"])
        suite = ElementTree.parse(self.dir / "out.xml").getroot().find("testsuite")
        began = datetime.datetime.fromisoformat(suite.get("timestamp"))
        self.assertEqual(began.timestamp(), 1e9)
        self.assertEqual([(entry.get("name"), entry.get("value"))
                          for entry in suite.iterfind("properties/property")],
                         [("files:tcp", here)])

    def check(self, script, skips=""):
        (self.dir / "skips.txt").write_text(skips)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            results.check("requirements", "rows", self.dir / "out.xml", ["sh", "-c", script])
            status = results.sum_up(self.dir / "skips.txt", [self.dir / "out.xml"])
        return said.getvalue(), said.getvalue().splitlines()[-1], status

    def test_a_command_is_one_test_and_says_why_it_fails(self):
        said, last, status = self.check("echo all is well")
        self.assertEqual((last, status), ("1 passed, 0 failed, 0 skipped", 0))
        self.assertNotIn("all is well", said)
        said, last, status = self.check("echo C-1 stale; echo >&2 no row; echo 1 stale; exit 1")
        self.assertEqual((last, status), ("0 passed, 1 failed, 0 skipped", 1))
        self.assertIn("C-1 stale\nno row\n", said)
        self.assertIn("FAILED  requirements/rows/", said)
        self.assertEqual(self.check("exit 1")[1:], ("0 passed, 1 failed, 0 skipped", 1))

    def test_a_command_that_ends_with_77_is_a_skip_which_wants_its_excuse(self):
        self.assertEqual(self.check("echo no root; exit 77")[2], 1)
        self.assertEqual(self.check("exit 77", "requirements/rows/* : root only\n")[1:],
                         ("0 passed, 0 failed, 1 skipped", 0))

    def test_nothing_at_all_is_a_failure(self):
        (self.dir / "skips.txt").write_text("")
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(results.sum_up(self.dir / "skips.txt", []), 1)

    def test_a_build_that_failed_is_a_failure(self):
        (self.dir / "skips.txt").write_text("")
        with contextlib.redirect_stdout(io.StringIO()):
            results.broken("asan", "the build failed", self.dir / "asan.xml")
            self.assertEqual(results.sum_up(self.dir / "skips.txt", [self.dir / "asan.xml"]), 1)


if __name__ == "__main__":
    tap.main()

#!/usr/bin/env python3
"""scripts/demo does what it says, to its end and when it is interrupted, and leaves nothing behind.

    demo_test.py BUILD_DIRECTORY
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support")]

import bed
import tap
from bed import run

build_directory = ""


def start_demo(*arguments):
    """The demo of this build; its output goes to a file, so that it can be watched."""
    environment = {**os.environ, "LASTACK_DEMO_BUILD": build_directory}
    environment.pop("LASTACK_TEST_RUN", None)  # the demo has a mark of its own
    return subprocess.Popen([str(ROOT / "scripts/demo"), *arguments], env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, start_new_session=True,
                            preexec_fn=bed.end_with_parent)


class Demo(unittest.TestCase):
    def setUp(self):
        why_not = bed.why_no_bed()
        if why_not:
            self.skipTest(why_not)
        self.demo = None
        self.addCleanup(lambda: self.demo and self.demo.poll() is None and self.end_group())

    def end_group(self):
        os.killpg(self.demo.pid, signal.SIGKILL)
        self.demo.communicate()

    def assert_nothing_is_left(self):
        space = f"lastack-{self.demo.pid}-demo"
        self.assertNotIn(space, run("ip", "netns", "list"))
        left = [*pathlib.Path("/tmp").glob(f"lastack-{self.demo.pid}-*"),
                *pathlib.Path("/var/run/dpdk").glob(f"{space}*")]
        self.assertEqual(left, [])
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            self.assertNotIn(space.encode(), command)

    def test_it_shows_everything_and_leaves_nothing(self):
        self.demo = start_demo()
        out, _ = self.demo.communicate(timeout=100)
        self.assertEqual(self.demo.returncode, 0, out)
        for wanted in ("0% packet loss", "HTTP/1.1 200 OK", "ESTAB", "TIME-WAIT",
                       "lastack closed first", "10000 connections in", "every answer right"):
            self.assertIn(wanted, out)
        self.assertRegex(out, r"FIN-WAIT-1 .*application closes")
        self.assertTrue(re.search(r"TIME-WAIT +\|<-+ FIN,ACK", out), out)
        self.assertRegex(out, r"timer:\(timewait,\d+sec,0\)")  # below 10 s it would look like ms
        self.assert_the_books_balance(out)
        self.assert_nothing_is_left()

    def assert_the_books_balance(self, out):
        """What has entered TIME-WAIT is there yet, or has expired, or was reopened: all are shown."""
        shown = {name: int(n) for name, n in re.findall(r"TcpExtTimeWait(\w+) +(\d+)", out)}
        self.assertEqual(set(shown), {"Entered", "Expired", "Reopened"}, out)
        left = int(re.search(r"timewait (\d+)", out).group(1))
        gone_meanwhile = shown["Entered"] - shown["Expired"] - shown["Reopened"]
        self.assertLessEqual(gone_meanwhile, left, out)

    def test_ctrl_c_in_the_middle_leaves_nothing(self):
        self.demo = start_demo()
        seen = ""
        while "Ten thousand" not in seen:
            line = self.demo.stdout.readline()
            self.assertNotEqual(line, "", seen)
            seen += line
        os.killpg(self.demo.pid, signal.SIGINT)
        out, _ = self.demo.communicate(timeout=30)
        self.assertEqual(self.demo.returncode, 130, seen + out)
        self.assert_nothing_is_left()


def main():
    global build_directory
    build_directory = str(pathlib.Path(sys.argv[1]).resolve())
    bed.clean_up_at_the_end()
    tap.main()


if __name__ == "__main__":
    main()

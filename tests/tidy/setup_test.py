#!/usr/bin/env python3
"""scripts/setup, with an apt-get and a dpkg-query of the test's own and a folder in place of /."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

import tap  # noqa: E402

SETUP = HERE.parents[1] / "scripts/setup"
POLICY = "usr/sbin/policy-rc.d"
HUGE_PAGES = "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"

APT_GET = """#!/bin/sh
echo "$@" >>"$LASTACK_SETUP_ROOT/asked"
[ "$1" = install ] || exit 0
cat "$LASTACK_SETUP_ROOT/usr/sbin/policy-rc.d" >"$LASTACK_SETUP_ROOT/policy-meanwhile"
exit $(cat "$LASTACK_SETUP_ROOT/apt-exit-code")
"""


class Setup(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("without root it changes nothing")
        folder = tempfile.TemporaryDirectory(prefix=f"lastack-{os.getpid()}-setup-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, text in {"proc/meminfo": "MemAvailable: 16777216 kB\n", HUGE_PAGES: "0\n",
                           "proc/mounts": "nodev /dev/hugepages hugetlbfs rw 0 0\n",
                           "usr/sbin/none": "", "apt-exit-code": "0",
                           "bin/dpkg-query": "#!/bin/sh\nexit 1\n", "bin/apt-get": APT_GET}.items():
            self.write(name, text)
        for tool in ("dpkg-query", "apt-get"):
            (self.root / "bin" / tool).chmod(0o755)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    def run_it(self, stage="long"):
        environment = {**os.environ, "LASTACK_SETUP_ROOT": str(self.root),
                       "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        return subprocess.run([SETUP, stage], env=environment, capture_output=True, text=True)

    def test_no_daemon_is_started_and_the_policy_is_gone_afterwards(self):
        self.assertEqual(self.run_it().returncode, 0)
        self.assertIn("exit 101", self.read("policy-meanwhile"))
        self.assertFalse((self.root / POLICY).exists())

    def test_a_failure_of_apt_ends_in_one_sentence_and_the_policy_is_gone(self):
        self.write("apt-exit-code", "100")
        done = self.run_it()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout.splitlines()[-1],
                         r"^setup: apt-get could not install .*: mend what it says above, and run "
                         r"this again$")
        self.assertFalse((self.root / POLICY).exists())
        self.assertEqual(self.read(HUGE_PAGES), "0\n")

    def test_an_administrators_policy_is_kept(self):
        self.write(POLICY, "#!/bin/sh\nexit 0\n")
        self.assertEqual(self.run_it().returncode, 0)
        self.assertEqual(self.read(POLICY), "#!/bin/sh\nexit 0\n")
        self.assertEqual(self.read("policy-meanwhile"), "#!/bin/sh\nexit 0\n")

    def test_huge_pages_are_a_quarter_of_what_is_free_and_can_be_undone(self):
        for free_kib, pages in ((16 << 20, 512), (4 << 20, 512), ((4 << 20) - 8192, 511),
                                (1 << 20, 128), (8192, 1)):
            self.write(HUGE_PAGES, "0\n")
            self.write("proc/meminfo", f"MemTotal: 99999999 kB\nMemAvailable: {free_kib} kB\n")
            done = self.run_it()
            self.assertEqual(self.read(HUGE_PAGES), f"{pages}\n")
            self.assertIn(f"reserved {2 * pages} MiB as huge pages; undo it with: echo 0 >",
                          done.stdout)

    def test_huge_pages_that_are_there_are_left_alone(self):
        self.write(HUGE_PAGES, "7\n")
        self.assertNotIn("undo it", self.run_it().stdout)
        self.assertEqual(self.read(HUGE_PAGES), "7\n")

    def test_each_stage_asks_for_what_the_one_before_does_and_more(self):
        asked = []
        for stage in ("demo", "bench", "test", "long"):
            self.write("asked", "")
            self.assertEqual(self.run_it(stage).returncode, 0)
            asked.append(set(self.read("asked").split("--no-install-recommends")[-1].split()))
        for less, more in zip(asked, asked[1:]):
            self.assertLess(less, more)
        self.assertEqual(asked[1] - asked[0], {"libbenchmark-dev", "libabsl-dev",
                                               "valgrind"})
        self.assertNotIn("tshark", asked[3])

    def test_an_unknown_stage_is_answered_with_the_usage(self):
        done = self.run_it("everything")
        self.assertEqual(done.returncode, 2)
        self.assertIn("scripts/setup bench", done.stderr)


if __name__ == "__main__":
    tap.main()

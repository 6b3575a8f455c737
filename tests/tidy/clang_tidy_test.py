#!/usr/bin/env python3
"""clang-tidy over the pure core, with the checks of .clang-tidy.

    clang_tidy_test.py BUILD_DIR CPU        as meson calls it

The analyzer, half of the time, runs with LASTACK_LONG=1 (scripts/test --long) only. Remembers by
content what was clean, so that a rerun looks only at what changed.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import headers  # noqa: E402
import tap  # noqa: E402
from sources import PURE_FOLDERS, ROOT, cpp_files  # noqa: E402

BUILD_DIR, CPU = pathlib.Path("build"), "x86-64-v3"
CHECKS = "--checks=" if os.environ.get("LASTACK_LONG") == "1" else "--checks=-clang-analyzer-*"
SAMPLE = """#include <string>
struct Sample {
    Sample(int n);
    int cut(const std::string text) { return text.size() ? 1 : sizeof(this); }
};
"""


def complaint(path):
    arguments = ["-std=c++20", f"-march={CPU}", *(f"-I{ROOT / top}" for top in headers.INCLUDE_DIRS)]
    stamp = BUILD_DIR / "tidy-cache" / headers.key_of(
        path, [(ROOT / ".clang-tidy").read_text(), CHECKS, *arguments])
    if stamp.exists():
        return None
    done = subprocess.run(["clang-tidy", "--quiet", CHECKS, f"--config-file={ROOT / '.clang-tidy'}",
                           str(path), "--", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        return done.stdout[:4000] or done.stderr[:2000]
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    return None


class ClangTidy(unittest.TestCase):
    def test_it_has_nothing_to_say_about_the_pure_core(self):
        paths = [ROOT / path for path in cpp_files("dataplane")
                 if path.endswith(".cpp") and path.split("/")[1] in PURE_FOLDERS]
        self.assertTrue(paths)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            complaints = [text for text in pool.map(complaint, paths) if text]
        self.assertEqual(complaints, [], "\n" + "\n".join(complaints))

    def test_it_finds_mistakes_in_a_sample(self):
        sample = BUILD_DIR / "clang-tidy-sample.cpp"
        sample.write_text(SAMPLE)
        found = complaint(sample.resolve())
        for check in ("google-explicit-constructor", "performance-unnecessary-value-param",
                      "bugprone-sizeof-expression"):
            self.assertIn(check, found)


if __name__ == "__main__":
    BUILD_DIR, CPU = pathlib.Path(sys.argv[1]), sys.argv[2]
    tap.main()

#!/usr/bin/env python3
"""The pure core calls no clock, no I/O and, after start, no allocator; nm and objdump say so.

    archives_test.py WORK_DIR ARCHIVE...        archives named liblastack_FOLDER.a, without LTO
"""

import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import archives  # noqa: E402
import tap  # noqa: E402
from sources import PURE_FOLDERS, cpp_files  # noqa: E402

WORK_DIR, ARCHIVES = pathlib.Path("."), []

SAMPLE = """
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>
void* allocates() { return std::malloc(7); }
int* makes(int n) { return new int[static_cast<unsigned>(n)]; }
void unmakes(int* p) { delete[] p; }
void grows(std::vector<int>& v) { v.push_back(1); }
long reads_a_clock() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
unsigned long long counts_cycles() { return __builtin_ia32_rdtsc(); }
"""
HARMLESS = "int adds(int a, int b) { return a + b; }\n"


def folder_of(archive):
    return archive.stem.removeprefix("liblastack_")


def archive_of(name, text):
    source, made = WORK_DIR / f"{name}.cpp", WORK_DIR / f"lib{name}.a"
    source.write_text(text)
    subprocess.run(["g++", "-std=c++20", "-O1", "-c", str(source), "-o", f"{WORK_DIR}/{name}.cpp.o"],
                   check=True)
    made.unlink(missing_ok=True)
    subprocess.run(["ar", "rcs", str(made), f"{WORK_DIR}/{name}.cpp.o"], check=True)
    return made


def findings_in_the_core():
    return [(folder_of(archive), *finding) for archive in ARCHIVES
            for finding in archives.findings(archive)]


class PureCore(unittest.TestCase):
    def setUp(self):
        self.excuses = archives.read_excuses(HERE / "startup_files.txt")

    def test_no_object_calls_a_clock_or_an_allocator(self):
        self.assertTrue(ARCHIVES)
        found = [f"{finding[0]}/{finding[1]}: {finding[2]}" for finding in findings_in_the_core()
                 if not any(archives.excuses(excuse, finding) for excuse in self.excuses)]
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_every_archive_of_the_pure_core_is_looked_at(self):
        with_sources = {path.split("/")[1] for path in cpp_files("dataplane")
                        if path.endswith(".cpp") and path.split("/")[1] in PURE_FOLDERS}
        self.assertEqual({folder_of(archive) for archive in ARCHIVES}, with_sources)

    def test_every_excuse_is_still_needed(self):
        found = findings_in_the_core()
        for excuse in self.excuses:
            self.assertTrue(any(archives.excuses(excuse, finding) for finding in found),
                            f"{excuse} is gone or calls nothing forbidden: take it off the list")

    def test_an_excuse_for_one_symbol_or_file_excuses_no_other(self):
        one = ("stack", "calls.cpp.o", "operator delete")
        self.assertTrue(archives.excuses(one, ("stack", "calls.cpp.o", "operator delete(void*)")))
        self.assertFalse(archives.excuses(one, ("stack", "calls.cpp.o", "malloc")))
        self.assertFalse(archives.excuses(one, ("stack", "turn.cpp.o", "operator delete(void*)")))
        self.assertFalse(archives.excuses(one, ("tcp", "calls.cpp.o", "operator delete(void*)")))

    def test_what_must_not_be_called_is_found_in_a_sample(self):
        symbols = [symbol for _, symbol in archives.findings(archive_of("tidy_bad", SAMPLE))]
        for expected in ("malloc", "operator new[](unsigned long)", "operator delete[](void*)",
                         "operator new(unsigned long)", "std::chrono::_V2::steady_clock::now()",
                         "rdtsc"):
            self.assertIn(expected, symbols)

    def test_an_object_that_calls_nothing_is_let_pass(self):
        self.assertEqual(archives.findings(archive_of("tidy_good", HARMLESS)), [])


if __name__ == "__main__":
    WORK_DIR = pathlib.Path(sys.argv[1])
    ARCHIVES = [pathlib.Path(name) for name in sys.argv[2:]]
    tap.main()

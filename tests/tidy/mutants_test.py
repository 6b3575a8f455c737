#!/usr/bin/env python3
"""The committed mutants apply to the present source; what is written wrongly is refused.

Whether the proofs catch them is what scripts/mutants says, which takes minutes.
"""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "scripts/lib"), str(HERE.parent / "support")]

import coverage_rows  # noqa: E402
import mutants  # noqa: E402
import tap  # noqa: E402

SAMPLE = {"name": "a_sample", "requirement": "C-1", "why": "Because.", "file": "dataplane/*.cpp",
          "find": "x = 1;", "replace": "x = 2;", "expected": ["trace"]}


class Samples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "dataplane").mkdir()

    def apply(self, **sources):
        for name, text in sources.items():
            (self.root / f"dataplane/{name}.cpp").write_text(text)
        return mutants.applied(mutants.read_mutant(SAMPLE, "x.toml"), self.root)

    def test_the_text_is_replaced_where_it_stands(self):
        self.assertEqual(self.apply(a="int y;\n", b="{ x = 1; }\n"),
                         ("dataplane/b.cpp", "{ x = 2; }\n"))

    def test_a_text_that_stands_nowhere_or_twice_does_not_apply(self):
        for sources in ({"a": "x = 3;"}, {"a": "x = 1; x = 1;"}, {"a": "x = 1;", "b": "x = 1;"}):
            with self.assertRaises(mutants.MutantError, msg=sources):
                self.apply(**sources)

    def test_a_mutant_may_take_something_away(self):
        self.assertEqual(mutants.read_mutant({**SAMPLE, "replace": ""}, "x.toml").replace, "")

    def test_what_is_written_wrongly_is_refused(self):
        for change in ({"name": ""}, {"why": ""}, {"find": ""}, {"expected": []},
                       {"replace": "x = 1;"}, {"expected": ["luck"]}, {"chosen": "dice"},
                       {"sort": "x"}):
            with self.assertRaises(mutants.MutantError, msg=change):
                mutants.read_mutant(SAMPLE | change, "x.toml")
        with self.assertRaises(mutants.MutantError):
            mutants.read_mutant({key: SAMPLE[key] for key in SAMPLE if key != "replace"}, "x.toml")

    def test_a_name_is_used_once_and_a_folder_has_mutants(self):
        with self.assertRaises(mutants.MutantError):
            mutants.read_all(self.root)
        one = "\n".join(["[[mutant]]"] + [f"{key} = {value!r}" for key, value in SAMPLE.items()])
        (self.root / "a.toml").write_text(one)
        self.assertEqual(len(mutants.read_all(self.root)), 1)
        (self.root / "b.toml").write_text(one)
        with self.assertRaises(mutants.MutantError):
            mutants.read_all(self.root)


class Committed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.all = mutants.read_all(ROOT / "tests/mutants")

    def test_every_mutant_applies(self):
        for mutant in self.all:
            with self.subTest(mutant.name):
                mutants.applied(mutant, ROOT)

    def test_every_mutant_is_about_a_row(self):
        rows = coverage_rows.read_rows(ROOT / "docs/coverage/rows.tsv")
        self.assertEqual([mutant.name for mutant in self.all if mutant.requirement not in rows], [])

    def test_there_are_as_many_as_were_asked_for(self):
        self.assertGreaterEqual(len(self.all), 24)
        self.assertGreaterEqual(sum(mutant.chosen == "rfc-text" for mutant in self.all), 5)


if __name__ == "__main__":
    tap.main()

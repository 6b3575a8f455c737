#!/usr/bin/env python3
"""The coverage of the requirements: what counts as a citation, what as proven; the committed page.

    requirements_test.py BUILD_DIR          the programs there are asked for the names of instances
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/lib"), str(HERE.parent / "support")]

import coverage  # noqa: E402
import coverage_page  # noqa: E402
import coverage_results  # noqa: E402
import coverage_rows  # noqa: E402
import coverage_tests  # noqa: E402
import tap  # noqa: E402
from coverage_rows import CoverageError, Row  # noqa: E402

SCRIPT = HERE.parents[1] / "scripts/requirements"
BUILD_DIR = pathlib.Path("build")


def written(case, name, text):
    folder = tempfile.TemporaryDirectory()
    case.addCleanup(folder.cleanup)
    path = pathlib.Path(folder.name) / name
    path.write_text(text)
    return path


class Citations(unittest.TestCase):
    def test_an_id_in_a_name_is_found(self):
        for name, rows in (("Close.C_11_back_to_time_wait", ["C-11"]),
                           ("Close.K_4_C_5_S_63_again", ["C-5", "S-63"]),
                           ("Close.the_page_shows_S_1", ["S-1"]),
                           ("Walk.FW1_E11_a_fin", ["FW1.E11"]),
                           ("B_2/Walk.a_cell/CLOSED_A01", ["CLOSED.A01"]),
                           ("B_2/Walk.a_cell/TW_T04Late", []),
                           ("Demo.test_D_10_unread", ["D-10"])):
            self.assertEqual(sorted(coverage_tests.citations([name])), sorted(rows), name)

    def test_what_only_looks_like_an_id_is_not(self):
        for name in ("Close.FIN_WAIT_1_E11", "Close.PC_11_x", "Close.C_11a", "Close.C_0",
                     "Close.C_05", "Close.c_11", "B_2/Walk.a_cell/x", "C_11.a_suite",
                     "Close.A_1_golden", "Close.E11", "Close.I_3_K_2_J_12_M_4", "Close.EST_E1",
                     "Close.MTW_E01"):
            self.assertEqual(coverage_tests.citations([name]), {}, name)

    def test_instances_count_one_by_one_only_where_the_parameter_cites(self):
        names = ["P/Walk.H_5_a/EST_E01", "P/Walk.H_5_a/EST_E02"]
        self.assertEqual(coverage_tests.citations(names),
                         {"H-5": ["Walk.H_5_a"], "EST.E01": names[:1], "EST.E02": names[1:]})


class Names(unittest.TestCase):
    def test_tests_in_a_cpp_source_are_found(self):
        text = "TEST(A, C_1_x) {}\nTEST_F(B,\n       D_2_y) {}\nTEST_P( C , E_3_z ) {}\n"
        self.assertEqual(coverage_tests.names_in_cpp(text),
                         ({"A.C_1_x", "B.D_2_y"}, {"C.E_3_z"}))

    def test_what_is_no_test_is_not(self):
        for text in ("// TEST(A, C_1_x)", "/* TEST(A, C_1_x) */", 'say("TEST(A, C_1_x)");',
                     "TEST(A, DISABLED_C_1_x) {}", "TEST(DISABLED_A, C_1_x) {}",
                     "MY_TEST(A, C_1_x)"):
            self.assertEqual(coverage_tests.names_in_cpp(text), (set(), set()), text)

    def test_tests_in_a_python_source_are_found_and_helpers_not(self):
        text = ("def test_alone(x): pass\nclass Demo(unittest.TestCase):\n"
                "    def test_D_10_x(self): pass\n    def helper(self): pass\n")
        self.assertEqual(coverage_tests.names_in_python(text), {"Demo.test_D_10_x"})

    def test_a_listing_is_read_with_its_remarks(self):
        text = "main() from x.cc\nA.\n  C_1_x\nB_1/Walk.\n  cell/EST_E01  # GetParam() = 7\n"
        self.assertEqual(coverage_tests.names_in_listing(text),
                         {"A.C_1_x", "B_1/Walk.cell/EST_E01"})


class Results(unittest.TestCase):
    """One suite of one program, made when the suite began or later."""

    def read(self, cases, age=10, named=True):
        program = written(self, "stack_test", "")
        os.utime(program, (1e9 - age, 1e9 - age))
        files = f'<property name="files:stack" value="{program}"/>' if named else ""
        began = coverage_results.datetime.datetime.fromtimestamp(1e9).isoformat()
        path = written(self, "release.xml",
                       f'<testsuites name="release"><testsuite name="s" timestamp="{began}">'
                       f"<properties>{files}</properties>{cases}</testsuite></testsuites>")
        return coverage_results.read_results(path.parent)

    PASSED = '<testcase classname="stack" name="A.C_1_x"/>'
    FAILED = '<testcase classname="stack" name="A.C_1_x"><failure/></testcase>'
    SKIPPED = '<testcase classname="stack" name="A.C_1_x"><skipped/></testcase>'

    def test_a_result_is_what_it_says(self):
        for case, verdict in ((self.PASSED, "passed"), (self.FAILED, "failed"),
                              (self.SKIPPED, "skipped"), (self.PASSED + self.FAILED, "failed"),
                              (self.FAILED + self.PASSED, "failed"),
                              (self.SKIPPED + self.PASSED, "passed")):
            self.assertEqual(self.read(case), {"A.C_1_x": verdict}, case)

    def test_a_result_older_than_its_program_is_stale(self):
        self.assertEqual(self.read(self.PASSED, age=0), {"A.C_1_x": "passed"})
        self.assertEqual(self.read(self.PASSED, age=-1), {"A.C_1_x": "stale"})

    def test_a_result_of_nobody_knows_what_is_stale(self):
        self.assertEqual(self.read(self.PASSED, named=False), {"A.C_1_x": "stale"})

    def test_a_tap_line_has_its_name_without_the_number(self):
        self.assertEqual(self.read('<testcase classname="stack" name="12 - Demo.test_x"/>'),
                         {"Demo.test_x": "passed"})

    def test_one_bad_instance_spoils_the_whole(self):
        good = '<testcase classname="stack" name="P/Walk.H_5/a"/>'
        bad = '<testcase classname="stack" name="P/Walk.H_5/b"><failure/></testcase>'
        self.assertEqual(self.read(good + bad)["Walk.H_5"], "failed")
        self.assertEqual(self.read(good)["Walk.H_5"], "passed")

    def test_a_row_passes_only_where_all_its_tests_do(self):
        results = {"a": "passed", "b": "failed", "c": "stale", "d": "skipped"}
        for tests, state in ((["a"], "passes"), (["a", "b"], "failed"), (["a", "c"], "stale"),
                             (["a", "gone"], "absent"), (["d"], "skipped"), (["a", "d"], "passes"),
                             (["b", "d"], "failed"),
                             ([], "missing")):
            self.assertEqual(coverage_results.state_of_row(tests, results), state, tests)


class Unproven(unittest.TestCase):
    """scripts/requirements --unproven, with which scripts/test ends."""

    @classmethod
    def setUpClass(cls):
        loader = importlib.machinery.SourceFileLoader("requirements_script", str(SCRIPT))
        cls.script = importlib.util.module_from_spec(
            importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(cls.script)

    def end(self, results, only_unproven=True):
        rows = {name: Row(name, "C", "M", "U", name) for name in ("C-1", "C-2")}
        found = coverage.Coverage(rows, {}, {"C-1": ["a"], "C-2": ["b"]})
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = self.script.print_states(found, results, only_unproven)
        return status, said.getvalue()

    def test_all_rows_pass_and_none_is_listed(self):
        status, said = self.end({"a": "passed", "b": "passed"})
        self.assertEqual(status, 0)
        self.assertNotIn("C-1", said)
        self.assertIn("C-1", self.end({"a": "passed", "b": "passed"}, only_unproven=False)[1])

    def test_a_row_without_a_result_or_with_an_old_one_fails_and_is_listed(self):
        for verdict in ("failed", "stale", "absent"):
            status, said = self.end({"a": "passed", "b": verdict})
            self.assertEqual(status, 1)
            self.assertIn("C-2", said)
            self.assertNotIn("C-1", said)
        self.assertEqual(self.end({"a": "passed"})[0], 1)
        self.assertEqual(self.end({"a": "skipped", "b": "stale"})[0], 1)

    def test_where_every_such_row_was_skipped_it_is_a_skip(self):
        self.assertEqual(self.end({"a": "passed", "b": "skipped"})[0], 77)


class Rows(unittest.TestCase):
    MARKDOWN = """## A. Seed
| ID | Seed statement | Checkable requirement | P | T | Source |
|---|---|---|---|---|---|
| S-1 | Words | M is no priority here | M | U,P | x |
| A.3-1 | a note |
## B. Table
| Ev | Event | CLOSED | SYN-SENT (SYNS) | Source |
|---|---|---|---|---|
| E01 | SYN | RST | open | 9293 |
| A02 | SHUT_WR | error | closed | 9293 |
## C. More
| C-29 | No cache | M | – | history |
| C-7 | One | S | U, W | x |
## I. Not ours
| I-1 | Frames | M | P | 894 |
"""

    def test_the_tables_are_read(self):
        self.assertEqual(
            list(coverage_rows.parse_requirements(self.MARKDOWN).values()),
            [Row("S-1", "A", "M", "U,P"), Row("CLOSED.E01", "B", "M", "U,W"),
             Row("SYNS.E01", "B", "M", "U,W"), Row("CLOSED.A02", "B", "M", "U"),
             Row("SYNS.A02", "B", "M", "U"), Row("C-29", "C", "M", "-"),
             Row("C-7", "C", "S", "U,W")])

    def test_every_difference_is_told(self):
        theirs = {"C-1": Row("C-1", "C", "M", "U"), "C-2": Row("C-2", "C", "M", "U")}
        same = {name: Row(*row.facts, "title") for name, row in theirs.items()}
        self.assertEqual(coverage_rows.differences(same, theirs), [])
        self.assertTrue(coverage_rows.differences({"C-1": same["C-1"]}, theirs))
        self.assertTrue(coverage_rows.differences(same, {"C-1": theirs["C-1"]}))
        self.assertTrue(coverage_rows.differences(dict(reversed(same.items())), theirs))
        changed = same | {"C-2": Row("C-2", "C", "S", "U", "title")}
        self.assertTrue(coverage_rows.differences(changed, theirs))

    def test_a_broken_list_is_refused(self):
        rows = {"C-1": Row("C-1", "C", "M", "U", "t"), "C-2": Row("C-2", "C", "S", "U", "t")}
        for text in ("C-1\n", "C-1 :\n", "C-9 : why\n", "C-2 : why\n", "C-1 : a\nC-1 : b\n"):
            with self.assertRaises(CoverageError, msg=text):
                coverage_rows.read_waiting(written(self, "waiting.txt", text), rows)
        for text in ("", "id\n", f"{coverage_rows.HEAD}\nC-1\tC\tM\tU\n",
                     f"{coverage_rows.HEAD}\nC-1\tC\tM\tU\tt\nC-1\tC\tM\tU\tt\n"):
            with self.assertRaises(CoverageError, msg=text):
                coverage_rows.read_rows(written(self, "rows.tsv", text))


class Committed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.found = coverage.read(BUILD_DIR)

    def test_the_page_is_what_the_tests_say(self):
        self.assertEqual(coverage.PAGE.read_text(encoding="utf-8"), self.found.page(),
                         "mend with: scripts/requirements --update")

    def test_every_cell_of_section_b_is_a_row(self):
        self.assertEqual(sum("." in name for name in self.found.rows), 352)

    def test_every_citation_is_of_a_row(self):
        self.assertEqual([name for name in self.found.cited if name not in self.found.rows], [])

    def test_no_row_waits_but_those_that_were_agreed_on(self):
        self.assertEqual(set(self.found.waiting), {"G-22", "G-23", "G-24", "D-28", "S-77", "C-33",
                                                   "G-37", "G-39", "S-82"})

    def test_a_row_without_test_is_missing_and_a_waiting_one_waits(self):
        row = Row("C-1", "C", "M", "U", "title")
        self.assertEqual(coverage_page.state_of(row, [], {}), "missing")
        self.assertEqual(coverage_page.state_of(row, [], {"C-1": "P4"}), "waits: P4")
        self.assertEqual(coverage_page.state_of(row, ["A.x"], {"C-1": "P4"}), "tested")

    def test_the_rows_are_those_of_the_requirements(self):
        if not coverage.REQUIREMENTS.is_file():
            self.skipTest("a user's clone has no ../shared/requirements.md")
        self.assertEqual([line for line in self.found.problems() if line.startswith("rows")], [])


if __name__ == "__main__":
    BUILD_DIR = pathlib.Path(sys.argv[1])
    tap.main()

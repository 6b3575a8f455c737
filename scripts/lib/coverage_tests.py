"""Which tests there are, and which rows their names cite.

An id stands in a name with underscores: C_11, FW1_E11, S_29. The test's own name counts, and the
name of a parameter (Walk.a_cell/FW1_E11); the suite and the name of the instantiation do not, for
INSTANTIATE_TEST_SUITE_P(B_2, ...) names a chapter and proves nothing.

GoogleTest's names are read from the sources, except that the instances of a TEST_P come from data:
those are asked of the programs, where they are built and no older than their folder.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/tidy"))

import sources  # noqa: E402

STATES = "CLOSED|LISTEN|SYNS|SYNR|EST|CW|FW1|FW2|CLG|LA|TW"
CITED = re.compile(rf"(?<![A-Za-z0-9])(?:(?P<letter>[B-HS])_(?P<number>[1-9]\d*)"
                   rf"|(?P<state>{STATES})_(?P<event>[EATI]\d\d))(?![A-Za-z0-9])")
GTEST = re.compile(r"\b(?P<kind>TEST|TEST_F|TEST_P)\(\s*(?P<suite>\w+)\s*,\s*(?P<test>\w+)\s*\)")
PY_CLASS = re.compile(r"^class (\w+)\(")
PY_TEST = re.compile(r"^    def (test_\w+)\(")


def ids_in(text):
    """The row ids in a piece of a name, as requirements.md spells them."""
    return [f"{match['letter']}-{match['number']}" if match["letter"]
            else f"{match['state']}.{match['event']}" for match in CITED.finditer(text)]


def split_name(name):
    """`Prefix/Suite.test/Parameter` as (`Suite.test`, `test`, `Parameter`)."""
    before, _, rest = name.partition(".")
    test, _, parameter = rest.partition("/")
    return f"{before.split('/')[-1]}.{test}", test, parameter


def citations(names):
    """{row id: names}: an id in the test's own name is cited by all its instances, written as one;
    an id in a parameter's name by that instance."""
    cited = {}
    for name in names:
        whole, test, parameter = split_name(name)
        for row in ids_in(test):
            cited.setdefault(row, set()).add(whole)
        for row in ids_in(parameter):
            cited.setdefault(row, set()).add(name)
    return {row: sorted(tests) for row, tests in cited.items()}


# ---- names in sources ----

def names_in_cpp(text):
    """(names of TEST and TEST_F, names of TEST_P); disabled ones are none."""
    plain, parametrised = set(), set()
    for match in GTEST.finditer(sources.without(text)):
        if "DISABLED_" in match["suite"] + match["test"]:
            continue
        into = parametrised if match["kind"] == "TEST_P" else plain
        into.add(f"{match['suite']}.{match['test']}")
    return plain, parametrised


def names_in_python(text):
    names, suite = set(), None
    for line in text.splitlines():
        if match := PY_CLASS.match(line):
            suite = match.group(1)
        elif suite and (match := PY_TEST.match(line)):
            names.add(f"{suite}.{match.group(1)}")
    return names


def names_in_sources():
    """(names of tests, names of TEST_P) of the tree, new files included."""
    plain, parametrised = set(), set()
    for path in (ROOT / "tests").rglob("*_test.*"):
        if path.suffix == ".cpp":
            tests, instantiated = names_in_cpp(path.read_text(encoding="utf-8"))
            plain |= tests
            parametrised |= instantiated
        elif path.suffix == ".py":
            plain |= names_in_python(path.read_text(encoding="utf-8"))
    return plain, parametrised


# ---- names that programs tell ----

def names_in_listing(text):
    """`--gtest_list_tests`: suites at the margin, tests indented, remarks behind #."""
    names, suite = set(), ""
    for line in text.splitlines():
        word = line.partition("#")[0].strip()
        if not line.startswith(" "):
            suite = word
        elif suite.endswith(".") and word and "DISABLED_" not in suite + word:
            names.add(suite + word)
    return names


def current_programs(build_dir):
    """The GoogleTest programs of a build that are no older than anything in their test's folder."""
    listing = pathlib.Path(build_dir) / "meson-info/intro-tests.json"
    if not listing.is_file():
        return []
    tests = json.loads(listing.read_text())
    programs = {pathlib.Path(test["cmd"][0]) for test in tests if test.get("protocol") == "gtest"}
    return sorted(path for path in programs if path.is_file() and not outdated(path))


def outdated(program):
    folder = ROOT / "tests" / program.parent.name
    return any(source.stat().st_mtime > program.stat().st_mtime
               for source in folder.rglob("*") if source.is_file() and source.suffix != ".pyc")


def instances(build_dir, parametrised):
    """{name of a TEST_P: its instances} of those that the build's programs know."""
    found = {}
    for program in current_programs(build_dir):
        listed = subprocess.run([str(program), "--gtest_list_tests"], capture_output=True,
                                text=True)
        for name in names_in_listing(listed.stdout):
            whole = split_name(name)[0]
            if whole in parametrised and "/" in name:
                found.setdefault(whole, set()).add(name)
    return found


def all_names(build_dir, remembered=()):
    """Every test. The instances of a TEST_P that no current program tells are those of
    `remembered`, the names that the committed page has."""
    plain, parametrised = names_in_sources()
    known = instances(build_dir, parametrised)
    names = set(plain)
    for whole in parametrised:
        names |= known.get(whole, {name for name in remembered if split_name(name)[0] == whole})
        names.add(whole)
    return names

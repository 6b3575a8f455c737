"""What the suites found, test by test, over every build in build/results.

results.py notes beside each suite when it began, and which files each of its tests was made of. A
result that is older than one of them is none: the program may be another by now.
"""

import datetime
import os
import pathlib
import re
import xml.etree.ElementTree as ElementTree

from coverage_tests import split_name

# From best to worst; a test is as good as its worst result, and skipped counts where it is all.
ORDER = ("skipped", "passed", "absent", "stale", "failed")


def files_of(suite):
    """{test's name: the files that its command names} as the properties of a suite have them."""
    return {entry.get("name").removeprefix("files:"):
            [pathlib.Path(path) for path in entry.get("value").split(os.pathsep)]
            for entry in suite.iterfind("properties/property")
            if entry.get("name").startswith("files:")}


def is_stale(suite, files):
    """Was one of the files made, or removed, after the suite began? Where none is named it is."""
    if not files or not suite.get("timestamp"):
        return True
    began = datetime.datetime.fromisoformat(suite.get("timestamp")).timestamp()
    return not all(path.is_file() and path.stat().st_mtime <= began for path in files)


def verdict_of(case, stale):
    if stale:
        return "stale"
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def plain_name(name):
    """TAP's `12 - Class.test` without its number."""
    return re.sub(r"^\d+ - ", "", name)


def read_results(folder):
    """{full name: worst verdict of all builds}; a TEST_P stands there as a whole, too."""
    results = {}
    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        for suite in ElementTree.parse(path).getroot().iter("testsuite"):
            files = files_of(suite)
            for case in suite.findall("testcase"):
                stale = is_stale(suite, files.get(case.get("classname")))
                name = plain_name(case.get("name"))
                for key in {name, split_name(name)[0]}:
                    worst = [verdict_of(case, stale), results.get(key, "skipped")]
                    results[key] = max(worst, key=ORDER.index)
    return results


def state_of_row(tests, results):
    """`passes`, or what the worst of the citing tests is; `missing` where there is none. One that was
    skipped takes nothing from another that passed: whether it might be, tests/skips.txt says."""
    if not tests:
        return "missing"
    worst = max((results.get(test, "absent") for test in tests), key=ORDER.index)
    return "passes" if worst == "passed" else worst

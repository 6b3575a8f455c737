#!/usr/bin/env python3
"""Counts what the tests of several builds found, and writes it down as JUnit XML.

    results.py collect BUILD_DIR LABEL OUT.xml    after `meson test`: one build's results
    results.py broken LABEL WHAT OUT.xml          instead: the build itself failed
    results.py check LABEL NAME OUT.xml COMMAND.. a command that is one test: 0, or 77 for a skip
    results.py sum SKIPS.txt XML...               all builds together; the last line is the count

A GoogleTest case, a TAP line and a plain program count as one each. A program that ends badly though
all its cases passed (a sanitizer's report at exit, a crash) is one failure more. A skip counts as a
failure unless SKIPS.txt excuses it: lines of `PATTERN : REASON`, where PATTERN is a shell pattern
over LABEL/TEST/CASE as they are printed here.
"""

import datetime
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
MOST_LINES = 400
GOOD_ENDS = {"OK", "SKIP", "EXPECTEDFAIL"}


def read_runs(path):
    """Meson's log has a line of JSON per program; it may say `PROJECT:SUITE / NAME` for NAME."""
    runs = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    for run in runs:
        run["name"] = run["name"].split(" / ")[-1]
    return runs


def suite_of_test(build_dir):
    tests = json.loads((build_dir / "meson-info/intro-tests.json").read_text())
    return {test["name"]: test["suite"][0].split(":")[-1] for test in tests}


def cases_by_test(junit_path, names):
    """Meson names a JUnit suite PROJECT.TEST[.GTEST_SUITE], or PROJECT for plain programs.

    Here too, TEST may be written as `PROJECT:SUITE / TEST`.
    """
    cases = {name: [] for name in names}
    for suite in ElementTree.parse(junit_path).getroot().iter("testsuite"):
        _, _, rest = suite.get("name").partition(".")
        test_of_suite, _, inner = rest.split(" / ")[-1].partition(".")
        for case in suite.findall("testcase"):
            test = test_of_suite or case.get("name").split(" / ")[-1]
            prefix = inner + "." if inner else ""
            cases.setdefault(test, []).append((prefix + case.get("name"), case))
    return cases


def new_case(parent, test, name, seconds="0"):
    return ElementTree.SubElement(parent, "testcase", classname=test, name=name, time=seconds)


def add_failure(case, message, text=""):
    failure = ElementTree.SubElement(case, "failure", message=message)
    failure.text = text


def copy_case(parent, test, name, case):
    copy = new_case(parent, test, name, case.get("time", "0"))
    if case.get("status") == "notrun":
        ElementTree.SubElement(copy, "skipped", message="disabled")
    for kind in ("failure", "error", "skipped"):
        for finding in case.findall(kind):
            if kind == "skipped":
                ElementTree.SubElement(copy, "skipped", message=finding.get("message", ""))
            else:
                add_failure(copy, finding.get("message", kind), finding.text or "")
    return copy


def append_test(suite, run, cases):
    bad_cases = 0
    for name, case in cases:
        copy = copy_case(suite, run["name"], name, case)
        bad_cases += copy.find("failure") is not None
    ended_well = run["result"] in GOOD_ENDS
    if not cases or (not ended_well and bad_cases == 0):
        program = new_case(suite, run["name"], "the program itself", str(run["duration"]))
        if run["result"] == "SKIP":
            ElementTree.SubElement(program, "skipped", message="exit code 77")
        elif not ended_well:
            output = (run.get("stdout") or "")[-8000:] + (run.get("stderr") or "")[-8000:]
            add_failure(program, f"{run['result']}, exit code {run['returncode']}", output)
        elif not cases and "--gtest_output" in " ".join(run["command"]):
            add_failure(program, "a GoogleTest program that ran no test")


def note_origin(suite, runs):
    """When the suite began, and of which files of ours each test was made: scripts/requirements
    takes no result that is older than they are."""
    began = datetime.datetime.fromtimestamp(min(run["starttime"] for run in runs))
    suite.set("timestamp", began.isoformat())
    properties = ElementTree.Element("properties")
    for run in runs:
        words = [pathlib.Path(word).resolve() for word in run["command"] if word.startswith("/")]
        ours = [str(path) for path in words if path.is_relative_to(ROOT) and path.is_file()]
        ElementTree.SubElement(properties, "property", name=f"files:{run['name']}",
                               value=os.pathsep.join(ours))
    suite.insert(0, properties)


def collect(build_dir, label, out):
    build_dir = pathlib.Path(build_dir)
    runs = read_runs(build_dir / "meson-logs/testlog.json")
    suites = suite_of_test(build_dir)
    cases = cases_by_test(build_dir / "meson-logs/testlog.junit.xml", [run["name"] for run in runs])
    root = ElementTree.Element("testsuites", name=label)
    elements = {}
    for run in sorted(runs, key=lambda run: list(suites).index(run["name"])):
        name = suites[run["name"]]
        if name not in elements:
            elements[name] = ElementTree.SubElement(root, "testsuite", name=f"{label}/{name}")
        suite = elements[name]
        suite.set("time", f"{float(suite.get('time', '0')) + run['duration']:.2f}")
        append_test(suite, run, cases[run["name"]])
    for name, suite in elements.items():
        note_origin(suite, [run for run in runs if suites[run["name"]] == name])
    write(root, out)


def broken(label, what, out):
    root = ElementTree.Element("testsuites", name=label)
    suite = ElementTree.SubElement(root, "testsuite", name=f"{label}/build", time="0")
    add_failure(new_case(suite, "build", what), what)
    write(root, out)


def check(label, name, out, command):
    """What the command says is printed where it does not pass; the first lines and
    the last one, where it is very long."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    root = ElementTree.Element("testsuites", name=label)
    suite = ElementTree.SubElement(root, "testsuite", name=f"{label}/{name}", time="0")
    case = new_case(suite, name, " ".join(command))
    lines = done.stdout.splitlines() or ["it said nothing"]
    if done.returncode == SKIPPED:
        ElementTree.SubElement(case, "skipped", message=lines[-1])
    elif done.returncode != 0:
        add_failure(case, lines[-1], done.stdout)
    if done.returncode != 0:
        print("\n".join(lines[:MOST_LINES] + lines[MOST_LINES:][-1:]))
    write(root, out)


def counts_of(suite):
    cases = suite.findall("testcase")
    failed = sum(case.find("failure") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return len(cases) - failed - skipped, failed, skipped


def write(root, out):
    for suite in root.findall("testsuite"):
        passed, failed, skipped = counts_of(suite)
        suite.set("tests", str(passed + failed + skipped))
        suite.set("failures", str(failed))
        suite.set("skipped", str(skipped))
        suite.set("errors", "0")
        print(f"  {suite.get('name'):24} {passed:6} passed {failed:4} failed {skipped:4} skipped"
              f" {float(suite.get('time')):8.1f} s")
    path = pathlib.Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def read_excuses(path):
    excuses = {}
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        pattern, colon, reason = line.partition(" : ")
        if not colon or not reason.strip():
            sys.exit(f"{path}:{number}: expected `PATTERN : REASON`, found `{line}`")
        excuses[pattern.strip()] = reason.strip()
    return excuses


def excuse_for(name, excuses):
    return next((reason for pattern, reason in excuses.items() if fnmatch.fnmatch(name, pattern)),
                None)


def judge(label, case, excuses):
    """passed, failed or skipped; says what the reader must know."""
    name = f"{label}/{case.get('classname')}/{case.get('name')}"
    failure = case.find("failure")
    if failure is not None:
        print(f"FAILED  {name}: {failure.get('message', '').splitlines()[0][:200]}"
              if failure.get("message") else f"FAILED  {name}")
        return "failed"
    skip = case.find("skipped")
    if skip is None:
        return "passed"
    reason = excuse_for(name, excuses)
    if reason is None:
        print(f"FAILED  {name}: skipped, and tests/skips.txt does not excuse it"
              f" ({skip.get('message', '').strip()})")
        return "failed"
    print(f"skipped {name}: {reason}")
    return "skipped"


def sum_up(skips, paths):
    excuses = read_excuses(skips)
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for path in paths:
        root = ElementTree.parse(path).getroot()
        for case in root.iter("testcase"):
            totals[judge(root.get("name"), case, excuses)] += 1
    if not any(totals.values()):
        print("FAILED  nothing ran at all")
        totals["failed"] = 1
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if totals["failed"] else 0


def main(arguments):
    match arguments:
        case ["collect", build_dir, label, out]:
            return collect(build_dir, label, out)
        case ["broken", label, what, out]:
            return broken(label, what, out)
        case ["check", label, name, out, *command] if command:
            return check(label, name, out, command)
        case ["sum", skips, *paths]:
            return sum_up(skips, paths)
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

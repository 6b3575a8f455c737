"""Runs a unittest module and reports each case as a TAP line, which meson counts one by one.

    if __name__ == "__main__":
        tap.main()                       # as unittest.main(), arguments after it are the module's

What a test prints goes to stderr; stdout belongs to TAP.
"""

import sys
import unittest


class TapResult(unittest.TestResult):
    def __init__(self, stream):
        super().__init__()
        self._stream = stream
        self._bad_subtests = 0

    def _line(self, good, test, remark=""):
        verdict = "ok" if good else "not ok"
        name = test.id().split(".", 1)[-1].replace("#", " ")
        print(f"{verdict} {self.testsRun} - {name}{remark}", file=self._stream, flush=True)

    def _explain(self, test, error):
        print(self._exc_info_to_string(error, test), file=sys.stderr, flush=True)

    def startTest(self, test):
        super().startTest(test)
        self._bad_subtests = 0

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._bad_subtests += 1
            print(f"in {subtest}:", file=sys.stderr)
            self._explain(test, err)

    def stopTest(self, test):
        if self._bad_subtests:
            self._line(False, test)
        super().stopTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._line(True, test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line(False, test)
        self._explain(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        if not isinstance(test, unittest.TestCase):
            self.testsRun += 1  # setUpClass or setUpModule failed: one line stands for the class
        self._line(False, test)
        self._explain(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line(True, test, f" # SKIP {reason}")


def main(module="__main__"):
    """Runs every TestCase of `module`; exits 0 whatever the verdicts, for TAP carries
    them; 1 where there was nothing to run."""
    tests = unittest.defaultTestLoader.loadTestsFromName(module)
    stream, sys.stdout = sys.stdout, sys.stderr
    print(f"1..{tests.countTestCases()}", file=stream, flush=True)
    result = TapResult(stream)
    tests.run(result)
    sys.exit(0 if result.testsRun > 0 else 1)

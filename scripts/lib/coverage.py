"""The rows, the waiting list, the tests and the committed page, put together."""

import pathlib
from dataclasses import dataclass

import coverage_page
import coverage_rows
import coverage_tests

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = ROOT / "docs/coverage/rows.tsv"
WAITING = ROOT / "docs/coverage/waiting.txt"
PAGE = ROOT / "docs/coverage/README.md"
# The project's own text; a user's clone has none.
REQUIREMENTS = ROOT.parent / "shared/requirements.md"


@dataclass
class Coverage:
    rows: dict     # {id: Row}
    waiting: dict  # {id: reason}
    cited: dict    # {id: names of tests}

    def must(self):
        """The rows that must have tests now."""
        return [row for row in self.rows.values()
                if row.priority == "M" and row.id not in self.waiting]

    def page(self):
        return coverage_page.page(self.rows, self.cited, self.waiting)

    def problems(self):
        """What is wrong with the lists themselves."""
        found = [f"{tests[0]} cites {name}, which is no row" for name, tests in self.cited.items()
                 if name not in self.rows]
        if REQUIREMENTS.is_file():
            theirs = coverage_rows.parse_requirements(REQUIREMENTS.read_text(encoding="utf-8"))
            found += [f"rows.tsv: {line}" for line in coverage_rows.differences(self.rows, theirs)]
        return found


def read(build_dir):
    rows = coverage_rows.read_rows(ROWS)
    waiting = coverage_rows.read_waiting(WAITING, rows)
    committed = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    names = coverage_tests.all_names(build_dir, coverage_page.names_on(committed))
    return Coverage(rows, waiting, coverage_tests.citations(names))

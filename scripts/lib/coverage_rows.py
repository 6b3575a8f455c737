"""The rows of the requirements: what must be tested, as data.

docs/coverage/rows.tsv is the committed list: id, section, priority, how to check, and a title in
our words. requirements.md itself, where it is at hand, is read only to see that the list is true.
"""

import pathlib
import re
from dataclasses import dataclass

SECTIONS = "ABCDEFGH"
HEAD = "id\tsection\tpriority\tcheck\ttitle"


class CoverageError(Exception):
    """A committed list that cannot be read."""


@dataclass(frozen=True)
class Row:
    id: str       # as requirements.md spells it: C-11, FW1.E11
    section: str  # A to H
    priority: str  # M, S or O
    check: str    # U, W, P, N, B; several with commas; - where nothing is said
    title: str = ""

    @property
    def facts(self):
        return self.id, self.section, self.priority, self.check


def read_rows(path):
    """The committed list, {id: Row}, in its order."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    if not lines or lines[0] != HEAD:
        raise CoverageError(f"{path}:1: expected the columns {HEAD.split()}")
    rows = {}
    for number, line in enumerate(lines[1:], 2):
        fields = line.split("\t")
        if len(fields) != 5 or not all(fields) or fields[0] in rows:
            raise CoverageError(f"{path}:{number}: five fields and a new id, not `{line}`")
        rows[fields[0]] = Row(*fields)
    return rows


def read_waiting(path, rows):
    """{id: reason} of `ID : REASON` lines; each is an M row."""
    waiting = {}
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, reason = (part.strip() for part in line.partition(" : "))
        if not colon or not reason or name in waiting:
            raise CoverageError(f"{path}:{number}: expected `ID : REASON`, found `{line}`")
        if name not in rows or rows[name].priority != "M":
            raise CoverageError(f"{path}:{number}: {name} is no row marked M")
        waiting[name] = reason
    return waiting


# ---- requirements.md ----

PRIORITY = re.compile(r"[MSO]")
CHECK = re.compile(r"[UWPNB–-](,\s*[UWPNB])*")
ROW_ID = re.compile(r"[A-H]-\d+|S-\d+")
EVENT = re.compile(r"[EATI]\d\d")


def state_of_column(name):
    """`SYN-SENT (SYNS)` and `CLOSED` as cell ids begin with them."""
    inside = re.search(r"\((\w+)\)", name)
    return inside.group(1) if inside else name.strip()


def row_of(section, cells):
    """A table's line as a Row; the priority is the last cell but some that is M, S or O alone."""
    places = [i for i in range(1, len(cells) - 1)
              if PRIORITY.fullmatch(cells[i]) and CHECK.fullmatch(cells[i + 1])]
    if not ROW_ID.fullmatch(cells[0]) or not places:
        return None
    check = cells[places[-1] + 1].replace(" ", "").replace("–", "-")
    return Row(cells[0], section, cells[places[-1]], check)


def cells_of_event(cells, states):
    """Section B: one row per state; E events are checked on the wire too."""
    check = "U,W" if cells[0].startswith("E") else "U"
    return [Row(f"{state}.{cells[0]}", "B", "M", check) for state in states]


def parse_requirements(text):
    """{id: Row without title} of sections A to H."""
    rows, section, states = {}, None, []
    for line in text.splitlines():
        if heading := re.match(r"## (\w)\b", line):
            section, states = heading.group(1), []
        if section is None or section not in SECTIONS or not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if section == "B" and cells[0] == "Ev":
            states = [state_of_column(name) for name in cells[2:-1]]
        found = (cells_of_event(cells, states) if section == "B" and EVENT.fullmatch(cells[0])
                 else [row_of(section, cells)])
        rows |= {row.id: row for row in found if row}
    return rows


def differences(ours, theirs):
    """What the committed list says otherwise than requirements.md, in sentences."""
    lines = [f"{name} is missing from the list" for name in theirs if name not in ours]
    lines += [f"{name} is no row of the requirements" for name in ours if name not in theirs]
    lines += [f"{name}: the list says {ours[name].facts[1:]}, the requirements {row.facts[1:]}"
              for name, row in theirs.items() if name in ours and ours[name].facts != row.facts]
    if not lines and list(ours) != list(theirs):
        lines.append("the order differs")
    return lines

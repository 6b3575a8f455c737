"""The committed mutants: what each changes in the production source, and why that must be noticed.

A mutant is a search text and its replacement, in tests/mutants/*.toml. The search text must stand
in its files exactly once, so that an edit elsewhere moves nothing, and one of the line is told.
"""

import pathlib
import tomllib
from dataclasses import dataclass

PROOFS = ("trace", "walk", "sim", "model")
REQUIRED = ("name", "requirement", "why", "file", "find", "replace", "expected")
CHOSEN = ("rfc-text", "source")  # from the RFC's text without a look at the tests, or from the code


class MutantError(Exception):
    """A mutant that is written wrongly, or that no longer applies."""


@dataclass(frozen=True)
class Mutant:
    name: str
    requirement: str  # a row of requirements.md, or a cell of its section B
    why: str          # one sentence: what is broken
    file: str         # a path, or a shell pattern over several, one of which has the text
    find: str
    replace: str
    expected: tuple   # the proofs that should catch it
    chosen: str = "source"


def read_mutant(table, path):
    """One [[mutant]] of a file."""
    missing = [key for key in REQUIRED if not table.get(key) and key != "replace"]
    if missing or "replace" not in table:
        raise MutantError(f"{path}: {table.get('name', 'a mutant')} lacks {missing or 'replace'}")
    unknown = set(table) - set(REQUIRED) - {"chosen"}
    if unknown:
        raise MutantError(f"{path}: {table['name']} has {sorted(unknown)}, which mean nothing")
    mutant = Mutant(**{**table, "expected": tuple(table["expected"])})
    if not set(mutant.expected) <= set(PROOFS) or mutant.chosen not in CHOSEN:
        raise MutantError(f"{path}: {mutant.name}: expected is of {PROOFS}, chosen of {CHOSEN}")
    if mutant.find == mutant.replace:
        raise MutantError(f"{path}: {mutant.name} changes nothing")
    return mutant


def read_all(folder):
    """Every mutant of the folder's files, in the order of files and lines; the names are unique."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise MutantError(f"{path}: {error}") from error
        if set(tables) != {"mutant"}:
            raise MutantError(f"{path}: expected [[mutant]] tables and nothing else")
        found += [read_mutant(table, path.name) for table in tables["mutant"]]
    names = [mutant.name for mutant in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice or not found:
        raise MutantError(f"{folder}: names used twice: {sorted(twice)}" if twice
                          else f"{folder}: no mutants")
    return found


def applied(mutant, root):
    """(the file's path under `root`, its text with the mutant in it)."""
    found = [(path, path.read_text(encoding="utf-8"))
             for path in sorted(pathlib.Path(root).glob(mutant.file))]
    count = sum(text.count(mutant.find) for _, text in found)
    if count != 1:
        raise MutantError(f"{mutant.name} no longer applies: its search text stands {count} times"
                          f" in {mutant.file}")
    path, text = next((path, text) for path, text in found if mutant.find in text)
    return str(path.relative_to(root)), text.replace(mutant.find, mutant.replace)

"""callgrind.out: what calls of a function cost, by event, callees included.

Only calls are read: a line `calls=`, and the one behind it, whose costs are those of the callee
with all that it called. A function's inclusive cost is the sum of the calls from elsewhere.
"""

import re

NAME = re.compile(r"(c?fn)=\((\d+)\)(?: (.*))?")


class CallgrindError(Exception):
    """A file that is none of callgrind's, or lacks a function that is asked for."""


def plain(name):
    """A function's qualified name, without arguments and clone: a::f(int) const [clone .cold] is
    a::f. What is within a function, as a lambda, keeps its whole name."""
    text = re.sub(r" \[clone [^]]*\]", "", name).replace("(anonymous namespace)", "{anonymous}")
    text = text.removeprefix("non-virtual thunk to ")
    start = text.find("(")
    if start < 0:
        return text
    depth = 0
    for end, letter in enumerate(text[start:], start):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return text[:start] if text[end + 1:] in ("", " const") else text
    return text


class Profile:
    """The calls of one file: (caller, callee) to costs by event."""

    def __init__(self, text):
        self.events = []
        self.calls = {}
        self._read(text)

    def _read(self, text):
        names = {}
        positions = 1
        here = callee = None
        follows_call = False
        for line in text.splitlines():
            if line.startswith("positions:"):
                positions = len(line.split()) - 1
            elif line.startswith("events:"):
                self.events = line.split()[1:]
            elif found := NAME.match(line):
                kind, number, name = found.groups()
                if name is not None:
                    names[number] = plain(name)
                if kind == "fn":
                    here = names[number]
                else:
                    callee = names[number]
            elif line.startswith("calls="):
                follows_call = True
            elif follows_call:
                self._add(here, callee, line.split()[positions:])
                follows_call = False
        if not self.events:
            raise CallgrindError("no events: this is no file of callgrind's")

    def _add(self, caller, callee, costs):
        sums = self.calls.setdefault((caller, callee), dict.fromkeys(self.events, 0))
        for event, cost in zip(self.events, costs):  # zeros at the end are left out
            sums[event] += int(cost)

    def inclusive(self, wanted):
        """The costs of all calls into `wanted`, a plain name or a function of one, from outside."""
        inside = wanted if callable(wanted) else (lambda name: name == wanted)
        sums = dict.fromkeys(self.events, 0)
        found = False
        for (caller, callee), costs in self.calls.items():
            if not inside(callee) or inside(caller):
                continue
            found = True
            for event, cost in costs.items():
                sums[event] += cost
        if not found:
            raise CallgrindError(f"nothing calls {wanted}: is it inlined, or nothing collected?")
        return sums

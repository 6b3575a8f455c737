"""The rules about text. Each takes a path and its text, and returns findings as `path:line: why`."""

import re

from sources import PURE_FOLDERS, lines_with, without

# Who may include whom, as in docs/architecture.md. A name is a folder, `lastack` is
# include/lastack, `dpdk` any of DPDK's headers; a path with a dot is that one file. A folder may
# always include itself.
MAY_INCLUDE = {
    "include": {"lastack"},
    "base": set(),
    "wire": {"base"},
    "time": {"base"},
    "table": {"base", "wire"},
    "tcp": {"base", "wire", "time"},
    "ip": {"base", "wire", "time"},
    "stack": {"base", "wire", "time", "table", "tcp", "ip", "lastack"},
    "socket": {"stack", "base", "wire", "time", "lastack"},
    "sim": {"socket", "stack", "base", "wire", "time", "lastack"},
    "port": {"base", "wire", "dpdk"},
    "worker": {"stack", "port", "base", "wire", "time", "lastack", "dpdk"},
    "service": {"lastack"},
    "control/ladder": {"base", "wire", "time", "tcp/state.hpp", "lastack"},
    "control/cli": {"base", "wire", "time", "tcp/state.hpp", "lastack", "control/ladder"},
    "control": {"control/ladder", "control/cli", "worker", "port", "stack/read.hpp", "service",
                "base", "wire", "time", "tcp/state.hpp", "lastack", "dpdk"},
}

# Standard headers that would bring a clock, I/O, threads or hidden allocation into the pure core,
# or that gcc 12 does not have.
NOT_IN_PURE_CORE = {
    "iostream", "istream", "ostream", "fstream", "sstream", "filesystem", "iomanip", "thread",
    "mutex", "shared_mutex", "condition_variable", "future", "ctime", "random", "regex",
    "deque", "list", "map", "set", "unordered_map", "unordered_set", "format", "expected",
    "unistd.h", "time.h", "sys/time.h", "pthread.h",
}
INTRINSICS = {"cpuid.h", "immintrin.h", "emmintrin.h", "nmmintrin.h", "wmmintrin.h",
              "x86intrin.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
OUR_FOLDERS = {name for name in MAY_INCLUDE if "/" not in name} - {"include"} | {"lastack"}


def folder_of(path):
    """The row of the table that a file belongs to; None where no row is about it."""
    parts = path.split("/")
    if parts[0] == "include":
        return "include"
    if parts[0] == "dataplane" and len(parts) > 2:
        return parts[1]
    if parts[0] == "control":
        two = "/".join(parts[:2])
        return two if two in MAY_INCLUDE else "control"
    return None


def folder_of_include(name):
    """Where an #include leads: a row's name, `lastack`, `dpdk`, or None for the system's."""
    first = name.split("/")[0]
    if first == "control":
        return folder_of(name)
    if first in OUR_FOLDERS:
        return first
    return "dpdk" if re.match(r"(rte_|dpdk/|bus_\w+_driver|ethdev_)", name) else None


def pure(path):
    return folder_of(path) in PURE_FOLDERS


def check_one_include(path, mark, name):
    """Why this include may not stand there, or None."""
    own, target = folder_of(path), folder_of_include(name)
    granted = MAY_INCLUDE.get(own, set())
    if own is None:
        return f"no row of the table is about {path}"
    if target is None and mark == '"':
        return f'"{name}" names no folder of ours: write its folder, or <> for the system\'s'
    if target is None:
        return forbidden_header(path, name)
    if target == own or target in granted or name in granted or own == "include" == target:
        return None
    return f"{own} may not include {name}"


def forbidden_header(path, name):
    if not pure(path):
        return None
    if name in NOT_IN_PURE_CORE:
        return f"<{name}> has no place in the pure core"
    if ("." in name or "/" in name) and name not in INTRINSICS:
        return f"<{name}> is not a standard C++ header"
    return None


def check_includes(path, text):
    findings = []
    for number, line in enumerate(without(text, strings=False).splitlines(), 1):
        match = INCLUDE.match(line)
        why = match and check_one_include(path, match.group(1), match.group(2))
        if why:
            findings.append(f"{path}:{number}: {why}")
    return findings


def check_rte(path, text):
    """`rte_` in any place, comments included, says that somebody leans on DPDK."""
    if folder_of(path) in ("port", "worker", "control"):
        return []
    return [f"{path}:{number}: rte_ belongs under port/, worker/ and control/ only"
            for number, _ in lines_with(r"\brte_", text)]


FOREIGN = re.compile(r"//.*\bforeign: \S+")
CASE_LABEL = re.compile(r"\bcase\s+([^:;{}]+(?:::[^:;{}]+)*)\s*:(?!:)")
NO_ENUMERATOR = re.compile(r"(.*::)?k[A-Z]\w*|[A-Z][A-Z0-9_]*|\s*|-?\d.*")


def labels_of_switch_around(code, position):
    """The case labels of the innermost braces around `position`, inner blocks left out."""
    start, depth = position, 0
    while start > 0 and depth >= 0:
        start -= 1
        depth += {"}": 1, "{": -1}.get(code[start], 0)
    block, depth = [], 0
    for character in code[start + 1:]:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
        block.append(character if depth == 0 and character != "}" else " ")
    return [label.strip() for label in CASE_LABEL.findall("".join(block))]


def check_default(path, text):
    """A `default:` hides a new enumerator from -Wswitch-enum.

    A switch whose labels are constants, literals or macros is over no enum of ours; any other says
    which foreign type it is over.
    """
    code, original, findings = without(text), text.splitlines(), []
    for match in re.finditer(r"\bdefault\s*:(?!:)", code):
        number = code.count("\n", 0, match.start()) + 1
        labels = labels_of_switch_around(code, match.start())
        plain = labels and all(NO_ENUMERATOR.fullmatch(label) for label in labels)
        if not plain and not FOREIGN.search(original[number - 1]):
            findings.append(f"{path}:{number}: name the enumerators; if the type is not ours, say "
                            f"so on this line: `// foreign: TYPE`")
    return findings


def check_unfinished(path, text):
    return [f"{path}:{number}: unfinished work is a row in docs/coverage, not a mark in the code"
            for number, _ in lines_with(r"\b(TODO|FIXME|XXX)\b|^\s*#\s*if\s+0\b", text)]


def check_clock(path, text):
    """nm finds the calls of libc; these are instructions or inline and would escape it."""
    if not pure(path):
        return []
    pattern = r"\brdtscp?\b|__builtin_ia32_rdtsc|\w*_clock::now\b|\bclock_gettime\b"
    return [f"{path}:{number}: the pure core is told what time it is"
            for number, _ in lines_with(pattern, without(text))]


def check_pragma_once(path, text):
    if not path.endswith(".hpp") or re.search(r"^#pragma once$", text, re.MULTILINE):
        return []
    return [f"{path}:1: a header begins with #pragma once"]


def check_head_comment(path, text):
    if not path.endswith(".hpp") or text.startswith("//"):
        return []
    return [f"{path}:1: a header opens with what it is (docs/style.md)"]

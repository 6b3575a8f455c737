"""What the object code of the pure core calls: no clock, and no allocation after start.

Looks at the archives of a build without LTO, where calls stand in the object files as symbols.
"""

import pathlib
import re
import subprocess

FORBIDDEN = re.compile(
    r"(malloc|calloc|realloc|free|aligned_alloc|posix_memalign|strdup"
    r"|operator (new|delete)(\[\])?\(.*\)"
    r"|clock_gettime|gettimeofday|time|clock|nanosleep|usleep|ftime"
    r"|std::chrono::.*::now\(\)"
    r"|getrandom|rand|random|std::random_device::.*"
    r"|open|read|write|socket|send|recv|ioctl|mmap"
    r")(@.*)?")
RDTSC = re.compile(r"\brdtscp?\b")
OBJECT = re.compile(r"^(?P<object>\S+\.o):(\s|$)")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def forbidden_symbols(archive):
    """(object file, symbol) for every undefined symbol that the pure core must not need."""
    found, member = [], None
    for line in run("nm", "-C", "--undefined-only", str(archive)).splitlines():
        if line.endswith(".o:"):
            member = line[:-1].split("/")[-1]  # meson's thin archives name members by path
            continue
        symbol = re.sub(r"^\s*[UwvV] ", "", line).strip()
        if FORBIDDEN.fullmatch(symbol):
            found.append((member, symbol))
    return found


def clock_instructions(archive):
    """(object file, instruction) for every reading of the CPU's own clock."""
    found, member = [], None
    for line in run("objdump", "-d", "--no-show-raw-insn", str(archive)).splitlines():
        match = OBJECT.match(line)
        if match:
            member = match.group("object").split("/")[-1]
        elif (instruction := RDTSC.search(line)):
            found.append((member, instruction.group(0)))
    return found


def findings(archive):
    return sorted(set(forbidden_symbols(archive) + clock_instructions(archive)))


def read_excuses(path):
    """[(folder, meson's name of the object file, symbol's beginning)] of the list."""
    excuses = []
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        what, _, reason = line.partition(" : ")
        name, _, symbol = what.strip().partition(" ")
        folder, _, source = name.partition("/")
        if not source or not reason.strip():
            raise ValueError(f"{path}:{number}: expected `FOLDER/FILE.cpp [SYMBOL] : REASON`")
        excuses.append((folder, source.replace("/", "_") + ".o", symbol))
    return excuses


def excuses(excuse, finding):
    """Does this line of the list stand for that (folder, object file, symbol)?"""
    return excuse[:2] == finding[:2] and finding[2].startswith(excuse[2])

#!/usr/bin/env python3
"""Programs ask the CPU first, and what asks uses nothing that an old CPU lacks; objdump says so.

    cpu_guard_test.py PROGRAM...
"""

import pathlib
import re
import subprocess
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "support")]

import tap  # noqa: E402

PROGRAMS = []
GUARD = re.compile(r"lastack_cpu_guard|lastack::base::(cpu_words|first_missing|refuse_cpu)\(.*\)")
# AVX and all that is like it begins with v; the others change the general registers.
TOO_NEW = re.compile(r"\b(v[a-z0-9]+|(andn|bextr|blsi|blsr|blsmsk|bzhi|lzcnt|tzcnt|movbe|mulx|pdep"
                     r"|pext|popcnt|rorx|sarx|shlx|shrx|crc32|pcmp.str.|pshufb)[lqwb]?)\b")

# What it may call besides itself: libraries, which are compiled for all. clang links a sanitizer's
# own into the program.
LIBRARY = re.compile(r".*@plt$|__[a-z]*san_|__interceptor_|__sanitizer_")
CALL = re.compile(r"(?:call|jmp)\s+[0-9a-f]+ <([^+]+)>$")

# A compiler's own constructors have priorities below 101.
SANITIZERS = re.compile(r"_sub_I_000\d\d_|[at]san\.module_ctor|sancov\.module_ctor")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(program):
    """[(address, size, name)] of the functions that the guard consists of."""
    rows = [line.split(maxsplit=3) for line in run("nm", "-C", "-S", program).splitlines()]
    return [(int(row[0], 16), int(row[1], 16), row[3]) for row in rows
            if len(row) == 4 and row[2] in "Tt" and GUARD.match(row[3])]


def instructions(program, address, size):
    text = run("objdump", "-dC", "--no-show-raw-insn", f"--start-address={address}",
               f"--stop-address={address + size}", program)
    return re.findall(r"^\s*[0-9a-f]+:\s+(\S.*)$", text, re.MULTILINE)


def constructors(program):
    """The names of the program's constructors, in the order in which they are called."""
    sections = run("readelf", "-WS", program)
    start, size = (int(word, 16) for word in re.search(
        r"\.init_array\s+INIT_ARRAY\s+([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)", sections).groups())
    # A program that can lie anywhere has its pointers in the relocations.
    slots = {int(slot, 16): int(target, 16) for slot, target in re.findall(
        r"^([0-9a-f]+)\s+[0-9a-f]+\s+R_X86_64_RELATIVE\s+([0-9a-f]+)", run("readelf", "-Wr", program),
        re.MULTILINE)}
    names = {int(row.split()[0], 16): row.split(maxsplit=2)[2]
             for row in run("nm", program).splitlines() if re.match(r"[0-9a-f]+ [Tt] ", row)}
    return [names.get(slots[slot], "?") for slot in range(start, start + size, 8)]


def called_elsewhere(lines):
    names = [match.group(1) for match in map(CALL.match, lines) if match]
    return [name for name in names if not GUARD.match(name) and not LIBRARY.match(name)]


def too_new(lines):
    return [line for line in lines if TOO_NEW.match(line)]


class CpuGuard(unittest.TestCase):
    def test_every_program_has_it_and_any_cpu_can_run_it(self):
        self.assertTrue(PROGRAMS)
        for program in PROGRAMS:
            with self.subTest(program=program):
                found = symbols(program)
                self.assertIn("lastack_cpu_guard", [name for _, _, name in found])
                for address, size, name in found:
                    lines = instructions(program, address, size)
                    self.assertTrue(lines, name)
                    self.assertEqual(too_new(lines), [], name)
                    self.assertEqual(called_elsewhere(lines), [], name)

    def test_it_is_called_before_every_other_constructor_but_a_sanitizers(self):
        for program in PROGRAMS:
            with self.subTest(program=program):
                order = constructors(program)
                self.assertIn("lastack_cpu_guard", order)
                earlier = order[:order.index("lastack_cpu_guard")]
                self.assertEqual([name for name in earlier if not SANITIZERS.match(name)], [])

    def test_what_is_too_new_is_found(self):
        new = ["vmovdqu (%rax),%ymm0", "movbe (%rax),%ecx", "shlx %rax,%rbx,%rcx",
               "lzcnt %eax,%eax", "popcnt %eax,%eax", "andn %eax,%ebx,%ecx"]
        self.assertEqual(too_new(new), new)
        self.assertEqual(too_new(["mov %eax,%ebx", "cpuid", "xgetbv", "and %eax,%eax", "shl %eax",
                                  "movdqa %xmm0,(%rax)", "call 1234 <vfprintf>"]), [])

    def test_a_call_of_something_else_is_found(self):
        self.assertEqual(
            called_elsewhere(["call   12 <lastack::base::first_missing(lastack::base::CpuWords&)>",
                              "call   34 <fputs@plt>", "jmp    56 <lastack_cpu_guard+0x1f>",
                              "call   78 <lastack::base::CpuWords::CpuWords()>"]),
            ["lastack::base::CpuWords::CpuWords()"])


if __name__ == "__main__":
    PROGRAMS = sys.argv[1:]
    tap.main()

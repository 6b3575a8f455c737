#!/usr/bin/env python3
"""The house rules, one case each; and for each rule, samples that it must find and must not.

    tidy_test.py BUILD_DIR CPU        as meson calls it
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import headers  # noqa: E402
import rules  # noqa: E402
import tap  # noqa: E402
from sources import ROOT, cpp_files, read, tracked_files  # noqa: E402

BUILD_DIR, CPU = pathlib.Path("build"), "x86-64-v3"
PRODUCT = ("include", "dataplane", "control")
WHOLE = (*PRODUCT, "tests", "docs")


class Case(unittest.TestCase):
    maxDiff = None

    def assert_clean(self, rule, paths):
        findings = [finding for path in paths for finding in rule(path, read(path))]
        self.assertEqual(findings, [], "\n" + "\n".join(findings))

    def assert_finds(self, rule, path, *samples):
        for sample in samples:
            with self.subTest(path=path, sample=sample):
                self.assertEqual(len(rule(path, sample)), 1, f"{path}: {sample}")

    def assert_passes(self, rule, path, *samples):
        for sample in samples:
            with self.subTest(path=path, sample=sample):
                self.assertEqual(rule(path, sample), [])


class Includes(Case):
    def test_every_include_follows_the_table_of_the_architecture(self):
        self.assert_clean(rules.check_includes, cpp_files(*PRODUCT))

    def test_a_wrong_way_include_is_found(self):
        for path, name in [
                ("dataplane/base/x.hpp", "wire/seq.hpp"), ("dataplane/wire/x.hpp", "time/wheel.hpp"),
                ("dataplane/time/x.hpp", "wire/seq.hpp"), ("dataplane/table/x.hpp", "tcp/state.hpp"),
                ("dataplane/table/x.hpp", "time/instant.hpp"), ("dataplane/tcp/x.cpp", "table/t.hpp"),
                ("dataplane/tcp/x.cpp", "ip/arp.hpp"), ("dataplane/ip/x.cpp", "tcp/state.hpp"),
                ("dataplane/tcp/x.cpp", "lastack/core.hpp"), ("dataplane/stack/x.cpp", "port/p.hpp"),
                ("dataplane/stack/x.cpp", "worker/w.hpp"), ("dataplane/port/x.cpp", "stack/s.hpp"),
                ("dataplane/port/x.cpp", "tcp/state.hpp"), ("dataplane/worker/x.cpp", "tcp/state.hpp"),
                ("dataplane/worker/x.cpp", "service/http.hpp"),
                ("dataplane/worker/x.cpp", "control/config.hpp"),
                ("dataplane/service/x.cpp", "stack/stack.hpp"),
                ("dataplane/service/x.cpp", "base/arena.hpp"), ("include/lastack/x.hpp", "base/b.hpp"),
                ("control/cli/x.cpp", "tcp/enter.hpp"), ("control/cli/x.cpp", "worker/inspector.hpp"),
                ("control/ladder/x.cpp", "stack/read.hpp"), ("control/x.cpp", "tcp/enter.hpp"),
                ("control/x.cpp", "stack/stack.hpp"), ("control/ladder/x.cpp", "control/config.hpp")]:
            self.assert_finds(rules.check_includes, path, f'#include "{name}"')
        for path in ("dataplane/base/x.hpp", "dataplane/stack/x.cpp", "control/cli/x.cpp",
                     "dataplane/service/x.cpp", "include/lastack/x.hpp"):
            self.assert_finds(rules.check_includes, path, "#include <rte_mbuf.h>")
        self.assert_finds(rules.check_includes, "dataplane/tcp/x.cpp", '#include "state.hpp"',
                          "#include <iostream>", "#include <unistd.h>", "#  include <format>")

    def test_a_right_way_include_is_let_pass(self):
        for path, name in [
                ("dataplane/wire/x.hpp", "base/assert.hpp"), ("dataplane/tcp/x.hpp", "tcp/state.hpp"),
                ("dataplane/stack/x.cpp", "table/t.hpp"), ("dataplane/stack/x.cpp", "lastack/core.hpp"),
                ("control/cli/x.cpp", "tcp/state.hpp"), ("control/cli/x.cpp", "control/cli/ss.hpp"),
                ("control/x.cpp", "stack/read.hpp"), ("control/x.cpp", "control/cli/ss.hpp"),
                ("dataplane/service/x.cpp", "service/http.hpp"),
                ("include/lastack/x.hpp", "lastack/core.hpp")]:
            self.assert_passes(rules.check_includes, path, f'#include "{name}"')
        self.assert_passes(rules.check_includes, "dataplane/port/x.cpp", "#include <rte_mbuf.h>")
        self.assert_passes(rules.check_includes, "dataplane/wire/x.cpp", "#include <span>",
                           "#include <immintrin.h>", '// #include "tcp/state.hpp"')

    def test_the_table_in_the_docs_is_the_one_that_is_checked(self):
        rows = re.findall(r"^\| ([a-z/]+) \|(.*)\|$", read("docs/architecture.md"), re.MULTILINE)
        documented = {folder: set(filter(None, map(str.strip, granted.split(","))))
                      for folder, granted in rows if folder != "folder"}
        self.assertEqual(documented, rules.MAY_INCLUDE)

    def test_every_source_of_ours_has_a_row_in_the_table(self):
        for path in cpp_files(*PRODUCT):
            self.assertIn(rules.folder_of(path), rules.MAY_INCLUDE, path)


class Text(Case):
    def test_rte_appears_only_under_port_worker_and_control(self):
        self.assert_clean(rules.check_rte, cpp_files(*PRODUCT))

    def test_rte_elsewhere_is_found(self):
        for path in ("dataplane/stack/x.cpp", "dataplane/service/x.cpp", "control/cli/x.cpp",
                     "control/ladder/x.cpp", "include/lastack/x.hpp"):
            self.assert_finds(rules.check_rte, path, "rte_mbuf* m;", "// like rte_ring")
        for path in ("dataplane/port/x.cpp", "dataplane/worker/x.cpp", "control/x.cpp"):
            self.assert_passes(rules.check_rte, path, "rte_mbuf* m;")
        self.assert_passes(rules.check_rte, "dataplane/tcp/x.cpp", "start_now(); parte_x();")

    def test_no_switch_over_an_enum_of_ours_has_a_default(self):
        self.assert_clean(rules.check_default, cpp_files(*PRODUCT))

    def test_a_default_is_found_unless_it_names_a_foreign_type(self):
        self.assert_finds(rules.check_default, "dataplane/tcp/x.cpp",
                          "switch (s) { case State::Closed: break; default: return 1; }",
                          "switch (s) { case wire::kTcp: switch (t) { case 1: return; }\n"
                          "case tcp::State::Closed: break;\n default : break; }",
                          "switch (s) { default:  // anything else\n break; }")
        self.assert_passes(rules.check_default, "dataplane/tcp/x.cpp", "Core() = default;",
                           "switch (k) { case 1: default: return; }  // foreign: std::uint8_t",
                           "switch (k) { case RTE_A: return; default:  // foreign: rte_event\n }",
                           "switch (p) { case wire::ip_protocol::kTcp: { f(); } default: return; }",
                           "switch (c) { case 'a': case 7: case '\\n': return; default: return; }",
                           "switch (s) { case State::Closed: ; default: ; }  // foreign: X",
                           "// default: is not used", 'say("default: none");')

    def test_nothing_is_marked_unfinished(self):
        paths = [path for path in tracked_files()
                 if path.split("/")[0] in (*WHOLE, "scripts", "meson.build")
                 and not path.startswith(("tests/tidy/", "docs/"))
                 and path.endswith((".hpp", ".cpp", ".def", ".py", ".build", ".sh"))]
        self.assert_clean(rules.check_unfinished, paths)

    def test_a_mark_of_unfinished_work_is_found(self):
        self.assert_finds(rules.check_unfinished, "dataplane/tcp/x.cpp", "// TODO: later",
                          "// XXX", "#if 0", "/* FIXME */")
        self.assert_passes(rules.check_unfinished, "dataplane/tcp/x.cpp", "#if 01", "kXXXL")

    def test_no_clock_is_read_in_the_pure_core(self):
        self.assert_clean(rules.check_clock, cpp_files("dataplane"))

    def test_reading_a_clock_in_the_pure_core_is_found(self):
        self.assert_finds(rules.check_clock, "dataplane/tcp/x.cpp", "auto t = steady_clock::now();",
                          "__builtin_ia32_rdtsc()", 'asm("rdtsc");'.replace('"', " "))
        self.assert_passes(rules.check_clock, "dataplane/worker/x.cpp", "steady_clock::now();")
        self.assert_passes(rules.check_clock, "dataplane/tcp/x.cpp", "// never steady_clock::now()")

    def test_every_header_has_pragma_once_and_says_what_it_is(self):
        self.assert_clean(rules.check_pragma_once, cpp_files(*PRODUCT, "tests"))
        self.assert_clean(rules.check_head_comment, cpp_files(*PRODUCT, "tests"))

    def test_a_header_without_pragma_once_or_head_comment_is_found(self):
        self.assert_finds(rules.check_pragma_once, "dataplane/tcp/x.hpp", "// What it is.\n")
        self.assert_finds(rules.check_head_comment, "dataplane/tcp/x.hpp", "#pragma once\n")
        self.assert_passes(rules.check_pragma_once, "dataplane/tcp/x.cpp", "int x;\n")


class Headers(Case):
    def test_every_header_compiles_alone(self):
        proven = headers.proven_by_the_build(BUILD_DIR)
        complaints = headers.check_headers([path for path in headers.our_headers()
                                            if path not in proven], CPU, BUILD_DIR / "tidy-cache")
        self.assertEqual(complaints, [], "\n" + "\n".join(complaints))

    def test_a_header_that_leans_on_its_includer_is_found(self):
        sample = BUILD_DIR / "tidy-sample.hpp"
        sample.write_text("#pragma once\nstd::string nobody_included_it();\n")
        arguments = headers.compiler_arguments(CPU)
        done = subprocess.run([*arguments, "-include", str(sample), "/dev/null"],
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("std", done.stderr)

    def test_only_a_header_before_all_else_in_an_object_that_is_not_older_is_proven(self):
        folder = BUILD_DIR.resolve() / "tidy-proven"
        folder.mkdir(exist_ok=True)
        source, header, made = (folder / f"sample.{end}" for end in ("cpp", "hpp", "o"))
        header.write_text("#pragma once\n")
        entry = {"directory": str(folder), "file": "sample.cpp", "output": "sample.o"}
        (folder / "compile_commands.json").write_text(json.dumps([entry]))

        def proven(text, age=10):
            source.write_text(text)
            made.touch()
            for path in (source, header):
                os.utime(path, (made.stat().st_mtime - age,) * 2)
            return headers.proven_by_the_build(folder)
        first = '// It leads.\n#include "sample.hpp"\n#include <string>\n'
        self.assertEqual(proven(first), {header})
        self.assertEqual(proven(first, age=-10), set())
        for text in ('#include <string>\n#include "sample.hpp"\n',
                     '#define A\n#include "sample.hpp"\n', "int a;\n"):
            self.assertEqual(proven(text), set(), text)
        made.unlink()
        self.assertEqual(headers.proven_by_the_build(folder), set())

    def test_a_change_in_an_included_header_is_not_mistaken_for_compiled(self):
        arguments = headers.compiler_arguments(CPU)
        pool = ROOT / "dataplane/base/pool.hpp"
        self.assertIn(ROOT / "dataplane/base/assert.hpp", headers.closure(pool, set()))
        self.assertNotEqual(headers.key_of(pool, arguments), headers.key_of(pool, arguments[1:]))


class Build(Case):
    def setUp(self):
        self.commands = json.loads((BUILD_DIR / "compile_commands.json").read_text())

    def test_our_march_comes_after_dpdks_in_every_compilation(self):
        self.assertTrue(self.commands)
        for entry in self.commands:
            march = re.findall(r"-march=(\S+)", entry["command"])
            self.assertEqual(march[-1:], [CPU], entry["file"])

    def test_every_source_is_part_of_the_build(self):
        built = {str((pathlib.Path(entry["directory"]) / entry["file"]).resolve())
                 for entry in self.commands}
        elsewhere = ("tests/nocompile/", "tests/fuzz/")
        # The public example has a main() of its own; its test includes it, whole.
        for path in list(built):
            for included in re.findall(r'#include "(docs/[^"]+\.cpp)"', pathlib.Path(path).read_text()):
                built.add(str(ROOT / included))
        orphans = [path for path in cpp_files(*WHOLE) if path.endswith(".cpp")
                   and not path.startswith(elsewhere) and str(ROOT / path) not in built]
        self.assertEqual(orphans, [], "list them in their folder's meson.build")


class Format(Case):
    def test_clang_format_has_nothing_to_change(self):
        paths = [str(ROOT / path) for path in cpp_files(*WHOLE) if not path.endswith(".def")]
        done = subprocess.run(["clang-format", "--dry-run", *paths], capture_output=True, text=True)
        places = sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning", done.stderr, re.MULTILINE)))
        files = [str(pathlib.Path(place).relative_to(ROOT)) for place in places]
        self.assertEqual(done.returncode, 0, done.stderr[:2000])
        self.assertEqual(files, [], "\nmend with: clang-format -i " + " ".join(files))


if __name__ == "__main__":
    BUILD_DIR, CPU = pathlib.Path(sys.argv[1]), sys.argv[2]
    tap.main()

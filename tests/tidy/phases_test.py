#!/usr/bin/env python3
"""scripts/bench lifecycle --phases: what is read of callgrind's file. samples/callgrind.out is a run's,
cut down to the calls that matter."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tests/bench"), str(HERE.parent / "support")]

import lifecycle_phases as phases  # noqa: E402
import tap  # noqa: E402
from callgrind import CallgrindError, Profile, plain  # noqa: E402

SAMPLE = HERE / "samples/callgrind.out"
PARTS = (phases.WHOLE, *phases.PARTS)

RECURSION = """\
positions: instr line
events: Ir DLmr
fn=(1) main
cfn=(2) a::f(int)
calls=1 0
0x10 3 100 7
fn=(2)
cfn=(2)
calls=4 0
0x20 4 60
cfn=(3) a::f(int)::{lambda()#1}::operator()() const
calls=1 0
+4 +1 30
"""


class Callgrind(unittest.TestCase):
    def test_a_name_is_plain_without_arguments_and_clone(self):
        for name, expected in {
                "a::B::f(b<int, 4ul>, void (*)(int)) const [clone .lto_priv.0] [clone .cold]":
                    "a::B::f",
                "a::(anonymous namespace)::f(int)": "a::{anonymous}::f",
                "non-virtual thunk to a::B::f(int)": "a::B::f",
                "a::f(int)::{lambda()#1}::operator()() const":
                    "a::f(int)::{lambda()#1}::operator()() const",
                "__memcpy_avx_unaligned_erms": "__memcpy_avx_unaligned_erms"}.items():
            self.assertEqual(plain(name), expected)

    def test_inclusive_costs_are_those_of_the_calls_from_elsewhere(self):
        profile = Profile(RECURSION)
        self.assertEqual(profile.inclusive("a::f"), {"Ir": 100, "DLmr": 7})
        self.assertEqual(profile.inclusive(lambda name: "lambda" in name), {"Ir": 30, "DLmr": 0})

    def test_a_function_that_nothing_calls_is_an_error_and_not_0(self):
        with self.assertRaisesRegex(CallgrindError, "nothing calls a::g: is it inlined"):
            Profile(RECURSION).inclusive("a::g")

    def test_a_file_of_another_kind_is_an_error(self):
        with self.assertRaisesRegex(CallgrindError, "no file of callgrind's"):
            Profile("nothing\n")


class Phases(unittest.TestCase):
    def setUp(self):
        self.costs = phases.phases_of(Profile(SAMPLE.read_text()))

    def of(self, metric):
        return {name: costs[metric] for name, costs in self.costs.items()}

    def test_instructions_are_the_turns_without_the_generators_callback(self):
        self.assertEqual(self.of("instructions"), {
            "whole life": 148141669 - 11232,
            "port.receive": 2409680 - 11232 + 95882266 - 95035186,
            "receive": 95035186, "expire": 7962082, "serve": 20161800 + 1518,
            "transmit": 21270520 + 5092, "port.flush": 231807, "rest": 216904,
            "application": 8586240 + 29952 + 59772, "port.send": 7897344 + 222})

    def test_misses_are_of_data_reads_and_writes_together(self):
        self.assertEqual(self.of("d1_misses")["receive"], 312860 + 164296)
        self.assertEqual(self.of("ll_misses"), {**dict.fromkeys(self.costs, 0), "whole life": 5,
                                                "expire": 3, "transmit": 2, "port.send": 5})

    def test_phases_add_up_to_the_whole_life(self):
        for metric in phases.METRICS:
            values = self.of(metric)
            self.assertEqual(sum(value for name, value in values.items() if name not in PARTS),
                             values[phases.WHOLE])

    def test_a_figure_is_the_difference_of_two_runs_by_the_difference_of_lives(self):
        few = {"receive": phases.Costs(instructions=1_500)}
        many = {"receive": phases.Costs(instructions=2_500)}
        figures = phases.per_life((few, 100), (many, 300))
        self.assertEqual(figures, {"receive": {"instructions": 5}})

    def test_rows_have_the_form_of_every_benchmark(self):
        row = phases.rows_of(self.costs)[0]
        self.assertEqual(row, {"what": "lifecycle.instructions", "size": "whole life",
                               "unit": "instructions/life", "lastack": 148130437, "peers": {}})


class Caches(unittest.TestCase):
    def test_they_are_those_that_lscpu_tells(self):
        caches = [{"level": 1, "type": "Data", "one-size": "49152", "ways": 12,
                   "coherency-size": 64},
                  {"level": 2, "type": "Unified", "one-size": "1048576", "ways": 16,
                   "coherency-size": 64},
                  {"level": 3, "type": "Unified", "one-size": "33554432", "ways": 16,
                   "coherency-size": 64}]
        self.assertEqual(phases.caches_of({"caches": caches}),
                         {"I1": "32768,8,64", "D1": "49152,12,64", "LL": "33554432,16,64"})

    def test_what_valgrind_cannot_have_is_replaced_by_the_usual(self):
        for odd in ({}, {"ways": 0}, {"one-size": None}, {"one-size": str(36 << 20), "ways": 12}):
            cache = {"level": 3, "type": "Unified", "one-size": "33554432", "ways": 16,
                     "coherency-size": 64, **(odd or {"type": "Data"})}
            self.assertEqual(phases.caches_of({"caches": [cache]}), phases.DEFAULT_CACHES)


if __name__ == "__main__":
    tap.main()

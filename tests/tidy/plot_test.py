#!/usr/bin/env python3
"""scripts/plot: which rows become pictures, and that these are well-formed and to scale."""

import json
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts/lib"), str(HERE.parent / "support")]

import plot  # noqa: E402
import tap  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def row(what, size, lastack, **peers):
    return {"what": what, "size": size, "unit": "ns", "lastack": lastack, "peers": peers}


class Plot(unittest.TestCase):
    def charts(self, *rows):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump([*rows, {"what": "conditions"}], file)
            file.flush()
            return plot.charts_of([pathlib.Path(file.name)])

    def test_sizes_are_numbers_with_or_without_a_letter(self):
        self.assertEqual([plot.size_of(text) for text in ("4M", "100k", "0.5 M", 3565158)],
                         [4e6, 1e5, 5e5, 3565158])
        self.assertIsNone(plot.size_of("ipv4"))

    def test_what_has_one_size_or_none_is_no_picture(self):
        charts = self.charts(row("a", "1M", 1), row("b", "ipv4", 1), row("b", "ipv6", 2),
                             row("c", "10M", 4), row("c", "1M", 3))
        self.assertEqual([chart.what for chart in charts], ["c"])
        self.assertEqual(charts[0].series, {"lastack": [(1e6, 3), (1e7, 4)]})

    def test_each_series_is_a_line_to_scale_with_its_name(self):
        chart, = self.charts(row("a", "1M", 10, peer=1000), row("a", "100M", 100, peer=1000))
        root = xml.fromstring(plot.svg(chart))
        lines = {}
        for line, name in zip(root.iter(SVG + "polyline"),
                              (text.text for text in root.iter(SVG + "text")
                               if text.get("fill"))):
            lines[name] = [tuple(map(float, point.split(","))) for point in
                           line.get("points").split()]
        (x1, y1), (x2, y2) = lines["lastack 100"]
        self.assertEqual((x1, x2), (plot.LEFT, plot.WIDTH - plot.RIGHT))
        self.assertEqual((y1, (y1 + plot.TOP) / 2), (plot.HEIGHT - plot.BOTTOM, y2))
        self.assertEqual({y for _, y in lines["peer 1,000"]}, {float(plot.TOP)})

    def test_names_do_not_lie_over_one_another(self):
        chart, = self.charts(row("a", "1M", 10, b=10, c=10), row("a", "10M", 10, b=10, c=10))
        places = [float(text.get("y")) for text in xml.fromstring(plot.svg(chart)).iter(SVG + "text")
                  if text.get("fill")]
        gaps = [after - before for before, after in zip(places, places[1:])]
        self.assertTrue(gaps and min(gaps) >= 14, places)


if __name__ == "__main__":
    tap.main()

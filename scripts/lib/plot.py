"""Rows of benchmarks as pictures: cost against population, both logarithmic."""

import dataclasses
import html
import json
import math
import re

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 170, 50, 50  # margins; names of lines stand at the right
COLOURS = ("#c0392b", "#2471a3", "#7d6608", "#6c3483", "#117864", "#566573")
GREY = "#888"


@dataclasses.dataclass
class Chart:
    what: str
    unit: str
    series: dict  # name: [(size, value), ...] in order of sizes; lastack first


def size_of(text):
    """4M, 100k, 3565158: the number; None for a size that is none."""
    found = re.fullmatch(r"([\d.]+) ?([kM]?)", str(text))
    return float(found[1]) * {"": 1, "k": 1e3, "M": 1e6}[found[2]] if found else None


def charts_of(files):
    """What has two sizes or more, in the order of the files."""
    charts = {}
    for file in files:
        for row in json.loads(file.read_text()):
            size = size_of(row.get("size", ""))
            if size is None:
                continue
            chart = charts.setdefault(row["what"], Chart(row["what"], row["unit"], {"lastack": []}))
            for name, value in {"lastack": row["lastack"], **row["peers"]}.items():
                if value > 0:
                    chart.series.setdefault(name, []).append((size, value))
    for chart in charts.values():
        chart.series = {name: sorted(points) for name, points in chart.series.items() if points}
    return [chart for chart in charts.values() if len(chart.series.get("lastack", ())) > 1]


def short(number):
    """1000000: 1M; 0.5: 0.5"""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:g}{letter}"
    return f"{number:g}"


def plain(value):
    """Three digits, and no exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


class Axis:
    """From powers of ten to a stretch of the picture."""

    def __init__(self, values, begin, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.begin, self.end = begin, end

    def at(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def svg(chart):
    points = [point for series in chart.series.values() for point in series]
    x = Axis([size for size, _ in points], LEFT, WIDTH - RIGHT)
    y = Axis([value for _, value in points], HEIGHT - BOTTOM, TOP)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           text(LEFT, 25, f"{chart.what}, {chart.unit}", "font-size=\"15\"")]
    for tick in x.ticks():
        out.append(line(x.at(tick), TOP, x.at(tick), HEIGHT - BOTTOM))
        out.append(text(x.at(tick), HEIGHT - BOTTOM + 18, short(tick), 'text-anchor="middle"'))
    for tick in y.ticks():
        out.append(line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick)))
        out.append(text(LEFT - 8, y.at(tick) + 4, short(tick), 'text-anchor="end"'))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "entries", 'text-anchor="middle"'))
    for place, name in places_of_names(chart, y):
        number = list(chart.series).index(name)
        out += drawn(name, chart.series[name], x, y, COLOURS[number % len(COLOURS)], place)
    return "\n".join(out) + "\n</svg>\n"


def places_of_names(chart, y):
    """Each name at its line's end, and none over another."""
    wanted = sorted((y.at(series[-1][1]), name) for name, series in chart.series.items())
    places, last = [], -math.inf
    for place, name in wanted:
        last = max(place, last + 14)
        places.append((last, name))
    return places


def drawn(name, series, x, y, colour, place):
    width = 3 if name == "lastack" else 1.5
    path = " ".join(f"{x.at(size):.1f},{y.at(value):.1f}" for size, value in series)
    out = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>']
    for size, value in series:
        out.append(f'<circle cx="{x.at(size):.1f}" cy="{y.at(value):.1f}" r="3" fill="{colour}">'
                   f"<title>{html.escape(name)}, {short(size)}: {plain(value)}</title></circle>")
    label = f"{name} {plain(series[-1][1])}"
    out.append(text(x.at(series[-1][0]) + 10, place + 4, label, f'fill="{colour}"'))
    return out


def line(x1, y1, x2, y2):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GREY}" '
            'stroke-opacity="0.3"/>')


def text(x, y, content, attributes=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{html.escape(content)}</text>'

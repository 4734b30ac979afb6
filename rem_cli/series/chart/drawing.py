"""A chart as lines, areas and words in places: what SVG and PNG have in common.

Lengths are in pixels of the screen, from the upper left corner. Colours are named by their role; `COLOURS` has them
for light and dark ground.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from rem_cli.series.chart.axis import Scale, axis_labels, moment, number, scale_of, time_ticks, with_unit
from rem_cli.series.chart.bins import Bins, Facts, bins_of, common, facts_of
from rem_cli.series.chart.model import Chart, line_style, safe

# The palette of the web pages: each text reaches a contrast of 4.5 on its ground. Red is for limits alone.
COLOURS = {
    "ground": ("#ffffff", "#181b1f"),
    "title": ("#1c1e22", "#e9e8e4"),
    "dim": ("#616873", "#8d949f"),
    "rule": ("#ebe9e4", "#23272c"),
    "zero": ("#dedcd6", "#2d3238"),
    "hatch": ("#d3d6da", "#343b43"),
    "limit": ("#b9201d", "#ff7268"),
    "mark": ("#0a6a70", "#5cc8cc"),
    "line": ("#31557e", "#8fb4dc"),
    "line1": ("#31557e", "#8fb4dc"),
    "line2": ("#b36b00", "#f0b14a"),
    "line3": ("#5a3fae", "#b8a5ff"),
    "line4": ("#1f7440", "#6ac98b"),
    "line5": ("#93187c", "#ff8be6"),
    "line6": ("#6b7280", "#aeb4bd"),
}
BAND_OPACITY = 0.22
SMALL, LETTER = 10.0, 5.6  # pixels: the size of labels, and how wide one of their letters is at most
_TITLE = 13.0
_GUTTER, _TOP, _RIGHT, _BOTTOM, _HEADING, _LEGEND = 38.0, 10.0, 8.0, 18.0, 26.0, 16.0
_ROOM = 70.0  # between the labels of two times


@dataclass(frozen=True, slots=True)
class Path:
    points: Sequence[tuple[float, float]]
    style: str
    width: float = 1.4
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """Filled; a band where pale."""

    points: Sequence[tuple[float, float]]
    style: str
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Hatch:
    """A rectangle of slanted lines: nothing is known here."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Words:
    x: float
    y: float  # of the line that the letters stand on
    text: str
    style: str
    size: float = SMALL
    anchor: str = "start"  # start, middle or end, of the text, is at x
    bold: bool = False


Item = Path | Area | Hatch | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    width: float
    height: float
    label: str  # the same in a sentence
    items: Sequence[Item]


@dataclass(slots=True)
class _Sheet:
    """Where in the drawing which time and which value is."""

    chart: Chart
    scale: Scale
    left: float
    top: float
    right: float
    bottom: float
    items: list[Item] = field(default_factory=list)

    def x(self, at: float) -> float:
        share = (at - self.chart.start) / (self.chart.end - self.chart.start)
        return self.left + max(0.0, min(1.0, share)) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - self.scale.share(value) * (self.bottom - self.top)


def draw(chart: Chart, *, width: float = 800, height: float = 210, heading: bool = True) -> Drawing:
    """Lay out a chart: the plot, the numbers left of it, the times below, and a heading above where wanted."""
    facts = [facts_of(line.range) for line in chart.lines]
    known = [fact for fact in facts if fact.last is not None]
    values = [value for fact in known for value in (fact.lowest, fact.highest)]
    scale = scale_of(values + ([chart.limit.value] if chart.limit else []), zero_based=chart.zero_based, room=0.05)
    ticks = scale.ticks(max(2, int(height // 50))) if known else []
    labels = axis_labels(ticks)
    top = _TOP + heading * _HEADING + (len(facts) > 1) * _LEGEND * len(facts)
    left = max([_GUTTER, *(len(label) * LETTER + 8 for label in labels)])
    sheet = _Sheet(chart, scale, left, top, width - _RIGHT, max(height - _BOTTOM, top + 20))
    bins = [bins_of(line.range, _columns(chart, line.range.end - line.range.start, sheet)) for line in chart.lines]
    _ground(sheet, list(zip(ticks, labels, strict=True)), bins)
    for index, each in enumerate(bins):
        _band(sheet, each, line_style(index, len(bins)))
    for index, each in enumerate(bins):
        _mean(sheet, each, line_style(index, len(bins)))
    _limit(sheet)
    _marks(sheet)
    if heading:
        _heading(sheet, facts)
    if len(facts) > 1:
        _legend(sheet, facts, top - _LEGEND * len(facts))
    if not known:
        middle = (sheet.left + sheet.right) / 2, (sheet.top + sheet.bottom) / 2 + 4
        sheet.items.append(Words(*middle, "no values in this range", "dim", 12.0, "middle"))
    return Drawing(width, max(height, sheet.bottom + _BOTTOM), sentence(chart, facts), sheet.items)


def sentence(chart: Chart, facts: Sequence[Facts]) -> str:
    """What the drawing shows, for those who do not see it."""
    parts = []
    for line, fact in zip(chart.lines, facts, strict=True):
        name = f"{safe(line.name)}: " if len(facts) > 1 else ""
        if fact.last is None:
            parts.append(f"{name}no values")
            continue
        last = f"{'now' if fact.fresh else 'last'} {with_unit(fact.last, safe(chart.unit))}"
        parts.append(f"{name}{last}, lowest {number(fact.lowest)}, highest {number(fact.highest)}")
    if chart.lines:
        parts.append(f"{moment(chart.start, chart.zone)} to {moment(chart.end, chart.zone)}")
    if chart.limit:
        parts.append(f"limit {safe(chart.limit.label) or number(chart.limit.value)}")
    marks = [safe(mark.label) for mark in chart.marks if chart.start <= mark.at < chart.end]
    if marks:
        parts.append(f"changes {', '.join(marks)}")
    return f"{safe(chart.title)}: {'; '.join(parts or ['no values'])}"


def _columns(chart: Chart, seconds: float, sheet: _Sheet) -> int:
    """One column a pixel."""
    return max(1, round((sheet.right - sheet.left) * seconds / (chart.end - chart.start)))


def _ground(sheet: _Sheet, ticks: Sequence[tuple[float, str]], bins: Sequence[Bins]) -> None:
    chart = sheet.chart
    gaps = common([each.gaps(chart.start, chart.end) for each in bins]) if bins else [(chart.start, chart.end)]
    for start, end in gaps:
        sheet.items.append(Hatch(sheet.x(start), sheet.top, sheet.x(end) - sheet.x(start), sheet.bottom - sheet.top))
    for value, label in ticks:
        y = sheet.y(value)
        style = "zero" if value == 0 else "rule"
        sheet.items.append(Path([(sheet.left, y), (sheet.right, y)], style, 1.0))
        sheet.items.append(Words(sheet.left - 5, y + 3.5, label, "dim", anchor="end"))
    if not ticks:
        sheet.items.append(Path([(sheet.left, sheet.bottom), (sheet.right, sheet.bottom)], "zero", 1.0))
    room = int((sheet.right - sheet.left) // _ROOM)
    for at, label in time_ticks(chart.start, chart.end, chart.zone, room) if chart.lines else ():
        half = len(label) * LETTER / 2
        if sheet.left - half / 2 <= sheet.x(at) <= sheet.right - half:
            sheet.items.append(Words(sheet.x(at), sheet.bottom + 13, label, "dim", anchor="middle"))


def _places(sheet: _Sheet, bins: Bins, first: int, last: int) -> list[float]:
    """The middles of the columns of a run, the outermost ones drawn out to the run's edges."""
    middles = [sheet.x(bins.start + (index + 0.5) * bins.width) for index in range(first, last)]
    return [sheet.x(bins.start + first * bins.width), *middles, sheet.x(bins.start + last * bins.width)]


def _band(sheet: _Sheet, bins: Bins, style: str) -> None:
    for first, last in bins.runs():
        items = [item for item in bins.items[first:last] if item is not None]
        if all(item.low == item.high for item in items):
            continue
        items = [items[0], *items, items[-1]]
        places = _places(sheet, bins, first, last)
        above = [(x, sheet.y(item.high)) for x, item in zip(places, items, strict=True)]
        below = [(x, sheet.y(item.low)) for x, item in zip(places, items, strict=True)]
        sheet.items.append(Area([*above, *reversed(below)], style, pale=True))


def _mean(sheet: _Sheet, bins: Bins, style: str) -> None:
    for first, last in bins.runs():
        items = [item for item in bins.items[first:last] if item is not None]
        means = [items[0].mean, *(item.mean for item in items), items[-1].mean]
        places = _places(sheet, bins, first, last)
        sheet.items.append(Path([(x, sheet.y(mean)) for x, mean in zip(places, means, strict=True)], style))


def _limit(sheet: _Sheet) -> None:
    limit = sheet.chart.limit
    if limit is None or not math.isfinite(limit.value):
        return
    y = sheet.y(limit.value)
    sheet.items.append(Path([(sheet.left, y), (sheet.right, y)], "limit", 1.0, dashed=True))
    label = safe(limit.label) or with_unit(limit.value, safe(sheet.chart.unit))
    above = y - 3.5 if y - sheet.top > SMALL else y + SMALL + 1
    sheet.items.append(Words(sheet.left + 3, above, label, "limit"))


def _marks(sheet: _Sheet) -> None:
    """A line with a flag; its words stand left of it where there is room, and never over those of another."""
    free = sheet.left
    for mark in sorted(sheet.chart.marks, key=lambda mark: mark.at):
        if not sheet.chart.start <= mark.at < sheet.chart.end:
            continue
        x, y = sheet.x(mark.at), sheet.top - 3
        sheet.items.append(Path([(x, y), (x, sheet.bottom)], "mark", 1.0))
        sheet.items.append(Area([(x, y - 4), (x + 4, y), (x, y + 4), (x - 4, y)], "mark"))
        label = safe(mark.label)
        long = len(label) * LETTER
        if x - 7 - long >= free:
            sheet.items.append(Words(x - 7, y + 3.5, label, "mark", anchor="end", bold=True))
        elif x - 7 >= free and x + 7 + long <= sheet.right:
            sheet.items.append(Words(x + 7, y + 3.5, label, "mark", bold=True))
            x += 7 + long
        free = x + 7


def _heading(sheet: _Sheet, facts: Sequence[Facts]) -> None:
    unit = safe(sheet.chart.unit)
    right = sheet.right
    if len(facts) == 1 and (last := facts[0].last) is not None:
        value = f"{'' if facts[0].fresh else 'last '}{with_unit(last, unit)}"
        highest = f"highest {number(facts[0].highest)}"
        sheet.items.append(Words(right, 18, value, "title", _TITLE, "end", bold=True))
        right -= len(value) * 9.0 + 8  # pixels a letter, in a wide font
        sheet.items.append(Words(right, 18, highest, "dim", 12.0, "end"))
        right -= len(highest) * 7.5 + 12
    elif unit:
        sheet.items.append(Words(right, 18, unit, "dim", 12.0, "end"))
        right -= len(unit) * 7.5 + 12
    title = _cut(safe(sheet.chart.title), int((right - 10) / 8.0))
    sheet.items.append(Words(10, 18, title, "title", _TITLE, bold=True))


def _legend(sheet: _Sheet, facts: Sequence[Facts], top: float) -> None:
    for index, (line, fact) in enumerate(zip(sheet.chart.lines, facts, strict=True)):
        y = top + _LEGEND * index - 2
        told = "no values"
        if fact.last is not None:
            told = f"{'now' if fact.fresh else 'last'} {number(fact.last)} · highest {number(fact.highest)}"
        sheet.items.append(Path([(10, y - 4), (24, y - 4)], line_style(index, len(facts)), 2.0))
        name = _cut(safe(line.name), int((sheet.right - 40) / 7.0) - len(told))
        sheet.items.append(Words(30, y, name, "title", 11.0))
        sheet.items.append(Words(sheet.right, y, told, "dim", 11.0, "end"))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(most - 1, 1)] + "…"

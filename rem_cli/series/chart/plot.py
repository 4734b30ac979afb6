"""A chart in rows of text: braille dots, two by four in each cell, or plain ASCII."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field
from itertools import groupby

from rem_cli.series.chart.axis import Scale, duration, number, scale_of, time_ticks
from rem_cli.series.chart.bins import Bins, Facts, bins_of, facts_of
from rem_cli.series.chart.model import Chart, Limit, Row, Segment, line_style, safe

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille cell, from above; Unicode 15, 21.1
_GUTTER = 6  # cells for numbers, at least
_LEAST = 10  # cells of plot, whatever the width


@dataclass(frozen=True, slots=True)
class Pen:
    """Which letters draw."""

    across: int  # dots in a cell
    down: int
    dash: str
    bar: str
    mark: str
    between: str  # two facts
    legend: str


BRAILLE = Pen(2, 4, "╌", "│", "◆", " · ", "━")
ASCII = Pen(1, 1, "-", "|", "#", ", ", "=")
_ASCII_LINES = "*+xo@%"  # of several lines; the first alone


@dataclass(slots=True)
class Canvas:
    """Cells of letters and styles; a cell that has dots keeps them whatever is drawn after."""

    columns: int
    rows: int
    pen: Pen
    dots: dict[tuple[int, int], int] = field(default_factory=dict)
    letters: dict[tuple[int, int], str] = field(default_factory=dict)
    styles: dict[tuple[int, int], str] = field(default_factory=dict)

    def dot(self, x: int, y: int, style: str, letter: str, *, weak: bool = False) -> None:
        """Set a dot, counted from the left and from above. A weak one never changes the style of a cell."""
        cell = (x // self.pen.across, y // self.pen.down)
        known = cell in self.dots
        self.dots[cell] = self.dots.get(cell, 0) | _DOTS[y % self.pen.down][x % self.pen.across]
        if not (weak and known):
            self.styles[cell], self.letters[cell] = style, letter

    def put(self, column: int, row: int, letter: str, style: str) -> None:
        if (column, row) not in self.letters:
            self.letters[column, row], self.styles[column, row] = letter, style

    def row(self, row: int) -> Row:
        cells = [(column, row) for column in range(self.columns)]
        if self.pen is BRAILLE:
            letters = [chr(0x2800 + self.dots[c]) if c in self.dots else self.letters.get(c, " ") for c in cells]
        else:
            letters = [self.letters.get(cell, " ") for cell in cells]
        return _joined([Segment(letter, self.styles.get(c, "plain")) for c, letter in zip(cells, letters, strict=True)])


def text(chart: Chart, *, width: int = 79, height: int = 6, ascii_only: bool = False) -> list[Row]:
    """The chart in rows of segments, `height` of them for the plot itself.

    Rows of the heading come first, then, for several lines, one each, then the plot and the times below it. A face
    colours the segments by their style; their text holds no control character.
    """
    pen = ASCII if ascii_only else BRAILLE
    facts = [facts_of(line.range) for line in chart.lines]
    scale = scale_of(
        [value for fact in facts if fact.last is not None for value in (fact.lowest, fact.highest)]
        + ([chart.limit.value] if chart.limit else []),
        zero_based=chart.zero_based,
    )
    labels = _labels(chart.limit, scale, height) if any(fact.last is not None for fact in facts) else {}
    gutter = max([_GUTTER, *(len(label.text) for label in labels.values())]) + 1
    canvas = Canvas(max(width - gutter, _LEAST), height, pen)
    bins = [bins_of(line.range, _dots_of(chart, line.range.end - line.range.start, canvas)) for line in chart.lines]
    for index, each in enumerate(bins):
        _draw(canvas, chart, each, scale, line_style(index, len(bins)), _ASCII_LINES[index % len(_ASCII_LINES)])
    if labels:
        _draw_limit(canvas, chart.limit, scale)
    else:
        _write(canvas, height // 2, "no values in this range")
    _draw_marks(canvas, chart)
    rows = _heading(chart, facts, min((each.width for each in bins), default=0.0), width, pen)
    for row in range(height):
        label = labels.get(row, Segment("", "dim"))
        rows.append(_joined([Segment(label.text.rjust(gutter - 1) + " ", label.style), *canvas.row(row)]))
    rows.append(_joined([Segment(" " * gutter, "dim"), *_times(canvas, chart)]))
    return [_plain_letters(row) for row in rows] if ascii_only else rows


def _dots_of(chart: Chart, seconds: float, canvas: Canvas) -> int:
    return max(1, round(canvas.columns * canvas.pen.across * seconds / (chart.end - chart.start)))


def _draw(canvas: Canvas, chart: Chart, bins: Bins, scale: Scale, style: str, letter: str) -> None:
    """Lowest to highest and the mean of each column of dots, neighbours joined."""
    height = canvas.rows * canvas.pen.down
    count = canvas.columns * canvas.pen.across
    before: int | None = None
    for x in range(count):
        item = bins.at(chart.start + (chart.end - chart.start) * (x + 0.5) / count)
        if item is None:
            before = None
            continue
        low, mean, high = (_from_above(value, scale, height) for value in (item.low, item.mean, item.high))
        over = _over(item.mean, chart.limit)
        for y in range(mean, before, 1 if before > mean else -1) if before is not None else ():
            canvas.dot(x, y, "over" if over else style, letter if y == mean else "|")
        canvas.dot(x, mean, "over" if over else style, letter)
        for y in range(high, low + 1):
            if y != mean:
                past = chart.limit and _over(item.high if y < mean else item.low, chart.limit)
                canvas.dot(x, y, "over" if past else "band", ":", weak=True)
        before = mean


def _from_above(value: float, scale: Scale, height: int) -> int:
    return round((1 - scale.share(value)) * (height - 1))


def _over(value: float, limit: Limit | None) -> bool:
    return limit is not None and (value > limit.value if limit.upper else value < limit.value)


def _labels(limit: Limit | None, scale: Scale, height: int) -> dict[int, Segment]:
    """The numbers of the gutter by row: the limit's, then both ends', then round ones where there is room."""
    labels: dict[int, Segment] = {}
    if limit and math.isfinite(limit.value):
        labels[_from_above(limit.value, scale, height)] = Segment(number(limit.value), "limit")
    for value in (scale.low, scale.high):
        labels.setdefault(_from_above(value, scale, height), Segment(number(value), "dim"))
    for value in scale.ticks(max(1, height // 3)):
        row = _from_above(value, scale, height)
        if all(abs(row - other) > 1 for other in labels):
            labels[row] = Segment(number(value), "dim")
    return labels


def _draw_limit(canvas: Canvas, limit: Limit | None, scale: Scale) -> None:
    if limit and math.isfinite(limit.value):
        row = _from_above(limit.value, scale, canvas.rows)
        for column in range(canvas.columns):
            canvas.put(column, row, canvas.pen.dash, "limit")


def _draw_marks(canvas: Canvas, chart: Chart) -> None:
    for mark in chart.marks:
        if chart.start <= mark.at < chart.end:
            for row in range(canvas.rows):
                canvas.put(_column(canvas, chart, mark.at), row, canvas.pen.bar, "mark")


def _column(canvas: Canvas, chart: Chart, at: float) -> int:
    return min(canvas.columns - 1, int((at - chart.start) / (chart.end - chart.start) * canvas.columns))


def _write(canvas: Canvas, row: int, words: str) -> None:
    start = max(0, (canvas.columns - len(words)) // 2)
    for column, letter in enumerate(words[: canvas.columns], start):
        canvas.put(column, row, letter, "dim")


def _times(canvas: Canvas, chart: Chart) -> Row:
    """The row below: marks first, then the times that still have room. A label begins at its column."""
    taken: dict[int, Segment] = {}

    def place(at: float, label: str, style: str) -> None:
        column = _column(canvas, chart, at)
        column = max(0, min(column, canvas.columns - len(label)))
        if len(label) <= canvas.columns and all(
            column + len(label) < other or column > other + len(segment.text) for other, segment in taken.items()
        ):
            taken[column] = Segment(label, style)

    for mark in chart.marks:
        if chart.start <= mark.at < chart.end:
            place(mark.at, f"{canvas.pen.mark} {safe(mark.label)[:16]}", "mark")
    for at, label in time_ticks(chart.start, chart.end, chart.zone, canvas.columns // 14) if chart.lines else ():
        if _column(canvas, chart, at) + len(label) <= canvas.columns:
            place(at, label, "dim")
    row: Row = []
    used = 0
    for column, segment in sorted(taken.items()):
        row += [Segment(" " * (column - used), "dim"), segment]
        used = column + len(segment.text)
    return row


def _heading(chart: Chart, facts: list[Facts], each: float, width: int, pen: Pen) -> list[Row]:
    rest = "".join(f", {part}" for part in (safe(chart.unit), f"mean per {duration(each)}" if each else "") if part)
    title = textwrap.wrap(safe(chart.title), max(width, 20)) or [""]
    rows: list[Row] = [[Segment(line, "title")] for line in title]
    if len(title[-1]) + len(rest) <= width:
        rows[-1].append(Segment(rest, "plain"))
    else:
        rows.append([Segment(rest.removeprefix(", "), "plain")])
    if len(facts) == 1:
        told = _told(chart, facts[0], pen)
        if sum(len(segment.text) for segment in rows[-1]) + 3 + len(told) <= width:
            rows[-1].append(Segment("   " + told, "dim"))
        else:
            rows.append([Segment(told, "dim")])
        return rows
    for index, (line, fact) in enumerate(zip(chart.lines, facts, strict=True)):
        sign = pen.legend if pen is BRAILLE else _ASCII_LINES[index % len(_ASCII_LINES)]
        told = f"   {_told(chart, fact, pen)}"
        name = textwrap.shorten(safe(line.name), max(width - len(told) - 2, 20), placeholder="…")
        rows.append([Segment(sign + " ", line_style(index, len(facts))), Segment(name, "plain"), Segment(told, "dim")])
    return rows


def _told(chart: Chart, fact: Facts, pen: Pen) -> str:
    if fact.last is None:
        return "no values"
    last = f"now {number(fact.last)}"
    if not fact.fresh:
        last = f"last {number(fact.last)}, {duration(chart.end - fact.last_at)} before the end"
    return pen.between.join([last, f"lowest {number(fact.lowest)}", f"highest {number(fact.highest)}"])


def _joined(row: Row) -> Row:
    """Neighbours of one style become one segment; blanks at the end go."""
    joined = [Segment("".join(s.text for s in group), style) for style, group in groupby(row, lambda s: s.style)]
    while joined and not joined[-1].text.strip():
        joined.pop()
    if joined:
        joined[-1] = Segment(joined[-1].text.rstrip(), joined[-1].style)
    return joined


def _plain_letters(row: Row) -> Row:
    return [Segment(text.replace("…", "~").encode("ascii", "replace").decode(), style) for text, style in row]

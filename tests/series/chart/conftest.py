"""Charts to draw, and drawings as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rem_cli.series import Range
from rem_cli.series.chart import Chart, Line, Row, text

START = 1_741_224_360  # Thu 6 Mar 2025 01:26 UTC


def line(values: Sequence[float | None], *, step: int = 60, name: str = "front", start: int = START) -> Line:
    return Line(name, Range(start, start + step * len(values), step, values))


def chart(values: Sequence[float | None], *, step: int = 60, title: str = "duration", **more: Any) -> Chart:
    return Chart(title, [line(values, step=step)], **more)


def plain(rows: Sequence[Row]) -> list[str]:
    return ["".join(segment.text for segment in row) for row in rows]


def drawn(it: Chart, **more: Any) -> list[str]:
    return plain(text(it, **more))


def in_style(rows: Sequence[Row], style: str) -> str:
    return "".join(segment.text for row in rows for segment in row if segment.style == style)


HARD: dict[str, Sequence[float | None]] = {
    "no value": [],
    "nothing known": [None] * 30,
    "one value": [5.0],
    "one value among gaps": [None, None, 5.0, None],
    "all the same": [7.0] * 60,
    "all zero": [0.0] * 60,
    "negative": [-3.0, -1.0, -2.0],
    "both sides of zero": [-3.0, 1.0, 2.0],
    "not a number": [1.0, float("nan"), 2.0],
    "only not a number": [float("nan")] * 3,
    "infinite": [1.0, float("inf"), 2.0, float("-inf")],
    "only infinite": [float("inf")] * 3,
    "huge": [1e308, -1e308, 1e308],
    "huge and equal": [1.7e308] * 400,
    "tiny": [5e-324, 0.0, 5e-324],
    "tiny differences": [1e15, 1e15 + 1, 1e15],
    "large counters": [9_007_199_254_740_993.0, 9_007_199_254_740_999.0],
}

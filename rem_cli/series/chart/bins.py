"""Many values in few columns, so that a spike is never averaged away and a gap stays a gap."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rem_cli.series import Range


@dataclass(frozen=True, slots=True)
class Bin:
    """The values of one column."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Bins:
    """Columns of `width` seconds from `start` on; None where no value is known."""

    start: float
    width: float
    items: Sequence[Bin | None]

    def runs(self) -> list[tuple[int, int]]:
        """Where there are values without a gap: (first, after the last)."""
        return _runs([item is not None for item in self.items])

    def gaps(self, start: float, end: float) -> list[tuple[float, float]]:
        """The times from `start` to `end` in which nothing is known."""
        known = [(self.start + first * self.width, self.start + last * self.width) for first, last in self.runs()]
        edges = [start, *(edge for run in known for edge in run), end]
        return [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2) if edges[i + 1] - edges[i] > 1e-6]

    def at(self, time: float) -> Bin | None:
        """What a line through the middles of the columns shows at a time; None in a gap or outside."""
        place = (time - self.start) / self.width
        index = math.floor(place)
        if not 0 <= index < len(self.items):
            return None
        here = self.items[index]
        other = index + 1 if place - index >= 0.5 else index - 1
        there = self.items[other] if 0 <= other < len(self.items) else None
        if here is None or there is None:
            return here
        share = abs(place - index - 0.5)  # of the way from this middle to the other
        return Bin(*(_between(a, b, share) for a, b in zip(_parts(here), _parts(there), strict=True)))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the heading says of a line."""

    last: float | None
    last_at: int  # seconds since the epoch; 0 without a value
    lowest: float
    highest: float
    fresh: bool  # the last value is of now: at most two steps before the end


def bins_of(values: Range, most: int) -> Bins:
    """At most `most` columns of a range; fewer where it has fewer values, one each."""
    count = max(1, min(most, len(values.values)))
    points = len(values.values)
    items = [_bin(values.values[points * i // count : points * (i + 1) // count]) for i in range(count)]
    return Bins(values.start, max(values.end - values.start, 1) / count, items)


def facts_of(values: Range) -> Facts:
    known = [value for value in values.values if value is not None and value == value]
    if not known:
        return Facts(None, 0, 0.0, 0.0, False)
    last = next(
        index
        for index in range(len(values.values) - 1, -1, -1)
        if (value := values.values[index]) is not None and value == value
    )
    fresh = len(values.values) - last <= 2
    return Facts(known[-1], values.start + last * values.step, min(known), max(known), fresh)


def common(gaps: Iterable[Sequence[tuple[float, float]]]) -> list[tuple[float, float]]:
    """The times that are in a gap of every line."""
    first, *others = [list(each) for each in gaps]
    for other in others:
        first = [(max(a, c), min(b, d)) for a, b in first for c, d in other if min(b, d) > max(a, c)]
    return first


def _runs(known: Sequence[bool]) -> list[tuple[int, int]]:
    runs, start = [], None
    for index, here in enumerate([*known, False]):
        if here and start is None:
            start = index
        elif not here and start is not None:
            runs.append((start, index))
            start = None
    return runs


def _bin(values: Sequence[float | None]) -> Bin | None:
    known = [value for value in values if value is not None and value == value]
    if not known:
        return None
    low, high = min(known), max(known)
    mean = sum(known) / len(known)
    if not math.isfinite(mean) and math.isfinite(high - low):
        mean = low / 2 + high / 2  # the sum of huge values is more than a float holds
    return Bin(low, max(low, min(high, mean)) if mean == mean else high, high)


def _parts(item: Bin) -> tuple[float, float, float]:
    return item.low, item.mean, item.high


def _between(a: float, b: float, share: float) -> float:
    return a * (1 - share) + b * share if math.isfinite(a) and math.isfinite(b) else a

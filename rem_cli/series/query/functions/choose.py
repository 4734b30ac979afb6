"""Which traces, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from rem_cli.errors import UsageError
from rem_cli.series.query import Trace
from rem_cli.series.query.aligned import combined
from rem_cli.series.query.registry import LIST, Asked, Kind, Param, function

_HOW_MANY = Param("n", Kind.WHOLE, 1)
_N = Param("n", Kind.NUMBER)


def _by(trace: Trace, word: str) -> float:
    """One number of a trace, such as its average; NaN where nothing is known."""
    if not len(trace.values):
        return float("nan")
    return float(combined(word)(trace.values[:, None])[0])


def _ranked(traces: list[Trace], word: str, *, down: bool) -> list[Trace]:
    """In order of a number of theirs; those of which nothing is known come last."""
    numbers = [_by(trace, word) for trace in traces]
    worst = -np.inf if down else np.inf
    keys = [worst if number != number else number for number in numbers]
    order = sorted(range(len(traces)), key=lambda place: -keys[place] if down else keys[place])
    return [traces[place] for place in order]


def _top(name: str, info: str, word: str, *, down: bool) -> None:
    def does(asked: Asked, traces: list[Trace], count: int) -> list[Trace]:
        return _ranked(traces, word, down=down)[: max(count, 0)]

    does.__doc__ = info
    function(name, takes=[LIST, _HOW_MANY])(does)


_top("highestMax", "The n with the highest peak.", "max", down=True)
_top("highestAverage", "The n with the highest average.", "average", down=True)
_top("highestCurrent", "The n with the highest last value.", "last", down=True)
_top("lowestAverage", "The n with the lowest average.", "average", down=False)
_top("lowestCurrent", "The n with the lowest last value.", "last", down=False)


def _kept(name: str, info: str, word: str, keeps: Callable[[float, float], bool]) -> None:
    def does(asked: Asked, traces: list[Trace], bound: float) -> list[Trace]:
        return [trace for trace in traces if keeps(_by(trace, word), bound)]

    does.__doc__ = info
    function(name, takes=[LIST, _N])(does)


_kept("averageAbove", "Those with an average above n.", "average", lambda number, bound: number > bound)
_kept("averageBelow", "Those with an average of n at most.", "average", lambda number, bound: number <= bound)
_kept("currentAbove", "Those with a last value above n.", "last", lambda number, bound: number > bound)
_kept("currentBelow", "Those with a last value of n at most.", "last", lambda number, bound: number <= bound)
_kept("maximumAbove", "Those with a peak above n.", "max", lambda number, bound: number > bound)
_kept("maximumBelow", "Those with a peak of n at most.", "max", lambda number, bound: number <= bound)
_kept("minimumAbove", "Those that are never at n or below.", "min", lambda number, bound: number > bound)
_kept("minimumBelow", "Those that are once at n or below.", "min", lambda number, bound: number <= bound)


@function("highest", takes=[LIST, _HOW_MANY, Param("func", Kind.TEXT, "average")])
def highest(asked: Asked, traces: list[Trace], count: int, by: str) -> list[Trace]:
    """The n that are highest by `average`, `max`, `last` and so on."""
    return _ranked(traces, by, down=True)[: max(count, 0)]


@function("lowest", takes=[LIST, _HOW_MANY, Param("func", Kind.TEXT, "average")])
def lowest(asked: Asked, traces: list[Trace], count: int, by: str) -> list[Trace]:
    """The n that are lowest."""
    return _ranked(traces, by, down=False)[: max(count, 0)]


@function("limit", takes=[LIST, Param("n", Kind.WHOLE)])
def limit(asked: Asked, traces: list[Trace], count: int) -> list[Trace]:
    """The first n."""
    return traces[: max(count, 0)]


@function("sortByName", takes=[LIST, Param("natural", Kind.FLAG, False), Param("reverse", Kind.FLAG, False)])
def sort_by_name(asked: Asked, traces: list[Trace], natural: bool, reverse: bool) -> list[Trace]:
    """In the order of their names; `natural` puts web2 before web10."""

    def key(one: Trace) -> list[tuple[int, str]]:
        pieces = re.split(r"(\d+)", one.name) if natural else [one.name]
        return [(int(piece), "") if natural and piece.isdigit() else (0, piece) for piece in pieces]

    return sorted(traces, key=key, reverse=reverse)


@function("sortByMaxima", takes=[LIST])
def sort_by_maxima(asked: Asked, traces: list[Trace]) -> list[Trace]:
    """Those with the highest peak first."""
    return _ranked(traces, "max", down=True)


@function("removeEmptySeries", takes=[LIST])
def remove_empty_series(asked: Asked, traces: list[Trace]) -> list[Trace]:
    """Without those of which nothing is known."""
    return [trace for trace in traces if not np.isnan(trace.values).all()]


def _named(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(f"'{pattern}' is no regular expression: {error}") from None


@function("grep", takes=[LIST, Param("pattern", Kind.TEXT)])
def grep(asked: Asked, traces: list[Trace], pattern: str) -> list[Trace]:
    """Those in whose names a regular expression finds something."""
    return [trace for trace in traces if _named(pattern).search(trace.name)]


@function("exclude", takes=[LIST, Param("pattern", Kind.TEXT)])
def exclude(asked: Asked, traces: list[Trace], pattern: str) -> list[Trace]:
    """Those in whose names it finds nothing."""
    return [trace for trace in traces if not _named(pattern).search(trace.name)]

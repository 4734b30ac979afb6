"""One trace of several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from rem_cli.errors import UsageError
from rem_cli.series.query import Trace
from rem_cli.series.query import aligned as rows
from rem_cli.series.query.aligned import aligned, combined
from rem_cli.series.query.functions.names import NODES, part_of
from rem_cli.series.query.registry import LIST, LISTS, Asked, Kind, Param, function

if TYPE_CHECKING:
    from rem_cli.series import Values


def _made(name: str, traces: list[Trace], combine: rows.Combine) -> list[Trace]:
    if not traces:
        return []
    start, step, matrix = aligned(traces)
    return [Trace(name, traces[0].path, start, step, combine(matrix))]


def _of_several(info: str, combine: rows.Combine, *names: str) -> None:
    def does(asked: Asked, *lists: list[Trace]) -> list[Trace]:
        return _made(f"{names[0]}({asked.words})", list(chain(*lists)), combine)

    does.__doc__ = info
    function(*names, takes=[LISTS])(does)


_of_several("The sum of what is known.", rows.total, "sumSeries", "sum")
_of_several("The mean of what is known.", rows.mean, "averageSeries", "avg")
_of_several("The lowest.", rows.lowest, "minSeries")
_of_several("The highest.", rows.highest, "maxSeries")
_of_several("The standard deviation of what is known.", rows.deviation, "stddevSeries")
_of_several("How many series there are.", lambda m: np.full(m.shape[1], float(len(m))), "countSeries")
_of_several("The highest less the lowest.", rows.reach, "rangeOfSeries")
_of_several("The first less all others.", rows.first_less_others, "diffSeries")
_of_several("The product, unknown where one is.", rows.product, "multiplySeries")


@function("group", takes=[LISTS])
def group(asked: Asked, *lists: list[Trace]) -> list[Trace]:
    """All of several lists in one."""
    return list(chain(*lists))


@function("aggregate", takes=[LIST, Param("func", Kind.TEXT)])
def aggregate(asked: Asked, traces: list[Trace], by: str) -> list[Trace]:
    """One series of several, by `sum`, `average`, `max`, `p95` and so on."""
    return _made(f"{by.removesuffix('Series')}Series({asked.words})", traces, combined(by))


@function(
    "percentileOfSeries",
    takes=[LIST, Param("n", Kind.NUMBER), Param("interpolate", Kind.FLAG, False)],
)
def percentile_of_series(asked: Asked, traces: list[Trace], percent: float, between: bool) -> list[Trace]:
    """The percentile of what is known, at each time."""
    if not 0 < percent <= 100:
        raise UsageError("a percentile is more than 0 and at most 100", hint="like 95")
    name = f"percentileOfSeries({asked.words},{percent:g})"
    return _made(name, traces, lambda matrix: rows.percentile(matrix, percent, between=between))


@function("groupByNode", takes=[LIST, Param("nodeNum", Kind.NODE), Param("callback", Kind.TEXT, "average")])
def group_by_node(asked: Asked, traces: list[Trace], node: int | str, by: str) -> list[Trace]:
    """One series for each value of a part of the path, made by `sum`, `average` and so on."""
    return group_by_nodes(asked, traces, by, node)


@function("groupByNodes", takes=[LIST, Param("callback", Kind.TEXT), NODES])
def group_by_nodes(asked: Asked, traces: list[Trace], by: str, *nodes: int | str) -> list[Trace]:
    """The same for several parts."""
    groups: dict[str, list[Trace]] = {}
    for trace in traces:
        groups.setdefault("/".join(part_of(trace, node) for node in nodes), []).append(trace)
    return [one for name, some in groups.items() for one in _made(name, some, combined(by))]


def _pairs(
    traces: list[Trace], others: list[Trace], does: Callable[[Values, Values], Values], name: str
) -> list[Trace]:
    if len(others) not in (1, len(traces)):
        raise UsageError(f"one series or {len(traces)} belong on the other side, not {len(others)}")
    made = []
    for trace, other in zip(traces, others * len(traces) if len(others) == 1 else others, strict=True):
        start, step, (one, two) = aligned([trace, other])
        made.append(Trace(f"{name}({trace.name},{other.name})", trace.path, start, step, does(one, two)))
    return made


def _ratio(one: Values, two: Values) -> Values:
    """Unknown by nothing."""
    return np.where(two == 0, np.nan, one / two)


@function("divideSeries", "divideSeriesLists", takes=[LIST, Param("divisorSeries", Kind.SERIES)])
def divide_series(asked: Asked, traces: list[Trace], divisors: list[Trace]) -> list[Trace]:
    """Each by one series, or by its like in another list; unknown where that is 0."""
    return _pairs(traces, divisors, _ratio, "divideSeries") if divisors else []


@function("asPercent", takes=[LIST, Param("total", Kind.TOTAL, None)])
def as_percent(asked: Asked, traces: list[Trace], total: list[Trace] | float | None) -> list[Trace]:
    """Each as a percentage of their sum, of a number, of one series, or of its like in another list."""
    if isinstance(total, (int, float)):
        return [
            replace(one, name=f"asPercent({one.name},{total:g})", values=_ratio(one.values, np.asarray(total)) * 100)
            for one in traces
        ]
    others = _made(f"sumSeries({asked.words})", traces, rows.total) if total is None else total
    return _pairs(traces, others, lambda one, two: _ratio(one, two) * 100, "asPercent") if others else []

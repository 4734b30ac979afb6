"""Several traces over one time: rows of a matrix, and what is known of each column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rem_cli.errors import UsageError
from rem_cli.series.query import Trace

if TYPE_CHECKING:
    from rem_cli.series import Values

Combine = Callable[["Values"], "Values"]  # a matrix to one value for each column


def aligned(traces: Sequence[Trace]) -> tuple[int, int, Values]:
    """(start, step, matrix) of traces, the step being a multiple of each one's: finer values are averaged into it."""
    step = math.lcm(*(trace.step for trace in traces))
    coarse = [coarser(trace, step) for trace in traces]
    start = min(trace.start for trace in coarse)
    end = max(trace.end for trace in coarse)
    matrix = np.full((len(coarse), (end - start) // step), np.nan)
    for row, trace in zip(matrix, coarse, strict=True):
        at = (trace.start - start) // step
        row[at : at + len(trace.values)] = trace.values
    return start, step, matrix


def coarser(trace: Trace, step: int, combine: str = "average") -> Trace:
    """A trace with a longer step, at whole multiples of it."""
    if step == trace.step and not trace.start % step:
        return trace
    start = trace.start - trace.start % step
    end = trace.end + -trace.end % step
    if step % trace.step or (trace.start - start) % trace.step:  # their edges do not meet
        places = (trace.start + np.arange(len(trace.values)) * trace.step - start) // step
        groups = [trace.values[places == place] for place in range((end - start) // step)]
        made = np.array([combined(combine)(group[:, None])[0] if len(group) else np.nan for group in groups])
        return Trace(trace.name, trace.path, start, step, made)
    padded = np.full((end - start) // trace.step, np.nan)
    at = (trace.start - start) // trace.step
    padded[at : at + len(trace.values)] = trace.values
    return Trace(trace.name, trace.path, start, step, combined(combine)(padded.reshape(-1, step // trace.step).T))


def known(matrix: Values) -> Values:
    """How many values of each column are known."""
    return np.asarray(np.sum(~np.isnan(matrix), axis=0), dtype=np.float64)


def _where(matrix: Values, made: Values) -> Values:
    return np.where(known(matrix) > 0, made, np.nan)


def total(matrix: Values) -> Values:
    return _where(matrix, np.where(np.isnan(matrix), 0.0, matrix).sum(axis=0))


def mean(matrix: Values) -> Values:
    return total(matrix) / known(matrix)


def lowest(matrix: Values) -> Values:
    return _where(matrix, np.where(np.isnan(matrix), np.inf, matrix).min(axis=0))


def highest(matrix: Values) -> Values:
    return _where(matrix, np.where(np.isnan(matrix), -np.inf, matrix).max(axis=0))


def deviation(matrix: Values) -> Values:
    """Of all that is known, not of a sample of it."""
    return np.sqrt(mean((matrix - mean(matrix)) ** 2))


def counted(matrix: Values) -> Values:
    return _where(matrix, known(matrix))


def first_less_others(matrix: Values) -> Values:
    """The first value that is known, less all that follow it."""
    return 2 * _picked(matrix, 0) - total(matrix)


def product(matrix: Values) -> Values:
    """Unknown as soon as one is."""
    return np.asarray(matrix.prod(axis=0))


def newest(matrix: Values) -> Values:
    return _picked(matrix[::-1], 0)


def median(matrix: Values) -> Values:
    count = known(matrix)
    low, high = np.maximum((count - 1) // 2, 0), count // 2
    ordered = np.sort(matrix, axis=0)  # what is not known comes last
    return _where(matrix, (_at(ordered, low) + _at(ordered, np.minimum(high, len(matrix) - 1))) / 2)


def percentile(matrix: Values, percent: float, *, between: bool = False) -> Values:
    """The value of rank `percent / 100 * (known + 1)`, rounded up, or `between` the two that it falls between."""
    count = known(matrix)
    ordered = np.sort(matrix, axis=0)
    exact = percent / 100.0 * (count + 1)
    rank = np.floor(exact) if between else np.ceil(exact)
    here = _at(ordered, np.clip(rank - 1, 0, np.maximum(count - 1, 0)))
    if between:
        after = _at(ordered, np.clip(rank, 0, np.maximum(count - 1, 0)))
        here = here + (exact - rank) * (after - here)
    return _where(matrix, here)


def reach(matrix: Values) -> Values:
    """From the lowest to the highest."""
    return highest(matrix) - lowest(matrix)


COMBINES: dict[str, Combine] = {
    "average": mean, "avg": mean, "sum": total, "total": total, "min": lowest, "max": highest, "median": median,
    "stddev": deviation, "count": counted, "diff": first_less_others, "multiply": product, "last": newest,
    "current": newest, "range": reach, "rangeOf": reach,
}  # fmt: skip


def combined(name: str) -> Combine:
    """The function of a word like `sum`, `sumSeries` or `p95`; UsageError."""
    word = name.removesuffix("Series")
    if word in COMBINES:
        return COMBINES[word]
    if word.startswith("p") and word[1:].replace(".", "", 1).isdigit() and 0 < float(word[1:]) <= 100:
        return lambda matrix: percentile(matrix, float(word[1:]))
    raise UsageError(
        f"'{name}' is no way to make one value of several", hint="sum, average, min, max, last, median, p95 …"
    )


def _picked(matrix: Values, rank: int) -> Values:
    """The first known value of each column."""
    return _where(matrix, _at(matrix, np.argmax(~np.isnan(matrix), axis=0).astype(np.float64)))


def _at(matrix: Values, rows: Values) -> Values:
    return np.asarray(np.take_along_axis(matrix, rows.astype(np.intp)[None, :], axis=0)[0])

"""Traces over windows of time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rem_cli.errors import UsageError
from rem_cli.series.query import Trace
from rem_cli.series.query import aligned as rows
from rem_cli.series.query.aligned import coarser, combined
from rem_cli.series.query.registry import AHEAD, LIST, Asked, Kind, Later, Param, Span, function

if TYPE_CHECKING:
    from rem_cli.series import Values

_AT_ONCE = 4_000_000  # values
_SHARE = Param("xFilesFactor", Kind.NUMBER, 0)


def _moving(info: str, combine: rows.Combine, *names: str) -> None:
    def does(asked: Asked, later: Later, size: int | Span, share: float) -> list[Trace]:
        return _windows(names[0], asked, later, size, share, combine)

    does.__doc__ = info
    function(*names, takes=[AHEAD, Param("windowSize", Kind.POINTS), _SHARE])(does)


def _windows(
    name: str, asked: Asked, later: Later, size: int | Span, share: float, combine: rows.Combine
) -> list[Trace]:
    if isinstance(size, int) and size < 1:
        raise UsageError("a window holds at least one value", hint="like 10, or '5min'")
    seconds = (
        size.seconds if isinstance(size, Span) else size * max((one.step for one in later(asked.window)), default=1)
    )
    made = []
    for trace in later(asked.window.longer(seconds)):
        points = seconds // trace.step if isinstance(size, Span) else size
        if points < 1:
            raise UsageError(f"a window of {seconds} s holds no value of {trace.step} s", hint="take a longer one")
        values = _over(trace.values, points, share, combine)
        title = f"{name}({trace.name},{f'{seconds}s' if isinstance(size, Span) else size})"
        made.append(Trace(title, trace.path, trace.start + points * trace.step, trace.step, values))
    return made


def _over(values: Values, points: int, share: float, combine: rows.Combine) -> Values:
    """What `combine` makes of each value from place `points` on and the ones before it, `points` in all."""
    if len(values) <= points:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, points)[1:]
    each = max(1, _AT_ONCE // points)
    parts = [windows[at : at + each].T for at in range(0, len(windows), each)]
    return np.concatenate([
        np.where(rows.known(part) / points >= share, combine(part), np.nan) for part in parts
    ])  # fmt: skip


_moving("The mean of what is known of the last values, or of the last time like '5min'.", rows.mean, "movingAverage")
_moving("Their median.", rows.median, "movingMedian")
_moving("Their sum.", rows.total, "movingSum")
_moving("The lowest of them.", rows.lowest, "movingMin")
_moving("The highest of them.", rows.highest, "movingMax")


@function(
    "summarize",
    takes=[
        LIST,
        Param("intervalString", Kind.SPAN),
        Param("func", Kind.TEXT, "sum"),
        Param("alignToFrom", Kind.FLAG, False),
    ],
)
def summarize(asked: Asked, traces: list[Trace], seconds: int, by: str, from_start: bool) -> list[Trace]:
    """One value for each time like '1h', by `sum`, `average`, `max`, `last` and so on."""
    combined(by)
    span = abs(seconds)
    made = []
    for trace in traces:
        shift = trace.start % span if from_start else 0
        whole = coarser(replace(trace, start=trace.start - shift), span, by)
        made.append(replace(whole, name=f'summarize({trace.name}, "{span}s", "{by}")', start=whole.start + shift))
    return made


@function("timeShift", takes=[AHEAD, Param("timeShift", Kind.SPAN)])
def time_shift(asked: Asked, later: Later, seconds: int) -> list[Trace]:
    """What it was so long ago, like '1d' or '1w', drawn as if it were now; '+1d' looks ahead."""
    return _shifted(later, asked, -abs(seconds) if seconds > 0 else seconds)


def _shifted(later: Later, asked: Asked, by: int) -> list[Trace]:
    made = []
    for trace in later(asked.window.moved(by)):
        start = asked.window.start - asked.window.start % trace.step + trace.step
        made.append(replace(trace, name=f'timeShift({trace.name}, "{by}s")', start=start))
    return made


@function("delay", takes=[LIST, Param("steps", Kind.WHOLE)])
def delay(asked: Asked, traces: list[Trace], steps: int) -> list[Trace]:
    """Moved to the right by so many values."""
    return [replace(one, name=f"delay({one.name},{steps})", values=_delayed(one.values, steps)) for one in traces]


def _delayed(values: Values, steps: int) -> Values:
    if steps < 0:
        raise UsageError("a delay is not below 0")
    return np.concatenate((np.full(min(steps, len(values)), np.nan), values[: max(len(values) - steps, 0)]))

"""Traces by themselves, value for value or from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rem_cli.series.query import Trace
from rem_cli.series.query.registry import LIST, Asked, Kind, Param, function

if TYPE_CHECKING:
    from rem_cli.series import Values

_FACTOR = Param("factor", Kind.NUMBER)
_N = Param("n", Kind.NUMBER)
_BOUNDS = [LIST, Param("maxValue", Kind.NUMBER, None), Param("minValue", Kind.NUMBER, None)]


def _each(info: str, does: Callable[..., Values], *names: str, takes: tuple[Param, ...] = ()) -> None:
    """A function of the values and numbers alone."""

    def every(asked: Asked, traces: list[Trace], *given: Any) -> list[Trace]:
        said = "".join(f",{one:g}" for one in given if one is not None and one < np.inf)
        return [replace(one, name=f"{names[0]}({one.name}{said})", values=does(one.values, *given)) for one in traces]

    every.__doc__ = info
    function(*names, takes=[LIST, *takes])(every)


def _integral(values: Values) -> Values:
    return np.where(np.isnan(values), np.nan, np.cumsum(np.where(np.isnan(values), 0.0, values)))


def _kept(values: Values, limit: float) -> Values:
    """Gaps of at most `limit` values filled with the last one before them."""
    places = np.arange(len(values))
    unknown = np.isnan(values)
    last = np.maximum.accumulate(np.where(unknown, -1, places))
    after = np.minimum.accumulate(np.where(unknown, len(values), places)[::-1])[::-1]
    fill = unknown & (last >= 0) & (after - last - 1 <= limit)
    return np.where(fill, values[np.maximum(last, 0)], values)


def _filled(values: Values, default: float) -> Values:
    return np.where(np.isnan(values), default, values)


_each("Times a number.", lambda values, factor: values * factor, "scale", takes=(_FACTOR,))
_each("Plus a number.", lambda values, factor: values + factor, "offset", takes=(_FACTOR,))
_each("Without its sign.", np.abs, "absolute")
_each("The running sum of what is known.", _integral, "integral")
_each("One divided by it, unknown for 0.", lambda v: 1 / np.where(v == 0, np.nan, v), "invert")
_each("To a power.", lambda values, factor: values**factor, "pow", takes=(_FACTOR,))
_each(
    "Gaps filled with the last value before them, if they are no longer than `limit` values.", _kept, "keepLastValue",
    takes=(Param("limit", Kind.NUMBER, np.inf),),
)  # fmt: skip
_each("A number where nothing is known.", _filled, "transformNull", takes=(Param("default", Kind.NUMBER, 0),))
_each("1 where something is known, else 0.", lambda v: np.where(np.isnan(v), 0.0, 1.0), "isNonNull")
_each("Unknown above a number.", lambda v, n: np.where(v > n, np.nan, v), "removeAboveValue", takes=(_N,))
_each("Unknown below a number.", lambda v, n: np.where(v < n, np.nan, v), "removeBelowValue", takes=(_N,))


def _steps(values: Values) -> Values:
    """From each value to the next; unknown where one of the two is."""
    return np.concatenate(([np.nan], np.diff(values))) if len(values) else values


def _growth(values: Values, most: float | None, least: float | None) -> Values:
    """How much a counter grew. Where it fell it began anew: at `least`, or after `most`, or nobody knows where."""
    if most is not None:
        values = np.where(values > most, np.nan, values)
    if least is not None:
        values = np.where(values < least, np.nan, values)
    grown = _steps(values)
    if most is not None:
        anew = grown + most + 1 - (least or 0)
    else:
        anew = values - least if least is not None else np.full_like(values, np.nan)
    return np.where(grown < 0, anew, grown)


@function("derivative", takes=[LIST])
def derivative(asked: Asked, traces: list[Trace]) -> list[Trace]:
    """How much it changed since the value before."""
    return [replace(one, name=f"derivative({one.name})", values=_steps(one.values)) for one in traces]


@function("nonNegativeDerivative", takes=_BOUNDS)
def non_negative_derivative(asked: Asked, traces: list[Trace], most: float | None, least: float | None) -> list[Trace]:
    """How much a counter grew since the value before; unknown where it fell, unless `maxValue` says where it wraps."""
    return [
        replace(one, name=f"nonNegativeDerivative({one.name})", values=_growth(one.values, most, least))
        for one in traces
    ]


@function("perSecond", takes=_BOUNDS)
def per_second(asked: Asked, traces: list[Trace], most: float | None, least: float | None) -> list[Trace]:
    """How much a counter grew in a second; unknown where it fell."""
    return [
        replace(one, name=f"perSecond({one.name})", values=np.round(_growth(one.values, most, least) / one.step, 6))
        for one in traces
    ]


@function("scaleToSeconds", takes=[LIST, Param("seconds", Kind.NUMBER)])
def scale_to_seconds(asked: Asked, traces: list[Trace], seconds: float) -> list[Trace]:
    """What came in a step, as it would be in so many seconds."""
    name = f"scaleToSeconds(%s,{seconds:g})"
    return [replace(one, name=name % one.name, values=np.round(one.values * seconds / one.step, 6)) for one in traces]


@function("constantLine", takes=[Param("value", Kind.NUMBER)])
def constant_line(asked: Asked, value: float) -> list[Trace]:
    """The same number all the time."""
    start, end = asked.window
    return [Trace(f"{value:g}", f"{value:g}", start, max((end - start) // 2, 1), np.array([value] * 3, dtype=float))]

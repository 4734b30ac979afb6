"""One look at numbers: by a tolerance, by a condition, by a program of the package."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from rem_cli.language import Value
from rem_cli.language.shown import plain
from rem_cli.series import Point
from rem_cli.sla import Seen, Sight

NOT_THERE = (126, 127)  # how a shell says that a program could not be started
Evaluate = Callable[[str, Mapping[str, Value]], Value]


class Tolerance(NamedTuple):
    """`is` and its bounds, in the unit of the measure."""

    compared: str
    bounds: tuple[float, ...]

    def has(self, value: float) -> bool:
        """Whether a number is what it says. NaN never is; an infinite one compares like any other."""
        if math.isnan(value):
            return False
        low, high = self.bounds[0], self.bounds[-1]
        return {
            ">": value > low, ">=": value >= low, "<": value < low, "<=": value <= low, "=": value == low,
            "!=": value != low, "outside": value < low or value > high, "inside": low <= value <= high,
        }[self.compared]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.compared} {'..'.join(f'{one:g}' for one in self.bounds)}"


class Ended(NamedTuple):
    """How a test script ended."""

    status: int | None  # None: it was killed, or could not be started
    why: str = ""  # killed by signal 9, timed out after 30s, not there
    started: bool = True


def newest(points: Sequence[Point]) -> Point | None:
    """The number that counts: the last by time, and of two of one time the one that came last. NaN is no number."""
    known = {one.at: one for one in points if not math.isnan(one.value)}
    return known[max(known)] if known else None


def by_tolerance(points: Sequence[Point], out: Tolerance, back: Tolerance | None = None) -> Seen:
    """What the newest number shows."""
    last = newest(points)
    if last is None:
        return Seen(Sight.NOTHING, "no data")
    shown = f"{last.value:g}"
    if out.has(last.value):
        return Seen(Sight.BAD, f"{shown} is {out}", last.at)
    if back is not None and not back.has(last.value):
        return Seen(Sight.BETWEEN, f"{shown} is neither {out} nor {back}", last.at)
    return Seen(Sight.WELL, f"{shown} is not {out}", last.at)


def by_condition(text: str, data: Mapping[str, Value], evaluate: Evaluate, sampled: float) -> Seen:
    """What must be true of the measures. An expression without a value, or with another than true and false, is an
    error and never ok; `evaluate` raises ValueError for it."""
    try:
        value = evaluate(text, data)
    except ValueError as error:
        return Seen(Sight.ERROR, str(error), sampled)
    if not isinstance(value, bool):
        return Seen(Sight.ERROR, f"'{text}' is {plain(value)}, neither true nor false", sampled)
    return Seen(Sight.WELL if value else Sight.BAD, f"'{text}' is {'true' if value else 'false'}", sampled)


def by_script(ended: Ended, sampled: float | None) -> Seen:
    """What a program says by its exit status: 0 well, 1 warns, 2 a breach, any other that it cannot say."""
    if not ended.started or ended.status in NOT_THERE:
        return Seen(Sight.ERROR, ended.why or f"the test script ended with {ended.status}: it cannot be run", sampled)
    if ended.status is None:
        return Seen(Sight.UNKNOWN, f"the test script was {ended.why}", sampled)
    sights = {0: Sight.WELL, 1: Sight.BETWEEN, 2: Sight.BAD}
    said = {0: "is well", 1: "warns", 2: "says it is a breach"}
    sight = sights.get(ended.status, Sight.UNKNOWN)
    return Seen(sight, f"the test script {said.get(ended.status, f'cannot say ({ended.status})')}", sampled)


def both(numbers: Seen, script: Callable[[], Seen]) -> Seen:
    """Numbers first: a program is asked only whether what is bad by them is a breach."""
    return script() if numbers.sight is Sight.BAD else numbers

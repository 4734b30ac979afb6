"""Which checks are due, and when in a turn each begins: functions of the time and of what was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zlib import crc32

from rem_cli.collect.checks import Check
from rem_cli.collect.gather import Start
from rem_cli.collect.memory import Known

DEAD = 3  # failures in a row, after which a target is asked last, and each question once


def due(checks: Iterable[Check], known: Mapping[str, Known], now: float) -> list[Check]:
    """The checks whose interval has begun since they were made: at 12:00 one with `every: 5m`, and not at 12:01."""
    found = []
    for check in checks:
        before = known.get(check.name)
        if before is None or slot(check, now) != before.slot:
            found.append(check)
    return found


def slot(check: Check, now: float) -> int:
    """The number of the interval that a moment is in."""
    return int(now // check.every)


def next_due(checks: Iterable[Check], now: float) -> float | None:
    """Seconds until the first interval begins; None without checks."""
    return min((check.every - now % check.every for check in checks), default=None)


def starts(checks: Iterable[Check], known: Mapping[str, Known], spread: float) -> list[Start]:
    """In the order in which they begin: spread over some seconds by name, and those that are probably dead last.

    A dead target is asked all the same, for `up` is always known; but each question once, without a retry.
    """
    alive: list[Start] = []
    dead: list[Start] = []
    for check in checks:
        before = known.get(check.name)
        if before is not None and before.failures >= DEAD:
            dead.append(Start(check, spread))
        else:
            alive.append(Start(check, offset(check.name, spread), check.retries))
    alive.sort(key=lambda start: start.after)
    return [*alive, *dead]


def offset(name: str, spread: float) -> float:
    """Of one name always the same part of `spread`."""
    return crc32(name.encode()) / 2**32 * spread if spread else 0.0

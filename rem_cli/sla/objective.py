"""Objectives: how much of a window was well, what is left of the error budget, and how fast it is used up.

A number stands for the time up to when the next one is due. What counts are the hours that were promised, without
planned downtime unless it is to count. Missing numbers are left out, or bad, or good, as the rule's `no data` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from rem_cli.jobs.schedule import Within
from rem_cli.language.zone import DAY, seconds, shown, zone
from rem_cli.series import Range

Bad = Callable[[float], bool]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Window(NamedTuple):
    """From `begin` up to `end`, which is now; `whole` is when it will be over, for one by the calendar."""

    begin: int
    end: int
    whole: int


class Account(NamedTuple):
    """Seconds of one window."""

    good: float = 0.0
    bad: float = 0.0
    missing: float = 0.0
    planned: float = 0.0  # downtime that was announced
    planned_bad: float = 0.0  # of these, bad ones
    closed: float = 0.0  # outside of the hours that were promised

    def plus(self, other: Account) -> Account:
        return Account(*(one + two for one, two in zip(self, other, strict=True)))


@dataclass(frozen=True)
class Terms:
    """What counts how."""

    objective: float  # percent of the time
    no_data: str = "keep"  # keep: left out, alert: bad, ok: good
    downtime: str = "exclude"  # exclude, count, or split: told apart
    hours: Within | None = None

    def available(self, account: Account) -> float | None:
        """Percent of what counts; None where nothing does."""
        good, bad = self._sides(account)
        return 100.0 * good / (good + bad) if good + bad > 0 else None

    def budget(self, account: Account, length: float) -> tuple[float, float]:
        """Seconds that may be bad in a window of so many seconds, and how many of them are left; below 0: overdrawn."""
        allowed = (100.0 - self.objective) / 100.0 * length
        return allowed, allowed - self._sides(account)[1]

    def burn(self, account: Account) -> float | None:
        """How many times faster than allowed it is used up; None where nothing counts, or nothing may be bad."""
        good, bad = self._sides(account)
        allowed = (100.0 - self.objective) / 100.0
        return bad / (good + bad) / allowed if good + bad > 0 and allowed > 0 else None

    def _sides(self, account: Account) -> tuple[float, float]:
        good = account.good + (account.missing if self.no_data == "ok" else 0.0)
        bad = account.bad + (account.missing if self.no_data == "alert" else 0.0)
        if self.downtime == "count":
            return good + account.planned - account.planned_bad, bad + account.planned_bad
        return good, bad


class BurnRate(NamedTuple):
    """An alert when a budget is used up too fast over a long and a short time at once: times in seconds."""

    long: float
    short: float
    factor: float
    severity: str


def window(now: int, length: float | None, calendar: str | None, place: str) -> Window:
    """The window of an objective at a time: so many seconds up to now, or since the calendar's last turn in a zone."""
    if calendar is None:
        begin = now - int(length or 0)
        return Window(begin, now, now)
    here = zone(place)
    wall = now + here.offset(now)
    today = shown(wall - wall % DAY)
    if calendar in ("day", "week"):
        days = 1 if calendar == "day" else 7
        first = seconds(today) - (today.weekday() * DAY if calendar == "week" else 0)
        return Window(here.instant(first), now, here.instant(first + days * DAY))
    months = _MONTHS[calendar]
    number = today.year * 12 + (today.month - 1) // months * months
    return Window(here.instant(_first(today, number)), now, here.instant(_first(today, number + months)))


def _first(day: datetime, months: int) -> int:
    return seconds(day.replace(year=months // 12, month=months % 12 + 1, day=1))


def account(
    found: Range,
    begin: int,
    end: int,
    bad: Bad,
    terms: Terms,
    planned: Sequence[tuple[int, int]] = (),
    stands: float = 0.0,
) -> Account:
    """What a window comes to. A number stands for so many seconds, or for a step of the range where that is more."""
    total = Account()
    last, until = None, float(found.start)
    for place, known in enumerate(found.values):
        at = found.start + place * found.step
        if known is not None:
            last, until = known, at + max(stands, found.step)
        value = last if at < until else None
        low, high = max(begin, at), min(end, at + found.step)
        for one, two in _parts(low, high, terms.hours, planned):
            total = total.plus(_one(value, one, two, bad, terms, planned))
    return total


def _parts(low: int, high: int, hours: Within | None, planned: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """One number's time, cut where hours or downtimes begin or end."""
    cuts = {at for span in planned for at in span if low < at < high}
    at = low
    while hours is not None and (at := hours.until(at)) < high:
        cuts.add(at)
    edges = [low, *sorted(cuts), high]
    yield from ((one, two) for one, two in pairwise(edges) if one < two)


def _one(
    value: float | None, at: int, until: int, bad: Bad, terms: Terms, planned: Sequence[tuple[int, int]]
) -> Account:
    long = float(until - at)
    if terms.hours is not None and not terms.hours.has(at):
        return Account(closed=long)
    if any(begin <= at < end for begin, end in planned):
        return Account(planned=long, planned_bad=long if value is not None and bad(value) else 0.0)
    if value is None or value != value:  # NaN is no number
        return Account(missing=long)
    return Account(bad=long) if bad(value) else Account(good=long)

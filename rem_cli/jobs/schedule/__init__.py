"""When a job is due: the values and the one interface of schedules. Time is an argument.

Instants are whole seconds since 1970-01-01T00:00:00Z. A schedule knows no last run: what it says depends on nothing
but its own text and the rules of its time zone, so every machine says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple, Protocol

from rem_cli.language.zone import zone

NEAR = 12 * 366 * 86_400
HORIZON = 50 * 366 * 86_400  # seconds that are looked through for the next instant; the 29th of February is near


class Instant(NamedTuple):
    """A moment at which a job is due. `runs` is False for a wall time that is left out since it does not exist."""

    at: int
    zone: str  # whose clock its schedule means
    note: str = ""  # what a change of clocks does to it, for people
    runs: bool = True

    @property
    def local(self) -> datetime:
        """The time on the wall, with its offset and abbreviation."""
        return zone(self.zone).at(self.at)


class Rule(Protocol):
    """What `once`, `every` and `cron` have in common."""

    @property
    def zone(self) -> str:
        """Whose clock it means."""

    def walk(self, after: int) -> Iterator[Instant]:
        """Every instant later than `after`, each later than the one before; those that are left out too."""

    def __str__(self) -> str:
        """The schedule as a package writes it: `cron 30 2 * * *`."""


class Within(Protocol):
    """Times that have a name, such as a calendar's."""

    def has(self, instant: int) -> bool:
        """Whether an instant is one of them."""

    def until(self, instant: int) -> int:
        """A later instant before which nothing becomes one of them, or ceases to be one."""


@dataclass(frozen=True)
class Schedule:
    """When a job is due."""

    rule: Rule
    within: Within | None = None

    def walk(self, after: int) -> Iterator[Instant]:
        """Every instant later than `after` that its calendar has, for 50 years; those that are left out too.

        With a calendar for 12 years, since one may shut out everything.
        """
        if self.within is None:
            yield from takewhile(lambda one: one.at < after + HORIZON, self.rule.walk(after))
            return
        at, end = after, after + NEAR
        while at < end:
            shut = end
            for one in self.rule.walk(at):
                if one.at >= end or not self.within.has(one.at):
                    shut = one.at
                    break
                yield one
            at = self.within.until(shut) - 1

    def next(self, after: int) -> Instant | None:
        """The first instant later than `after`; None where there is none in sight."""
        return next((one for one in self.walk(after) if one.runs), None)

    def between(self, begin: int, end: int) -> Iterator[Instant]:
        """The instants from `begin` up to `end`, which does not belong to them."""
        return (one for one in takewhile(lambda one: one.at < end, self.walk(begin - 1)) if one.runs)

    def __str__(self) -> str:
        return str(self.rule)

"""Schedules without a pattern: one moment, and one moment after another at the same distance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from rem_cli.jobs.schedule import Instant
from rem_cli.language.shown import duration
from rem_cli.language.zone import shown, zone

ANCHOR = 4 * 86_400  # 1970-01-05T00:00:00Z, a Monday: a week begins with it, and so does every day


@dataclass(frozen=True)
class Every:
    """At the same distance, counted from one fixed moment on, so that no edit and no restart moves it."""

    seconds: float
    zone: str = "UTC"  # for people; clocks that change do not matter to it

    def __str__(self) -> str:
        return f"every {duration(self.seconds)}"

    def walk(self, after: int) -> Iterator[Instant]:
        first = int((after - ANCHOR) // self.seconds)
        moments = (ANCHOR + int(number * self.seconds // 1) for number in count(first))
        return (Instant(at, self.zone) for at in moments if at > after)


@dataclass(frozen=True)
class Once:
    """One moment. `wall` is what the wall in `zone` shows then; without a zone of its own it is an instant."""

    wall: int
    zone: str = "UTC"
    skip: bool = False
    instant: int | None = None  # where the text has an offset of its own

    def __str__(self) -> str:
        return f"once {shown(self.wall):%Y-%m-%d %H:%M}"

    @property
    def at(self) -> int:
        return zone(self.zone).instant(self.wall) if self.instant is None else self.instant

    def walk(self, after: int) -> Iterator[Instant]:
        if self.at > after:
            yield Instant(self.at, self.zone, *self._note())

    def _note(self) -> tuple[str, bool]:
        found = zone(self.zone).instants(self.wall) if self.instant is None else [self.instant]
        then = f"{shown(self.wall):%H:%M}"
        if len(found) > 1:
            return f"{then} is there twice that day: runs at the first", True
        if not found and self.skip:
            return f"{then} does not exist that day: does not run", False
        if not found:
            return f"{then} does not exist that day: runs at {zone(self.zone).at(self.at):%H:%M}", True
        return "", True

"""Five fields as Debian's cron reads them, held against days and times on a wall."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from rem_cli.language.types.cron import numbers
from rem_cli.language.zone import DAY, shown


@dataclass(frozen=True)
class Fields:
    """Five fields that the type `cron` has read."""

    text: str

    @cached_property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.text.split())

    @cached_property
    def sets(self) -> list[set[int]]:
        return numbers(self.text)

    @property
    def fixed(self) -> bool:
        """Whether they mean times on the wall; else they follow real time, as all do whose hour or minute is a *."""
        return not self.parts[0].startswith("*") and not self.parts[1].startswith("*")

    @property
    def either(self) -> bool:
        """Whether a day of the month and a weekday are two ways to be due, as they are where neither begins with *."""
        return not self.parts[2].startswith("*") and not self.parts[4].startswith("*")

    @cached_property
    def times(self) -> list[int]:
        """Seconds of a day."""
        return sorted(3600 * hour + 60 * minute for hour in self.sets[1] for minute in self.sets[0])

    def on(self, day: datetime) -> bool:
        """Whether a day is one of theirs."""
        _, _, days, months, weekdays = self.sets
        if day.month not in months:
            return False
        weekday = day.isoweekday()
        found = day.day in days, weekday in weekdays or (weekday == 7 and 0 in weekdays)
        return any(found) if self.either else all(found)

    def walls(self, begin: int, end: int) -> Iterator[int]:
        """The times on the wall from `begin` up to `end`, as if no clock ever changed."""
        for day in range(begin - begin % DAY, end, DAY):
            if not self.on(shown(day)):
                continue
            first = bisect_left(self.times, begin - day) if day < begin else 0
            for time in self.times[first:]:
                if day + time >= end:
                    return
                yield day + time

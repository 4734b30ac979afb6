"""Time zones as the tzdata distribution has them, the same on every machine: which instant a time on the wall is.

Instants are whole seconds since 1970-01-01T00:00:00Z. Wall times are counted the same way, as if the wall stood in UTC:
`wall = instant + offset`. So a wall time may be no instant, where clocks are put forward, or two, where they are put
back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 86_400
FAR = 2 * DAY  # more than any clock was ever put forward or back
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stretch(NamedTuple):
    """A time through which the offset to UTC stays: `begin` belongs to it, `end` does not."""

    begin: int
    end: int
    offset: int


class Zone:
    """One zone; UTC for a name that is left out."""

    def __init__(self, name: str) -> None:
        self.name = name
        with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
            self._zone = ZoneInfo.from_file(file, key=name)
        self._years: dict[int, tuple[int, ...]] = {}

    def at(self, instant: int) -> datetime:
        """The wall's time at an instant, with its offset and abbreviation."""
        return (_EPOCH + timedelta(seconds=instant)).astimezone(self._zone)

    def offset(self, instant: int) -> int:
        """Seconds that the wall is ahead of UTC."""
        ahead = self.at(instant).utcoffset()
        assert ahead is not None
        return int(ahead.total_seconds())

    def changes(self, begin: int, end: int) -> Iterator[int]:
        """The instants from `begin` up to `end` at which clocks are put forward or back."""
        for year in range(_year(begin), _year(end) + 1):
            yield from (at for at in self._changes(year) if begin <= at < end)

    def stretches(self, begin: int, end: int) -> Iterator[Stretch]:
        """The time between two instants, cut where clocks change; the first and the last are cut short.

        Where clocks never change it is cut once a year, far from any change, so that nobody who wants the first part
        waits for the last.
        """
        for year in range(_year(begin), _year(end) + 1):
            for change in self._changes(year):
                if begin < change < end:
                    yield Stretch(begin, change, self.offset(begin))
                    begin = change
            cut = _first(year + 1)
            if begin < cut - FAR and cut + FAR < end and not any(self.changes(cut, cut + FAR)):
                yield Stretch(begin, cut, self.offset(begin))
                begin = cut
        yield Stretch(begin, end, self.offset(begin))

    def instants(self, wall: int) -> list[int]:
        """The instants at which the wall shows a time: one, none in a gap, or two."""
        found = (wall - one.offset for one in self._around(wall) if one.begin <= wall - one.offset < one.end)
        return list(found)

    def instant(self, wall: int) -> int:
        """The first instant at which the wall shows a time; for one that does not exist, the end of the gap."""
        found = self.instants(wall)
        return found[0] if found else next(one.begin for one in self._around(wall) if one.begin + one.offset > wall)

    def _around(self, wall: int) -> list[Stretch]:
        return list(self.stretches(wall - FAR, wall + FAR))

    def _changes(self, year: int) -> tuple[int, ...]:
        if year not in self._years:
            self._years[year] = tuple(self._look(year))
        return self._years[year]

    def _look(self, year: int) -> Iterator[int]:
        """Each change of one year, found from day to day and then to the second."""
        for day in range(_first(year), _first(year + 1), DAY):
            low, high = day - 1, day + DAY - 1
            before = self.offset(low)
            if self.offset(high) == before:
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self.offset(middle) == before else (low, middle)
            yield high


@lru_cache(maxsize=700)
def zone(name: str | None) -> Zone:
    """The zone of a name that the type `time zone` has read."""
    return Zone(name or "UTC")


def _year(instant: int) -> int:
    return shown(instant).year


def _first(year: int) -> int:
    return seconds(datetime(year, 1, 1, tzinfo=UTC))


def seconds(wall: datetime) -> int:
    """A time on a wall, counted as wall times are."""
    return int((wall.replace(tzinfo=UTC) - _EPOCH).total_seconds())


def shown(wall: int) -> datetime:
    """The same as days, hours and minutes, without a zone."""
    return (_EPOCH + timedelta(seconds=wall)).replace(tzinfo=None)

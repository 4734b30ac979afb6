"""Which instants the times on a wall are, for many times of one stretch of years.

What `Zone` says of one time, without looking for the changes of clocks each time anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from rem_cli.language.zone import DAY, FAR, zone


class Wall:
    """The wall of a zone from some days before `begin` to some days after `end`."""

    def __init__(self, place: str, begin: int, end: int) -> None:
        self._zone = zone(place)
        self.begin, self.end = begin - 4 * DAY, end + 4 * DAY
        self._stretches = list(self._zone.stretches(self.begin - FAR, self.end + FAR))

    def at(self, instant: int) -> int:
        """What the wall shows."""
        return instant + self._zone.offset(instant)

    def first(self, wall: int) -> int:
        """The first instant of a time on the wall; for one that does not exist, the end of the gap."""
        found = next(self._instants(wall), None)
        return self._gap(wall) if found is None else found

    def last(self, wall: int) -> int:
        """The last instant of a time on the wall, so that what ends then leaves no hole; else as `first`."""
        found = [*self._instants(wall)]
        return found[-1] if found else self._gap(wall)

    def days(self) -> Iterator[int]:
        """The wall at 00:00 of each day, all of them, also one that a date line took out."""
        low = self.begin + self._stretches[0].offset
        yield from range(low - low % DAY, self.end + self._stretches[-1].offset, DAY)

    def _instants(self, wall: int) -> Iterator[int]:
        return (wall - one.offset for one in self._stretches if one.begin <= wall - one.offset < one.end)

    def _gap(self, wall: int) -> int:
        after = (one.begin for one in self._stretches if one.begin + one.offset > wall)
        return next(after, self._stretches[-1].end)

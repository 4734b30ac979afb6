"""Five fields as Debian's cron keeps them, also when clocks change.

A job with a fixed hour and minute runs once for each time on the wall: right after a gap, and at the first of two. One
whose hour or minute begins with `*` follows real time. The field `clock change` says otherwise for fixed times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from rem_cli.jobs.schedule import HORIZON, Instant
from rem_cli.language.crontab import Fields
from rem_cli.language.zone import FAR, Stretch, Zone, shown, zone


@dataclass(frozen=True)
class Cron:
    """Five fields in a zone. `skip` leaves out times in a gap, `both` takes both of a time that there is twice."""

    text: str
    zone: str = "UTC"
    skip: bool = False
    both: bool = False

    def __str__(self) -> str:
        return f"cron {self.text}"

    @cached_property
    def fields(self) -> Fields:
        return Fields(self.text)

    def walk(self, after: int) -> Iterator[Instant]:
        place = zone(self.zone)
        before: Stretch | None = None
        for stretch in place.stretches(after - FAR, after + HORIZON):
            if before is not None and stretch.offset > before.offset and self.fields.fixed and stretch.begin > after:
                yield from self._gap(before, stretch)
            begin = max(stretch.begin, after + 1)
            if begin < stretch.end:
                yield from self._stretch(place, before, stretch, begin)
            before = stretch

    def _gap(self, before: Stretch, stretch: Stretch) -> Iterator[Instant]:
        """What becomes of the times on the wall that do not exist."""
        first, end = stretch.begin + before.offset, stretch.begin + stretch.offset
        missed = list(self.fields.walls(first, end))
        if not missed or (self.skip and next(self.fields.walls(end, end + 1), None) is not None):
            return
        # Where the wall jumps over midnight, or further, the day alone tells which times are meant.
        far = shown(missed[0]).date() != shown(end).date()
        form = "%a %-d %b %H:%M" if far else "%H:%M"
        names = [shown(one).strftime(form) for one in missed]
        times = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        does = "does not exist" if len(names) == 1 else "do not exist"
        then = "does not run" if self.skip else f"runs at {shown(end).strftime(form)}"
        yield Instant(stretch.begin, self.zone, f"{times} {does}{'' if far else ' that day'}: {then}", not self.skip)

    def _stretch(self, place: Zone, before: Stretch | None, stretch: Stretch, begin: int) -> Iterator[Instant]:
        """The instants of a time through which clocks stay, from `begin` on."""
        offset = stretch.offset
        if begin == stretch.begin and self._filled(before, stretch):
            begin += 1
        twice = stretch.begin + before.offset if before and before.offset > offset else None  # until here, once more
        ahead = place.offset(stretch.end)
        again = stretch.end + ahead if ahead < offset else None  # from here on, for the first time
        for wall in self.fields.walls(begin + offset, stretch.end + offset):
            at, note = wall - offset, ""
            if self.fields.fixed and twice is not None and wall < twice:
                if not self.both:
                    continue
                note = self._twice(wall, "both, and this is the second", place.at(at))
            elif self.fields.fixed and again is not None and wall >= again:
                which = "both, and this is the first" if self.both else "the first"
                note = self._twice(wall, which, place.at(at))
            yield Instant(at, self.zone, note)

    def _filled(self, before: Stretch | None, stretch: Stretch) -> bool:
        """Whether the first instant of a stretch was told already, as the run for times that did not exist."""
        if before is None or not self.fields.fixed or self.skip or stretch.offset <= before.offset:
            return False
        return next(self.fields.walls(stretch.begin + before.offset, stretch.begin + stretch.offset), None) is not None

    def _twice(self, wall: int, which: str, local: datetime) -> str:
        return f"{shown(wall):%H:%M} is there twice that day: runs at {which} ({abbreviated(local)})"


def abbreviated(local: datetime) -> str:
    """`CEST`, or `UTC-03:00` where a zone has no letters."""
    name = local.tzname() or ""
    if name[:1].isalpha():
        return name
    ahead = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(int(ahead.total_seconds())) // 60, 60)
    return f"UTC{'-' if ahead < timedelta() else '+'}{hours:02}:{minutes:02}"

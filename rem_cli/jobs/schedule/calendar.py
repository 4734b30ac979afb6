"""Calendars: which instants belong to times that have a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rem_cli.errors import UsageError
from rem_cli.jobs.fields import Fields
from rem_cli.jobs.schedule import holidays
from rem_cli.language import Item
from rem_cli.language.zone import DAY, seconds, shown, zone

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DEEPEST = 20  # calendars that take out of each other


@dataclass(frozen=True)
class Calendar:
    """Days, from a time of day to another, and spans between instants; without what other calendars have."""

    zone: str
    days: frozenset[int]  # of the week, Monday is 0
    dates: frozenset[str]  # 2026-01-31
    last_of_month: bool
    spans: tuple[tuple[int, int], ...]  # instants; the end does not belong to it
    start: int  # seconds of the day
    end: int  # not after `start`: on the next day
    without: tuple[Calendar, ...]
    holidays: str | None = None  # a place whose public holidays belong to it
    without_holidays: str | None = None  # and one whose do not

    def has(self, instant: int) -> bool:
        if not any(begin <= instant < end for begin, end in self.spans) and not self._daily(instant):
            return False
        return not any(other.has(instant) for other in self.without)

    def until(self, instant: int) -> int:
        return min(one for one in self._ends(instant) if one > instant)

    def _ends(self, instant: int) -> Iterator[int]:
        place = zone(self.zone)
        midnight = instant + place.offset(instant)
        midnight -= midnight % DAY
        for day in (midnight, midnight + DAY, midnight + 2 * DAY):
            yield from (place.instant(day + time) for time in {0, self.start, self.end})
        yield from (end for span in self.spans for end in span)
        yield from (other.until(instant) for other in self.without)
        # Where clocks are put back, a time of day comes, goes and comes again.
        yield from (change for change in place.changes(instant + 1, instant + DAY))

    def _daily(self, instant: int) -> bool:
        wall = instant + zone(self.zone).offset(instant)
        time, day = wall % DAY, wall - wall % DAY
        if self.start < self.end:
            return self.start <= time < self.end and self._on(day)
        return (time >= self.start and self._on(day)) or (time < self.end and self._on(day - DAY))

    def _on(self, day: int) -> bool:
        date = shown(day)
        if self.without_holidays and f"{date:%Y-%m-%d}" in holidays.days(self.without_holidays, date.year):
            return False
        if self.holidays and f"{date:%Y-%m-%d}" in holidays.days(self.holidays, date.year):
            return True
        named = self.days or self.dates or self.last_of_month or self.spans or self.holidays
        if not named:
            return True
        last = self.last_of_month and (date + timedelta(days=1)).day == 1
        return date.weekday() in self.days or f"{date:%Y-%m-%d}" in self.dates or last


def read(path: str, calendars: Mapping[str, Item], above: tuple[str, ...] = ()) -> Calendar:
    """The calendar at a path; UsageError where it is not there, or cannot be followed."""
    item = calendars.get(path)
    if item is None:
        raise UsageError(f"there is no calendar {path}", hint="rem validate")
    if path in above or len(above) > _DEEPEST:
        raise UsageError(f"the calendar {path} takes itself out: {' without '.join([*above, path])}")
    fields = Fields(item)
    place = fields.text("time zone") or "UTC"
    return Calendar(
        zone=place,
        days=frozenset(_WEEKDAYS.index(day) for day in fields.words("days")),
        dates=frozenset(fields.words("dates")),
        last_of_month=bool(item.fields.get("last day of month")),
        spans=tuple(_span(one, place) for one in _list(item, "spans")),
        start=_time(fields.text("start"), 0),
        end=_time(fields.text("end"), DAY),
        without=tuple(read(other, calendars, (*above, path)) for other in fields.words("without")),
        holidays=fields.text("holidays"),
        without_holidays=fields.text("without holidays"),
    )


def _list(item: Item, name: str) -> list[object]:
    value = item.fields.get(name)
    return list(value) if isinstance(value, list) else []


def _span(value: object, place: str) -> tuple[int, int]:
    assert isinstance(value, dict)
    return moment(str(value["from"]), place), moment(str(value["until"]), place)


def _time(text: str | None, other: int) -> int:
    hour, _, minute = (text or "").partition(":")
    return 3600 * int(hour) + 60 * int(minute) if text else other


def moment(text: str, place: str) -> int:
    """The instant of a `date time` that has an offset of its own, or means the clock of a zone."""
    wall = datetime.fromisoformat(text)
    return int(wall.timestamp()) if wall.tzinfo else zone(place).instant(seconds(wall))

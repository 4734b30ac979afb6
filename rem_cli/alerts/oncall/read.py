"""Items of role accounts, with the shifts and overrides inside of them, as duties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rem_cli.alerts.oncall import Duty, Epoch, Override, Shift
from rem_cli.jobs.fields import Fields
from rem_cli.jobs.schedule import calendar
from rem_cli.language import Item
from rem_cli.language.zone import DAY, seconds

WEEK = 7 * DAY
HANDOFF = 9 * 3600  # 09:00, where a shift says no start
PROCESSES = tuple(f"builtin {name}" for name in ("role accounts", "shifts", "overrides", "contacts", "calendars"))
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def duties(items: Iterable[Item]) -> dict[str, Duty]:
    """Every role account by its path; UsageError for a calendar that cannot be followed."""
    known = [item for item in items if item.process in PROCESSES]
    calendars = {item.path: item for item in known if item.process == "builtin calendars"}
    return {item.path: _duty(item, known, calendars) for item in known if item.process == "builtin role accounts"}


def _duty(item: Item, known: Sequence[Item], calendars: Mapping[str, Item]) -> Duty:
    fields = Fields(item)
    inside = [one for one in known if one.path.startswith(f"{item.path}/")]
    shifts = [_shift(one, calendars) for one in inside if one.process == "builtin shifts"]
    place = fields.text("time zone") or "UTC"
    cover = fields.text("cover")
    return Duty(
        path=item.path,
        zone=place,
        shifts=tuple(sorted(shifts, key=lambda shift: (shift.rank, shift.name))),
        overrides=tuple(_override(one, place) for one in inside if one.process == "builtin overrides"),
        cover=calendar.read(cover, calendars) if cover else None,
        then=tuple(fields.words("then")),
        last_resort=tuple(fields.words("last resort")),
    )


def _shift(item: Item, calendars: Mapping[str, Item]) -> Shift:
    fields = Fields(item)
    start, named = _time(fields.text("start")), fields.text("calendar")
    rotation: Any = item.fields.get("rotation") or []
    epochs = [_epoch(one, HANDOFF if start is None else start) for one in rotation]
    return Shift(
        name=item.key,
        days=frozenset(_WEEKDAYS.index(day) for day in fields.words("days")),
        start=start,
        end=_time(fields.text("end")),
        calendar=calendar.read(named, calendars) if named else None,
        contacts=tuple(fields.words("contacts")),
        epochs=tuple(sorted(epochs, key=lambda epoch: epoch.first)),
        active=fields.text("advance") == "active days",
        priority=fields.count("priority") or 0,
    )


def _epoch(told: Mapping[str, Any], start: int) -> Epoch:
    """One epoch of a rotation; it hands over when its shift starts, unless it says otherwise."""
    handoff = _time(told.get("handoff"))
    months = int(told.get("months") or 0)
    return Epoch(
        first=seconds(datetime.fromisoformat(told["from"])),
        contacts=tuple(told["contacts"]),
        every=0 if months else int(told.get("every") or WEEK),
        months=months,
        handoff=start if handoff is None else handoff,
    )


def _override(item: Item, place: str) -> Override:
    fields = Fields(item)
    span: Any = item.fields["span"]
    begin, end = (calendar.moment(str(span[word]), place) for word in ("from", "until"))
    people = tuple(fields.words("contacts")), tuple(fields.words("instead of"))
    return Override(item.key, begin, end, *people, fields.text("only in") or "")


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    hour, _, minute = text.partition(":")
    return 3600 * int(hour) + 60 * int(minute)

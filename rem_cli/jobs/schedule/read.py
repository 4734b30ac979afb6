"""A job's fields as its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rem_cli.errors import UsageError
from rem_cli.jobs.fields import Fields
from rem_cli.jobs.schedule import Rule, Schedule, calendar
from rem_cli.jobs.schedule.cron import Cron
from rem_cli.jobs.schedule.plain import Every, Once
from rem_cli.language import Item
from rem_cli.language.zone import seconds

YEARS = range(1970, 2201)  # in which something may happen once


def read(item: Item, calendars: Mapping[str, Item]) -> Schedule | None:
    """When a job is due; None for one that runs when it is told to. `calendars` are items by path; UsageError."""
    rule = _rule(item)
    path = Fields(item).text("calendar")
    if rule is None or path is None:
        return Schedule(rule) if rule else None
    return Schedule(rule, calendar.read(path, calendars))


def _rule(item: Item) -> Rule | None:
    fields = Fields(item)
    place = fields.text("time zone") or "UTC"
    change = fields.table("clock change")
    skip, both = change.get("gap") == "skip", change.get("overlap") == "both"
    if text := fields.text("cron"):
        return Cron(text, place, skip, both)
    if every := fields.seconds("every"):
        return Every(every, place)
    if text := fields.text("once"):
        wall = datetime.fromisoformat(text)
        if wall.year not in YEARS:
            raise UsageError(f"'once' of {item.path} is in the year {wall.year}", hint="a day from 1970 to 2200")
        return Once(seconds(wall), place, skip, int(wall.timestamp()) if wall.tzinfo else None)
    return None

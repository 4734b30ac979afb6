"""What changes of clocks do to a schedule, told without knowing what day it is."""

from __future__ import annotations

from datetime import datetime

from rem_cli.language.crontab import Fields
from rem_cli.language.zone import Stretch, Zone, seconds, shown, zone

# Rules of zones hold until somebody makes others, so any dozen of years tells what the one in force does.
YEARS = (seconds(datetime(2027, 1, 1)), seconds(datetime(2039, 1, 1)))  # noqa: DTZ001


def hit(kind: str, text: str, place: str) -> str | None:
    """What becomes of a time on the wall that does not exist on some day, or is there twice; None where none is."""
    found = zone(place)
    if kind == "once":
        return _once(text, found)
    fields = Fields(text) if kind == "cron" else None
    if fields is None or not fields.fixed:
        return None
    gap = twice = ""
    before: Stretch | None = None
    for stretch in found.stretches(*YEARS):
        if before and not (gap and twice) and stretch.offset != before.offset:
            ends = sorted((stretch.begin + before.offset, stretch.begin + stretch.offset))
            wall = next(fields.walls(*ends), None)
            if wall is not None and stretch.offset > before.offset:
                gap = gap or _named(wall)
            elif wall is not None:
                twice = twice or _named(wall)
        before = stretch
    return _said(gap, twice, place)


def indifferent(kind: str, text: str, place: str) -> str | None:
    """Why changes of clocks are nothing to a schedule; None where they are something."""
    if kind == "every":
        return "every counts real time"
    if kind == "once" and datetime.fromisoformat(text).tzinfo:
        return "once has an offset of its own"
    if kind == "cron" and not Fields(text).fixed:
        return "a schedule whose hour or minute begins with * follows real time"
    if kind == "cron" and not any(zone(place).changes(*YEARS)):
        return f"clocks in {place} are not changed"
    return None


def _once(text: str, found: Zone) -> str | None:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo or not 1970 <= moment.year <= 2200:
        return None
    many = len(found.instants(seconds(moment)))
    if many == 1:
        return None
    return f"{moment:%H:%M} {'is there twice' if many else 'does not exist'} on {moment:%Y-%m-%d} in {found.name}"


def _named(wall: int) -> str:
    return f"{shown(wall):%H:%M}"


def _said(gap: str, twice: str, place: str) -> str | None:
    if gap and gap == twice:
        return f"there is a day in {place} without {gap}, and one that has it twice"
    parts = [f"a day without {gap}"] if gap else []
    parts += [f"one that has {twice} twice"] if twice else []
    return f"there is {' and '.join(parts)} in {place}".replace("is one", "is a day") if parts else None

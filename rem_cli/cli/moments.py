"""Times as people type them, on the wall of a zone, and as they are shown to people there."""

from __future__ import annotations

from datetime import datetime

from rem_cli.errors import UsageError
from rem_cli.language.zone import DAY, seconds, shown, zone

LIKE = "like 2026-12-24, '2026-12-24 08:00', 08:00, now or 8h"


def moment(text: str, place: str, after: int, option: str) -> int:
    """The instant of a day, a day with a time, the next time of day, a span from `after` on, or `now`; UsageError."""
    wall = _wall(text)
    if text == "now":
        return after
    if wall is not None:
        return int(wall.timestamp()) if wall.tzinfo else zone(place).instant(seconds(wall))
    hour, colon, minute = text.partition(":")
    if colon and len(text) == 5 and (hour + minute).isdecimal() and int(hour) < 24 and int(minute) < 60:
        return _next(3600 * int(hour) + 60 * int(minute), place, after)
    from rem_cli.language import types
    from rem_cli.language.at import Misfit

    try:
        return after + int(types.seconds(text))
    except Misfit:
        raise UsageError(f"{option}: '{text}' is no time", hint=LIKE) from None


def _wall(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text[:4].isdecimal() and text[4:5] == "-" else None
    except ValueError:
        return None
    return found if found and 1970 <= found.year <= 2200 else None


def _next(time: int, place: str, after: int) -> int:
    """The next instant at which the wall shows a time of day; that of `after` itself counts."""
    here = zone(place)
    today = after + here.offset(after)
    today -= today % DAY
    return next(at for day in range(3) if (at := here.instant(today + day * DAY + time)) >= after)


def told(instant: int, place: str, now: int) -> str:
    """`Mon 30 Nov 08:00 CET`; with its year where that is another one."""
    from rem_cli.jobs.schedule.cron import abbreviated

    local = zone(place).at(instant)
    year = "" if local.year == zone(place).at(now).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M} {abbreviated(local)}"


def day(instant: int, place: str) -> str:
    """`2026-11-30`."""
    return f"{shown(instant + zone(place).offset(instant)):%Y-%m-%d}"


def long(seconds: int) -> str:
    """How long somebody is on duty: `45 min`, `9 h`, `24.5 h`; hours, so that a day of 23 shows as such."""
    return f"{seconds // 60} min" if seconds < 3600 else f"{round(seconds / 3600, 2):g} h"

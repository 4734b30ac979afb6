"""What a change of the packages means for when jobs are due. Now is an argument: what was due before is nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, zip_longest

from rem_cli.jobs.schedule import Instant, Schedule
from rem_cli.jobs.schedule.coming import schedules
from rem_cli.jobs.schedule.plain import Once
from rem_cli.language import Item
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes, Meaning

COMPARED = 500  # instants of an old and a new schedule; nearly two years of a job that is due every working day
AHEAD = 400 * 86_400  # seconds in which changes of clocks are told
NOTES = 2  # of them


def moved(old: Catalog, new: Catalog, changes: Changes, now: int) -> list[Meaning]:
    """Next runs that come, go or move, in the order of paths."""
    before, after = _touched(old, new, changes), _touched(new, old, changes)
    (was, _), (will, wrong) = schedules(before), schedules(after)
    said: list[Meaning] = []
    for path in sorted(was.keys() | will.keys() | wrong.keys()):
        if path in wrong:
            said.append(Meaning(path, "schedule", f"never runs by itself: {wrong[path].message}"))
        elif was.get(path) != will.get(path):
            said += [Meaning(path, "schedule", text) for text in _told(was.get(path), will.get(path), now)]
    return said


def _touched(catalog: Catalog, other: Catalog, changes: Changes) -> Iterator[Item]:
    """Jobs that may be due at other times than before, and all calendars."""
    touched = {*changes.added, *changes.removed, *changes.changed}
    both = (side.items.get(path) for side in (catalog, other) for path in touched)
    yield from catalog.of("builtin calendars")
    if any(item and item.process == "builtin calendars" for item in both):
        yield from catalog.of("builtin jobs")
    else:
        items = (catalog.items.get(path) for path in touched)
        yield from (item for item in items if item and item.process == "builtin jobs")


def _told(was: Schedule | None, will: Schedule | None, now: int) -> Iterator[str]:
    if will is None:
        assert was is not None
        last = was.next(now)
        yield f"no longer runs by itself; its next run was {shown(last, now)}" if last else "no longer runs by itself"
        return
    first = will.next(now)
    if first is None:
        past = isinstance(will.rule, Once) and will.rule.at <= now
        yield f"never runs by itself: {will} is over" if past else f"never runs by itself: {will} is never due"
        return
    before = was.next(now) if was else None
    if was is None:
        yield f"next run {shown(first, now)}"
    elif before is None or before.at != first.at:
        yield f"next run {shown(first, now)} (was {shown(before, now) if before else 'never'})"
    else:
        yield _later(was, will, now, first)
    yield from _notes(will, now)


def _later(was: Schedule, will: Schedule, now: int, first: Instant) -> str:
    """The next run stays, and some later one does not."""
    stays = f"next run {shown(first, now)} as before"
    runs = (islice((instant for instant in one.walk(now) if instant.runs), COMPARED) for one in (was, will))
    for old, new in zip_longest(*runs):
        if old is None or new is None or old.at != new.at:
            there, here = (shown(one, now) if one else "none" for one in (old, new))
            return f"{stays}; the first that moves: {here} (was {there})"
    return stays


def _notes(schedule: Schedule, now: int) -> Iterator[str]:
    """What changes of clocks do to it in about a year."""
    near = (one for one in islice(schedule.walk(now), COMPARED) if one.at < now + AHEAD)
    for one in islice((one for one in near if one.note), NOTES):
        yield f"on {one.local:%a} {one.local.day} {one.local:%b %Y}: {one.note}"


def shown(instant: Instant, now: int) -> str:
    """`Mon 30 Nov 02:30 Europe/Berlin`; with its year where that is another one, and seconds where there are any."""
    local = instant.local
    year = "" if local.year == instant._replace(at=now).local.year else f" {local.year}"
    time = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b}{year} {time} {instant.zone}"

"""What a change of the packages means for people: whose duty moves, how much of it, and when nobody is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rem_cli.alerts.oncall import HORIZON, Duty, Stint
from rem_cli.alerts.oncall.prove import gaps
from rem_cli.alerts.oncall.read import PROCESSES, duties
from rem_cli.alerts.oncall.stints import stints
from rem_cli.errors import UsageError
from rem_cli.language.zone import DAY, zone
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes, Meaning

MOST = 4  # people whose hours are told


def moved(old: Catalog, new: Catalog, changes: Changes, now: int) -> list[Meaning]:
    """Duties that move in the days to come, in the order of role accounts. What was before now is nobody's."""
    touched = [*changes.added, *changes.removed, *changes.changed]
    both = (side.items.get(path) for side in (old, new) for path in touched)
    if not any(item and item.process in PROCESSES for item in both):
        return []
    try:
        before, after = (duties(item for process in PROCESSES for item in side.of(process)) for side in (old, new))
    except UsageError:  # a calendar that cannot be followed
        return []
    said: list[Meaning] = []
    for path in sorted(before.keys() | after.keys()):
        was, will = before.get(path), after.get(path)
        if was != will:
            said += [Meaning(path, "on call", text) for text in _told(was, will, now)]
    return said


def _told(was: Duty | None, will: Duty | None, now: int) -> Iterator[str]:
    if will is None:
        yield "nobody is on duty for it any more"
        return
    end = now + HORIZON * DAY
    after = stints(will, now, end)
    if was is None:
        yield f"on duty now: {_names(after[0])}"
        yield from _empty(will, None, now, end)
        return
    before = stints(was, now, end)
    first = next(((old, new) for old, new in _beside(before, after, now, end) if old.contacts != new.contacts), None)
    if first is None:
        yield f"who is on duty stays the same for {HORIZON} days"
        return
    old, new = first
    since = "now" if new.begin <= now else f"from {_when(new.begin, will)}"
    yield f"{since}: {_names(new)} (was {_names(old)}), until {_when(new.end, will)}"
    yield from _hours(before, after)
    yield from _empty(will, was, now, end)


def _beside(before: Sequence[Stint], after: Sequence[Stint], begin: int, end: int) -> Iterator[tuple[Stint, Stint]]:
    """Both, cut at the ends of either."""
    cuts = sorted({begin, end, *(one.begin for one in (*before, *after))})
    old, new = iter(before), iter(after)
    one, two = next(old), next(new)
    for low, high in pairwise(cuts):
        one = next(old) if one.end <= low else one
        two = next(new) if two.end <= low else two
        yield one._replace(begin=low, end=high), two._replace(begin=low, end=high)


def _hours(before: Sequence[Stint], after: Sequence[Stint]) -> Iterator[str]:
    """How much more or less each person is the first who is told."""
    sums: dict[str, int] = {}
    for sign, side in ((-1, before), (1, after)):
        for one in side:
            for contact in one.contacts[:1]:
                sums[contact] = sums.get(contact, 0) + sign * (one.end - one.begin)
    moved = sorted((contact for contact in sums if sums[contact]), key=lambda contact: -abs(sums[contact]))
    parts = [f"{_name(one)} {abs(sums[one]) / 3600:g} h {'more' if sums[one] > 0 else 'less'}" for one in moved[:MOST]]
    if len(moved) > MOST:
        parts.append(f"and {len(moved) - MOST} others")
    if parts:
        yield f"in {HORIZON} days: {', '.join(parts)}"


def _empty(will: Duty, was: Duty | None, now: int, end: int) -> Iterator[str]:
    """Gaps that were not there before."""
    known = {(one.begin, one.end) for one in gaps(was, now, end)} if was else set()
    fresh = [one for one in gaps(will, now, end) if (one.begin, one.end) not in known]
    if fresh:
        more = f", and {len(fresh) - 1} times more" if len(fresh) > 1 else ""
        yield f"nobody is on duty from {_when(fresh[0].begin, will)} to {_when(fresh[0].end, will)}{more}"


def _when(at: int, duty: Duty) -> str:
    local = zone(duty.zone).at(at)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} {duty.zone}"


def _names(one: Stint) -> str:
    return ", ".join(map(_name, one.contacts)) or "nobody"


def _name(path: str) -> str:
    return path.rpartition("/")[2]

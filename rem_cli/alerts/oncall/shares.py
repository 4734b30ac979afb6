"""The proof of one role account: its gaps, and how the hours are shared among its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rem_cli.alerts.oncall import Duty, Stint
from rem_cli.alerts.oncall.prove import gaps
from rem_cli.alerts.oncall.stints import stints
from rem_cli.alerts.oncall.wall import Wall
from rem_cli.language.zone import DAY, shown

NIGHT = (22 * 3600, 30 * 3600)  # from 22:00 to 06:00 of the next day
_SATURDAY = 5


class Share(NamedTuple):
    """What one person carries: seconds on duty as the first who is told, and how many of them at night, at weekends."""

    contact: str
    all: int
    nights: int
    weekends: int


class Proof(NamedTuple):
    """One role account over a time."""

    duty: Duty
    begin: int
    end: int
    gaps: Sequence[Stint]
    shares: Sequence[Share]  # the largest first


def proof(duty: Duty, begin: int, end: int) -> Proof:
    """Who is on duty over a time, and when nobody is who must be."""
    wall = Wall(duty.zone, begin, end)
    nights = [(wall.first(day + NIGHT[0]), wall.last(day + NIGHT[1])) for day in wall.days()]
    saturdays = [day for day in wall.days() if shown(day).weekday() == _SATURDAY]
    weekends = [(wall.first(day), wall.last(day + 2 * DAY)) for day in saturdays]
    counted: dict[str, list[int]] = {}
    for one in stints(duty, begin, end):
        for contact in one.contacts[:1]:
            sums = counted.setdefault(contact, [0, 0, 0])
            sums[0] += one.end - one.begin
            sums[1] += _shared(one, nights)
            sums[2] += _shared(one, weekends)
    shares = sorted((Share(contact, *sums) for contact, sums in counted.items()), key=lambda one: (-one.all, one[0]))
    return Proof(duty, begin, end, list(gaps(duty, begin, end)), shares)


def _shared(one: Stint, spans: Sequence[tuple[int, int]]) -> int:
    return sum(max(0, min(one.end, high) - max(one.begin, low)) for low, high in spans)

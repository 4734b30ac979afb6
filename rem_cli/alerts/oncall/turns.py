"""Whose turn it is in a rotation: handoffs by the clock on the wall, counted from the first day of an epoch.

A turn's number is how many handoffs there were since then, so nobody has to remember it. Where a handoff falls on a
time that does not exist it is at the first instant after; where there are two of it, at the first.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from rem_cli.alerts.oncall import Epoch
from rem_cli.alerts.oncall.wall import Wall
from rem_cli.language.zone import DAY, seconds, shown, zone

LONGEST = 800 * DAY  # for which a turn that counts some days only is looked for its end
Active = Callable[[int], bool]  # whether turns count a day, which is the wall at its 00:00


class Turn(NamedTuple):
    """From `begin` up to `end` it is one contact's turn; None when a rotation has nobody in it."""

    begin: int
    end: int
    contact: str | None


def turns(epochs: Sequence[Epoch], place: str, begin: int, end: int, active: Active | None) -> Iterator[Turn]:
    """The turns of a rotation that touch a time, in order. Before its first epoch it is nobody's turn.

    Who is on turn when another epoch begins keeps that turn to its end.
    """
    starts = list(_starts(epochs, place, active))
    for epoch, (since, until) in zip(epochs, pairwise([*starts, end]), strict=True):
        low, high = max(begin, since), min(end, until)
        if low < high:
            for one in _of(epoch, Wall(place, low, high), low, high, active):
                if low < one.end and one.begin < high and one.begin < one.end:
                    yield Turn(max(low, one.begin), min(high, one.end), one.contact)


def _starts(epochs: Sequence[Epoch], place: str, active: Active | None) -> Iterator[int]:
    """From which instant on each epoch counts."""
    for number, epoch in enumerate(epochs):
        at = zone(place).instant(epoch.first + epoch.handoff)
        yield _end_of_turn(epochs[number - 1], place, at, active) if number else at


def _end_of_turn(epoch: Epoch, place: str, at: int, active: Active | None) -> int:
    """When the turn that goes on at an instant ends; the instant itself where none does."""
    wall = at + zone(place).offset(at)
    walls = _counted(epoch, active, wall + LONGEST) if active else _handoffs(epoch, wall)
    coming = ((number, zone(place).instant(handoff)) for number, handoff in walls)
    number, end = next(((number, handoff) for number, handoff in coming if handoff >= at), (0, at))
    return end if number else at


def _of(epoch: Epoch, wall: Wall, begin: int, end: int, active: Active | None) -> Iterator[Turn]:
    """The turns of one epoch that touch a time."""
    people = epoch.contacts
    walls = _counted(epoch, active, wall.at(end) + 2 * DAY) if active else _handoffs(epoch, wall.at(begin))
    before: tuple[int, int] | None = None
    for number, handoff in walls:
        far = handoff < wall.at(begin) - 2 * DAY
        at = begin - 2 * DAY if far else wall.first(handoff) if handoff < wall.at(end) + 2 * DAY else end + 2 * DAY
        if before is not None:
            yield Turn(before[1], at, people[before[0] % len(people)] if people else None)
        if at >= end:
            return
        before = number, at
    if before is not None:
        yield Turn(before[1], end + 2 * DAY, people[before[0] % len(people)] if people else None)


def _handoffs(epoch: Epoch, near: int) -> Iterator[tuple[int, int]]:
    """The number and the wall of each handoff, from one before `near` on."""
    if epoch.months:
        first = shown(epoch.first)
        away = shown(near)
        number = max(0, ((away.year - first.year) * 12 + away.month - first.month) // epoch.months - 2)
        while True:
            yield number, _months_later(first, number * epoch.months) + epoch.handoff
            number += 1
    start = epoch.first + epoch.handoff
    number = max(0, (near - start) // epoch.every - DAY // epoch.every - 1)  # clocks are put back by less than a day
    while True:
        yield number, start + number * epoch.every
        number += 1


def _months_later(first: datetime, months: int) -> int:
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return seconds(first.replace(year=year, month=month + 1, day=day))


def _counted(epoch: Epoch, active: Active, until: int) -> Iterator[tuple[int, int]]:
    """The same where only some days count: a turn is so many of them as `every` has days."""
    days = max(1, epoch.every // DAY)
    counted = (day for day in range(epoch.first, until, DAY) if active(day))
    for number, day in enumerate(counted):
        if number % days == 0:
            yield number // days, day + epoch.handoff

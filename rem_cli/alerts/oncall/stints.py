"""Who is on duty over a time: shifts by their rank, turns within them, overrides over them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from rem_cli.alerts.oncall import Duty, Override, Shift, Stint
from rem_cli.alerts.oncall.turns import turns
from rem_cli.alerts.oncall.wall import Wall
from rem_cli.jobs.schedule import Within
from rem_cli.language.zone import DAY, shown, zone

Span = tuple[int, int]
ASIDE = 40 * DAY  # what is looked through before and after an instant for the whole of its stint


def stints(duty: Duty, begin: int, end: int) -> list[Stint]:
    """The whole of a time, cut where other people come on duty or another reason holds; cut at its ends, too."""
    layers = [list(of_shift(shift, duty.zone, begin, end)) for shift in duty.shifts]
    cuts = {begin, end, *(at for layer in layers for one in layer for at in (one.begin, one.end))}
    cuts |= {at for one in duty.overrides for at in (one.begin, one.end) if begin < at < end}
    found: list[Stint] = []
    for low, high in pairwise(sorted(cuts)):
        base = next((one for layer in layers if (one := _covers(layer, low))), None)
        here = _overridden(low, high, base, duty.overrides)
        if found and found[-1][2:] == here[2:]:
            here = found.pop()._replace(end=high)
        found.append(here)
    return found


def on_duty(duty: Duty, instant: int) -> Stint:
    """Who is on duty at an instant, since when and until when; an end that is too far away is cut."""
    return next(one for one in stints(duty, instant - ASIDE, instant + ASIDE) if one.begin <= instant < one.end)


def of_shift(shift: Shift, place: str, begin: int, end: int) -> Iterator[Stint]:
    """When one shift has somebody on duty, others left aside."""
    spans = list(_spans(shift, place, begin, end))
    if not shift.epochs:
        if shift.contacts:
            yield from (Stint(*span, shift.contacts, f"shift {shift.name}") for span in spans)
        return
    counted = partial(_begins, shift, place) if shift.active and (shift.days or shift.calendar) else None
    for turn in turns(shift.epochs, place, begin, end, counted):
        if turn.contact is not None:
            for low, high in _both(spans, [(turn.begin, turn.end)]):
                yield Stint(low, high, (turn.contact,), f"shift {shift.name}")


def within(calendar: Within, begin: int, end: int) -> Iterator[Span]:
    """When a calendar's times are."""
    at = begin
    while at < end:
        until = min(end, calendar.until(at))
        if calendar.has(at):
            yield at, until
        at = until


def _spans(shift: Shift, place: str, begin: int, end: int) -> Iterable[Span]:
    """When a shift is on, whoever is on duty then: in order, and apart from each other."""
    if shift.days or shift.start is not None or shift.end is not None:
        wall = Wall(place, begin, end)
        start, stop = _times(shift)
        days = (day for day in wall.days() if not shift.days or shown(day).weekday() in shift.days)
        spans = list(_merged((wall.first(day + start), wall.last(day + stop)) for day in days))
    else:
        spans = [(begin, end)]
    spans = list(_both(spans, [(begin, end)]))
    return _both(spans, list(within(shift.calendar, begin, end))) if shift.calendar else spans


def _times(shift: Shift) -> Span:
    """Seconds from 00:00 of the day on which it begins."""
    start = shift.start or 0
    end = DAY if shift.end is None else shift.end
    return start, end if end > start else end + DAY


def _begins(shift: Shift, place: str, day: int) -> bool:
    """Whether a shift is on at all on a day."""
    if shift.days and shown(day).weekday() not in shift.days:
        return False
    if shift.calendar is None:
        return True
    low, high = (zone(place).instant(day + time) for time in _times(shift))
    return shift.calendar.has(low) or shift.calendar.until(low) < high


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same without those that touch or lie over each other, and without those that are empty."""
    open_: Span | None = None
    for low, high in spans:
        if low >= high:
            continue
        if open_ and low <= open_[1]:
            open_ = open_[0], max(open_[1], high)
            continue
        if open_:
            yield open_
        open_ = low, high
    if open_:
        yield open_


def _both(left: Sequence[Span], right: Sequence[Span]) -> Iterator[Span]:
    """What belongs to both of two rows of spans."""
    first = second = 0
    while first < len(left) and second < len(right):
        low, high = max(left[first][0], right[second][0]), min(left[first][1], right[second][1])
        if low < high:
            yield low, high
        if left[first][1] < right[second][1]:
            first += 1
        else:
            second += 1


def _covers(layer: Sequence[Stint], instant: int) -> Stint | None:
    place = bisect_right(layer, instant, key=lambda one: one.begin) - 1
    return layer[place] if place >= 0 and instant < layer[place].end else None


def _meant(override: Override, why: str) -> bool:
    return not override.shift or why == f"shift {override.shift}"


def _overridden(low: int, high: int, base: Stint | None, overrides: Sequence[Override]) -> Stint:
    """Whoever stands in for everybody counts instead of the shifts; then those who stand in for one person."""
    contacts, why = (base.contacts, base.why) if base else ((), "")
    here = sorted(
        (one for one in overrides if one.begin <= low < one.end and _meant(one, why)), key=lambda one: one.order
    )
    for one in (one for one in here if not one.instead_of):
        contacts, why = one.contacts, f"override {one.name}"
    put: list[str] = []
    for contact in contacts:
        people, by = _put(contact, here)
        put += people
        why = f"override {by}" if by else why
    return Stint(low, high, tuple(dict.fromkeys(put)), why if put else "")


def _put(contact: str, overrides: Sequence[Override]) -> tuple[Sequence[str], str]:
    """Who is there for a contact, by the last override of theirs, whose people may have later ones; and by which."""
    places = [place for place, one in enumerate(overrides) if contact in one.instead_of]
    if not places:
        return (contact,), ""
    last = overrides[places[-1]]
    found = [_put(one, overrides[places[-1] + 1 :]) for one in last.contacts]
    return [one for people, _ in found for one in people], next((by for _, by in found if by), last.name)

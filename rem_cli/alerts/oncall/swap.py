"""A swap: two people take each other's next duty. It is two overrides, kept together or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from rem_cli.alerts.oncall import HORIZON, Duty, Override, Stint
from rem_cli.alerts.oncall.stints import stints
from rem_cli.errors import UsageError
from rem_cli.language.zone import DAY


def swapped(duty: Duty, one: str, other: str, after: int) -> tuple[Override, Override]:
    """The first duty of each that begins at `after` or later, given to the other; UsageError where there is none.

    Of a rotation it is the whole turn, also where other shifts come in between.
    """
    if one == other:
        raise UsageError("nobody swaps with themselves", hint="name two people")
    whole = stints(duty, after - 1, after + HORIZON * DAY)[1:]  # what goes on already is nobody's to give
    mine, theirs = (_turn(whole, duty, person, unless) for person, unless in ((one, other), (other, one)))
    names = [person.rpartition("/")[2] for person in (one, other)]
    why = f"{names[0]} and {names[1]} swap"
    return (
        Override(why, mine.begin, mine.end, (other,), (one,), mine.why.removeprefix("shift ")),
        Override(why, theirs.begin, theirs.end, (one,), (other,), theirs.why.removeprefix("shift ")),
    )


def _turn(whole: Sequence[Stint], duty: Duty, person: str, unless: str) -> Stint:
    """From the first stint of a person on, as long as the same shift is theirs."""
    free = (one for one in whole if person in one.contacts and unless not in one.contacts)
    first = next((one for one in free if one.why.startswith("shift ")), None)
    if first is None:
        name = person.rpartition("/")[2]
        text = f"{name} has no duty of {duty.name} in the next {HORIZON} days that could be given away"
        raise UsageError(text, hint=f"rem oncall schedule '{duty.path}' --of {name}")
    turning = {f"shift {shift.name}" for shift in duty.shifts if shift.epochs}
    for one in whole if first.why in turning else ():
        if one.begin >= first.end and one.why == first.why:
            if one.contacts != first.contacts:
                break
            first = first._replace(end=one.end)
    return first

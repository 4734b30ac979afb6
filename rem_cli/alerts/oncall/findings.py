"""What `rem validate` says of people: what is wrong in any case, and what is wrong at this time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rem_cli.alerts.circles import circles
from rem_cli.alerts.oncall import HORIZON, Duty, Stint
from rem_cli.alerts.oncall.prove import gaps, over_each_other, twice, undecided
from rem_cli.alerts.oncall.read import duties
from rem_cli.errors import Place, UsageError
from rem_cli.jobs.schedule import holidays
from rem_cli.language import Finding, Item, Severity
from rem_cli.language.held import Held
from rem_cli.language.shown import duration
from rem_cli.language.timed import Timed
from rem_cli.language.zone import DAY, shown, zone


def always(held: Held) -> Iterator[Finding]:
    """What is wrong with a role account, whatever day it is."""
    if not held.item.fields.get("last resort"):
        text = f"'{held.item.key}' has no last resort: a page that nobody acknowledges would end unheard"
        at = held.own.get("last resort")
        place = at.key_place if at else held.at.key_place
        yield Finding("REM3005", text, place, hint="add last resort: [CONTACT], somebody who can decide")


def timely(items: Sequence[Timed], now: int) -> Iterator[Finding]:
    """What is wrong with the role accounts of all packages in the days to come."""
    yield from circles(items)
    places = {one.path: one.place for one in items}
    known = {one.path: one.item for one in items}
    try:
        found = duties(known.values())
    except UsageError:
        return  # a calendar that cannot be followed; whoever uses it is told
    begin, end = now, now + HORIZON * DAY
    for duty in found.values():
        place = places[duty.path]
        yield from _gaps(duty, begin, end, place)
        yield from _undecided(duty, begin, end, places)
        for contact, other, both in twice(duty, found, begin, end):
            text = f"{_name(contact)} is on duty of '{duty.name}' and of '{_name(other)}' at once, {_from(duty, both)}"
            yield _warning(
                "REM3003", text, place, "one person who does not answer is both lines: put somebody else on one"
            )
        for first, second in over_each_other(duty, now):
            text = f"'{second.name}' and '{first.name}' are overrides of the same time: '{second.name}' counts"
            at = places.get(f"{duty.path}/overrides/{second.name}", place)
            yield _warning("REM3004", text, at, "let one end where the other begins")
        yield from _unheard(duty, known, places)
    yield from _years(items, end)


def _gaps(duty: Duty, begin: int, end: int, place: Place) -> Iterator[Finding]:
    found = list(gaps(duty, begin, end))
    if not found:
        return
    more = f", and {len(found) - 1} times more in {HORIZON} days" if len(found) > 1 else ""
    text = f"nobody is on duty of '{duty.name}' {_from(duty, found[0])}{more}"
    hint = "add a shift without days and times for what is left; or say when somebody must be there, cover: CALENDAR"
    yield Finding("REM3001", text, place, hint=hint)


def _undecided(duty: Duty, begin: int, end: int, places: Mapping[str, Place]) -> Iterator[Finding]:
    for left, right, both in undecided(duty, begin, end):
        text = (
            f"shifts '{left.name}' and '{right.name}' are both on {_from(duty, both)}: '{left.name}' counts by its name"
        )
        place = places.get(f"{duty.path}/shifts/{right.name}", places[duty.path])
        yield _warning("REM3002", text, place, "give the one that counts a priority: 1")


def _unheard(duty: Duty, known: Mapping[str, Item], places: Mapping[str, Place]) -> Iterator[Finding]:
    """Ways to reach a contact that come so late that the next contact's turn has come."""
    account = known[duty.path]
    delay: Any = account.fields.get("escalation delay") or 0
    if account.fields.get("overlap"):
        return
    people = {one for shift in duty.shifts for one in (*shift.contacts, *(p for e in shift.epochs for p in e.contacts))}
    for path in sorted(people & known.keys()):
        channels: Any = known[path].fields.get("channels") or []
        waits = [sum(float(one.get("after") or 0) for one in channels[: place + 1]) for place in range(len(channels))]
        late = next((place for place, wait in enumerate(waits) if delay and wait >= delay), None)
        if late is not None:
            text = (
                f"channel {late + 1} of '{_name(path)}' is never tried for '{duty.name}': it comes after "
                f"{duration(waits[late])}, and the next contact's turn after {duration(delay)}"
            )
            yield _warning(
                "REM3006", text, places[path], "a shorter after, a longer escalation delay, or overlap: true"
            )


def _years(items: Sequence[Timed], end: int) -> Iterator[Finding]:
    """Calendars whose public holidays nobody knows yet in the years to come."""
    year = shown(end).year
    for one in items:
        for name in ("holidays", "without holidays") if one.process == "builtin calendars" else ():
            place = one.fields.get(name)
            if isinstance(place, str) and not holidays.known(place, year):
                text = f"the public holidays of {place} are not known for {year}: '{one.key}' has none then"
                yield _warning("REM3007", text, one.place, "write the days of that year under dates")


def _from(duty: Duty, one: Stint) -> str:
    """`from Sat 28 Nov 17:00 to Mon 30 Nov 2026 08:00 Europe/Berlin`."""
    begin, end = (zone(duty.zone).at(at) for at in (one.begin, one.end))
    return f"from {begin:%a} {begin.day} {begin:%b %H:%M} to {end:%a} {end.day} {end:%b %Y %H:%M} {duty.zone}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _warning(id: str, text: str, place: Place, hint: str) -> Finding:
    return Finding(id, text, place, hint=hint, severity=Severity.WARNING)

"""Schedules of five fields, as Debian's cron reads them."""

from __future__ import annotations

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.names import nearest
from rem_cli.language.types.type import Type, read_text

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of each month, at most
NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_CRON = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, _WEEKDAYS),
)
_FIELDS = "minute hour day month weekday, like 30 4 * * 1-5"


def cron(raw: At, type: Type) -> Value:
    """Five fields as Debian's cron reads them, or a name such as @daily; saved as five fields."""
    text = " ".join(read_text(raw, type).split())
    if text.startswith("@"):
        if text not in NAMED:
            near = nearest(text, NAMED)
            hint = f"did you mean {near}?" if near else f"one of {', '.join(NAMED)}"
            raise Misfit(f"'{raw.shown}' is not the name of a schedule", hint)
        return NAMED[text]
    parts = text.split(" ") if text else []
    if len(parts) != 5:
        parted = "1 field" if len(parts) == 1 else f"{len(parts)} fields"
        raise Misfit(f"'{raw.shown}' has {parted}, a schedule has 5", _FIELDS)
    _, _, days, months, _ = numbers(text)
    either = not parts[2].startswith("*") and not parts[4].startswith("*")  # then a weekday is enough
    if not either and all(_LENGTHS[month - 1] < min(days) for month in months):
        raise Misfit(
            f"no month of '{parts[3]}' has a day {min(days)}", "so it would never run; mend the day or the month"
        )
    return text


def numbers(text: str) -> list[set[int]]:
    """What five fields mean: minutes, hours, days of the month, months, and weekdays (0 and 7 are Sunday). Misfit."""
    return [_field(part, *known) for part, known in zip(text.split(), _CRON, strict=True)]


def _field(text: str, what: str, least: int, most: int, names: tuple[str, ...]) -> set[int]:
    """The numbers that one field of a schedule means. Misfit names the field."""
    meant: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isascii() and step.isdecimal() and len(step) < 4 and int(step) > 0):
            raise Misfit(f"the {what} '{part}' has a step of '{step}'", "a step is a whole number from 1 on, like */15")
        if slash and int(step) > most - least:
            hint = f"a step is at most {most - least}; for a longer time there is every:"
            raise Misfit(f"the {what} '{part}' steps over every {what} but one", hint)
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = least, most
        else:
            low = _number(first, what, least, most, names, part)
            high = _number(last, what, least, most, names, part) if dash else low
            if slash and not dash:
                raise Misfit(f"the {what} '{part}' has a step but no range", f"write {first}-{most}/{step}")
            if high < low:
                over = f"{first}-7" if names is _WEEKDAYS and high == 0 else f"{first}-{most},{least}-{last}"
                raise Misfit(f"the {what} '{part}' runs backwards", f"write {over}")
        meant.update(range(low, high + 1, int(step) if slash else 1))
    return meant


def _number(text: str, what: str, least: int, most: int, names: tuple[str, ...], part: str) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + (1 if names is _MONTHS else 0)
    named = f", or {names[0]} to {names[-1]}" if names else ""
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        near = nearest(text, names) if names else None
        hint = f"did you mean '{near}'?" if near else f"a {what} is {least} to {most}{named}"
        raise Misfit(f"the {what} '{part}' cannot be read", hint)
    if not least <= int(text) <= most:
        raise Misfit(f"the {what} '{part}' is not from {least} to {most}", f"{_FIELDS}")
    return int(text)

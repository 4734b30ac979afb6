"""systemd's calendar expressions (systemd.time(7)) as cron's five fields, where both mean the same instants."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # systemd's order
_SHORT = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "monthly": "0 0 1 * *",
    "weekly": "0 0 * * mon",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
    "quarterly": "0 0 1 1,4,7,10 *",
    "semiannually": "0 0 1 1,7 *",
}
_DATE = re.compile(r"(?:([^\s-]+)-)?([^\s-]+)-([^\s-]+)")
_TIME = re.compile(r"([^\s:]+):([^\s:]+)(?::([^\s:]+))?")
_ZONE = re.compile(r"UTC|[A-Za-z_]+/[A-Za-z0-9_+/-]+")
_PART = re.compile(r"(\*|[0-9]{1,4})(?:\.\.([0-9]{1,4}))?(?:/([0-9]{1,4}))?")


class NotCron(ValueError):
    """What cron's five fields cannot say."""


@dataclass(frozen=True)
class Cron:
    schedule: str
    zone: str | None = None


def as_cron(expression: str) -> Cron:
    """`Mon..Fri *-*-* 08:30 Europe/Berlin` as `30 8 * * mon-fri` in that zone. NotCron with the reason."""
    words = expression.split()
    if not words or len(words) > 4 or len(expression) > 300:
        raise NotCron("this is no calendar expression")
    zone = words.pop() if len(words) > 1 and _ZONE.fullmatch(words[-1]) else None
    if len(words) == 1 and words[0].lower() in _SHORT:
        return Cron(_SHORT[words[0].lower()], zone)
    days = _weekdays(words.pop(0)) if words and words[0][0].isalpha() else "*"
    date = words.pop(0) if words and _DATE.fullmatch(words[0]) else "*-*-*"
    time = words.pop(0) if words and _TIME.fullmatch(words[0]) else "00:00:00"
    if words:
        raise NotCron(f"'{words[0][:40]}' is no part of a calendar expression that cron knows")
    month, day = _date(date)
    if day != "*" and days != "*":
        raise NotCron("it wants a day of the month and a weekday at once, where cron wants either")
    hour, minute = _time(time)
    return Cron(f"{minute} {hour} {day} {month} {days}", zone)


def _date(text: str) -> tuple[str, str]:
    if "~" in text:
        raise NotCron("it counts days from the end of the month, which cron cannot")
    found = _DATE.fullmatch(text)
    assert found
    if found[1] not in (None, "*"):
        raise NotCron("it names a year, which cron cannot")
    return _field(found[2], 1, 12), _field(found[3], 1, 31)


def _time(text: str) -> tuple[str, str]:
    found = _TIME.fullmatch(text)
    assert found
    if found[3] not in (None, "0", "00"):
        raise NotCron("it names seconds, which cron cannot")
    return _field(found[1], 0, 23), _field(found[2], 0, 59)


def _field(text: str, least: int, most: int) -> str:
    parts = []
    for part in text.split(","):
        found = _PART.fullmatch(part)
        if not found:
            raise NotCron(f"'{part[:40]}' is nothing that cron knows")
        first, last, step = found.groups()
        numbers = [int(number) for number in (first, last) if number not in (None, "*")]
        if any(not least <= number <= most for number in numbers) or step in ("0", "00"):
            raise NotCron(f"'{part}' is not between {least} and {most}")
        start = "*" if first == "*" else str(int(first))
        if step is None:
            parts.append(f"{start}-{int(last)}" if last else start)
        elif last:
            parts.append(f"{start}-{int(last)}/{int(step)}")
        elif start in ("*", str(least)):
            parts.append(f"*/{int(step)}")
        else:
            parts.append(f"{start}-{most}/{int(step)}")
    return "*" if "*" in parts else ",".join(dict.fromkeys(parts))


def _weekdays(text: str) -> str:
    parts: list[str] = []
    for part in text.rstrip(",").split(","):
        first, dots, last = part.partition("..")
        ends = [_weekday(first), _weekday(last)] if dots else [_weekday(first)]
        if len(ends) == 1:
            parts.append(_DAYS[ends[0]])
        elif ends[1] == 6 and ends[0] < 6:  # cron's week may end on a Sunday, as 7
            parts.append(f"{ends[0] + 1}-7")
        elif ends[0] <= ends[1]:
            parts.append(f"{_DAYS[ends[0]]}-{_DAYS[ends[1]]}")
        else:
            raise NotCron(f"'{part}' runs backwards")
    return "*" if "1-7" in parts else ",".join(dict.fromkeys(parts))


def _weekday(name: str) -> int:
    short = name.lower()[:3]
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if short not in _DAYS or not full[_DAYS.index(short)].startswith(name.lower()):
        raise NotCron(f"'{name[:40]}' is no weekday")
    return _DAYS.index(short)

"""Days and times of day. Which instant a local time is, is for whoever acts on it."""

from __future__ import annotations

import re
from datetime import date as day
from datetime import datetime

from rem_cli.language.at import At, Misfit
from rem_cli.language.types.type import Matching, Type, read_text

time_of_day = Matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day", 'like "08:30", from 00:00 to 23:59')

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(Z|[+-][0-9]{2}:[0-9]{2})?"
).fullmatch


def date(raw: At, type: Type) -> str:
    text = read_text(raw, type)
    if not _DATE(text):
        raise Misfit(f"'{raw.shown}' is not a date", "like 2026-01-31")
    _exists(text)
    return text


def _exists(text: str) -> None:
    try:
        day.fromisoformat(text)
    except ValueError as error:
        raise Misfit(f"there is no day {text}", str(error)) from None


def date_time(raw: At, type: Type) -> str:
    """A day with a time, in the item's time zone unless it has an offset; saved as `2026-01-31T08:30:00`."""
    text = read_text(raw, type)
    found = _DATE_TIME(text)
    if not found:
        hint = f"write {text} 08:30" if _DATE(text) else "like 2026-01-31 08:30, or 2026-01-31T08:30:00Z"
        raise Misfit(f"'{raw.shown}' is not a day with a time", hint)
    _exists(found[1])
    try:
        return datetime.fromisoformat("".join([found[1], "T", found[2], found[3] or ""])).isoformat()
    except ValueError as error:
        raise Misfit(f"'{raw.shown}' is not a day with a time", str(error)) from None

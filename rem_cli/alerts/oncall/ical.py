"""Duties as a calendar that other programs subscribe to: iCalendar, RFC 5545. All times are instants in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from rem_cli.alerts.oncall import Stint

_LINE = 75  # octets of a line; what is longer goes on in the next, behind a space
_ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}


def calendar(name: str, duties: Mapping[str, Sequence[Stint]], now: int) -> str:
    """One calendar of the stints of some role accounts; an event keeps its UID for as long as it begins then."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//REM//on call//EN", f"X-WR-CALNAME:{_text(name)}"]
    for path, found in duties.items():
        for one in found:
            lines += _event(path, one, now)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(path: str, one: Stint, now: int) -> Iterable[str]:
    people = ", ".join(contact.rpartition("/")[2] for contact in one.contacts) or "nobody"
    summary = f"{people}: {path.rpartition('/')[2]}"
    yield "BEGIN:VEVENT"
    yield f"UID:{sha256(f'{path} {one.begin}'.encode()).hexdigest()[:32]}@rem"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(one.begin)}"
    yield f"DTEND:{_instant(one.end)}"
    yield f"SUMMARY:{_text(summary)}"
    yield f"DESCRIPTION:{_text(f'{path}, {one.why}' if one.why else path)}"
    yield "END:VEVENT"


def _instant(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    return "".join(_ESCAPED.get(sign, sign) for sign in plain)


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 octets, none of them cut within a character."""
    part = ""
    for sign in line:
        if len((part + sign).encode()) > _LINE:
            yield part
            part = " "
        part += sign
    yield part

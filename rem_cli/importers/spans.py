"""systemd's spans of time (systemd.time(7)) as seconds."""

from __future__ import annotations

import re


class NoSpan(ValueError):
    """A text that is no span of time."""


_SPAN = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([A-Za-zµ]*)")
_UNITS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("us", "usec", "µs"), 1e-6),
    **dict.fromkeys(("ms", "msec"), 1e-3),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
    **dict.fromkeys(("M", "month", "months"), 2629800.0),
    **dict.fromkeys(("y", "year", "years"), 31557600.0),
}


def seconds(span: str) -> float:
    """`1h 30min` as seconds; a number without a unit is seconds. NoSpan."""
    at, total = 0, 0.0
    span = span.strip()
    while at < len(span):
        found = _SPAN.match(span, at)
        if not found or found[2] not in _UNITS:
            raise NoSpan(f"'{span[:40]}' is no span of time")
        total += float(found[1]) * _UNITS[found[2]]
        at = found.end()
    if not span:
        raise NoSpan("no span of time stands here")
    return total

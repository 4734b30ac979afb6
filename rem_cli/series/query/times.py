"""Times as Graphite's functions take them."""

from __future__ import annotations

import re

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "m": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400,
    "w": 604800, "week": 604800, "mon": 30 * 86400, "month": 30 * 86400, "y": 365 * 86400, "year": 365 * 86400,
}  # fmt: skip
_PIECE = re.compile(r"(\d{1,9})\s*([a-z]+)\s*")


def span_of(text: str) -> int:
    """The seconds of `5min`, `1h30min`, `-7d`; 0 for what is none. Below 0 with a minus in front."""
    words = text.strip().lower()
    sign = -1 if words.startswith("-") else 1
    words = words.lstrip("+-").strip()
    total, at = 0, 0
    while found := _PIECE.match(words, at):
        unit = found[2] if found[2] in _UNITS else found[2].removesuffix("s")
        if unit not in _UNITS:
            return 0
        total += int(found[1]) * _UNITS[unit]
        at = found.end()
    return sign * total if at == len(words) else 0

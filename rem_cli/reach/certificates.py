"""When a certificate ends: a walk over the headers of its fields, without a library. Source: RFC 5280, section 4.1."""

from __future__ import annotations

import calendar

_VERSION, _UTC_TIME = 0xA0, 0x17


def not_after(der: bytes) -> float:
    """The end of a certificate in DER, in seconds since the epoch; ValueError or IndexError for what is none."""
    at, _ = _inside(der, 0)
    at, _ = _inside(der, at)
    if der[at] == _VERSION:
        _, at = _inside(der, at)
    for _ in range(3):  # serial number, signature, issuer
        _, at = _inside(der, at)
    at, _ = _inside(der, at)
    _, at = _inside(der, at)  # not before
    start, end = _inside(der, at)
    text = der[start:end].decode("ascii")
    if der[at] == _UTC_TIME:  # two digits of a year
        text = ("19" if text[:2] >= "50" else "20") + text
    parts = [int(text[:4]), *(int(text[place : place + 2]) for place in range(4, 14, 2))]
    return float(calendar.timegm((*parts, 0, 0, 0)))


def _inside(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the field at `at` begins and ends."""
    size = der[at + 1]
    if size < 128:
        return at + 2, at + 2 + size
    start = at + 2 + (size & 127)
    return start, start + int.from_bytes(der[at + 2 : start], "big")

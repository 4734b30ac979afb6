"""Numbers that other programs send: their lines to samples. Functions of texts and times."""

from __future__ import annotations

import math

from rem_cli.series import Aggregate, Archive, Retention, Sample, SeriesError
from rem_cli.series.naming import file_of

AHEAD = 86400  # seconds
USUAL = Retention((Archive(60, 7 * 86400), Archive(300, 90 * 86400), Archive(3600, 5 * 365 * 86400)))
SUMMED = Retention(USUAL.archives, Aggregate.SUM)


def graphite(line: str, prefix: str, now: float) -> Sample | None:
    """`shop.web01.users 12 1700000000` of Graphite's plaintext protocol; the time -1 is now. None for what is none.

    None also for a time that is more than a day ahead: it would wait in the spool for who knows how long.
    """
    parts = line.split()
    try:
        name, value, at = parts[0], float(parts[1]), int(float(parts[2]))
        if len(parts) != 3 or math.isnan(value) or not -1 <= at <= now + AHEAD or not at:
            return None
    except (IndexError, ValueError, OverflowError):
        return None
    series = named(name, prefix)
    return Sample(series, int(now) if at == -1 else at, value, USUAL) if series else None


def named(dotted: str, prefix: str) -> str | None:
    """The series of a name with dots; None where no series can be called so."""
    name = "/".join([prefix, *dotted.strip(".").split(".")])
    try:
        file_of(name)
    except SeriesError:
        return None
    return name

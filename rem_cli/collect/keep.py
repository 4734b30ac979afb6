"""The one place where numbers of checks are handed to the store of series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rem_cli.collect.checks import Check
from rem_cli.errors import RemError
from rem_cli.jobs.samples import series_name
from rem_cli.series import Point, Retention, Store


class Sample(NamedTuple):
    """One number of a series."""

    series: str
    point: Point
    retention: Retention


def samples(check: Check, at: float, values: Mapping[str, float]) -> list[Sample]:
    """What a check keeps of its measures."""
    wanted, kept, usual = check.measures, check.kept, check.retention
    return [
        Sample(series_name(check.path, check.target.name, measure), Point(int(at), value), kept.get(measure, usual))
        for measure, value in values.items()
        if wanted is None or measure in wanted or measure in ALWAYS
    ]


ALWAYS = ("up", "lost percent", "poll ms")


def keep(store: Store, found: Iterable[Sample], now: float) -> Sequence[str]:
    """Hand samples over; what could not be written, once each."""
    failed: dict[str, None] = {}
    for series, point, retention in found:
        try:
            store.add(series, [point], retention=retention, now=now)
        except RemError as error:
            failed[error.message] = None
    return list(failed)

"""Samples as bytes: what one write to the spool holds.

The text is JSON, a list with one entry for each retention: [[[step, span] …], aggregate, series, times, values], the
last three as long as each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from rem_cli.series import Aggregate, Archive, Retention, Sample, SeriesError


def encode(samples: Iterable[Sample]) -> bytes:
    groups: dict[Retention, tuple[list[str], list[int], list[float]]] = {}
    for series, at, value, kept in samples:
        group = groups.get(kept)
        if group is None:
            group = groups[kept] = ([], [], [])
        group[0].append(series)
        group[1].append(at)
        group[2].append(value)
    return json.dumps([[*kept, *group] for kept, group in groups.items()], separators=(",", ":")).encode()


def decode(data: bytes) -> list[Sample]:
    """The samples again, those of one retention after those of another.

    Raises:
        SeriesError: bytes that `encode` does not make.
    """
    samples: list[Sample] = []
    try:
        for archives, aggregate, series, times, values in json.loads(data):
            kept = Retention(tuple(Archive(step, span) for step, span in archives), Aggregate(aggregate))
            samples += [Sample(name, at, value, kept) for name, at, value in zip(series, times, values, strict=True)]
    except (TypeError, ValueError):
        raise SeriesError(
            "the spool of samples holds something that this REM cannot read", hint="use the newer REM that wrote it"
        ) from None
    return samples


def by_series(samples: Sequence[Sample]) -> dict[tuple[str, Retention], list[Sample]]:
    """The samples of each series together, in the order in which they came."""
    groups: dict[tuple[str, Retention], list[Sample]] = {}
    for one in samples:
        groups.setdefault((one.series, one.retention), []).append(one)
    return groups

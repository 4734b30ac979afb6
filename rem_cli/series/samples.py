"""Samples as bytes: what one write to the spool holds.

The text is JSON, a list with one entry for each retention: [[[step, span] …], aggregate, series, times, values], the
last three as long as each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

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


# By series: times and values, in the order in which they came.
Groups = dict[tuple[str, Retention], list[tuple[int, float]]]


def decode(data: bytes) -> list[Sample]:
    """The samples again, those of one retention after those of another. SeriesError: see `gather`."""
    samples: list[Sample] = []
    for kept, series, times, values in _columns(data):
        samples += [Sample(name, at, value, kept) for name, at, value in zip(series, times, values, strict=True)]
    return samples


def gather(data: bytes, groups: Groups) -> int:
    """Add samples to those of their series; how many there were.

    Raises:
        SeriesError: bytes that `encode` does not make.
    """
    count = 0
    for kept, series, times, values in _columns(data):
        count += len(series)
        for name, at, value in zip(series, times, values, strict=True):
            group = groups.get((name, kept))
            if group is None:
                groups[name, kept] = [(at, value)]
            else:
                group.append((at, value))
    return count


def samples_of(groups: Groups) -> list[Sample]:
    return [Sample(name, at, value, kept) for (name, kept), points in groups.items() for at, value in points]


def _columns(data: bytes) -> Iterator[tuple[Retention, list[str], list[int], list[float]]]:
    try:
        for archives, aggregate, series, times, values in json.loads(data):
            kept = Retention(tuple(Archive(step, span) for step, span in archives), Aggregate(aggregate))
            if not len(series) == len(times) == len(values):
                raise ValueError
            yield kept, series, times, values
    except (TypeError, ValueError):
        raise SeriesError(
            "the spool of samples holds something that this REM cannot read", hint="use the newer REM that wrote it"
        ) from None

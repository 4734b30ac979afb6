"""The measures of a result that become series.

They are committed with the host's end, then written to their series, then taken out of the record: a kill between any
two of these loses nothing, and writing a point twice changes nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rem_cli.errors import RemError
from rem_cli.jobs import Result, stored
from rem_cli.jobs.job import Job
from rem_cli.series import Aggregate, Archive, Point, Retention, Store
from rem_cli.state import Bucket, Put

AHEAD = 60.0  # seconds; a store takes no point that is further ahead of the clock


@dataclass(frozen=True, slots=True)
class Pending:
    """Points of one host of one run, and where they lie in the record until they are in their series."""

    points: Sequence[tuple[str, Point, Retention]]  # by series
    key: str = ""

    def put(self) -> Put:
        points = [
            [series, point.at, point.value, [[one.step, one.span] for one in kept.archives], kept.aggregate]
            for series, point, kept in self.points
        ]
        return Put(self.key, json.dumps(points).encode())

    @classmethod
    def read(cls, key: str, body: bytes) -> Pending:
        points = []
        for series, at, value, archives, aggregate in json.loads(body):
            kept = Retention(tuple(Archive(step, span) for step, span in archives), Aggregate(aggregate))
            points.append((series, Point(at, value), kept))
        return cls(points, key)


def series_name(job: str, host: str, measure: str) -> str:
    """`shop/jobs/web/load/web01/users`. A slash in a measure's name would be another part: it is written %2F."""
    part = measure.replace("%2F", "%252F").replace("/", "%2F")
    return f"{job}/{host}/{part}"


def pending(job: Job, host: str, result: Result, at: float) -> tuple[Pending | None, str]:
    """The points that a job keeps of a result, and a remark when the result lacks some of them."""
    points = []
    for name in dict.fromkeys(job.graph):
        measure = result.measures.get(name)
        if measure is not None and measure.value is not None:
            kept = job.kept.get(name, job.retention)
            points.append((series_name(job.path, host, name), Point(int(at), measure.value), kept))
    lacking = [name for name in job.graph if name not in result.measures]
    remark = f"no measure is called {', '.join(lacking)}" if lacking else ""
    return (Pending(points) if points else None), remark


def flush_pending(runs: Bucket, store: Store, now: float) -> list[str]:
    """Write the samples that a kill, a full disk or a damaged series left in the record; returns what still fails."""
    left = [Pending.read(entry.key, entry.body or b"[]") for entry in runs.scan("sample/")]
    return settle(runs, store, left, now)


def settle(runs: Bucket, store: Store, left: Sequence[Pending], now: float) -> list[str]:
    """Write samples to their series and take them out of the record; returns a remark for each series that failed.

    Samples of a series that failed stay, and so do those that are ahead of the clock.
    """
    points: dict[tuple[str, Retention], list[Point]] = defaultdict(list)
    for one in left:
        for series, point, kept in one.points:
            if point.at <= now + AHEAD:
                points[series, kept].append(point)
    failed: dict[str, str] = {}
    for (series, kept), some in points.items():
        try:
            store.add(series, some, retention=kept, now=now)
        except RemError as error:
            failed[series] = f"{error.message}; its samples wait" + (f" ({error.hint})" if error.hint else "")
    done, rest = [], []
    for one in left:
        waiting = [point for point in one.points if point[0] in failed or point[1].at > now + AHEAD]
        if not waiting:
            done.append(one.key)
        elif len(waiting) < len(one.points):
            rest.append(replace(one, points=waiting).put())
    if rest:
        runs.commit(rest)
    stored.forget(runs, done)
    return list(dict.fromkeys(failed.values()))

"""The measures of a result that become series.

They are committed with the host's end, then written to the spool of samples, then taken out of the record: a kill
between any two of these loses nothing, and writing a sample twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli.errors import RemError, Status
from rem_cli.jobs import Result, stored
from rem_cli.jobs.job import Job
from rem_cli.series import Archive, Retention, Sample
from rem_cli.series.intake import Intake
from rem_cli.series.samples import decode, encode
from rem_cli.state import Bucket, Put

OWN = "rem.job."  # before the names of what is kept of every job
RUN = "run"  # in the place of a host: what is told of a run as a whole
# Two days by the minute, 90 days by ten, five years by six hours: 230 kB, for every job pays it.
OWN_KEPT = Retention((Archive(60, 2 * 86400), Archive(600, 90 * 86400), Archive(21600, 5 * 365 * 86400)))


@dataclass(frozen=True, slots=True)
class Pending:
    """Samples of one host of one run, and where they lie in the record until the spool has them."""

    samples: Sequence[Sample]
    key: str = ""

    def put(self) -> Put:
        return Put(self.key, encode(self.samples))

    @classmethod
    def read(cls, key: str, body: bytes) -> Pending:
        return cls(decode(body), key)


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
            points.append(Sample(series_name(job.path, host, name), int(at), measure.value, kept))
    lacking = [name for name in job.graph if name not in result.measures]
    remark = f"no measure is called {', '.join(lacking)}" if lacking else ""
    return (Pending(points) if points else None), remark


def of_run(job: Job, status: Status, seconds: float, at: float, where: str = RUN) -> Pending:
    """What is kept of every run of every job: how long it took, and 1 for success or 0.

    A run that somebody stopped tells neither.
    """
    if status is Status.INTERRUPTED:
        return Pending([])
    told = {f"{OWN}duration": seconds, f"{OWN}outcome": float(status is Status.DONE)}
    return Pending(
        [
            Sample(series_name(job.path, where, name), int(at), value, job.kept.get(name, OWN_KEPT))
            for name, value in told.items()
        ]
    )


def flush_pending(runs: Bucket, intake: Intake) -> list[str]:
    """Put all samples into their series, also those that a kill left in the record; what keeps some from them."""
    left = [Pending.read(entry.key, entry.body or b"[]") for entry in runs.scan("sample/")]
    said = settle(runs, intake, left)
    try:
        return said + intake.drain()
    except RemError as error:
        return [*said, told(error)]


def settle(runs: Bucket, intake: Intake, left: Sequence[Pending]) -> list[str]:
    """Hand samples to the spool, then take them out of the record; returns a remark when some stay there."""
    try:
        intake.write([one for each in left for one in each.samples])
    except RemError as error:
        if len(left) == 1:
            return [told(error)]
        return list(dict.fromkeys(one for each in left for one in settle(runs, intake, [each])))
    stored.forget(runs, [one.key for one in left])
    return []


def told(error: RemError) -> str:
    return f"{error.message}; its samples wait" + (f" ({error.hint})" if error.hint else "")

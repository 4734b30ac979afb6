"""Starting a long job on its hosts. When this returns it runs there, and nobody here has to stay."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress

from rem_cli.errors import RemError, Status
from rem_cli.jobs import Run
from rem_cli.jobs.ask import Answer, ask
from rem_cli.jobs.detached import Away, answers
from rem_cli.jobs.detached.finish import finish
from rem_cli.jobs.detached.kept import Kept
from rem_cli.jobs.detached.tasks import starting
from rem_cli.jobs.events import Finished, HostEnded, HostStarted, Listen, Started
from rem_cli.jobs.job import Assignment, Job
from rem_cli.jobs.records import Record
from rem_cli.reach import End, Outcome, Stop, Transport


def begin(
    job: Job,
    work: Sequence[Assignment],
    record: Record,
    kept: Kept,
    transports: Mapping[str, Transport],
    stop: Stop,
    listen: Listen,
) -> Run:
    """Start a run's work on its hosts; the run as it stands then, ended where it started nowhere."""
    records, run, mark = kept.records, record.run.id, secrets.token_hex(16)
    aways = [
        Away(run, place, one.target.name, one.host, f"{mark}.{place}", one.task.deadlines.grace)
        for place, one in enumerate(work)
    ]
    try:
        listen(Started(record.run))
        questions = [starting(one, away.folder) for one, away in zip(work, aways, strict=True)]
        aways = kept.open(aways)
    except BaseException as error:  # nothing was asked for; without an end the run would seem to run on
        with suppress(RemError):
            record.finish(Status.FAILED, f"nothing was started: {type(error).__name__}", [])
            kept.abandon(run)
        raise
    replies = ask(questions, transports, stop, parallel=job.parallel)
    for away, reply in zip(aways, replies, strict=True):
        _take(kept, job, away, reply, records.clock.now(), listen)
    ended = finish(kept, run)
    if ended is not None:
        listen(Finished(ended))
    return records.show(run)


def _unsure(end: End) -> bool:
    """Whether the host may have begun all the same; it is asked when its run is fetched."""
    if end.outcome is Outcome.FAILED:
        return end.exit is not None or end.signal is not None
    cut = end.outcome in (Outcome.UNREACHABLE, Outcome.LOST, Outcome.TIMED_OUT)
    return end.outcome is Outcome.CANCELLED or (cut and end.phase in ("channel", "run"))  # once it was asked


def _take(kept: Kept, job: Job, away: Away, reply: Answer, now: float, listen: Listen) -> None:
    """One host's answer, into the record."""
    if _unsure(reply.end):
        kept.doubt(away)
        return
    try:
        answers.began(reply.whole())
    except RemError as error:
        outcome = reply.end.outcome if reply.end.outcome is not Outcome.OK else Outcome.FAILED
        hint = error.hint
        end = End(outcome, why=error.message, hint=hint, phase=reply.end.phase, untrusted=reply.end.untrusted)
        done = kept.end(away, job, end, now)
        if done is not None:
            kept.forget([done])
            listen(HostEnded(away.run, next(one for one in kept.records.show(away.run).hosts if one.host == away.name)))
        return
    if kept.began(away, now) is not None:
        listen(HostStarted(away.run, away.name))

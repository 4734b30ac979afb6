"""Starting a long job on its hosts. When this returns it runs there, and nobody here has to stay."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from rem_cli.errors import RemError
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

# After one of these the host may have begun all the same; it is asked when its run is fetched.
_UNSURE = (Outcome.LOST, Outcome.TIMED_OUT, Outcome.CANCELLED)


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
    listen(Started(record.run))
    records = kept.records
    mark = secrets.token_hex(16)
    run = record.run.id
    aways = kept.open(
        [
            Away(run, place, one.target.name, one.host, f"{mark}.{place}", one.task.deadlines.grace)
            for place, one in enumerate(work)
        ]
    )
    questions = [starting(one, away.folder) for one, away in zip(work, aways, strict=True)]
    replies = ask(questions, transports, stop, parallel=job.parallel)
    for away, reply in zip(aways, replies, strict=True):
        _take(kept, job, away, reply, records.clock.now(), stop, listen)
    ended = finish(kept, run)
    if ended is not None:
        listen(Finished(ended))
    return records.show(run)


def _take(kept: Kept, job: Job, away: Away, reply: Answer, now: float, stop: Stop, listen: Listen) -> None:
    """One host's answer, into the record."""
    begun = bool(reply.end.phase == "run" or reply.end.seconds)
    if reply.end.outcome in _UNSURE and begun:
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

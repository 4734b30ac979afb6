"""What a program that ran far away comes to, once its end and all of its output are here."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from rem_cli.jobs import HostRun
from rem_cli.jobs.job import Job
from rem_cli.jobs.judge import Judge
from rem_cli.jobs.samples import Pending, pending
from rem_cli.jobs.tested import Evaluate
from rem_cli.reach import End, Outcome
from rem_cli.reach.program import SIGNALS
from rem_cli.secrets import known


class Judged(NamedTuple):
    host: HostRun
    out: bytes  # without secrets, as is `err`
    err: bytes
    samples: Pending | None


def exited(status: int) -> End:
    """The end of a program whose status a shell tells: 128 + n when signal n ended it."""
    signal = SIGNALS.get(status - 128)
    if status == 0:
        return End(Outcome.OK, exit=0)
    if signal:
        return End(Outcome.FAILED, signal=signal, why=f"ended by signal {signal}")
    return End(Outcome.FAILED, exit=status, why=f"exit status {status}")


def judged(
    job: Job | None,
    host: str,
    end: End,
    out: bytes,
    err: bytes,
    *,
    began: float | None,
    at: float,
    evaluate: Evaluate,
) -> Judged:
    """A host's end with its result. `at` is the time of its numbers; nothing is kept of a job that is no more."""
    hidden = known.redactor()
    out, err = hidden.data(out), hidden.data(err)
    end, result = Judge.of(job, evaluate, hidden)(end, out, err)
    samples, remark = pending(job, host, result, at) if job else (None, "")
    note = "; ".join(filter(None, [result.note, remark]))
    return Judged(HostRun(host, end, began, replace(result, note=note)), out, err, samples)

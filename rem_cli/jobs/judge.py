"""What an end means for its job: the exit statuses that it allows, the result that it owes, what must hold of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from rem_cli.jobs import Result
from rem_cli.jobs.job import Job, ResultKind
from rem_cli.jobs.results import judge
from rem_cli.jobs.tested import Evaluate, Test, accepted, failures
from rem_cli.jobs.unsaid import result_without_secrets, without_secrets
from rem_cli.reach import End, Outcome
from rem_cli.secrets.redact import Redactor


class Judge(NamedTuple):
    """Called with how a program ended and what it printed, gives the end as it counts, and the result."""

    path: str  # of the job
    kind: ResultKind
    tests: Sequence[Test]
    evaluate: Evaluate
    redactor: Redactor

    @classmethod
    def of(cls, job: Job | None, evaluate: Evaluate, redactor: Redactor) -> Judge:
        """Of a job; of one that is not known, whose results nobody can read."""
        if job is None:
            return cls("", ResultKind.NONE, (), evaluate, redactor)
        return cls(job.path, job.result, job.tests, evaluate, redactor)

    def __call__(self, end: End, out: bytes, err: bytes) -> tuple[End, Result]:
        """`out` and `err` hold no secret any more."""
        end = accepted(self.tests, without_secrets(end, self.redactor))
        end, result = judge(self.kind, end, out, err)
        result = result_without_secrets(result, self.redactor)
        wrong = failures(self.tests, end, result, out, self.evaluate) if end.outcome is Outcome.OK else []
        if wrong:
            hint = f"rem show {self.path} --origin says where its tests are written"
            end = replace(end, outcome=Outcome.FAILED, why="; ".join(wrong), hint=hint)
        return end, result

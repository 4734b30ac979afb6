"""Runs a job on its hosts: batches, the failures that are allowed, the record, the samples, and who hears of it.

Transports call from threads of their own; everything they tell goes through one queue and is written down and told on
in the thread that called `run`. A host's end is in the record before anybody hears of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from queue import Empty
from threading import Thread
from typing import NamedTuple

from rem_cli.clock import Clock
from rem_cli.errors import NoTargetError, RemError, Status, UsageError
from rem_cli.jobs import NONE_LENT, HostRun, Lent, Origin, Result, Run
from rem_cli.jobs.batch import Batch, Begun, Ended, Left, Said, Told, Tried
from rem_cli.jobs.detached.begin import begin
from rem_cli.jobs.detached.kept import Kept, described
from rem_cli.jobs.events import (
    Event,
    Finished,
    HostEnded,
    HostRetries,
    HostStarted,
    Line,
    Lines,
    Listen,
    Started,
    last_line,
)
from rem_cli.jobs.job import Assignment, Host, Job, Taken, assignments, environment, worker_names
from rem_cli.jobs.judge import Judge
from rem_cli.jobs.outbox import PREFIX, Queues, deliver, outgoing
from rem_cli.jobs.records import Record, Records
from rem_cli.jobs.retry import Trying
from rem_cli.jobs.samples import flush_pending, of_run, pending, settle
from rem_cli.jobs.status import decide
from rem_cli.jobs.tested import Evaluate
from rem_cli.reach import End, Outcome, Stop, Transport
from rem_cli.secrets import known
from rem_cli.series.intake import Intake

AT_ONCE = 500  # things told by transports that are handled before the record is written


class Engines(NamedTuple):
    """What a run works with. `transports` has `ssh` and `local`."""

    transports: Mapping[str, Transport]
    records: Records
    intake: Intake
    clock: Clock
    evaluate: Evaluate
    queues: Queues


def run(
    job: Job,
    hosts: Sequence[Host],
    *,
    engines: Engines,
    stop: Stop,
    listen: Listen,
    params: Mapping[str, str],
    script: bytes | None = None,
    lent: Lent = NONE_LENT,
    origin: Origin,
    taken: Taken | None = None,
) -> Run:
    """Run a job once, and return when every host has ended; a long job when it has started on every host.

    `params` come from `read_params`, `script` are the bytes of `job.script`, `lent` the secrets that the job names,
    `taken` the message that it handles.
    UsageError and NoTargetError before anything is done. Afterwards only these are raised, when all hosts have ended:
    StateError when the record could not be written (nothing new is started from then on), and what a listener raised
    (the run is stopped by it).
    """
    if not hosts:
        raise NoTargetError(f"{job.path} has no host to run on", hint="rem host list")
    if job.input is not None and taken is None:
        raise UsageError(f"{job.path} handles the messages of {job.input}", hint=f"rem job work {job.path}")
    environment(job, params)
    names = worker_names(job, hosts)
    records = engines.records
    told = {name: known.text(value) for name, value in params.items()}
    away = described(job, hosts) if job.detached else b""
    record = records.begin(
        job.path, names, origin=origin, params=told, parallel=job.parallel, secrets=lent.used, away=away
    )
    work = assignments(job, hosts, params, script, run=record.run.id, origin=origin, secrets=lent.secrets, taken=taken)
    if job.detached:
        return begin(job, work, record, Kept(records, engines.evaluate), engines.transports, stop, listen)
    return _Running(job, record, engines, stop, listen).through(work)


class _Running:
    def __init__(self, job: Job, record: Record, engines: Engines, stop: Stop, listen: Listen) -> None:
        self._job = job
        self._record = record
        self._engines = engines
        self._stop = stop
        self._listen = listen
        self._ends: dict[str, End] = {}
        self._lines: dict[str, Lines] = {}
        self._untold: list[HostRun] = []  # ended, and not in the record yet
        self._notes: list[str] = []  # what went wrong beside the job
        self._deaf = False  # the listener failed
        self._problem: BaseException | None = None  # of a listener, a transport or the record

    def through(self, work: Sequence[Assignment]) -> Run:
        self._tell(Started(self._record.run))
        try:
            self._batches(work)
        except BaseException as error:  # ours alone; without an end the run would seem to run on
            with suppress(RemError):
                self._record.finish(Status.FAILED, f"rem failed: {type(error).__name__}", self._notes)
            raise
        return self._finish()

    def _batches(self, work: Sequence[Assignment]) -> None:
        size = max(1, self._job.batch.of(len(work))) if self._job.batch else len(work)
        halted, redactor = "", known.redactor()
        for at in range(0, len(work), size):
            some = work[at : at + size]
            allowed = self._job.max_fail.of(len(some)) if self._job.max_fail else None
            judge = Judge.of(self._job, self._engines.evaluate, redactor)
            batch = Batch(some, judge, allowed, self._engines.clock, redactor, self._trying())
            batch.halted = halted
            if not halted and not self._stop.asked:
                self._run(batch, some)
            halted = batch.halted
            why = halted or "not started: the run was stopped"
            self._end_the_rest(batch, some, End(Outcome.CANCELLED, why=why))
            self._write(batch)

    def _trying(self) -> Trying | None:
        """How hosts are tried again; no try begins when the run itself might not have begun any more."""
        job, run = self._job, self._record.run
        if job.retry is None:
            return None
        until = run.origin.due + job.late if run.origin.due is not None and job.late is not None else None
        return Trying(job.retry, run.id, job.deadlines.grace, until)

    def _run(self, batch: Batch, work: Sequence[Assignment]) -> None:
        """Both transports at once; back when all that they were given has ended."""
        kinds = {one.host.local for one in work}
        threads = [Thread(target=self._transport, args=(local, batch), daemon=True) for local in kinds]
        for thread in threads:
            thread.start()
        left = 0
        try:
            while left < len(threads):
                for told in self._next(batch):
                    if isinstance(told, Left):
                        left += 1
                        self._left(told, batch, [one for one in work if one.host.local == told.local])
                    else:
                        self._handle(told)
                self._write(batch)
        except BaseException:
            self._stop.ask()
            raise
        finally:
            for thread in threads:
                thread.join()

    def _transport(self, local: bool, batch: Batch) -> None:
        problem: BaseException | None = None
        try:
            transport = self._engines.transports["local" if local else "ssh"]
            transport.run(batch.of(local, self._stop), batch, parallel=self._job.parallel, stop=self._stop)
        except BaseException as error:  # whatever it is, the ends of the hosts are recorded first
            problem = error
        batch.queue.put(Left(local, problem))

    def _next(self, batch: Batch) -> list[Told]:
        """What was told meanwhile, so that one write serves many hosts."""
        try:
            told = [batch.queue.get()]
        except KeyboardInterrupt:
            self._stop.ask()
            return []
        with suppress(Empty):
            while len(told) < AT_ONCE:
                told.append(batch.queue.get_nowait())
        return told

    def _handle(self, told: Begun | Said | Ended | Tried) -> None:
        match told:
            case Begun(host, at):
                self._record.started(host, at)
                self._tell(HostStarted(self._record.run.id, host))
            case Said(host, stream, data):
                for text in self._lines.setdefault(host, Lines()).feed(stream, data):
                    self._tell(Line(self._record.run.id, host, stream, text))
            case Tried(ended, wait):
                self._flush(ended.host)
                attempt = self._record.tried(ended.host, ended.end, ended.at, last_line(ended.out, ended.err))
                self._tell(HostRetries(self._record.run.id, ended.host, attempt, wait))
            case Ended():
                self._ended(told)

    def _flush(self, host: str) -> None:
        for stream, text in self._lines.pop(host, Lines()).flush():
            self._tell(Line(self._record.run.id, host, stream, text))

    def _ended(self, told: Ended) -> None:
        self._flush(told.host)
        points, remark = pending(self._job, told.host, told.result, told.at)
        result = told.result
        if remark and told.end.outcome is Outcome.OK:
            result = replace(result, note="; ".join(filter(None, [result.note, remark])))
        self._ends[told.host] = told.end
        host = HostRun(told.host, told.end, None, result)
        if told.waited:
            self._record.no_more_tries(told.host)
        place = self._record.place(told.host)
        message = outgoing(self._job, self._record.run, place, host, told.at)
        self._untold.append(self._record.ended(host, told.out, told.err, points, message))

    def _left(self, left: Left, batch: Batch, work: Sequence[Assignment]) -> None:
        """A transport that broke leaves hosts without an end."""
        if isinstance(left.problem, RemError):
            end = End(Outcome.UNREACHABLE, why=left.problem.message, hint=left.problem.hint)
        elif left.problem is not None:
            self._problem = self._problem or left.problem
            end = End(Outcome.UNREACHABLE, why=f"rem failed: {type(left.problem).__name__}")
        else:
            return
        self._end_the_rest(batch, work, end)

    def _end_the_rest(self, batch: Batch, work: Sequence[Assignment], end: End) -> None:
        for one in work:
            name = one.target.name
            if name not in self._ends:
                lost = name in self._record.begun
                there = replace(end, outcome=Outcome.LOST) if lost else end
                self._ended(Ended(name, there, Result(), 0.0, *batch.said(name)))

    def _write(self, batch: Batch) -> None:
        """Put into the record what was told, then the samples into their series; then say who has ended."""
        try:
            samples = self._record.commit()
            self._notes += settle(self._engines.records.bucket, self._engines.intake, samples)
            if self._job.output:
                mine = f"{PREFIX}{self._record.run.id:010d}/"
                self._notes += deliver(self._engines.records.bucket, self._engines.queues, mine)
        except RemError as error:
            self._problem = self._problem or error
            batch.halted = batch.halted or f"not started: {error.message}"
        for host in self._untold:
            self._tell(HostEnded(self._record.run.id, host))
        self._untold.clear()

    def _tell(self, event: Event) -> None:
        if self._deaf:
            return
        try:
            self._listen(event)
        except BaseException as error:  # the hosts are ended in good order before it goes on
            self._deaf = True
            self._problem = self._problem or error
            self._stop.ask()

    def _finish(self) -> Run:
        verdict = decide(self._ends, interrupted=self._stop.asked > 0, success=self._job.success)
        now, engines = self._engines.clock.now(), self._engines
        samples = of_run(self._job, verdict.status, now - self._record.run.began, now)
        try:
            self._notes += flush_pending(self._engines.records.bucket, self._engines.intake)
            self._notes += deliver(self._engines.records.bucket, self._engines.queues)
        except Exception as error:  # of our own, too: the record is finished first
            self._problem = self._problem or error
        try:
            kept = self._record.finish(verdict.status, verdict.why, list(dict.fromkeys(self._notes)), samples)
            settle(engines.records.bucket, engines.intake, kept)
        except RemError as error:
            self._problem = self._problem or error
        self._tell(Finished(self._record.run))
        if self._problem is not None:
            raise self._problem
        return self._record.run

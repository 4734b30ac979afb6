"""What is due now: claimed, and run at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from rem_cli import wire
from rem_cli.errors import RemError, Status
from rem_cli.jobs import Run
from rem_cli.jobs.claims import LEASE, Claims
from rem_cli.jobs.due import Turn, Work, claim_due
from rem_cli.jobs.events import Event as Told
from rem_cli.jobs.events import Started
from rem_cli.jobs.freezes import Freezes
from rem_cli.jobs.job import Host, Job
from rem_cli.jobs.locally import starts_itself
from rem_cli.jobs.locally.payload import scheduled
from rem_cli.jobs.schedule.frozen import at, of_job
from rem_cli.jobs.status import so_far
from rem_cli.jobs.tenure import Tenure
from rem_cli.language import Item
from rem_cli.reach import Stop
from rem_cli.wire.long_jobs import cancel_run
from rem_cli.wire.source import Source
from rem_cli.wire.working import Tally
from rem_cli.wire.working import work as handle

AT_ONCE = 32  # jobs
LOOK = 0.5  # seconds between looks at whether a run shall end
PATIENCE = 60.0  # seconds beyond its grace for a run that is to be replaced


@dataclass
class Ended:
    """What became of one piece of work: a run, or why there is none."""

    work: Work
    run: Run | None = None
    error: RemError | None = None
    late: bool = False  # its lease was over: others have decided on it meanwhile
    tally: Tally | None = None  # of a job that handles messages, which is many runs

    @property
    def status(self) -> Status:
        """The exit status that it means by itself."""
        if self.tally is not None:
            return self.tally.status
        return so_far(self.run) if self.run is not None else Status.FAILED

    @property
    def good(self) -> bool:
        return self.status == Status.DONE and not self.late

    @property
    def said(self) -> str:
        """In one line how it ended."""
        if self.tally is not None:
            return self.tally.said
        what = f"run {self.run.id}: {self.run.why or 'a long job, which runs by itself'}" if self.run else "did not run"
        what = self.error.message if self.error else what
        return f"{what}; its lease was over, so this is no result but evidence" if self.late else what


def run_due(rem: wire.Rem, stop: Stop) -> tuple[Turn, Sequence[Ended]]:
    """Claim what is due of the active generation, run it, and return when all has ended."""
    source = rem.active_source()
    tenure = enter(rem, "rem job run-due")
    with tenure.kept(), ThreadPoolExecutor(AT_ONCE) as pool:
        turn = claim(rem, source, tenure)
        return turn, list(pool.map(lambda work: through(work, source, tenure, stop), turn.work))


def enter(rem: wire.Rem, why: str) -> Tenure:
    """From now on this process may claim what is due."""
    return Tenure(Claims(rem.state).enter(why), LEASE)


def claim(rem: wire.Rem, source: Source, tenure: Tenure) -> Turn:
    """Decide on all that is due by now, and claim it; LockLost."""
    generation = rem.generations.active()
    applied = int(generation.at) if generation else 0

    def names(item: Item) -> list[str]:
        return [host.name for host in started_here(source.hosts(source.job(item.path).hosts))]

    return claim_due(items_here(source), Claims(rem.state), tenure.lease, applied, int(rem.clock.now()), names)


def items_here(source: Source) -> list[Item]:
    """All items, without jobs that hosts start by themselves."""
    return [item for item in source.catalog.items.values() if not _elsewhere(source, item)]


def started_here(hosts: Sequence[Host]) -> list[Host]:
    """Without those whose own scheduler starts what is scheduled."""
    return [host for host in hosts if not host.starts_itself]


def _elsewhere(source: Source, item: Item) -> bool:
    """Whether hosts start a job by themselves, all that it has."""
    if not any(map(starts_itself, source.catalog.of("builtin inventory"))):
        return False
    if item.process != "builtin jobs" or not scheduled(item):
        return False
    try:
        hosts = source.hosts(source.job(item.path).hosts)
    except RemError:  # told when it is due
        return False
    return bool(hosts) and not started_here(hosts)


def through(work: Work, source: Source, tenure: Tenure, stop: Stop) -> Ended:
    """Bring about one run, with what it needs for itself alone: runs share nothing but the store."""
    with wire.open() as rem:
        claims = Claims(rem.state)
        try:
            ended = _run(rem, work, source, claims, tenure, stop)
        except RemError as error:
            ended = Ended(work, error=error)
        if ended.run is not None and ended.run.detached and ended.run.ended is None:
            return ended  # its claim stands as long as it runs
        if not claims.done(work.slots, work.instant, tenure.lease):
            ended.late = True
    return ended


def _run(rem: wire.Rem, work: Work, source: Source, claims: Claims, tenure: Tenure, stop: Stop) -> Ended:
    job = source.job(work.job)
    there = started_here(source.hosts(job.hosts))
    hosts = [host for host in there if work.hosts is None or host.name in work.hosts]
    if work.replaces and not _ended(rem, work, claims, PATIENCE + job.deadlines.grace, stop):
        raise RemError("the run that it was to replace could not be ended", hint=f"rem job list {work.job}")

    if job.input is not None:
        with _own(work, claims, tenure, stop) as ours:
            return Ended(work, tally=handle(rem, job.path, ours, lambda event: None, once=True))

    def hear(event: Told) -> None:
        if isinstance(event, Started):  # nothing has begun yet, and nothing does where this is refused
            _refuse_frozen(rem, job)
            claims.begin(work.slots, work.instant, event.run.id, tenure.lease, detached=event.run.detached)

    with _own(work, claims, tenure, stop) as ours:
        done = rem.run(source, job, hosts, [], stop=ours, listen=hear, who="schedule", due=work.instant)
    return Ended(work, done)


def _refuse_frozen(rem: wire.Rem, job: Job) -> None:
    """RemError where somebody froze the job after it was claimed, while it waited for a lock or for another's end."""
    freeze = at(of_job(Freezes(rem.state).all(), job.path), int(rem.clock.now()))
    if freeze is not None and not job.item.fields.get("freeze exempt"):
        raise RemError(f"it was frozen {freeze.said}", hint="rem status")


def _ended(rem: wire.Rem, work: Work, claims: Claims, patience: float, stop: Stop) -> bool:
    """Ask the runs that this one replaces to end; whether they have."""
    for slot in work.slots:
        claims.ask_to_stop(slot, work.replaces)
        for run in claims.detached(slot, work.replaces):
            cancel_run(rem, run, "schedule", stop)
    until = rem.clock.monotonic() + patience
    while any(claims.running(slot, work.replaces) for slot in work.slots):
        if rem.clock.monotonic() > until or stop.wait(LOOK):
            return False
    return True


@contextmanager
def _own(work: Work, claims: Claims, tenure: Tenure, stop: Stop) -> Iterator[Stop]:
    """A stop of this run alone: asked with all others, by whoever takes its place, or when it is another's by now."""
    ours, ended = Stop(), Event()

    def look() -> None:
        told = 0
        while not ended.wait(LOOK):
            over = tenure.lost or any(claims.asked_to_stop(slot, work.instant) for slot in work.slots)
            for _ in range(max(stop.asked, int(over)) - told):
                ours.ask()
                told += 1

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield ours
    finally:
        ended.set()
        watcher.join()
        ours.close()

"""What is due now: claimed, and run at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from rem_cli import wire
from rem_cli.errors import RemError
from rem_cli.jobs import Run
from rem_cli.jobs.claims import Claims
from rem_cli.jobs.due import Turn, Work, claim_due
from rem_cli.jobs.job import Host
from rem_cli.jobs.locally import starts_itself
from rem_cli.jobs.locally.payload import scheduled
from rem_cli.language import Item
from rem_cli.reach import Stop
from rem_cli.wire.source import Source

AT_ONCE = 32  # jobs
LOOK = 0.5  # seconds between looks at whether a run shall end
PATIENCE = 60.0  # seconds beyond its grace for a run that is to be replaced


@dataclass
class Ended:
    """What became of one piece of work: a run, or why there is none."""

    work: Work
    run: Run | None = None
    error: RemError | None = None


def run_due(rem: wire.Rem, stop: Stop) -> tuple[Turn, Sequence[Ended]]:
    """Claim what is due of the active generation, run it, and return when all has ended."""
    source = rem.active_source()
    generation = rem.generations.active()
    applied = int(generation.at) if generation else 0

    def names(item: Item) -> list[str]:
        return [host.name for host in started_here(source.hosts(source.job(item.path).hosts))]

    items = [item for item in source.catalog.items.values() if not _elsewhere(source, item)]
    turn = claim_due(items, Claims(rem.state), applied, int(rem.clock.now()), names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return turn, list(pool.map(lambda work: _through(work, stop), turn.work))


def started_here(hosts: Sequence[Host]) -> list[Host]:
    """Without those whose own cron starts what is scheduled."""
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


def _through(work: Work, stop: Stop) -> Ended:
    """Bring about one run, with what it needs for itself alone: runs share nothing but the store."""
    with wire.open() as rem:
        claims = Claims(rem.state)
        try:
            return _run(rem, work, claims, stop)
        except RemError as error:
            return Ended(work, error=error)
        finally:
            for slot in work.slots:
                claims.done(slot, work.instant)


def _run(rem: wire.Rem, work: Work, claims: Claims, stop: Stop) -> Ended:
    source = rem.active_source()
    job = source.job(work.job)
    there = started_here(source.hosts(job.hosts))
    hosts = [host for host in there if work.hosts is None or host.name in work.hosts]
    if work.replaces and not _ended(rem, work, claims, PATIENCE + job.deadlines.grace, stop):
        raise RemError("the run that it was to replace could not be ended", hint=f"rem job list {work.job}")
    with _own(work, claims, stop) as ours:
        done = rem.run(source, job, hosts, [], stop=ours, listen=lambda event: None, who="schedule", due=work.instant)
    return Ended(work, done)


def _ended(rem: wire.Rem, work: Work, claims: Claims, patience: float, stop: Stop) -> bool:
    """Ask the runs that this one replaces to end; whether they have."""
    for slot in work.slots:
        claims.ask_to_stop(slot, work.replaces)
    until = rem.clock.monotonic() + patience
    while any(claims.running(slot, work.replaces) for slot in work.slots):
        if rem.clock.monotonic() > until or stop.wait(LOOK):
            return False
    return True


@contextmanager
def _own(work: Work, claims: Claims, stop: Stop) -> Iterator[Stop]:
    """A stop of this run alone: asked with all others, or by whoever takes its place."""
    ours, over = Stop(), Event()

    def look() -> None:
        told = 0
        while not over.wait(LOOK):
            replaced = any(claims.asked_to_stop(slot, work.instant) for slot in work.slots)
            for _ in range(max(stop.asked, int(replaced)) - told):
                ours.ask()
                told += 1

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield ours
    finally:
        over.set()
        watcher.join()
        ours.close()

"""What hosts did by themselves, fetched into the record of runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rem_cli.errors import RemError
from rem_cli.jobs import Origin, Run, RunState
from rem_cli.jobs.job import Host, Job
from rem_cli.jobs.judged import judged
from rem_cli.jobs.locally import Place, payload, starts_itself
from rem_cli.jobs.locally.collect import Asked, Wanted, collect
from rem_cli.jobs.locally.spooled import Spooled, SpoolError, of_job
from rem_cli.jobs.outbox import deliver, outgoing
from rem_cli.jobs.samples import Pending, flush_pending, of_run
from rem_cli.jobs.select import select
from rem_cli.jobs.status import decide
from rem_cli.wire.conditions import evaluate
from rem_cli.wire.secrets import keep_back

if TYPE_CHECKING:
    from rem_cli.language import Item
    from rem_cli.reach import Stop
    from rem_cli.wire import Rem
    from rem_cli.wire.source import Source


def collect_from(rem: Rem, selector: str | None, stop: Stop) -> list[Asked]:
    """Fetch from the hosts that a selector means, without one from all that start jobs by themselves.

    What one host has to tell is recorded exactly once, however often and by whomever it is fetched.
    """
    source = rem.active_source()
    inventory = source.catalog.of("builtin inventory")
    items = select(selector, inventory) if selector is not None else [one for one in inventory if starts_itself(one)]
    if not items:
        return []
    identity = rem.repository.identity(source.origin.commit)
    environment = rem.settings.environment
    places = {Host.read(item).name: Place.read(item, Host.read(item).name, identity, environment) for item in items}
    wanted = [Wanted(Host.read(item), places[Host.read(item).name].root) for item in items]
    keep_back(source.catalog)
    jobs = {payload.name_of(item): item for item in source.catalog.of("builtin jobs") if payload.scheduled(item)}

    def keep(host: str, run: Spooled) -> int | None:
        return _keep(rem, source, jobs, places[host], host, run)

    try:
        return collect(wanted, rem.transports, keep, stop)
    finally:
        flush_pending(rem.records.bucket, rem.intake)
        deliver(rem.records.bucket, rem.queues)
        rem.records.prune()


def _keep(rem: Rem, source: Source, jobs: dict[str, Item], place: Place, host: str, run: Spooled) -> int | None:
    path = of_job(run, {name: item.path for name, item in jobs.items()})
    if path is None:
        raise SpoolError(
            f"{run.name} is of no job that it was given", hint=f"see there what wrote to {place.root}/spool"
        )
    item = source.catalog.items.get(path)
    try:
        job = source.job(path) if item is not None else None
    except RemError:  # no job any more
        job = None
    done = judged(job, host, run.end, run.out, run.err, began=run.began, at=run.began, evaluate=evaluate)
    end = done.host.end
    assert end is not None
    verdict = decide({host: end}, interrupted=False)
    made = Run(
        0, path, _origin(source, item, job, place, host, run), {}, 1, run.began, RunState.FINISHED,
        ended=run.began + end.seconds, status=verdict.status, why=verdict.why, counts={str(end.outcome): 1},
    )  # fmt: skip
    if job is not None:
        own = of_run(job, verdict.status, end.seconds, run.began, host).samples
        done = done._replace(samples=Pending([*(done.samples.samples if done.samples else ()), *own]))
    return rem.records.take(
        f"{host}/{run.name}", made, *done, lambda known: outgoing(job, known, 0, done.host, run.began) if job else []
    )


def _origin(source: Source, item: Item | None, job: Job | None, place: Place, host: str, run: Spooled) -> Origin:
    """Where the text came from that ran: the active generation, when it is word for word the same."""
    now, who = "", f"{place.scheduler} of {host}"
    if item is not None and job is not None and run.payload:
        now = payload.digest_of(item, host, place.root, source.script(job.script) if job.script else None)
    if run.payload and now == run.payload:
        return replace(source.origin, who=who, due=run.instant)
    return Origin("", None, "an earlier generation", who, run.instant)

"""What is due now of all active jobs: decided, claimed, and handed out as work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.claims import Claims, slot_of
from rem_cli.jobs.freezes import Freezes
from rem_cli.jobs.schedule import Schedule
from rem_cli.jobs.schedule.coming import schedules
from rem_cli.jobs.schedule.decide import Decision, Kind, Policy, decide
from rem_cli.jobs.schedule.frozen import Freeze, of_job
from rem_cli.language import Item
from rem_cli.state import Lease


class Work(NamedTuple):
    """One run that this process has claimed and must bring about. `hosts` is None for all of the job's."""

    job: str
    instant: int
    hosts: tuple[str, ...] | None
    replaces: tuple[int, ...] = ()  # instants whose runs end first

    @property
    def slots(self) -> list[str]:
        return [slot_of(self.job, host) for host in self.hosts or ("",)]


class Told(NamedTuple):
    """What became of instants that do not run now."""

    job: str
    host: str  # empty for the job as a whole
    decision: Decision

    @property
    def said(self) -> str:
        """The same in one line: `shop/jobs/web/load of 2026-11-25 02:00Z: skipped: the run before goes on`."""
        host, more = f" on {self.host}" if self.host else "", " and earlier ones" if self.decision.more else ""
        at = f"{times(self.decision.instants)}{more}"
        return f"{self.job}{host} of {at}: {self.decision.kind}: {self.decision.why}"


class Turn(NamedTuple):
    """One look at all schedules."""

    work: Sequence[Work]
    told: Sequence[Told]
    wrong: dict[str, RemError]  # jobs whose schedule cannot be followed


def times(instants: Sequence[int]) -> str:
    """`2026-11-25 02:30Z`, of several the first and the last."""
    told = [datetime.fromtimestamp(one, UTC).strftime("%Y-%m-%d %H:%M:%SZ").replace(":00Z", "Z") for one in instants]
    return told[0] if len(told) == 1 else f"{len(told)} times from {told[0]} to {told[-1]}"


def claim_due(
    items: Iterable[Item],
    claims: Claims,
    lease: Lease,
    applied: int,
    now: int,
    hosts: Callable[[Item], Sequence[str]],
) -> Turn:
    """Decide on all that is due by `now` and claim it under a lease from `Claims.enter`.

    `applied` is when the active generation became active; `hosts` gives the names of a job's hosts, and is asked for
    jobs with a splay alone. A job that somebody else decides on at the same time is left to them. LockLost.
    """
    by_path = {item.path: item for item in items}
    made, wrong = schedules(by_path.values())
    since, freezes = max(applied, claims.begun(now)), Freezes(claims.state).all()
    work: list[Work] = []
    told: list[Told] = []
    for path, schedule in made.items():
        item = by_path[path]
        try:
            names = hosts(item) if Policy.read(item).splay else [""]
        except RemError as error:
            wrong[path] = error
            continue
        runs: dict[int, list[tuple[str, Decision, tuple[int, ...]]]] = {}
        for host in names:
            for decision, running in _slot(item, schedule, host, claims, lease, since, now, freezes):
                if decision.kind in (Kind.RUN, Kind.REPLACE):
                    for instant in decision.instants:
                        runs.setdefault(instant, []).append((host, decision, running))
                else:
                    told.append(Told(path, host, decision))
        work += [_work(path, instant, some) for instant, some in sorted(runs.items())]
    return Turn(work, told, wrong)


def _slot(
    item: Item,
    schedule: Schedule,
    host: str,
    claims: Claims,
    lease: Lease,
    since: int,
    now: int,
    freezes: Sequence[Freeze],
) -> list[tuple[Decision, tuple[int, ...]]]:
    slot = slot_of(item.path, host)
    was = item.fields.get("was")
    before = slot_of(f"{item.path.rpartition('/')[0]}/{was}", host) if was else None
    read = claims.read(slot, schedule, since, was=before, late=item.fields.get("late") == "ok")
    cold = of_job(freezes, item.path)
    decisions = decide(schedule, Policy.read(item), read.known, now, slot=slot, freezes=cold)
    if (not decisions and read.marked) or not claims.claim(read, schedule, decisions, lease):
        return []
    kept = [one for one in decisions if one.kind is not Kind.WAIT or set(one.instants) - set(read.known.waiting)]
    return [(one, read.known.running) for one in kept]


def _work(path: str, instant: int, some: Sequence[tuple[str, Decision, tuple[int, ...]]]) -> Work:
    hosts = tuple(host for host, _, _ in some)
    ends = {one for _, decision, running in some if decision.kind is Kind.REPLACE for one in running}
    return Work(path, instant, None if hosts == ("",) else hosts, tuple(sorted(ends)))

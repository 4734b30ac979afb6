"""The footprint of one environment: what its packages want on hosts, and bringing that about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rem_cli.clock import Clock
from rem_cli.errors import HeldError, RemError, Status
from rem_cli.language import Item
from rem_cli.language.share import Share
from rem_cli.plan.audit import Audit, Record
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.footprint import Content, Kind, Looked, Machine, record
from rem_cli.plan.footprint.ensure import How
from rem_cli.plan.footprint.ensuring import checked
from rem_cli.plan.footprint.hosts import Failed, Hosts
from rem_cli.plan.footprint.plans import Look, Plan, check_not_theirs, check_pruned, plans, remembering, standing
from rem_cli.plan.footprint.record import Ended
from rem_cli.plan.footprint.rollout import Done, Pace, Rollout, plain
from rem_cli.plan.footprint.wanted import wanted
from rem_cli.plan.generations import Generations
from rem_cli.plan.lock import Lock
from rem_cli.plan.planfile import Bound, hold_hosts


class HostsFailedError(RemError):
    """No host could be changed, and so nothing became active."""

    code = "hosts-failed"
    status = Status.ALL_FAILED

    def __init__(self, message: str, done: Sequence[Done]) -> None:
        super().__init__(message, hint=next((one.hint for one in done if one.hint), None))
        self.done = done


@dataclass(frozen=True)
class Footprint:
    """How the hosts of an environment are found, reached and gone through."""

    kinds: Sequence[Kind]
    choose: Callable[[str, Sequence[Item]], Sequence[Item]]  # reads a host selector
    machine: Callable[[Item], Machine]
    hosts: Callable[[], Hosts]  # made when the first of them is asked
    generations: Generations
    clock: Clock
    pace: Pace

    def plan(self, catalog: Catalog, content: Content, *, refresh: bool) -> list[Plan]:
        """What is to be done on each host; without `refresh` by what the last apply left, and no host is asked.

        NoTargetError when the pace's limit means no host.
        """
        known = record.read(self.generations)
        try:
            wants = wanted(catalog, self.kinds, content, self.choose, self.machine)
        finally:
            content.close()
        machines = {}
        if wants or any(left.files for left in known.hosts.values()):
            machines = {there.target.name: there for there in map(self.machine, catalog.of("builtin inventory"))}
        only = None
        if self.pace.limit is not None:
            chosen = self.choose(self.pace.limit, catalog.of("builtin inventory"))
            only = frozenset(self.machine(item).target.name for item in chosen)
        if self.pace.resume:
            only = frozenset(known.partial) | (frozenset(wants) - known.hosts.keys())
        today = datetime.fromtimestamp(self.clock.now(), UTC).date().isoformat()
        return plans(wants, machines, known, self._asking if refresh else remembering(known), today, only)

    def survey(self, catalog: Catalog, content: Content, max_prune: Share | None) -> list[Plan]:
        """Look at every host and plan it; GuardedError when a file there is not REM's, or too many would go."""
        found = self.plan(catalog, content, refresh=True)
        check_not_theirs(found)
        check_pruned(found, max_prune)
        return found

    def checked(self, found: Sequence[Plan]) -> list[Plan]:
        """Plans with how what must be so stands there now: the checks are run."""
        with plain() as stop:
            return checked(found, self.hosts(), stop) if any(plan.ensured for plan in found) else list(found)

    def roll_out(self, found: Sequence[Plan], generation: int, commit: str, beat: Callable[[], None]) -> list[Done]:
        """Do it. HostsFailedError when hosts were reached, and not one of them is as it should be or may be changed.

        `beat` is called as it goes on; HeldError of it when the lock is another's, and then nothing more is changed.
        """
        known = record.read(self.generations)
        if any(plan.acts or plan.ensured for plan in found):
            known = replace(known, commit=commit, pending=True)
        rollout = Rollout(known, generation, lambda now: record.write(self.generations, now), self.clock, beat)
        done = rollout.through(found, self.pace, self.hosts())
        failed = [one for one in done if one.ended in (Ended.FAILED, Ended.ROLLED_BACK)]
        if failed and (rollout.refused or not any(one.ended.good for one in done)):
            self.settle(commit)
            why = (
                "was changed: more of a batch would fail than max fail allows"
                if rollout.refused
                else "could be changed"
            )
            raise HostsFailedError(f"no host {why}; on {failed[0].host} {failed[0].why}", done)
        return done

    def forget(self, found: Sequence[Plan]) -> None:
        """Take hosts off the record on which nothing is wanted and nothing was left."""
        known, names = record.read(self.generations), {plan.name for plan in found}
        gone = [name for name, left in known.hosts.items() if name not in names and not left.files]
        for name in gone:
            known = known.having(name, None)
        if gone:
            record.write(self.generations, known)

    def settle(self, commit: str) -> None:
        """Note that the roll-out came to its end."""
        known = record.read(self.generations)
        settled = replace(known, commit=commit, pending=False)
        if settled != known:
            record.write(self.generations, settled)

    @property
    def _asking(self) -> Look:
        def look(asked: Sequence[tuple[Machine, Sequence[str]]]) -> Mapping[str, Looked | Failed]:
            with plain() as stop:
                return self.hosts().look(asked, stop) if asked else {}

        return look


def survey(
    footprint: Footprint | None,
    catalog: Catalog,
    content: Content,
    max_prune: Share | None,
    bound: Bound | None = None,
) -> list[Plan]:
    """What is to be done on hosts; see `Footprint.survey`. StaleError when a plan that binds says otherwise."""
    found = footprint.survey(catalog, content, max_prune) if footprint is not None else []
    if bound is not None:
        hold_hosts(bound, standing(found))
    return found


@contextmanager
def rolled_out(
    footprint: Footprint | None,
    found: Sequence[Plan],
    generation: int,
    audit: Audit,
    said: Record,
    lock: Lock,
) -> Iterator[Sequence[Done]]:
    """Do it, and note its end once the block has made it active; HostsFailedError and HeldError, which are recorded."""
    if footprint is not None:
        footprint.forget(found)
    if footprint is None or not found:
        yield ()
        return
    try:
        done = footprint.roll_out(found, generation, said.commit, lock.beat)
    except HeldError as lost:
        audit.add_once(replace(said, outcome=f"stopped: {lost.message}"))
        raise
    except HostsFailedError as failed:
        audit.add_once(replace(said, outcome=f"refused: {failed.message}", hosts=ends(failed.done)))
        raise
    yield done
    footprint.settle(said.commit)


def ends(done: Sequence[Done]) -> dict[str, str]:
    """How it ended on each host, for the audit."""
    return {one.host: ": ".join(filter(None, [one.ended, one.why, _made_so(one)])) for one in done}


def _made_so(done: Done) -> str:
    made = [one.ensure.item for one in done.ensured if one.how is How.MADE_SO]
    return f"made so: {', '.join(made)}" if made else ""

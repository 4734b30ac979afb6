"""Making hosts what a catalog wants, batch by batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from rem_cli.clock import Clock
from rem_cli.errors import HeldError
from rem_cli.language.share import Share
from rem_cli.plan.footprint import Owned
from rem_cli.plan.footprint.ensure import Ensured, How
from rem_cli.plan.footprint.ensuring import make_so
from rem_cli.plan.footprint.hosts import Failed, Hosts, Put, Staged
from rem_cli.plan.footprint.plans import Plan
from rem_cli.plan.footprint.record import Ended, Left, Record
from rem_cli.plan.footprint.steps import Move, Step
from rem_cli.reach import Stop

STOPPED = "the apply was stopped"
KEEP_EVERY = 1.0  # seconds, at most, between two writes of the record: it grows with the fleet


@contextmanager
def plain() -> Iterator[Stop]:
    """A stop that nobody asks."""
    stop = Stop()
    try:
        yield stop
    finally:
        stop.close()


@dataclass(frozen=True)
class Pace:
    """How a roll-out goes on."""

    batch: Share | None = None  # hosts at once; None: all
    max_fail: Share | None = None  # failed or unreachable hosts of a batch after which no other is begun
    limit: str | None = None  # a selector: no other host is touched
    confirm_within: float | None = None  # seconds in which a host must be reached anew, or it puts all back
    resume: bool = False  # only hosts are touched on which the last apply did not end well
    stopping: Callable[[], AbstractContextManager[Stop]] = plain  # what somebody stops it by while hosts are changed


@dataclass(frozen=True)
class Done:
    """How it ended on one host."""

    host: str
    ended: Ended
    why: str = ""
    hint: str | None = None
    untrusted: bool = False  # its key was not accepted
    steps: Sequence[Step] = ()
    ensured: Sequence[Ensured] = ()  # as far as it was asked, or brought about


class Rollout:
    """One roll-out. The record is kept as hosts end, so that one that is killed can go on."""

    def __init__(
        self,
        record: Record,
        generation: int,
        keep: Callable[[Record], None],
        clock: Clock,
        beat: Callable[[], None],
    ) -> None:
        """`generation` is what the manifests of changed hosts will say; `beat` may raise HeldError."""
        self.record = record
        self.done: dict[str, Done] = {}
        self.refused = False  # no host was begun, for too many of a batch cannot be changed
        self._generation = generation
        self._write = keep
        self._beat = beat
        self._lost: HeldError | None = None  # the lock is another's: it changes and records nothing more
        self._kept = record
        self._kept_at = -KEEP_EVERY
        self._clock = clock
        self._failed = 0  # of the present batch
        self._allowed: int | None = None
        self._put: list[Plan] = []  # of the present batch: their files are as they should be
        self._staged: dict[str, Staged] = {}  # by host
        self._unfit: dict[str, Failed] = {}  # hosts on which it could not be staged, or did not pass its checks

    def through(self, found: Sequence[Plan], pace: Pace, hosts: Hosts) -> list[Done]:
        """Take every host to its end; how each ended, in their order."""
        size = max(1, pace.batch.of(len(found))) if pace.batch else max(1, len(found))
        batches = [found[at : at + size] for at in range(0, len(found), size)]
        with pace.stopping() as stop:
            self._stage(found, hosts, stop)
            self.refused = not self._may_begin(batches, pace)
            try:
                for batch in batches if not self.refused else ():
                    if self._halted(stop):
                        break
                    self._switch(batch, pace, hosts, stop)
            finally:
                self._leave(hosts)
        if self._lost is not None:
            raise self._lost
        why = "more hosts failed than max fail allows" if self._too_many() else STOPPED
        for plan in found:
            if plan.name not in self.done and not self._ended_already(plan):
                self._end(plan, Ended.SKIPPED, why)
        if self.record is not self._kept:
            self._keep(self.record)
        return [self.done[plan.name] for plan in found]

    def _stage(self, found: Sequence[Plan], hosts: Hosts, stop: Stop) -> None:
        """Lay aside what every host is to have, and check it there, before the first of them is switched."""
        puts = [
            Put(plan.machine, plan.steps, plan.looked)
            for plan in found
            if plan.acts and plan.looked is not None and not plan.left_out and _blocked(plan) is None
        ]
        if puts:
            self._keep(self.record)
            self._staged = hosts.stage(puts, self._generation, self._unfit.__setitem__, stop)

    def _may_begin(self, batches: Sequence[Sequence[Plan]], pace: Pace) -> bool:
        """Whether no batch has more hosts than allowed that were reached and cannot be changed."""
        for batch in batches:
            self._allowed = pace.max_fail.of(len(batch)) if pace.max_fail else None
            self._failed = sum(failed is not None and failed.reached for failed in map(self._why_not, batch))
            if self._too_many():
                return False
        return True

    def _switch(self, batch: Sequence[Plan], pace: Pace, hosts: Hosts, stop: Stop) -> None:
        self._failed, self._put = 0, []
        self._allowed = pace.max_fail.of(len(batch)) if pace.max_fail else None
        left = [plan for plan in batch if not self._ended_already(plan)]
        self._put = [plan for plan in left if not plan.acts]
        by_name = {plan.name: plan for plan in left if plan.name in self._staged}
        if by_name:
            self._keep(self.record)
            hosts.switch(
                [self._staged.pop(name) for name in by_name],
                partial(self._switched, by_name),
                lambda: self._halted(stop),
                stop,
                pace.confirm_within,
            )
        make_so(self._put, hosts, self._ensured, lambda: self._keep(self.record), self._halted, stop)

    def _leave(self, hosts: Hosts) -> None:
        """Take away what lies aside on hosts that are not changed after all."""
        left = [one for name, one in self._staged.items() if name not in self.done]
        if left:
            with plain() as stop:
                hosts.leave(left, stop)

    def _keep(self, record: Record) -> None:
        """Write down how far it is, and that it goes on."""
        try:
            if self._lost is None:
                self._beat()
                self._write(record)
        except HeldError as lost:
            self._lost = lost

    def _halted(self, stop: Stop | None = None) -> bool:
        return self._too_many() or self._lost is not None or (stop is not None and stop.wished > 0)

    def _too_many(self) -> bool:
        return self._allowed is not None and self._failed > self._allowed

    def _ended_already(self, plan: Plan) -> bool:
        """End a host on which nothing is to be done, or nothing can be."""
        why_not = self._why_not(plan)
        if plan.left_out:
            good = self.record.left(plan.machine).ended.good and not plan.acts
            self._end(plan, Ended.UNCHANGED if good else Ended.SKIPPED, "" if good else "left out by --limit")
        elif plan.failed is not None and plan.gone and not plan.failed.reached:
            left = self.record.left(plan.machine)
            why = f"is not in the packages any more: {len(left.files)} files of REM stay there ({plan.failed.why})"
            self._end(plan, Ended.SKIPPED, why)
        elif why_not is not None:
            self._fail(plan, why_not)
        elif not plan.acts and not plan.ensured:
            self._end(plan, Ended.UNCHANGED)
        return plan.name in self.done

    def _why_not(self, plan: Plan) -> Failed | None:
        """Why a host cannot be changed, as far as that is known before it is."""
        return None if plan.left_out else plan.failed or _blocked(plan) or self._unfit.get(plan.name)

    def _switched(self, of: Mapping[str, Plan], name: str, failed: Failed | None) -> None:
        if failed is not None:
            self._fail(of[name], failed)
        elif of[name].ensured:
            self._put.append(of[name])
        else:
            self._end(of[name], Ended.OK)

    def _ensured(self, plan: Plan, ensured: Sequence[Ensured]) -> None:
        failed = next((one.failed for one in ensured if one.failed is not None), None)
        if failed is not None:
            self._fail(plan, failed, ensured)
        else:
            changed = plan.acts or any(one.how is How.MADE_SO for one in ensured)
            self._end(plan, Ended.OK if changed else Ended.UNCHANGED, ensured=ensured)

    def _fail(self, plan: Plan, failed: Failed, ensured: Sequence[Ensured] = ()) -> None:
        self._failed += 1
        ended = Ended.FAILED if failed.reached else Ended.UNREACHABLE
        self._end(plan, Ended.ROLLED_BACK if failed.rolled_back else ended, failed.why, failed, ensured)

    def _end(
        self,
        plan: Plan,
        ended: Ended,
        why: str = "",
        failed: Failed | None = None,
        ensured: Sequence[Ensured] = (),
    ) -> None:
        hint, untrusted = (failed.hint, failed.untrusted) if failed else (None, False)
        self.done[plan.name] = Done(plan.name, ended, why, hint, untrusted, plan.steps, ensured)
        before = self.record.left(plan.machine)
        left = replace(before, ended=ended, why=why, at=self._clock.now())
        if ended.good or plan in self._put:
            left = self._with_files(left, plan)
        known = before.ended.good and before == replace(left, ended=before.ended, why=before.why, at=before.at)
        if ended is Ended.UNCHANGED and known:
            return  # nothing new is to be noted
        if plan.gone and (ended is Ended.SKIPPED or not left.files):
            self.record = self.record.having(plan.name, None)
        else:
            self.record = self.record.having(plan.name, left)
        if self._clock.monotonic() - self._kept_at >= KEEP_EVERY:
            self._keep(self.record)
            self._kept_at = self._clock.monotonic()

    def _with_files(self, left: Left, plan: Plan) -> Left:
        """A host with the files that it has when all its steps are done."""
        looked = plan.looked
        assert looked is not None
        files: dict[str, tuple[Owned, str, str]] = {}
        for step in plan.steps:
            one = step.object
            if one is not None:
                sha256 = hashlib.sha256(one.content).hexdigest()
                generation = step.owned.generation if step.owned and not step.acts else self._generation
                owned = Owned(one.kind, sha256, one.mode, generation, one.keep, one.path)
                files[one.path] = (owned, one.owner or looked.user, one.group or looked.group)
        return replace(left, user=looked.user, group=looked.group, files=files)


def _blocked(plan: Plan) -> Failed | None:
    step = next((step for step in plan.steps if step.move is Move.BLOCKED), None)
    return Failed(True, f"{step.path} {step.why}", step.hint) if step is not None else None

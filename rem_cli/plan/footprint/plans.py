"""What is to be done on each host, by how its files stand now or as the last apply left them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rem_cli.errors import GuardedError
from rem_cli.language.share import Share
from rem_cli.plan.footprint import Looked, Machine, Object
from rem_cli.plan.footprint.ensure import Ensured, How
from rem_cli.plan.footprint.hosts import Failed
from rem_cli.plan.footprint.record import Record
from rem_cli.plan.footprint.steps import Move, Step, decide
from rem_cli.plan.footprint.wanted import Wants

SMALL = 10  # files that may go at once however few there are
MOST = Share(20, percent=True)  # of all files on hosts may go at once

Look = Callable[[Sequence[tuple[Machine, Sequence[str]]]], Mapping[str, Looked | Failed]]


@dataclass(frozen=True)
class Plan:
    """One host: what is to be done there, or why that is not known."""

    machine: Machine
    steps: Sequence[Step] = ()
    looked: Looked | None = None
    failed: Failed | None = None
    gone: bool = False  # it is no longer in the packages
    left_out: bool = False  # it was not to be touched, and is told as the last apply left it

    ensured: Sequence[Ensured] = ()  # what must be so there, unchecked until somebody asks

    @property
    def name(self) -> str:
        return self.machine.target.name

    @property
    def acts(self) -> bool:
        """Whether files are to be sent there."""
        return any(step.acts for step in self.steps) or (self.looked is not None and self.looked.unfinished)

    @property
    def differs(self) -> bool:
        """Whether something there is known not to be as it is wanted."""
        return self.acts or any(one.how is How.NOT_SO for one in self.ensured)


def plans(
    wants: Mapping[str, Wants],
    known: Mapping[str, Machine],
    record: Record,
    look: Look,
    today: str,
    only: frozenset[str] | None = None,
) -> list[Plan]:
    """Every host that has files of REM or shall have some; nothing is changed anywhere.

    `known` are the machines of the inventory; `look` asks the hosts, or `remembering(record)`, which asks none. Where
    `only` names hosts, the others are not asked.
    """
    names = dict.fromkeys([*wants, *(name for name, left in record.hosts.items() if left.files)])
    machines = {name: known[name] if name in known else record.hosts[name].machine for name in names}
    objects: dict[str, Mapping[str, Object]] = {name: wants[name].objects if name in wants else {} for name in names}
    left_out = frozenset(names) - only if only is not None else frozenset()
    looked: dict[str, Looked | Failed] = {}
    for way, some in ((look, set(names) - left_out), (remembering(record), left_out)):
        looked |= way([(machines[name], list(objects[name])) for name in names if name in some])
    found = []
    for name in names:
        ensured = [Ensured(one) for one in wants[name].ensures] if name in wants else []
        there = looked.get(name, Failed(False, "nobody looked at it"))
        gone = name not in known
        if isinstance(there, Failed):
            found.append(Plan(machines[name], failed=there, gone=gone, ensured=ensured))
        else:
            steps = decide(name, objects[name], there, today)
            left = name in left_out
            found.append(Plan(machines[name], steps, there, gone=gone, left_out=left, ensured=ensured))
    return found


def remembering(record: Record) -> Look:
    """Hosts as the last apply left them."""

    def look(asked: Sequence[tuple[Machine, Sequence[str]]]) -> Mapping[str, Looked | Failed]:
        return {machine.target.name: record.left(machine).looked(paths) for machine, paths in asked}

    return look


def standing(found: Sequence[Plan]) -> dict[str, dict[str, list[str]] | None]:
    """How each file of each host stands and what is to be done with it, for a plan's file; None for an unknown host."""
    return {
        plan.name: None
        if plan.looked is None
        else {step.path: [str(step.move), step.before, _digest(step)] for step in plan.steps}
        for plan in found
    }


def _digest(step: Step) -> str:
    return hashlib.sha256(step.object.content).hexdigest() if step.object is not None else ""


def check_not_theirs(found: Sequence[Plan]) -> None:
    """GuardedError when a file stands where one is wanted and is not REM's."""
    theirs = [(plan.name, step) for plan in found for step in plan.steps if step.move is Move.CONFLICT]
    if theirs:
        host, step = theirs[0]
        more = f" (and {len(theirs) - 1} more: rem diff --refresh)" if len(theirs) > 1 else ""
        raise GuardedError(f"{step.path} on {host} {step.why}{more}; nothing was applied", hint=step.hint)


def check_pruned(found: Sequence[Plan], limit: Share | None) -> None:
    """GuardedError when more files would go from hosts than `limit`, or than 20 % and ten where none is given."""
    total = sum(len(plan.looked.owned) for plan in found if plan.looked is not None)
    gone = sum(step.move is Move.REMOVE for plan in found for step in plan.steps)
    most = limit.of(total) if limit is not None else max(MOST.of(total), SMALL)
    if gone > most:
        said = f"{limit} of {total}" if limit is not None else f"{MOST} of {total}, or {SMALL}"
        raise GuardedError(
            f"{gone} of {total} files on hosts would go, more than {said}; nothing was applied",
            hint=f"see which: rem diff; if it is meant: rem apply --max-prune {gone}",
        )

"""Taking over a file that was on a host before: it becomes REM's as it is; the next apply makes it what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rem_cli.errors import GuardedError, NoTargetError, RemError
from rem_cli.plan.footprint import Looked, Machine, Object, Owned, record
from rem_cli.plan.footprint.environment import Footprint
from rem_cli.plan.footprint.hosts import Failed, Put
from rem_cli.plan.footprint.plans import Plan
from rem_cli.plan.footprint.rollout import plain
from rem_cli.plan.footprint.steps import Move, Step


@dataclass(frozen=True)
class Adopted:
    """A file that is taken over, or could be."""

    machine: Machine
    wanted: Object
    step: Step
    looked: Looked
    there: bytes  # what is in it


def find(footprint: Footprint, plans: Sequence[Plan], host: str, path: str) -> Adopted:
    """The file that somebody names; it must be wanted, be there, and not be REM's.

    NoTargetError, GuardedError, RemError when the host cannot be asked.
    """
    plan = next((plan for plan in plans if plan.name == host), None)
    if plan is None:
        names = ", ".join(plan.name for plan in plans)
        hint = f"hosts with files: {names}" if names else "files of a package say on which hosts they lie"
        raise NoTargetError(f"no file is wanted on a host called '{host}'", hint=hint)
    if plan.failed is not None or plan.looked is None:
        raise RemError(f"{host} cannot be asked: {plan.failed.why if plan.failed else ''}")
    step = next((step for step in plan.steps if step.path == path and step.object is not None), None)
    if step is None or step.object is None:
        raise NoTargetError(
            f"nothing wants {path} on {host}, so the next apply would remove it",
            hint="commit an item of files with this path first: rem new file",
        )
    if step.move is Move.BLOCKED:
        raise GuardedError(f"{path} on {host} {step.why}", hint=step.hint)
    if step.move is not Move.CONFLICT:
        raise GuardedError(f"{path} on {host} is REM's, or is not there; nothing is to be adopted", hint="rem apply")
    with plain() as stop:
        there = footprint.hosts().read(plan.machine, path, stop)
    if isinstance(there, Failed):
        raise RemError(f"{path} on {host} cannot be read: {there.why}", hint=there.hint)
    return Adopted(plan.machine, step.object, step, plan.looked, there)


def take(footprint: Footprint, found: Adopted, generation: int) -> None:
    """Make it REM's. Whoever calls this holds the environment's lock. RemError."""
    path, looked = found.wanted.path, found.looked
    seen = looked.seen[path]
    owned = Owned(found.wanted.kind, seen.sha256, seen.mode, generation, found.wanted.keep, path)
    step = Step(Move.ADOPT, path, found.wanted.item, before=seen.text, owned=owned)
    with plain() as stop:
        failed = footprint.hosts().put([Put(found.machine, [step], looked)], generation, stop)
    for name, why in failed.items():
        raise RemError(f"{path} on {name}: {why.why}", hint=why.hint)
    known = record.read(footprint.generations)
    left = known.left(found.machine)
    files = {**left.files, path: (owned, seen.owner, seen.group)}
    left = replace(left, files=files, user=looked.user, group=looked.group, why=left.why or "rem apply is due")
    record.write(footprint.generations, known.having(found.machine.target.name, left))

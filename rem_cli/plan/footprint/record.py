"""What the controller knows of its hosts: how the last apply ended on each, and which files it left there.

.rem/generations/production/footprint    one JSON document, replaced as hosts end, so that a killed apply can resume
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from rem_cli.plan.footprint import Looked, Machine, Owned, Seen
from rem_cli.plan.generations import GenerationError, Generations
from rem_cli.reach import Target
from rem_cli.tree.write import write_atomically

FILE = "footprint"


class Ended(StrEnum):
    """How an apply ended on one host."""

    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"  # reached, and left as it was
    UNREACHABLE = "unreachable"
    SKIPPED = "skipped"
    ROLLED_BACK = "rolled back"

    @property
    def good(self) -> bool:
        return self in (Ended.OK, Ended.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Left:
    """One host as the last apply left it."""

    target: Target
    local: bool
    ended: Ended = Ended.SKIPPED
    why: str = ""
    at: float = 0.0  # seconds since the epoch; 0 when it was never looked at
    user: str = ""  # who logs in there
    group: str = ""
    files: Mapping[str, tuple[Owned, str, str]] = field(default_factory=dict)  # by path, with owner and group

    @property
    def machine(self) -> Machine:
        return Machine(self.target, self.local)

    def looked(self, paths: Sequence[str]) -> Looked:
        """The host as it was left, told as if it had been looked at now."""
        seen = {path: Seen("none", text="none") for path in paths}
        for path, (one, owner, group) in self.files.items():
            seen[path] = Seen("file", one.sha256, one.mode, owner, group)
        return Looked(self.user, self.group, {path: one for path, (one, _, _) in self.files.items()}, seen)


@dataclass(frozen=True, slots=True)
class Record:
    """All hosts of an environment."""

    commit: str = ""  # the one whose files are there, or were on their way there
    pending: bool = False  # an apply began and did not come to its end
    hosts: Mapping[str, Left] = field(default_factory=dict)

    @property
    def partial(self) -> list[str]:
        """Hosts that are not as the active generation wants them, by name."""
        return [name for name, left in self.hosts.items() if not left.ended.good]

    def left(self, machine: Machine) -> Left:
        """A host as it was left, at the address where it is reached now; an empty one when it is not known."""
        known = self.hosts.get(machine.target.name, Left(machine.target, machine.local))
        return replace(known, target=machine.target, local=machine.local)

    def having(self, name: str, left: Left | None) -> Record:
        """With another word on one host; None forgets it."""
        rest = {one: told for one, told in self.hosts.items() if one != name}
        return replace(self, hosts=dict(sorted({**rest, **({name: left} if left else {})}.items())))


def read(generations: Generations) -> Record:
    """What is known; GenerationError when the file is damaged."""
    text = generations.file(FILE)
    if text is None:
        return Record()
    try:
        told = json.loads(text)
        return Record(told["commit"], told["pending"], {name: _left(one) for name, one in told["hosts"].items()})
    except (ValueError, KeyError, TypeError) as error:
        path = generations.home / FILE
        raise GenerationError(
            f"{path} is damaged", hint=f"mv {path} {path}.bad; rem apply looks at every host"
        ) from error


def write(generations: Generations, record: Record) -> None:
    """Keep it, whole or not at all. Whoever calls this holds the environment's lock."""
    write_atomically(generations.home / FILE, json.dumps(asdict(record)).encode() + b"\n", mode=0o600)


def _left(told: dict[str, Any]) -> Left:
    files = {path: (Owned(*one), owner, group) for path, (one, owner, group) in told["files"].items()}
    return Left(**{**told, "target": Target(*told["target"]), "ended": Ended(told["ended"]), "files": files})

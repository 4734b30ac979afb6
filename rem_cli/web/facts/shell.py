"""What stands around every page: which environment, what is active, who asks."""

from __future__ import annotations

from dataclasses import dataclass

from rem_cli import wire
from rem_cli.plan.generations import Generation
from rem_cli.web.facts import At


@dataclass(frozen=True)
class Active:
    """The generation that is active."""

    number: int
    commit: str
    who: str
    why: str
    at: At


@dataclass(frozen=True)
class Shell:
    environment: str
    active: Active | None
    now: At


def shell(rem: wire.Rem) -> Shell:
    generation = rem.generations.active()
    return Shell(rem.settings.environment, active(generation) if generation else None, At(rem.clock.now()))


def active(generation: Generation) -> Active:
    return Active(generation.number, generation.commit, generation.who, generation.why, At(generation.at))

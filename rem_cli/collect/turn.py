"""One turn of monitoring: what is due is asked, and what came of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rem_cli.collect.checks import Check, Found
from rem_cli.collect.due import due, next_due, slot, starts
from rem_cli.collect.gather import Engine, Outcome
from rem_cli.collect.keep import MOST, samples
from rem_cli.collect.measured import known, measured
from rem_cli.collect.memory import Memory
from rem_cli.errors import RemError
from rem_cli.reach import Stop
from rem_cli.series import Sample

SLOWEST = 3


@dataclass
class Turn:
    """What came of a turn."""

    seconds: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)
    cut: Sequence[Check] = ()  # those that were not over in time
    samples: int = 0
    failed: Sequence[str] = ()  # what kept samples from their series
    next: float | None = None  # seconds until something is due, where nothing was
    wrong: Mapping[str, RemError] = field(default_factory=dict)  # monitors that cannot be made a check
    many: dict[str, int] = field(default_factory=dict)  # checks that gave more numbers than are kept, and how many
    skipped: int = 0  # turns before this one that met another still at work

    @property
    def down(self) -> list[Outcome]:
        """By name."""
        found = [one for one in self.outcomes if one.reading is not None and not one.reading.up]
        return sorted(found, key=lambda one: one.check.name)

    @property
    def unasked(self) -> list[Outcome]:
        """Those of which nothing is known, for a reason of this machine's; by name."""
        return sorted((one for one in self.outcomes if one.reading is None), key=lambda one: one.check.name)

    @property
    def slowest(self) -> list[Outcome]:
        return sorted(self.outcomes, key=lambda one: -one.seconds)[:SLOWEST]


def take(
    found: Found,
    memory: Memory,
    engine: Engine,
    keep: Callable[[Sequence[Sample]], Sequence[str]],
    now: float,
    *,
    spread: float,
    seconds: float,
    stop: Stop,
) -> Turn:
    """Ask what is due, for so many seconds at most."""
    turn = Turn()
    wanted = due(found.checks, memory.known, now)
    if not wanted:
        turn.next = next_due(found.checks, now)
        return turn
    kept: list[Sample] = []

    def tell(outcome: Outcome) -> None:
        check = outcome.check
        before = memory.known.get(check.name)
        values = measured(outcome, before)
        if len(values) > MOST and check.measures is None:
            turn.many[check.name] = len(values)
        kept.extend(samples(check, outcome.at, values))
        memory.known[check.name] = known(outcome, before, slot(check, now))
        turn.outcomes.append(outcome)

    turn.cut = engine.gather(starts(wanted, memory.known, spread), tell, seconds=seconds, stop=stop)
    turn.samples = len(kept)
    turn.failed = keep(kept)
    return turn

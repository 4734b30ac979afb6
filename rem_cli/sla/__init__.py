"""Service levels: what was promised of numbers, and whether it holds. Time is an argument.

One look at a rule gives a sight; sights in their order give verdicts: a rule is ok, pending while it is bad for less
than it may be, or breached. What a rule needs to go on after a restart is its standing, which the caller keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Sight(StrEnum):
    """What one look shows."""

    WELL = "well"
    BETWEEN = "between"  # neither out of tolerance nor back in it; or a script warns
    BAD = "bad"
    NOTHING = "no data"
    UNKNOWN = "unknown"  # a script cannot say
    ERROR = "error"  # the look itself failed


class State(StrEnum):
    OK = "ok"
    PENDING = "pending"
    BREACHED = "breached"


class Seen(NamedTuple):
    """One look: what it shows, why, and when the newest number was measured that it rests on."""

    sight: Sight
    why: str
    sampled: float | None = None  # seconds since the epoch; None where there is no number


@dataclass(frozen=True)
class Rule:
    """When looks make a breach. All times are seconds."""

    path: str
    digest: str  # of what it looks at and how: another one is another rule
    every: float  # between looks, when all is well
    hold: float = 0.0  # it is a breach when it was bad at every look for so long
    recover: float = 0.0  # it is over when it was well at every look for so long
    no_data: str = "keep"  # keep, alert or ok
    no_data_for: float = 300.0


@dataclass(frozen=True)
class Standing:
    """Where a rule stands after its last look."""

    state: State = State.OK
    since: float | None = None  # when that state began
    held: float = 0.0  # seconds that it was seen to be bad, while pending
    well: float | None = None  # seconds that it was seen to be well again, while breached; None: it is not
    at: float | None = None  # of the last look
    sight: Sight | None = None
    sampled: float | None = None  # when the newest number was measured that was ever seen
    digest: str = ""


class Event(NamedTuple):
    """Something that a look changed."""

    what: str  # pending, reset, breached, recovered, no data, data again, error, error over, unknown, superseded
    why: str


class Verdict(NamedTuple):
    """What a look comes to."""

    standing: Standing
    events: tuple[Event, ...] = ()

    @property
    def state(self) -> State:
        return self.standing.state

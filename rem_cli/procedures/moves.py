"""What a run should do next: each a value that says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rem_cli.language import Value


class Write(NamedTuple):
    """A line for the journal."""

    kind: str
    told: Mapping[str, Value]
    why: str


class Act(NamedTuple):
    """Something to be done outside, once its intent is in the journal."""

    step: int
    action: str  # enter, do, check, exit, undo
    attempt: int
    state: str
    given: Mapping[str, str]
    why: str

    def key(self, run: int) -> str:
        """The same for the same attempt, whoever makes it and however often: what it reaches can tell doubles by it."""
        return f"{run}/{self.step}/{self.state}/{self.action}/{self.attempt}"

    @property
    def intent(self) -> Write:
        return Write("intent", {"step": self.step, "action": self.action, "attempt": self.attempt}, self.why)


class Halt(NamedTuple):
    """An action under way is to be stopped; its result is waited for."""

    step: int
    action: str
    why: str


class Look(NamedTuple):
    """Nothing is to be done before `at`; None: before something else happens.

    `kind` is `wait` for what is over by itself, `away` for a long job, `people` for what somebody is to say, `deadline`
    for time that runs out.
    """

    at: float | None
    why: str
    kind: str = "wait"


Move = Write | Act | Halt | Look

"""Long-running work in states: the values that leave this room.

A run's journal is the only truth about it: what is held in memory is worked out of its lines, and every decision is
a function of them, of the definition that the run began with, and of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from rem_cli.errors import GuardedError, RemError
from rem_cli.language import Value


class ProcedureError(RemError):
    """A procedure cannot go on, or its journal cannot be read."""

    code = "procedure"


class RefusedError(GuardedError):
    """What somebody asked of a run is not to be done in the state that it is in."""

    code = "refused"


class Fate(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"
    COMPENSATION_FAILED = "compensation failed"  # what it changed is neither done nor taken back


class Error(StrEnum):
    """Classes of errors, as `retry` and `catch` name them."""

    FAILED = "failed"
    SOME_FAILED = "some failed"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    LOST = "lost"
    UNTRUSTED = "untrusted"
    NO_TARGET = "no target"
    NOT_STARTED = "not started"
    RESULT_TOO_LARGE = "result too large"
    NO_MATCH = "no match"  # of a choice
    CANNOT_TELL = "cannot tell"  # an expression has no value
    DECLINED = "declined"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # a person said that it was not done after all, and not to be done again
    CANCELLED = "cancelled"


# These end a whole run, and no state can catch them.
UNCAUGHT = ("cancelled", "procedure timed out", "too many states")

OK = "ok"


class Line(NamedTuple):
    """One line of a journal. `kind` says what happened, `told` the particulars; `fence` who wrote it."""

    number: int
    at: float  # seconds since the epoch
    fence: int
    kind: str
    told: Mapping[str, Value]

    def text(self, name: str) -> str:
        value = self.told.get(name)
        return value if isinstance(value, str) else ""

    def count(self, name: str) -> int:
        value = self.told.get(name)
        return value if isinstance(value, int) else 0


class Result(NamedTuple):
    """How an action ended: `ok` or the class of its error, and what it had to say."""

    outcome: str
    why: str = ""
    told: Mapping[str, Value] = {}  # data, numbers, exit, run


# An expression and the names that it may use: its value. ProcedureError when it has none.
Evaluate = Callable[[str, Mapping[str, Value]], Value]

"""Checks of many machines at once: what a collector is given, what it asks, and what it gives back.

A collector is a generator. It yields questions (`rem_cli.reach.asks`) and is sent the answer to each; what it returns
is a `Reading`. It touches no socket and no clock, so a test plays the other side with a list of answers. A question
that was not answered raises `NoAnswer` where it was asked; a collector that lets it through says that its target is
down.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rem_cli import reach
from rem_cli.errors import RemError
from rem_cli.language import Value
from rem_cli.reach.asks import Failed, Run

if TYPE_CHECKING:
    from rem_cli.language import pattern


class CollectError(RemError):
    """A check cannot be made as it is written, or a collector is not whole."""

    code = "collect"


class NoAnswer(Exception):
    """A question was not answered."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.why)
        self.failed = failed


class Machine(NamedTuple):
    """How programs get to a target."""

    local: bool = True  # they run on this machine
    port: int | None = None  # of SSH
    user: str | None = None


HERE = Machine()


@dataclass(frozen=True, slots=True)
class Target:
    """What is checked, and what the check says."""

    name: str
    address: str  # a name or a number
    timeout: float = 5.0  # seconds that one question may take
    fields: Mapping[str, Value] = field(default_factory=dict)
    machine: Machine = HERE
    secret: str = field(default="", repr=False)  # what `credentials` refers to
    programs: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # by path from the repository's root
    now: float = 0.0  # seconds since the epoch

    def text(self, name: str, default: str = "") -> str:
        value = self.fields.get(name)
        return default if value is None else str(value)

    def count(self, name: str, default: int = 0) -> int:
        value = self.fields.get(name)
        return int(value) if isinstance(value, int | float) else default

    def words(self, name: str) -> list[str]:
        value = self.fields.get(name)
        return [str(one) for one in value] if isinstance(value, list) else []

    def table(self, name: str) -> dict[str, str]:
        value = self.fields.get(name)
        return {key: str(one) for key, one in value.items() if one is not None} if isinstance(value, dict) else {}


class Counter(NamedTuple):
    """A number that only grows, until it begins anew."""

    value: float
    bits: int = 64
    most: float | None = None  # the highest rate that can be believed, a second
    scale: float = 1.0  # its measure is so many times its rate


class Reading(NamedTuple):
    """What came of asking a target. A measure that is not known is left out: it is never 0 instead."""

    values: Mapping[str, float]
    counters: Mapping[str, Counter] = {}  # they become measures of the same name: how much a second
    uptime: int | None = None  # hundredths of a second, modulo 2^32, at which the counters were read
    up: bool = True
    why: str = ""  # where it is not up
    lost: float | None = None  # percent, where the collector counts itself


Conversation = Generator[Any, Any, Reading]
Collector = Callable[[Target], Conversation]


def program(target: Target, task: reach.Task, *, there: bool = True) -> Run:
    """A program as a question: on the target itself, or beside REM."""
    machine = target.machine if there else HERE
    to = reach.Target(target.name, target.address, machine.port, machine.user)
    return Run(to, replace(task, deadlines=deadlines(target.timeout)), machine.local)


def deadlines(seconds: float) -> reach.Deadlines:
    """To get there, and then to run, may take so long each."""
    return reach.Deadlines(
        connect=seconds, banner=seconds, handshake=seconds, login=seconds, channel=seconds, run=seconds, grace=1.0
    )


def matches(text: str, body: bytes) -> bool:
    """Whether a pattern is found in an answer."""
    return _compiled(text).found_in(body.decode("utf-8", "replace"))


@lru_cache(maxsize=1024)
def _compiled(text: str) -> pattern.Pattern:
    from rem_cli.language import pattern

    return pattern.compile(text)

"""Work on hosts: the values that leave this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from rem_cli.errors import RemError, Status
from rem_cli.language import Value
from rem_cli.reach import End
from rem_cli.secrets import Secret


class ResultError(RemError):
    """A job's result is not what the job declared. `where` names the line and column, where there is one."""

    code = "result"


class Measure(NamedTuple):
    """One named number of a result. None is no data: it was not known, not a number, or infinite."""

    value: float | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a program had to say: its numbers, the whole document, and a remark for people."""

    measures: Mapping[str, Measure] = field(default_factory=dict)
    data: Value = None
    note: str = ""


class RunState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"  # whoever ran it is gone: what the unfinished hosts did is not known
    UNKNOWN = "unknown"  # it runs, or ran, under another controller


class Attempt(NamedTuple):
    """A try of a host that was not its last."""

    end: End
    started: float | None  # seconds since the epoch; None: its program never ran
    at: float  # when it ended
    said: str  # the last line that its program printed, safe to show


@dataclass(frozen=True, slots=True)
class HostRun:
    """One host of a run, or one worker of a host (`web01#2`)."""

    host: str
    end: End | None = None  # None: not ended, as far as the record knows; its `result` is never kept
    started: float | None = None  # seconds since the epoch; None: the program never ran
    result: Result = Result()
    attempts: tuple[Attempt, ...] = ()  # before the one that counts


@dataclass(frozen=True, slots=True)
class Origin:
    """Which text a run comes from, and who asked for it."""

    commit: str = ""  # full id; empty for the work tree
    generation: int | None = None  # None: it was not the active generation's text
    label: str = ""  # for people: "a3f9c2e", "the work tree"
    who: str = ""
    due: int | None = None  # the instant that its schedule said; None: somebody started it by hand
    message: str = ""  # the id of the message of its input that it handles


class Used(NamedTuple):
    """A secret that a run was given: where it was found, and by what its value can be compared with another run's."""

    reference: str
    fingerprint: str


class Lent(NamedTuple):
    """The secrets that a job names, by variable, and what a run may remember of them."""

    secrets: Mapping[str, Secret] = MappingProxyType({})
    used: Mapping[str, Used] = MappingProxyType({})


NONE_LENT = Lent()


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a job.

    A list of runs leaves `hosts`, `params` and `secrets` empty; `counts` is there as soon as a run has finished.
    """

    id: int
    job: str  # the item's path
    origin: Origin
    params: Mapping[str, str]
    parallel: int  # programs at once
    began: float  # seconds since the epoch
    state: RunState
    ended: float | None = None
    status: Status | None = None  # the exit status it means; None until it has finished
    why: str = ""  # why that status
    counts: Mapping[str, int] = field(default_factory=dict)  # hosts by outcome
    notes: Sequence[str] = ()  # what went wrong beside the job itself
    hosts: Sequence[HostRun] = ()
    secrets: Mapping[str, Used] = field(default_factory=dict)  # by variable
    detached: bool = False  # its programs run on their hosts by themselves


class Output(NamedTuple):
    """What several hosts printed, byte for byte the same, with the same outcome."""

    hosts: Sequence[HostRun]
    out: bytes
    err: bytes

"""How anything gets to a machine: the contract that every transport keeps.

A transport takes tasks for targets, runs many of them at once and tells a listener what happens. It never decides
what a failure means, never prints, and never raises for one target's sake: whatever goes wrong with one target ends
that target with an `End` that says why, and the others go on.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from rem_cli.errors import RemError


class ReachError(RemError):
    """A machine could not be reached at all, for a reason that concerns every target (no key, no ssh_config …)."""

    code = "reach"


class Outcome(StrEnum):
    """How one target ended."""

    OK = "ok"
    FAILED = "failed"  # ended with a status other than 0, or by a signal
    TIMED_OUT = "timed out"  # started, and was ended by a deadline of ours
    UNREACHABLE = "unreachable"  # never started: no route, refused, silent, not SSH
    REFUSED = "refused"  # never started: the host's key or our key was not accepted
    CANCELLED = "cancelled"  # stopped by whoever runs REM, or never begun because they stopped the run
    LOST = "lost"  # started, and the link broke: what became of it is not known


class Stream(StrEnum):
    OUT = "stdout"
    ERR = "stderr"


class Target(NamedTuple):
    """One machine, as the inventory names it. The transport adds what the operator's ssh_config says."""

    name: str
    address: str  # host name or address to connect to
    port: int | None = None  # None: what ssh_config says, else 22
    user: str | None = None  # None: what ssh_config says, else the login name of whoever runs REM


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that each phase may take. Every one is finite."""

    connect: float = 10.0
    banner: float = 10.0
    handshake: float = 15.0  # key exchange
    login: float = 15.0
    channel: float = 10.0
    run: float = 300.0  # from the program's start to its end
    idle: float | None = None  # without a byte of output; None: as long as `run`
    grace: float = 5.0  # between TERM and KILL, and again for KILL to be confirmed


@dataclass(frozen=True, slots=True)
class Task:
    """One program to run. Nothing in it is ever read by a shell as program text, but `shell` where that is given.

    Exactly one of `argv`, `script` and `shell` says what runs. `script` is the program itself: it is stored on the
    machine under its own sha256 in the user's cache, and started with `argv` as its arguments.
    """

    argv: tuple[str, ...] = ()
    script: bytes | None = None
    shell: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # more of `env`, and never told
    secret_files: Mapping[str, bytes] = field(default_factory=dict, repr=False)  # variables that name private files
    result: bool = False  # give the program a private file, named by REM_RESULT, and bring back what it writes there
    result_limit: int = 1 << 20  # bytes; a larger result file comes back cut, with `result_cut` set
    output_limit: int = 1 << 20  # bytes a stream; what is over is counted and not delivered
    deadlines: Deadlines = Deadlines()


@dataclass(frozen=True, slots=True)
class End:
    """How a task ended on one target, in words that a person can act on."""

    outcome: Outcome
    exit: int | None = None  # exit status, when the program ended by itself
    signal: str | None = None  # "TERM", "SEGV" …, when a signal ended it
    why: str = ""  # "no answer in 10 s", "host key is not known"; empty when ok
    hint: str | None = None
    phase: str = ""  # connect, banner, handshake, login, channel, run; "" when it ended by itself
    untrusted: bool = False  # the host's key was unknown, changed or revoked: exit status 10
    seconds: float = 0.0  # from the program's start to its end; 0 when it never started
    result: bytes | None = None  # what the program wrote to REM_RESULT; None when it wrote nothing
    result_cut: bool = False
    dropped: Mapping[Stream, int] = field(default_factory=dict)  # bytes over the output limit
    survivors: bool = False  # the process group could not be confirmed dead


class Later(NamedTuple):
    """In place of work: there is none now, but maybe in so many seconds (None: once a task has ended)."""

    seconds: float | None = None


Work = Iterable[tuple[Target, Task] | Later]


class Listener(Protocol):
    """Who hears what happens. Calls come from one thread, in the order things happened on each target."""

    def started(self, target: Target) -> None:
        """The program runs now. Not called for a target that never gets so far."""

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        """Some bytes, cut anywhere: a line or a character may come in two calls."""

    def ended(self, target: Target, end: End) -> None:
        """Exactly once for every target that was given."""


class Stop:
    """How a run is told to stop; safe to use in a signal handler.

    Asked once: start nothing more, end what runs (TERM, grace, KILL on the whole process group), say how each ended.
    Asked twice: give up waiting for the ends. With `patience` the first so many times only `wished` counts them, for
    whoever begins nothing more and lets what runs come to its end.
    """

    def __init__(self, patience: int = 0) -> None:
        self.asked = 0
        self.wished = 0
        self._patience = patience
        self._fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def ask(self) -> None:
        self.wished += 1
        if self.wished <= self._patience:
            return
        self.asked += 1
        os.eventfd_write(self._fd, 1)

    def fileno(self) -> int:
        """Readable once `ask` was called, so that a loop which polls wakes at once."""
        return self._fd

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until somebody asks. True when asked."""
        select.select([self._fd], [], [], seconds)
        return self.asked > 0

    def close(self) -> None:
        os.close(self._fd)


class Transport(Protocol):
    """Runs tasks on targets."""

    def run(self, work: Work, listen: Listener, *, parallel: int, stop: Stop) -> None:
        """Run each task on its target, at most `parallel` programs at once, and return when all have ended.

        `work` is taken from as slots become free, so a generator decides late (batches, max fail, what is tried again).
        Links stay open and are used again by the next call.
        """

    def close(self) -> None:
        """Drop all links."""

"""Every way REM says no, and the exit status each one means."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, ClassVar, NamedTuple


class Status(IntEnum):
    """Exit statuses; the table of `man rem`."""

    DONE = 0  # also when nothing was to do
    FAILED = 1  # could not: input, output, anything unexpected
    USAGE = 2
    DIFFERENT = 3  # changes, drift or breach exist; only with --exit-code
    FINDINGS = 4  # findings at or above --fail-on
    SOME_FAILED = 5
    ALL_FAILED = 6  # failed or unreachable
    HELD = 7  # somebody holds the lock
    STALE = 8  # a plan or precondition no longer holds
    NO_TARGET = 9
    UNTRUSTED = 10  # signature, host key, lock hash
    GUARDED = 11  # refused by a guard
    BUG = 70
    TIMED_OUT = 124
    INTERRUPTED = 130  # SIGINT
    PIPE_CLOSED = 141  # SIGPIPE
    TERMINATED = 143  # SIGTERM


class Place(NamedTuple):
    """Where in a text something stands. Lines and columns count from 1; `width` is in columns, 0 for a point."""

    file: str
    line: int
    column: int
    width: int = 0
    text: str = ""  # the line itself, without its end

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class RemError(Exception):
    """What failed, where, why, and what to do about it.

    The message is lower case without a full stop; it names the thing that failed. The hint is a command or an
    action, never an apology. Rooms make their own kinds of this where a caller tells them apart.
    """

    status: ClassVar[Status] = Status.FAILED
    code: ClassVar[str] = "failed"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        where: Place | str | None = None,
        lines: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.lines = tuple(lines)  # of a text, to be typed by hand; they belong to the hint


class UsageError(RemError):
    """The command's own words are off."""

    status = Status.USAGE
    code = "usage"


class NoTargetError(RemError):
    """A selector or a path matched nothing."""

    status = Status.NO_TARGET
    code = "no-target"


class HeldError(RemError):
    """Somebody else holds the lock."""

    status = Status.HELD
    code = "held"


class StaleError(RemError):
    """What was read before has changed since."""

    status = Status.STALE
    code = "stale"


class UntrustedError(RemError):
    """A host key, a signature or a hash is not the one that was trusted."""

    status = Status.UNTRUSTED
    code = "untrusted"


class GuardedError(RemError):
    """A guard stopped something that is probably not meant."""

    status = Status.GUARDED
    code = "guarded"


class InvalidPackagesError(RemError):
    """The packages have findings that stop the command."""

    status = Status.FINDINGS
    code = "findings"

    def __init__(self, message: str, *, hint: str | None = None, findings: Sequence[Any] = ()) -> None:
        super().__init__(message, hint=hint)
        self.findings = findings  # of language.Finding, which this module stands above

"""One writer of an environment at a time, who says who they are.

The kernel keeps the lock and frees it when its holder dies, whatever the file says then. A lock that is broken is a
file that is taken away: the next writer makes a new one, and the old holder finds that out before it changes what is
active.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.errors import HeldError
from rem_cli.state.private import open_private

LONGEST = 16 << 10  # bytes of a record
SHOWN = 300  # characters of a command


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes now."""

    id: str
    who: str
    pid: int
    started: int  # when its process began, in the kernel's ticks since it booted; 0 where that is not told
    command: str
    since: float  # seconds since the epoch
    heartbeat: float  # when it last said that it goes on

    @property
    def lives(self) -> bool:
        """Whether its process is still there: the same one, and not a later one with its number."""
        return started(self.pid) == self.started if self.started else os.path.exists(f"/proc/{self.pid}")


class Lock:
    """A lock that is held."""

    def __init__(self, path: Path, number: int, holder: Holder, clock: Clock) -> None:
        self.holder = holder
        self._path = path
        self._number = number
        self._clock = clock

    def beat(self) -> None:
        """Say that the holder goes on; HeldError when somebody has broken the lock."""
        if not _is(self._path, self._number):
            text = f"the lock {self.holder.id} was broken while this held it; nothing more is changed"
            raise HeldError(text, hint="see who did: rem log")
        self.holder = replace(self.holder, heartbeat=self._clock.now())
        self.tell(json.dumps(asdict(self.holder)).encode())

    def tell(self, record: bytes) -> None:
        """Write what others read: the record, or nothing."""
        os.pwrite(self._number, record, 0)
        os.ftruncate(self._number, len(record))


@contextmanager
def writing(path: Path, who: str, clock: Clock) -> Iterator[Lock]:
    """Hold the lock file at `path`; HeldError when somebody else does."""
    number = _taken(path)
    try:
        command = shlex.join(["rem", *sys.argv[1:]])[:SHOWN]
        now = clock.now()
        holder = Holder(secrets.token_hex(4), who, os.getpid(), started(os.getpid()), command, now, now)
        lock = Lock(path, number, holder, clock)
        lock.tell(json.dumps(asdict(holder)).encode())
        try:
            yield lock
        finally:
            lock.tell(b"")
    finally:
        os.close(number)


def holder(path: Path) -> Holder | None:
    """Who holds the lock at `path`, living or dead; None when nobody says so. The lock is not touched."""
    with suppress(FileNotFoundError):
        number = open_private(path, os.O_RDONLY)
        try:
            return _read(os.pread(number, LONGEST, 0))
        finally:
            os.close(number)
    return None


def started(pid: int) -> int:
    """When a process began, in the kernel's ticks since it booted (proc(5), stat, field 22); 0 when it is not there."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def _taken(path: Path) -> int:
    """A descriptor that holds the lock; HeldError."""
    while True:
        number = open_private(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(path, number):
                return number
        except BlockingIOError:
            held = _held(_read(os.pread(number, LONGEST, 0)))
            os.close(number)
            raise held from None
        except BaseException:
            os.close(number)
            raise
        os.close(number)  # it was broken between these two lines


def _is(path: Path, number: int) -> bool:
    """Whether the file at a path is the open one."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(number))
    except FileNotFoundError:
        return False


def _read(text: bytes) -> Holder | None:
    try:
        told = json.loads(text)
        return Holder(**{field.name: told[field.name] for field in fields(Holder)})
    except (ValueError, TypeError, KeyError):
        return None


def _held(holder: Holder | None) -> HeldError:
    if holder is None:  # it has the lock and has not said so yet
        return HeldError("somebody else is applying right now", hint="try again")
    since = datetime.fromtimestamp(holder.since, UTC).isoformat(timespec="seconds")
    return HeldError(
        f"{holder.who} is applying since {since} (process {holder.pid}, lock {holder.id})",
        hint=f"wait for it; what it does: rem locks list; if it hangs: rem locks break {holder.id}",
    )

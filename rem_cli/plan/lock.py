"""One writer of an environment at a time, who says who they are."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.errors import HeldError
from rem_cli.state.private import open_private


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes now."""

    id: str
    who: str
    pid: int
    since: float  # seconds since the epoch


@contextmanager
def writing(path: Path, who: str, clock: Clock) -> Iterator[Holder]:
    """Hold the lock file at `path`; HeldError when somebody else does.

    The kernel frees it when its holder dies, whatever the file says then.
    """
    number = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(os.pread(number, 4096, 0)) from None
        holder = Holder(secrets.token_hex(4), who, os.getpid(), clock.now())
        os.ftruncate(number, 0)
        os.pwrite(number, json.dumps(asdict(holder)).encode(), 0)
        yield holder
        os.ftruncate(number, 0)
    finally:
        os.close(number)


def _held(text: bytes) -> HeldError:
    try:
        holder = Holder(**json.loads(text))
        since = datetime.fromtimestamp(holder.since, UTC).isoformat(timespec="seconds")
    except (ValueError, TypeError):  # it has the lock and has not said so yet
        return HeldError("somebody else is applying right now", hint="try again")
    return HeldError(
        f"{holder.who} is applying since {since} (process {holder.pid}, lock {holder.id})",
        hint=f"wait for it, or see what it does: ps -fp {holder.pid}",
    )

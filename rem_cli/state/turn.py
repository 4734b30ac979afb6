"""One writer after the other, in the order they came.

SQLite makes waiting writers poll, which leaves some of several busy processes without a turn for seconds. Here they
queue on a file lock, which the kernel hands on and frees when its holder dies.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rem_cli.state import StoreDown
from rem_cli.state.private import open_private


class Turn:
    """`with turn.held():` holds the lock on `path`; StoreDown when it does not come free in `seconds`."""

    def __init__(self, path: Path, *, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._number = open_private(path, os.O_RDWR | os.O_CREAT)

    @contextmanager
    def held(self) -> Iterator[None]:
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._queue()
        try:
            yield
        finally:
            fcntl.flock(self._number, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._number)

    def _queue(self) -> None:
        """Wait in the kernel's queue, in a thread of its own: flock(2) has no time limit."""
        ours = threading.Lock()  # whoever takes it first decides whether the lock was got in time
        got = threading.Event()
        number = os.dup(self._number)

        def wait() -> None:
            try:
                fcntl.flock(number, fcntl.LOCK_EX)
                if ours.acquire(blocking=False):
                    got.set()
                else:
                    fcntl.flock(number, fcntl.LOCK_UN)
            finally:
                os.close(number)

        threading.Thread(target=wait, daemon=True).start()
        try:
            in_time = got.wait(self._seconds)
        except BaseException:  # Ctrl-C while waiting
            if not ours.acquire(blocking=False):
                fcntl.flock(self._number, fcntl.LOCK_UN)
            raise
        if not in_time and ours.acquire(blocking=False):
            raise StoreDown(
                f"another process has been writing to {self._path.parent} for {self._seconds:g} s",
                hint=f"see which, and whether it is stopped: fuser -v {self._path}",
            )

"""The bell that a commit rings for other processes: a file that is written to, and inotify, which tells who listens.

One byte is written over and over. A bell of its own, because SQLite's files change before a commit can be seen.
"""

from __future__ import annotations

import ctypes
import os
import select
import time
from collections.abc import Callable
from pathlib import Path

from rem_cli.state.private import open_private

_IN_MODIFY = 0x2  # sys/inotify.h
_POLL = 0.05  # seconds between looks where there is no inotify


class Ringer:
    """Rings the bell at `path`."""

    def __init__(self, path: Path) -> None:
        self._number = open_private(path, os.O_RDWR | os.O_CREAT)

    def ring(self) -> None:
        os.pwrite(self._number, b"!", 0)

    def close(self) -> None:
        os.close(self._number)


class FileBell:
    """Hears the bell at `path`, which a Ringer has made. Closing it gives it back to whoever lent it."""

    def __init__(self, path: Path, give_back: Callable[[FileBell], None]) -> None:
        self._path = path
        self._give_back = give_back
        self._changed = path.stat().st_mtime_ns
        self._inotify = _listen(path)

    def wait(self, seconds: float) -> None:
        if self._inotify is None:
            self._poll(seconds)
        elif select.select([self._inotify], [], [], seconds)[0]:
            os.read(self._inotify, 1 << 16)

    def close(self) -> None:
        self._give_back(self)

    def end(self) -> None:
        if self._inotify is not None:
            os.close(self._inotify)
        self._inotify = None

    def _poll(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (changed := self._path.stat().st_mtime_ns) == self._changed and (left := ends - time.monotonic()) > 0:
            time.sleep(min(left, _POLL))
        self._changed = changed


class Bells:
    """Lends bells and takes them back: the kernel takes a hundredth of a second to end one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[FileBell] = []

    def lend(self) -> FileBell:
        """A bell; it may have rung already."""
        try:
            return self._idle.pop()
        except IndexError:
            return FileBell(self.path, self._idle.append)

    def close(self) -> None:
        """End those that nobody uses."""
        while self._idle:
            self._idle.pop().end()


def _listen(path: Path) -> int | None:
    """A descriptor that has something to read after each write; None where the system has no inotify, or no more."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        number: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return None
    if number < 0:  # a user may have only so many
        return None
    if libc.inotify_add_watch(number, os.fsencode(path), _IN_MODIFY) < 0:
        os.close(number)
        return None
    return number

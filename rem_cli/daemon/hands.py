"""Threads for what takes long, and waking whoever waits for it."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from threading import Thread

from rem_cli.daemon import Event, Listen


class Wake:
    """Wakes one that waits: from any thread, and by a signal where `writer` is its descriptor for signals."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        with suppress(BlockingIOError):  # full, and so it wakes anyhow
            os.write(self.writer, b"!")

    def wait(self, seconds: float) -> None:
        """Until it rings, but no longer than so many seconds; at once when it rang since the last time."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 1 << 16)

    def close(self) -> None:
        os.close(self._reader)
        os.close(self.writer)


class Hands:
    """Does each piece of work in a thread of its own, and rings when it is done."""

    def __init__(self, ring: Callable[[], None], listen: Listen) -> None:
        self._ring = ring
        self._listen = listen
        self._number = count()
        self._under_way: dict[int, str] = {}

    @property
    def under_way(self) -> list[str]:
        """What is being done, the oldest first."""
        return list(self._under_way.values())

    def begin(self, what: str, work: Callable[[], None]) -> None:
        number = next(self._number)
        self._under_way[number] = what

        def do() -> None:
            try:
                work()
            except Exception as error:  # a thread that dies unheard would be worse
                text = f"{what}: rem failed: {type(error).__name__}: {error}"
                self._listen(Event("daemon", "failed", text, alarming=True))
            finally:
                del self._under_way[number]
                self._ring()

        Thread(target=do, name=what, daemon=True).start()

"""Ctrl-C while something is being changed: once waits for its end, twice ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Asked:
    """Whether somebody asked to stop."""

    times = 0


@contextmanager
def finishing() -> Iterator[Asked]:
    """Until the end of this, a first Ctrl-C only sets `times`; it takes effect at the end. A second one does at once.

    Whoever does many things one after the other looks at `times` between them. Outside of the main thread, where no
    signal arrives, nothing is changed.
    """
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(number: int, frame: FrameType | None) -> None:
        asked.times += 1
        if asked.times > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
    if asked.times:
        raise KeyboardInterrupt

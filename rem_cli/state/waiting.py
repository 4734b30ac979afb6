"""Waiting for what other processes write: a bell wakes whoever looks again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Protocol, TypeVar

from rem_cli.clock import Clock
from rem_cli.state.values import Bucket, Entry

Found = TypeVar("Found")
LOOK_AGAIN = 1.0  # seconds: leases end without a bell, and a bell may be lost


class Bell(Protocol):
    """Rings after each commit, from the moment on when the bell was made."""

    def wait(self, seconds: float) -> None:
        """Until it rings, or so many seconds; at once when it rang since the last time."""

    def close(self) -> None: ...


def wait_for(look: Callable[[], Found], ring: Callable[[], Bell], clock: Clock, seconds: float) -> Found:
    """What `look` finds, as soon as that is something, or at the end of so many seconds."""
    if (found := look()) or seconds <= 0:
        return found
    with closing(ring()) as bell:  # and look again, so that nothing falls between
        return _until(look, bell, clock, seconds)


def _until(look: Callable[[], Found], bell: Bell, clock: Clock, seconds: float) -> Found:
    ends = clock.monotonic() + seconds
    while not (found := look()):
        left = ends - clock.monotonic()
        if left <= 0:
            break
        bell.wait(min(left, LOOK_AGAIN))
    return found


class BucketWatch:
    """A Watch over any bucket that has a bell."""

    def __init__(self, bucket: Bucket, prefix: str, after: int, ring: Callable[[], Bell], clock: Clock) -> None:
        self.position = after
        self._bucket = bucket
        self._prefix = prefix
        self._ring = ring
        self._bell: Bell | None = None
        self._clock = clock

    def next(self, wait: float = 0.0) -> list[Entry]:
        if wait > 0 and self._bell is None:
            self._bell = self._ring()
        found = _until(self._look, self._bell, self._clock, wait) if self._bell else self._look()
        if found:
            self.position = found[-1].revision
        return found

    def close(self) -> None:
        if self._bell is not None:
            self._bell.close()
        self._bell = None

    def _look(self) -> list[Entry]:
        return self._bucket.since(self.position, self._prefix)

"""The lease under which one process claims and runs what is due, kept for as long as that takes.

A process that was stopped for too long, or whose store did not answer, finds that its lease is over: others may have
taken what it had, so it ends what it runs, and what it still wants to write under the lease is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rem_cli.state import Lease, LockLost, StoreDown

SHARE = 3  # a lease is renewed when this part of it has gone


class Tenure:
    """A lease, and whether it was lost."""

    def __init__(self, lease: Lease, seconds: float) -> None:
        """`seconds` is how long the lease is whenever it is renewed."""
        self.lease = lease
        self.every = seconds / SHARE
        self._seconds = seconds
        self._lost = False

    @property
    def lost(self) -> bool:
        """Whether others may have what was claimed under it."""
        return self._lost or self.lease.left <= 0

    def keep(self) -> None:
        """Renew the lease when it is time to; nothing is raised, `lost` tells."""
        if self._lost or self.lease.left > self._seconds - self.every:
            return
        try:
            self.lease.renew()
        except LockLost:
            self._lost = True
        except StoreDown:  # a disk may have room again before the lease is over
            pass

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew it from a thread of its own, and let go at the end."""
        over = Event()

        def look() -> None:
            while not over.wait(self.every):
                self.keep()

        keeper = Thread(target=look, daemon=True)
        keeper.start()
        try:
            with self.lease:
                yield
        finally:
            over.set()
            keeper.join()

"""Locks: what a lease promises.

A lease ends by itself, so that the lock of a holder that died comes free. The fence is what protects: it rises with
every holder, and a commit that names the lease happens only while the lock still has that fence.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Holder(NamedTuple):
    """Who holds a lock."""

    bucket: str
    lock: str
    fence: int
    by: str  # the node, and what of it
    why: str  # in the holder's words; may be empty
    since: float  # seconds since the epoch
    left: float  # seconds until its lease is over


class Lease(Protocol):
    """A lock that this process holds. Also a context manager, which releases it."""

    bucket: str
    lock: str
    fence: int

    @property
    def left(self) -> float:
        """Seconds until it is over, by this machine's own clock that never steps."""

    def renew(self) -> None:
        """As long again from now on; LockLost when somebody else has it or broke it."""

    def release(self) -> None:
        """Let go; nothing happens where the lock is another's by now."""

    def __enter__(self) -> Lease: ...

    def __exit__(self, *_: object) -> None: ...

"""What several processes share: the contract of values, locks, queues and counters.

A bucket holds keys with bodies. Revisions rise across a bucket with every change, so that a revision is also a
position, and the fence of a lock is one too. Everything that several processes write goes through `commit` with the
revision that was read: losing that race is normal, and `StaleRevision` says what is there now. A change and the
message about it (`Line`) are one commit.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from rem_cli.state.counters import Counter, Reading
from rem_cli.state.errors import (
    ClaimLapsed,
    LockHeld,
    LockLost,
    MissingKey,
    QueueFull,
    StaleRevision,
    StateError,
    StoreDown,
    TooBig,
)
from rem_cli.state.locks import Holder, Lease
from rem_cli.state.queues import Claim, Counts, Item, Message, Queue, Terms
from rem_cli.state.values import Bucket, Change, Drop, Entry, Line, Put, Watch, topic_prefix

__all__ = [
    "Bucket", "Change", "Claim", "ClaimLapsed", "Counter", "Counts", "Drop", "Entry", "Holder", "Holding", "Item",
    "Lease", "Line", "LockHeld", "LockLost", "Message", "MissingKey", "Put", "Queue", "QueueFull", "Reading",
    "StaleRevision", "State", "StateError", "StoreDown", "Terms", "TooBig", "Watch", "topic_prefix"
]  # fmt: skip


class Holding(NamedTuple):
    """A bucket (a counter is one too) or a queue with something in it."""

    name: str
    queue: bool
    size: int  # of keys, or of messages that wait, are claimed or dead


class State(Protocol):
    """One store."""

    node: str

    def bucket(self, name: str) -> Bucket:
        """The bucket of that name; it begins to exist with its first key."""

    def queue(self, name: str, terms: Terms = ...) -> Queue:
        """The queue of that name, held to these terms; it begins to exist with its first message."""

    def counter(self, name: str) -> Counter:
        """The counter of that name, which lies in a bucket of its own."""

    def locks(self) -> list[Holder]:
        """Every lock that is held, by bucket and name."""

    def holdings(self) -> list[Holding]:
        """What is not empty, by name."""

    def forget(self, name: str) -> None:
        """Take away everything that lies under a name, with its locks, and leave nothing behind."""

    def close(self) -> None: ...

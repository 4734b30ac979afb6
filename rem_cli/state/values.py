"""Values, topics and locks that change together: what a bucket promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rem_cli.state.locks import Holder, Lease


class Entry(NamedTuple):
    """A key as it stands. `body` is None for a tombstone: the key was dropped at this revision."""

    key: str
    body: bytes | None
    revision: int
    at: float  # seconds since the epoch, when it was written
    origin: str  # the node that wrote it


class Put(NamedTuple):
    key: str
    body: bytes
    if_revision: int | None = None  # 0: the key must not exist (a tombstone does not)


class Drop(NamedTuple):
    key: str
    if_revision: int | None = None


class Line(NamedTuple):
    """One more message of a topic, numbered by the commit. An id that is there already changes nothing."""

    topic: str
    id: str
    body: bytes

    @property
    def key(self) -> str:
        return topic_prefix(self.topic) + self.id


Change = Put | Drop | Line


def topic_prefix(topic: str) -> str:
    """Under which keys the lines of a topic lie."""
    return f"topic/{topic}/"


class Watch(Protocol):
    """Looks at a bucket from a position on."""

    position: int  # the last revision that was given out

    def next(self, wait: float = 0.0) -> list[Entry]:
        """What changed since the position, tombstones too: of each key the newest state, by revision.

        Empty when nothing does within `wait` seconds. Whoever keeps the position and watches from there misses nothing.
        """

    def close(self) -> None: ...


class Bucket(Protocol):
    """Keys that may change together. Bounds: a body 1 MiB, a commit 1,000 changes."""

    def get(self, key: str) -> Entry:
        """The key's entry; MissingKey."""

    def scan(self, prefix: str = "", *, until: str | None = None, limit: int | None = None) -> list[Entry]:
        """Live entries whose key begins with `prefix` and is below `until`, ordered by key, as of one revision."""

    def since(self, position: int, prefix: str = "", *, limit: int | None = None) -> list[Entry]:
        """Entries written after a position, tombstones too, ordered by revision, which is the next position.

        With `topic_prefix(name)` the lines of a topic in the order of their commits.
        """

    def put(self, key: str, body: bytes, *, if_revision: int | None = None) -> int:
        """Write one key and return its revision; StaleRevision, TooBig."""

    def drop(self, key: str, *, if_revision: int | None = None) -> int:
        """Take a key away, leaving a tombstone; MissingKey, StaleRevision."""

    def commit(self, changes: Sequence[Change], *, holding: Lease | None = None) -> int:
        """All of them or none, each seeing those before it; the revision of the last, 0 where nothing changed.

        `holding`: only while that lock of this bucket is still ours. MissingKey, StaleRevision, LockLost, TooBig.
        """

    def sweep(self, before: float) -> int:
        """Forget tombstones and lines of topics that were written before an instant; how many. Values stay."""

    def watch(self, prefix: str = "", *, after: int = 0) -> Watch:
        """What changes under a prefix, from a position on."""

    def acquire(self, lock: str, lease: float, *, wait: float = 0.0, why: str = "", slots: int = 1) -> Lease:
        """Take a lock for `lease` seconds, to be renewed; LockHeld when it does not come free within `wait` seconds.

        So many as there are `slots` may hold it at once: the second has the lock `name 2`, and so on.
        """

    def holder(self, lock: str) -> Holder | None:
        """Who holds a lock; None when it is free."""

    def break_lock(self, lock: str, fence: int) -> None:
        """Free a lock that somebody was seen holding with this fence; StateError when it is another's, or free."""

"""What several processes share: the contract of values that change together.

A bucket holds keys with bodies. Revisions rise across a bucket with every change, so that a revision is also a
position. Everything that several processes write goes through `commit` with the revision that was read: losing that
race is normal, and `StaleRevision` says what is there now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Protocol

from rem_cli.errors import RemError, Status


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


Change = Put | Drop


class StateError(RemError):
    """The state store said no. `done` tells whether the change may have happened all the same: "no" or "unknown"."""

    code = "state"
    done: ClassVar[str] = "no"


class MissingKey(StateError):
    """There is no such key."""

    code = "missing"


class StaleRevision(StateError):
    """The key has another revision than the one that was read."""

    status = Status.STALE
    code = "stale"

    def __init__(self, message: str, *, present: Entry | None) -> None:
        super().__init__(message, hint="read it again and decide anew")
        self.present = present


class TooBig(StateError):
    """A body or a commit over the bound; nothing was written."""

    code = "too-big"


class StoreDown(StateError):
    """The store cannot work: disk full, damaged, or not readable."""

    code = "state-down"


class Bucket(Protocol):
    """Keys that may change together. Bounds: a body 1 MiB, a commit 1,000 changes."""

    def get(self, key: str) -> Entry:
        """The key's entry; MissingKey."""

    def scan(self, prefix: str = "", *, until: str | None = None, limit: int | None = None) -> list[Entry]:
        """Live entries whose key begins with `prefix` and is below `until`, ordered by key, as of one revision."""

    def put(self, key: str, body: bytes, *, if_revision: int | None = None) -> int:
        """Write one key and return its revision; StaleRevision, TooBig."""

    def drop(self, key: str, *, if_revision: int | None = None) -> int:
        """Take a key away, leaving a tombstone; MissingKey, StaleRevision."""

    def commit(self, changes: Sequence[Change]) -> int:
        """All of them or none, each seeing those before it; the revision of the last, 0 for none at all.

        MissingKey, StaleRevision, TooBig.
        """


class State(Protocol):
    """One store."""

    node: str

    def bucket(self, name: str) -> Bucket:
        """The bucket of that name; it begins to exist with its first key."""

    def close(self) -> None: ...

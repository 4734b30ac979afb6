"""Values, topics and locks in this process's memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rem_cli.state import Change, Drop, Entry, Holder, Lease, Put, StateError, Watch
from rem_cli.state.leases import HeldLease, acquired, held, lost, slot_names
from rem_cli.state.rules import body_of, check_bounds, missing, prefix_end
from rem_cli.state.waiting import BucketWatch

if TYPE_CHECKING:
    from rem_cli.state.memory import Store


class MemoryBucket:
    """A Bucket of a MemoryState."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    def get(self, key: str) -> Entry:
        entry = self._entries().get(key)
        if entry is None or entry.body is None:
            raise missing(key)
        return entry

    def scan(self, prefix: str = "", *, until: str | None = None, limit: int | None = None) -> list[Entry]:
        end = prefix_end(prefix)
        found = [
            entry
            for key, entry in sorted(self._entries().items())
            if key >= prefix
            and (end is None or key < end)
            and (until is None or key < until)
            and entry.body is not None
        ]
        return found[:limit]

    def since(self, position: int, prefix: str = "", *, limit: int | None = None) -> list[Entry]:
        found = [one for one in self._entries().values() if one.revision > position and one.key.startswith(prefix)]
        return sorted(found, key=lambda entry: entry.revision)[:limit]

    def put(self, key: str, body: bytes, *, if_revision: int | None = None) -> int:
        return self.commit([Put(key, body, if_revision)])

    def drop(self, key: str, *, if_revision: int | None = None) -> int:
        return self.commit([Drop(key, if_revision)])

    def commit(self, changes: Sequence[Change], *, holding: Lease | None = None) -> int:
        check_bounds(changes)
        last = 0
        with self._store.changed:
            if holding is not None:
                self._check_held(holding)
            entries, revision, now = dict(self._entries()), self._store.revision, self._store.clock.now()
            for change in changes:
                happens, body = body_of(change, entries.get(change.key))
                if happens:
                    last = revision = revision + 1
                    entries[change.key] = Entry(change.key, body, revision, now, self._store.node)
            self._store.entries[self._name], self._store.revision = entries, revision
            self._store.ring()
        return last

    def sweep(self, before: float) -> int:
        with self._store.changed:
            entries = self._entries()
            old = {key for key, one in entries.items() if one.at < before and (one.body is None or _is_line(key))}
            self._store.entries[self._name] = {key: one for key, one in entries.items() if key not in old}
        return len(old)

    def watch(self, prefix: str = "", *, after: int = 0) -> Watch:
        return BucketWatch(self, prefix, after, self._store.bell, self._store.clock)

    def acquire(self, lock: str, lease: float, *, wait: float = 0.0, why: str = "", slots: int = 1) -> Lease:
        names = slot_names(lock, slots)
        return acquired(lambda name: self._take(name, lease, why), names, self._store.bell, self._store.clock, wait)

    def holder(self, lock: str) -> Holder | None:
        with self._store.changed:
            found = self._store.locks.get((self._name, lock))
            left = found.left - self._store.clock.monotonic() if found else 0.0
        return found._replace(left=left) if found and left > 0 else None

    def break_lock(self, lock: str, fence: int) -> None:
        with self._store.changed:
            found = self.holder(lock)
            if found is None or found.fence != fence:
                raise StateError(f"nobody holds the lock {lock!r} of {self._name} with fence {fence}")
            del self._store.locks[self._name, lock]
            self._store.ring()

    def _entries(self) -> dict[str, Entry]:
        with self._store.changed:
            return self._store.entries.get(self._name, {})  # replaced whole by a change: a reader may keep it

    def _take(self, lock: str, lease: float, why: str) -> HeldLease:
        with self._store.changed:
            now, clock = self._store.clock.now(), self._store.clock
            if (present := self.holder(lock)) is not None:
                raise held(present, now)
            fence = self._store.next_revision()
            taken = Holder(self._name, lock, fence, self._store.node, why, now, lease)
            self._store.locks[self._name, lock] = taken._replace(left=clock.monotonic() + lease)
        return HeldLease(taken, clock, self._keep, self._let_go)

    def _keep(self, lease: HeldLease) -> None:
        with self._store.changed:
            self._check_held(lease)
            found = self._store.locks[self._name, lease.lock]
            until = self._store.clock.monotonic() + lease.seconds
            self._store.locks[self._name, lease.lock] = found._replace(left=until)

    def _let_go(self, lease: HeldLease) -> None:
        with self._store.changed:
            found = self._store.locks.get((self._name, lease.lock))
            if found is not None and found.fence == lease.fence:
                del self._store.locks[self._name, lease.lock]
                self._store.ring()

    def _check_held(self, lease: Lease) -> None:
        found = self._store.locks.get((self._name, lease.lock))
        if lease.bucket != self._name or found is None or found.fence != lease.fence:
            raise lost(lease.bucket, lease.lock, self.holder(lease.lock))


def _is_line(key: str) -> bool:
    return key.startswith("topic/")

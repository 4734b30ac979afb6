"""Values in this process only, gone with it: for tests and for trying things."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from rem_cli.clock import Clock
from rem_cli.state import Bucket, Change, Drop, Entry, Put
from rem_cli.state.rules import check_bounds, check_revision, missing, prefix_end


class MemoryState:
    """A State for the threads of one process."""

    def __init__(self, node: str, clock: Clock) -> None:
        self.node = node
        self._clock = clock
        self._lock = threading.Lock()
        self._revision = 0
        self._entries: dict[str, dict[str, Entry]] = {}

    def bucket(self, name: str) -> Bucket:
        return _MemoryBucket(self, name)

    def close(self) -> None:
        """Nothing is held."""

    def _bucket(self, name: str) -> dict[str, Entry]:
        with self._lock:
            return self._entries.get(name, {})  # replaced whole by a commit, so that a reader may keep it

    def _commit(self, name: str, changes: Sequence[Change]) -> int:
        check_bounds(changes)
        if not changes:
            return 0
        with self._lock:
            entries = dict(self._entries.get(name, {}))
            revision = self._revision
            for change in changes:
                check_revision(change, entries.get(change.key))
                revision += 1
                body = change.body if isinstance(change, Put) else None
                entries[change.key] = Entry(change.key, body, revision, self._clock.now(), self.node)
            self._entries[name], self._revision = entries, revision
            return revision


class _MemoryBucket:
    def __init__(self, state: MemoryState, name: str) -> None:
        self._state = state
        self._name = name

    def get(self, key: str) -> Entry:
        entry = self._state._bucket(self._name).get(key)
        if entry is None or entry.body is None:
            raise missing(key)
        return entry

    def scan(self, prefix: str = "", *, until: str | None = None, limit: int | None = None) -> list[Entry]:
        end = prefix_end(prefix)
        found = [
            entry
            for key, entry in sorted(self._state._bucket(self._name).items())
            if key >= prefix
            and (end is None or key < end)
            and (until is None or key < until)
            and entry.body is not None
        ]
        return found[:limit]

    def put(self, key: str, body: bytes, *, if_revision: int | None = None) -> int:
        return self.commit([Put(key, body, if_revision)])

    def drop(self, key: str, *, if_revision: int | None = None) -> int:
        return self.commit([Drop(key, if_revision)])

    def commit(self, changes: Sequence[Change]) -> int:
        return self._state._commit(self._name, changes)

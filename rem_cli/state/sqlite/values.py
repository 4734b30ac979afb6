"""Values and topics as rows, one a key."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from rem_cli.state import Change, Drop, Entry, Holder, Lease, Put, Watch
from rem_cli.state.leases import HeldLease, acquired, slot_names
from rem_cli.state.rules import body_of, check_bounds, missing, prefix_end
from rem_cli.state.sqlite.file import StoreFile
from rem_cli.state.sqlite.locks import break_lock, check_held, lock_holder, take_lock
from rem_cli.state.waiting import BucketWatch

_SWEPT = "INSERT INTO swept VALUES (?, ?) ON CONFLICT DO UPDATE SET revision = max(revision, excluded.revision)"
_COLUMNS = "key, body, revision, at, origin"


class SqliteBucket:
    """A Bucket of a SqliteState."""

    def __init__(self, file: StoreFile, name: str) -> None:
        self._file = file
        self._name = name

    def get(self, key: str) -> Entry:
        with self._file.reading() as database:
            entry = find(database, self._name, key)
        if entry is None or entry.body is None:
            raise missing(key)
        return entry

    def scan(self, prefix: str = "", *, until: str | None = None, limit: int | None = None) -> list[Entry]:
        ends = [end for end in (prefix_end(prefix), until) if end is not None]
        below = " AND key < ?" * len(ends)
        return self._select(f"key >= ?{below} AND body IS NOT NULL ORDER BY key", [prefix, *ends], limit)

    def since(self, position: int, prefix: str = "", *, limit: int | None = None) -> list[Entry]:
        ends = [end for end in [prefix_end(prefix)] if end is not None]
        below = " AND +key < ?" * len(ends)  # the sign: in the order of revisions, by the index that has it
        return self._select(f"revision > ? AND +key >= ?{below} ORDER BY revision", [position, prefix, *ends], limit)

    def put(self, key: str, body: bytes, *, if_revision: int | None = None) -> int:
        return self.commit([Put(key, body, if_revision)])

    def drop(self, key: str, *, if_revision: int | None = None) -> int:
        return self.commit([Drop(key, if_revision)])

    def commit(self, changes: Sequence[Change], *, holding: Lease | None = None) -> int:
        check_bounds(changes)
        last = 0
        if not changes:
            return last
        with self._file.writing() as database:
            if holding is not None:
                check_held(self._file, database, self._name, holding)
            now = self._file.clock.now()
            for change in changes:
                happens, body = body_of(change, find(database, self._name, change.key))
                if happens:
                    last = write(database, self._name, change.key, body, now, self._file.node)
        return last

    def sweep(self, before: float) -> int:
        old = "FROM value WHERE bucket = ? AND at < ? AND (body IS NULL OR key GLOB 'topic/*')"
        with self._file.writing() as database:
            last = database.execute(f"SELECT max(revision) {old}", (self._name, before)).fetchone()[0]
            if last is None:
                return 0
            database.execute(_SWEPT, (self._name, last))
            return database.execute(f"DELETE {old}", (self._name, before)).rowcount

    def watch(self, prefix: str = "", *, after: int = 0) -> Watch:
        return BucketWatch(self, prefix, after, self._file.bell, self._file.clock)

    def acquire(self, lock: str, lease: float, *, wait: float = 0.0, why: str = "", slots: int = 1) -> Lease:
        def take(name: str) -> HeldLease:
            return take_lock(self._file, self._name, name, lease, why)

        return acquired(take, slot_names(lock, slots), self._file.bell, self._file.clock, wait)

    def holder(self, lock: str) -> Holder | None:
        return lock_holder(self._file, self._name, lock)

    def break_lock(self, lock: str, fence: int) -> None:
        break_lock(self._file, self._name, lock, fence)

    def _select(self, where: str, values: Sequence[object], limit: int | None) -> list[Entry]:
        query = f"SELECT {_COLUMNS} FROM value WHERE bucket = ? AND {where} LIMIT ?"
        with self._file.reading() as database:
            rows = database.execute(query, (self._name, *values, -1 if limit is None else limit)).fetchall()
        return [Entry(*row) for row in rows]


def find(database: sqlite3.Connection, bucket: str, key: str) -> Entry | None:
    """A key as it stands, a tombstone too."""
    row = database.execute(f"SELECT {_COLUMNS} FROM value WHERE bucket = ? AND key = ?", (bucket, key)).fetchone()
    return Entry(*row) if row else None


def write(database: sqlite3.Connection, bucket: str, key: str, body: bytes | None, at: float, origin: str) -> int:
    """Write a key; its new revision."""
    row = (bucket, key, body, at, origin)
    written = database.execute(
        "INSERT OR REPLACE INTO value (bucket, key, body, at, origin) VALUES (?, ?, ?, ?, ?)", row
    )
    return written.lastrowid or 0

"""Values, locks, queues and counters in one SQLite file, shared by the processes of one machine."""

from __future__ import annotations

from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.state import Bucket, Counter, Entry, Holder, Holding, Queue, Terms
from rem_cli.state.copies import Batch, Copy
from rem_cli.state.sqlite import copies
from rem_cli.state.sqlite.counters import SqliteCounter
from rem_cli.state.sqlite.file import StoreFile, Unfinished
from rem_cli.state.sqlite.locks import held_locks
from rem_cli.state.sqlite.queues import SqliteQueue
from rem_cli.state.sqlite.tables import next_revision
from rem_cli.state.sqlite.values import SqliteBucket

__all__ = ["SqliteState", "Unfinished"]

_HOLDINGS = """
SELECT bucket, 0, count(*) FROM value WHERE body IS NOT NULL GROUP BY bucket
UNION ALL SELECT queue, 1, count(*) FROM item WHERE state < 4 GROUP BY queue
ORDER BY 1, 2
"""
_EVERYTHING = {"value": "bucket", "lock": "bucket", "item": "queue", "tally": "queue", "counted": "counter"}
_EVERYTHING |= {"copy": "bucket", "copied": "bucket"}


class SqliteState:
    """A State and a Replica in `folder`/state.sqlite.

    Nothing is opened before it is needed; threads may share it, forks may not.
    """

    def __init__(self, folder: Path, node: str, clock: Clock, *, patience: float = 30.0) -> None:
        """`patience`: seconds to wait for other writers before StoreDown."""
        self.node = node
        self._file = StoreFile(folder, node, clock, patience)

    def bucket(self, name: str) -> Bucket:
        return SqliteBucket(self._file, name)

    def queue(self, name: str, terms: Terms = Terms()) -> Queue:  # noqa: B008 - a tuple, never changed
        return SqliteQueue(self._file, name, terms)

    def counter(self, name: str) -> Counter:
        return SqliteCounter(self._file, name)

    def locks(self) -> list[Holder]:
        return held_locks(self._file)

    def holdings(self) -> list[Holding]:
        with self._file.reading() as database:
            rows = database.execute(_HOLDINGS).fetchall()
        return [Holding(name, bool(queue), count) for name, queue, count in rows]

    def forget(self, name: str) -> None:
        with self._file.writing() as database:
            for table, column in _EVERYTHING.items():
                database.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))
            last = next_revision(database)  # whoever has a copy begins anew
            database.execute("INSERT OR REPLACE INTO swept VALUES (?, ?)", (name, last))

    def copies(self, bucket: str | None = None) -> list[Copy]:
        return copies.copies(self._file, bucket)

    def copied(self, bucket: str, origin: str) -> list[Entry]:
        return copies.copied(self._file, bucket, origin)

    def changes(self, bucket: str, origin: str, known: Copy | None, size: int) -> Batch | None:
        return copies.changes(self._file, bucket, origin, known, size)

    def apply(self, batch: Batch, heard: float, *, afresh: bool = False) -> int:
        return copies.apply(self._file, batch, heard, afresh)

    def heard(self, origin: str, at: float) -> None:
        copies.hear(self._file, origin, at)

    def close(self) -> None:
        self._file.close()

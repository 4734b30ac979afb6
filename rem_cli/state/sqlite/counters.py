"""Counters as buckets with a key a node."""

from __future__ import annotations

from rem_cli.state import Reading
from rem_cli.state.rules import REMEMBERED
from rem_cli.state.sqlite.file import StoreFile
from rem_cli.state.sqlite.values import SqliteBucket, find, write

_OLD = "SELECT counter, id FROM counted WHERE at < ? ORDER BY at LIMIT 2"


class SqliteCounter:
    """A Counter of a SqliteState. Totals are written as digits: SQLite's own numbers end at 2^63."""

    def __init__(self, file: StoreFile, name: str) -> None:
        self._file = file
        self._name = name

    def add(self, n: int = 1, *, id: str = "") -> None:
        node = self._file.node
        with self._file.writing() as database:
            now = self._file.clock.now()
            if id:
                database.execute(f"DELETE FROM counted WHERE (counter, id) IN ({_OLD})", (now - REMEMBERED,))
                known = database.execute("INSERT OR IGNORE INTO counted VALUES (?, ?, ?)", (self._name, id, now))
                if not known.rowcount:
                    return
            entry = find(database, self._name, node)
            total = int(entry.body or b"0") if entry else 0
            write(database, self._name, node, b"%d" % (total + n), now, node)

    def total(self) -> Reading:
        copied = "SELECT key, body FROM copied WHERE bucket = ? AND key = origin"
        totals = {entry.key: int(entry.body or b"0") for entry in SqliteBucket(self._file, self._name).scan()}
        with self._file.reading() as database:
            totals |= {key: int(body or b"0") for key, body in database.execute(copied, (self._name,))}
        return Reading(sum(totals.values()), totals)

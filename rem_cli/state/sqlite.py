"""Values in one SQLite file, shared by the processes of one machine.

The settings and what they promise (sqlite.org/wal.html, sqlite.org/pragma.html#pragma_synchronous): write-ahead
logging, so that readers never wait; `synchronous=FULL`, so that a commit which returned survives a power cut.
The revision is the row's number, which SQLite never gives twice (AUTOINCREMENT).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.state import Bucket, Change, Drop, Entry, Put, StoreDown
from rem_cli.state.private import open_private, private_folder
from rem_cli.state.rules import check_bounds, check_revision, missing, prefix_end
from rem_cli.state.turn import Turn

VERSION = 1  # of the tables; a newer one is refused

_TABLES = """
CREATE TABLE value (
    revision INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB,
    at REAL NOT NULL,
    origin TEXT NOT NULL,
    UNIQUE (bucket, key)
) STRICT
"""
_COLUMNS = "key, body, revision, at, origin"


class Unfinished(StoreDown):
    """The store failed while it made a commit last: it may have happened or not."""

    done = "unknown"


class SqliteState:
    """A State in `folder`/state.sqlite. Nothing is opened before it is needed; threads may share it, forks may not."""

    def __init__(self, folder: Path, node: str, clock: Clock, *, patience: float = 30.0) -> None:
        """`patience`: seconds to wait for other writers before StoreDown."""
        self.node = node
        self._path = folder / "state.sqlite"
        self._clock = clock
        self._patience = patience
        self._lock = threading.RLock()
        self._database: sqlite3.Connection | None = None
        self._turn: Turn | None = None

    def bucket(self, name: str) -> Bucket:
        return _SqliteBucket(self, name)

    def close(self) -> None:
        with self._lock:
            if self._database is not None and self._turn is not None:
                with self._translated(), self._turn.held():  # the last one to close writes the log back into the file
                    self._database.close()
                self._turn.close()
            self._database = self._turn = None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            yield self._open()[0]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            database, turn = self._open()
            with turn.held():
                database.execute("BEGIN IMMEDIATE")
                try:
                    yield database
                except BaseException:
                    if database.in_transaction:
                        database.execute("ROLLBACK")
                    raise
                self._commit(database)

    def _commit(self, database: sqlite3.Connection) -> None:
        try:
            database.execute("COMMIT")
        except sqlite3.Error as error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
                raise
            raise Unfinished(f"could not finish writing to {self._path}: {error}", hint="read what is there") from error

    def _open(self) -> tuple[sqlite3.Connection, Turn]:
        if self._database is None or self._turn is None:
            private_folder(self._path.parent)
            os.close(open_private(self._path, os.O_RDWR | os.O_CREAT))
            for beside in ("-wal", "-shm", "-journal"):  # SQLite would take over what is in them
                with contextlib.suppress(FileNotFoundError):
                    os.close(open_private(self._path.with_name(self._path.name + beside), os.O_RDONLY))
            turn = Turn(self._path.with_name("state.turn"), seconds=self._patience)
            try:
                self._database = self._connect(turn)
            except BaseException:
                turn.close()
                raise
            self._turn = turn
        return self._database, self._turn

    def _connect(self, turn: Turn) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None, check_same_thread=False)
        try:
            if self._version(database) == 0:
                with turn.held():
                    if self._version(database) == 0:  # nobody else made the tables meanwhile
                        database.execute("PRAGMA journal_mode = WAL")
                        database.executescript(f"BEGIN; {_TABLES}; PRAGMA user_version = {VERSION}; COMMIT")
            database.execute("PRAGMA synchronous = FULL")
            return database
        except BaseException:
            database.close()
            raise

    def _version(self, database: sqlite3.Connection) -> int:
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreDown(
                f"{self._path} was written by a newer rem (tables {version}, this one knows {VERSION})",
                hint="use that rem, or the newest: pipx upgrade rem-cli",
            )
        return version

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _down(self._path, error) from error
        except OSError as error:
            words = os.strerror(error.errno or 0).lower()
            raise StoreDown(f"could not open {self._path}: {words}", hint=f"ls -ld {self._path.parent}") from error


class _SqliteBucket:
    def __init__(self, state: SqliteState, name: str) -> None:
        self._state = state
        self._name = name

    def get(self, key: str) -> Entry:
        with self._state._reading() as database:
            entry = self._find(database, key)
        if entry is None or entry.body is None:
            raise missing(key)
        return entry

    def scan(self, prefix: str = "", *, until: str | None = None, limit: int | None = None) -> list[Entry]:
        ends = [end for end in (prefix_end(prefix), until) if end is not None]
        below = " AND key < ?" * len(ends)
        matching = f"bucket = ? AND key >= ?{below} AND body IS NOT NULL"
        query = f"SELECT {_COLUMNS} FROM value WHERE {matching} ORDER BY key LIMIT ?"
        with self._state._reading() as database:
            rows = database.execute(query, (self._name, prefix, *ends, -1 if limit is None else limit)).fetchall()
        return [Entry(*row) for row in rows]

    def put(self, key: str, body: bytes, *, if_revision: int | None = None) -> int:
        return self.commit([Put(key, body, if_revision)])

    def drop(self, key: str, *, if_revision: int | None = None) -> int:
        return self.commit([Drop(key, if_revision)])

    def commit(self, changes: Sequence[Change]) -> int:
        check_bounds(changes)
        revision = 0
        if not changes:
            return revision
        with self._state._writing() as database:
            for change in changes:
                check_revision(change, self._find(database, change.key))
                body = change.body if isinstance(change, Put) else None
                row = (self._name, change.key, body, self._state._clock.now(), self._state.node)
                written = database.execute(
                    "INSERT OR REPLACE INTO value (bucket, key, body, at, origin) VALUES (?, ?, ?, ?, ?)", row
                )
                revision = written.lastrowid or 0
        return revision

    def _find(self, database: sqlite3.Connection, key: str) -> Entry | None:
        query = f"SELECT {_COLUMNS} FROM value WHERE bucket = ? AND key = ?"
        row = database.execute(query, (self._name, key)).fetchone()
        return Entry(*row) if row else None


def _down(path: Path, error: sqlite3.Error) -> StoreDown:
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind == sqlite3.SQLITE_FULL:
        return StoreDown(f"the disk of {path} is full", hint=f"make room, then try again: df -h {path.parent}")
    if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        aside = path.with_name("damaged")
        return StoreDown(
            f"{path} is damaged: {error}",
            hint=f"put it aside and start with an empty one: mkdir {aside} && mv {path}* {aside}",
        )
    if kind == sqlite3.SQLITE_BUSY:
        return StoreDown(f"another process holds {path}", hint=f"see which: fuser -v {path}")
    return StoreDown(f"{path} does not work: {error}", hint=f"ls -l {path}; df -h {path.parent}")

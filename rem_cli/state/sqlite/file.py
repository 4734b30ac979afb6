"""The SQLite file: opening it, reading, and writing one after the other.

Readers never wait, because of SQLite's write-ahead log (sqlite.org/wal.html). A commit that returned survives a power
cut: SQLite is told not to wait for the disk at each one (`synchronous=NORMAL`, which still keeps the file whole), and
every writer syncs the log itself, once it has let the next one write. So that one turn of the disk is shared by all who
wait for it, as in a database server; what others may read a moment before is behind them in the log, and any write of
theirs is durable only together with it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rem_cli.clock import Clock
from rem_cli.state import StoreDown
from rem_cli.state.bell import Bells, FileBell, Ringer
from rem_cli.state.private import private_file, private_folder
from rem_cli.state.sqlite.boot import Boot
from rem_cli.state.sqlite.tables import VERSION, make_tables, version_of
from rem_cli.state.turn import Turn

_OPENING = threading.Lock()  # one file is made and opened at a time: see private_file


class Unfinished(StoreDown):
    """The store failed while it made a commit last: it may have happened or not."""

    done = "unknown"


class Opened(NamedTuple):
    database: sqlite3.Connection
    log: int  # a descriptor of the write-ahead log, which stays the same file while the database is open
    turn: Turn
    ringer: Ringer


class StoreFile:
    """`folder`/state.sqlite. Nothing is opened before it is needed; threads may share it, forks may not."""

    def __init__(self, folder: Path, node: str, clock: Clock, patience: float) -> None:
        self.node = node
        self.clock = clock
        self._path = folder / "state.sqlite"
        self._patience = patience
        self._lock = threading.RLock()
        self._opened: Opened | None = None
        self._bells = Bells(folder / "state.bell")
        self.boot = Boot(folder / "state.boot")

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                with self._translated(), self._opened.turn.held():  # the last one to close writes the log back
                    self._opened.database.close()
                os.close(self._opened.log)
                self._opened.turn.close()
                self._opened.ringer.close()
                self._bells.close()
            self._opened = None

    def bell(self) -> FileBell:
        """Rings after each commit of any process."""
        with self._lock, self._translated():
            self._open()
            return self._bells.lend()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            yield self._open().database

    @contextmanager
    def writing(self, *, sync: bool = True, ring: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction, in turn with those of all other processes, and on the disk at its end.

        Without `sync` it may be forgotten when the machine dies: for what means nothing after that. Without `ring`
        nobody is woken: for what gives nobody who waits anything.
        """
        with self._translated():
            with self._lock:
                database, log, turn, ringer = self._open()
                with turn.held():
                    database.execute("BEGIN IMMEDIATE")
                    try:
                        yield database
                    except BaseException:
                        if database.in_transaction:
                            database.execute("ROLLBACK")
                        raise
                    self._commit(database)
            if sync:
                self._sync(log)
            if ring:
                with contextlib.suppress(OSError):  # the change is made, and who waits looks again in any case
                    ringer.ring()

    def sync(self) -> None:
        """Have all that any process committed before on the disk."""
        with self._translated():
            with self._lock:
                log = self._open().log
            self._sync(log)

    def _commit(self, database: sqlite3.Connection) -> None:
        try:
            database.execute("COMMIT")
        except sqlite3.Error as error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
                raise
            raise self._unfinished(str(error)) from error

    def _sync(self, log: int) -> None:
        try:
            os.fdatasync(log)
        except OSError as error:
            raise self._unfinished(os.strerror(error.errno or 0).lower()) from error

    def _unfinished(self, why: str) -> Unfinished:
        return Unfinished(f"could not finish writing to {self._path}: {why}", hint="read what is there")

    def _open(self) -> Opened:
        if self._opened is None:
            private_folder(self._path.parent)
            with _OPENING, contextlib.ExitStack() as undo:
                self._check_files()
                turn = Turn(self._path.with_name("state.turn"), seconds=self._patience)
                undo.callback(turn.close)
                ringer = Ringer(self._bells.path)
                undo.callback(ringer.close)
                database = self._connect(turn)
                undo.callback(database.close)
                self._opened = Opened(database, self._open_log(database), turn, ringer)
                undo.pop_all()
        return self._opened

    def _check_files(self) -> None:
        private_file(self._path, make=True)
        for beside in ("-wal", "-shm", "-journal"):  # SQLite would take over what is in them
            with contextlib.suppress(FileNotFoundError):
                private_file(self._path.with_name(self._path.name + beside))

    def _open_log(self, database: sqlite3.Connection) -> int:
        path = self._path.with_name(self._path.name + "-wal")
        is_new = not path.exists()
        database.execute("SELECT count(*) FROM sqlite_schema")  # opens the log, and makes it if need be
        log = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if is_new:  # its name has to be on the disk as well
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            os.fsync(folder)
            os.close(folder)
        return log

    def _connect(self, turn: Turn) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None, check_same_thread=False)
        try:
            if self._version(database) < VERSION:
                with turn.held():
                    database.execute("PRAGMA journal_mode = WAL")
                    if self._version(database) < VERSION:  # nobody else made the tables meanwhile
                        make_tables(database)
            database.execute("PRAGMA synchronous = NORMAL")
            return database
        except BaseException:
            database.close()
            raise

    def _version(self, database: sqlite3.Connection) -> int:
        version = version_of(database)
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

"""Locks as rows, each with the process that holds it."""

from __future__ import annotations

import sqlite3

from rem_cli.state import Holder, Lease, StateError
from rem_cli.state.here import boot, is_gone, place, process
from rem_cli.state.leases import HeldLease, held, lost
from rem_cli.state.sqlite.boot import UNSYNCED
from rem_cli.state.sqlite.file import StoreFile
from rem_cli.state.sqlite.tables import next_revision

_COLUMNS = "bucket, name, fence, by, why, since, until, place, process"
_THIS = "bucket = ? AND name = ?"
Row = tuple[str, str, int, str, str, float, float, str, str]


def take_lock(file: StoreFile, bucket: str, lock: str, lease: float, why: str) -> HeldLease:
    """The lock, where nobody holds it; LockHeld."""
    mine = process()
    if (present := lock_holder(file, bucket, lock)) is not None:  # who waits for a lock looks often, and takes no turn
        raise held(present, file.clock.now())
    file.boot.begin(file)
    with file.writing(sync=False, ring=False) as database:  # no lease outlives the boot
        now, until = file.clock.now(), file.clock.monotonic() + lease
        present = _find(file, database, bucket, lock)
        if present is not None:
            raise held(present, now)
        fence, by = next_revision(database), f"{file.node} (process {mine.partition(' ')[0]})"
        row = (bucket, lock, fence, by, why, now, until, place(), mine)
        database.execute(f"INSERT OR REPLACE INTO lock ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    if fence % UNSYNCED == 0 or not place():
        file.sync()
    holder = Holder(bucket, lock, fence, by, why, now, lease)
    return HeldLease(holder, file.clock, lambda kept: _keep(file, kept), lambda kept: _let_go(file, kept))


def lock_holder(file: StoreFile, bucket: str, lock: str) -> Holder | None:
    with file.reading() as database:
        return _find(file, database, bucket, lock)


def held_locks(file: StoreFile) -> list[Holder]:
    """Those that are held, by bucket and name."""
    with file.reading() as database:
        rows = database.execute(f"SELECT {_COLUMNS} FROM lock ORDER BY bucket, name").fetchall()
    return [found for found in (_alive(file, row) for row in rows) if found is not None]


def break_lock(file: StoreFile, bucket: str, lock: str, fence: int) -> None:
    with file.writing() as database:
        present = _find(file, database, bucket, lock)
        if present is None or present.fence != fence:
            raise StateError(f"nobody holds the lock {lock!r} of {bucket} with fence {fence}", hint="rem locks list")
        database.execute(f"DELETE FROM lock WHERE {_THIS}", (bucket, lock))


def check_held(file: StoreFile, database: sqlite3.Connection, bucket: str, lease: Lease) -> None:
    """LockLost unless the lock of this bucket still has the fence of the lease."""
    row = database.execute(f"SELECT fence FROM lock WHERE {_THIS}", (lease.bucket, lease.lock)).fetchone()
    if lease.bucket != bucket or row is None or row[0] != lease.fence:
        raise lost(lease.bucket, lease.lock, _find(file, database, lease.bucket, lease.lock))


def _keep(file: StoreFile, lease: HeldLease) -> None:
    with file.writing(sync=False, ring=False) as database:  # no lease outlives the boot
        check_held(file, database, lease.bucket, lease)
        until = file.clock.monotonic() + lease.seconds
        database.execute(f"UPDATE lock SET until = ? WHERE {_THIS}", (until, lease.bucket, lease.lock))


def _let_go(file: StoreFile, lease: HeldLease) -> None:
    with file.writing(sync=False) as database:  # no lease outlives the boot
        database.execute(f"DELETE FROM lock WHERE {_THIS} AND fence = ?", (lease.bucket, lease.lock, lease.fence))


def _find(file: StoreFile, database: sqlite3.Connection, bucket: str, lock: str) -> Holder | None:
    row = database.execute(f"SELECT {_COLUMNS} FROM lock WHERE {_THIS}", (bucket, lock)).fetchone()
    return _alive(file, row) if row else None


def _alive(file: StoreFile, row: Row) -> Holder | None:
    """Who holds a lock, unless the lease is over or the holder has ended."""
    bucket, lock, fence, by, why, since, until, where, which = row
    left = until - file.clock.monotonic()
    if left <= 0 or boot(where) != boot(place()) or is_gone(where, which):
        return None
    return Holder(bucket, lock, fence, by, why, since, left)

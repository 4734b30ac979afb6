"""Copies of other nodes' buckets as rows, beside our own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from rem_cli.state import Entry, StateError
from rem_cli.state.copies import Batch, Copy, NotTheSame, same_name
from rem_cli.state.sqlite.file import StoreFile

_ROW = 64  # bytes that an entry takes besides its key and body
_OWN = "SELECT key, body, revision, at, origin FROM value WHERE bucket = ?"
_COPIED = "SELECT key, body, revision, at, origin FROM copied WHERE bucket = ? AND origin = ?"
_COPY = "bucket, origin, epoch, position, base, heard"


def copies(file: StoreFile, bucket: str | None) -> list[Copy]:
    with file.reading() as database:
        names = database.execute("SELECT DISTINCT bucket FROM value" if bucket is None else "SELECT ?", _given(bucket))
        own = [_own(file, database, name) for (name,) in names.fetchall()]
        where = "" if bucket is None else "WHERE bucket = ?"
        rows = database.execute(f"SELECT {_COPY} FROM copy {where}", _given(bucket)).fetchall()
    return sorted([one for one in own if one.position] + [Copy(*row) for row in rows])


def copied(file: StoreFile, bucket: str, origin: str) -> list[Entry]:
    with file.reading() as database:
        rows = database.execute(f"{_COPIED} AND body IS NOT NULL ORDER BY revision", (bucket, origin)).fetchall()
    return [Entry(*row) for row in rows]


def changes(file: StoreFile, bucket: str, origin: str, known: Copy | None, size: int) -> Batch | None:
    with file.reading() as database:
        database.execute("BEGIN")  # the head and the rows of one moment
        try:
            if origin == file.node:
                here, floor = _own(file, database, bucket), _forgotten(database, bucket)
            else:
                found = _found(database, bucket, origin)
                if found is None:
                    return None
                here, floor = found, found.base
            after = known.position if known else 0
            own = origin == file.node
            if known and (known.epoch != here.epoch or after > here.position):
                if own:
                    raise _not_the_same(here, known)
                return None  # which of the two is newer only the origin can tell
            if known and floor > max(after, known.base):
                after = 0
            query = f"{_OWN if own else _COPIED} AND revision > ? ORDER BY revision"
            rows = database.execute(query, (bucket, after) if own else (bucket, origin, after))
            entries = _some(rows, size)
        finally:
            database.execute("COMMIT")
    if not entries:
        return None
    base = here.base if not own else here.position if after == 0 or known is None else known.base
    return Batch(bucket, origin, here.epoch, base, after, entries[-1].revision, entries)


def apply(file: StoreFile, batch: Batch, heard: float, afresh: bool) -> int:
    if batch.origin == file.node:
        raise same_name(file.node)
    if [one.revision for one in batch.entries] != sorted({one.revision for one in batch.entries}):
        raise StateError(f"the changes of {batch.bucket} from {batch.origin} are not in order")
    with file.writing() as database:
        here = _found(database, batch.bucket, batch.origin)
        offered = Copy(batch.bucket, batch.origin, batch.epoch, batch.upto, batch.base, heard)
        if here and here.epoch != batch.epoch:
            if not afresh or batch.after:
                raise _not_the_same(offered, here)
        elif batch.after and batch.after != (here.position if here else 0):
            return 0
        if batch.after == 0:
            database.execute("DELETE FROM copied WHERE bucket = ? AND origin = ?", (batch.bucket, batch.origin))
        rows = [(batch.bucket, batch.origin, one.key, one.body, one.at, one.revision) for one in batch.entries]
        database.executemany("INSERT OR REPLACE INTO copied VALUES (?, ?, ?, ?, ?, ?)", rows)
        database.execute("INSERT OR REPLACE INTO copy VALUES (?, ?, ?, ?, ?, ?)", offered)
    return len(rows)


def hear(file: StoreFile, origin: str, at: float) -> None:
    with file.writing(sync=False) as database:
        database.execute("UPDATE copy SET heard = max(heard, ?) WHERE origin = ?", (at, origin))


def _given(bucket: str | None) -> tuple[str, ...]:
    return () if bucket is None else (bucket,)


def _own(file: StoreFile, database: sqlite3.Connection, bucket: str) -> Copy:
    """Ourselves as others would know us, at our head."""
    epoch = database.execute("SELECT epoch FROM store").fetchone()[0]
    head = database.execute("SELECT max(revision) FROM value WHERE bucket = ?", (bucket,)).fetchone()[0]
    position = max(head or 0, _forgotten(database, bucket))
    return Copy(bucket, file.node, epoch, position, position, file.clock.now())


def _found(database: sqlite3.Connection, bucket: str, origin: str) -> Copy | None:
    row = database.execute(f"SELECT {_COPY} FROM copy WHERE bucket = ? AND origin = ?", (bucket, origin)).fetchone()
    return Copy(*row) if row else None


def _forgotten(database: sqlite3.Connection, bucket: str) -> int:
    """The highest revision among what was swept."""
    row = database.execute("SELECT revision FROM swept WHERE bucket = ?", (bucket,)).fetchone()
    return int(row[0]) if row else 0


def _some(rows: Iterable[tuple[str, bytes | None, int, float, str]], size: int) -> list[Entry]:
    """Entries up to a size; at least one."""
    entries: list[Entry] = []
    for row in rows:
        entry = Entry(*row)
        size -= len(entry.key) + len(entry.body or b"") + _ROW
        if entries and size < 0:
            break
        entries.append(entry)
    return entries


def _not_the_same(now: Copy, known: Copy) -> NotTheSame:
    if now.epoch == known.epoch:
        why = f"it ends at {now.position} and the copy goes to {known.position}: it was restored from a backup"
    else:
        why = "its store was made anew since"
    return NotTheSame(
        f"{now.bucket} of {now.origin} is not what the copy was begun of: {why}; nothing was taken over",
        hint="if what it holds now is right, begin the copy again: --afresh",
    )

"""The tables of the store, and how one of an older rem is brought up to them.

Revisions are the row numbers of `value`, which SQLite never gives twice (AUTOINCREMENT); the fence of a lock is taken
from the same line of numbers.
"""

from __future__ import annotations

import sqlite3

VERSION = 3  # of the tables; a newer one is refused

# For each version what makes it of the one before.
_STEPS = (
    """
    CREATE TABLE value (
        revision INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        body BLOB,
        at REAL NOT NULL,
        origin TEXT NOT NULL,
        UNIQUE (bucket, key)
    ) STRICT;
    """,
    """
    CREATE INDEX value_bucket ON value (bucket);  -- and by revision, which is the row's number
    CREATE TABLE lock (
        bucket TEXT NOT NULL,
        name TEXT NOT NULL,
        fence INTEGER NOT NULL,
        by TEXT NOT NULL,
        why TEXT NOT NULL,
        since REAL NOT NULL,
        until REAL NOT NULL,  -- of the monotonic clock of that boot
        place TEXT NOT NULL,
        process TEXT NOT NULL,
        PRIMARY KEY (bucket, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE item (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        id TEXT NOT NULL,
        body BLOB NOT NULL,
        state INTEGER NOT NULL,  -- 0 ready, 1 not yet due, 2 claimed, 3 dead, 4 done
        put REAL NOT NULL,
        due REAL NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        until REAL NOT NULL DEFAULT 0,  -- of the monotonic clock of that boot
        place TEXT NOT NULL DEFAULT '',
        UNIQUE (queue, id)
    ) STRICT;
    CREATE INDEX item_state ON item (queue, state, due, number);
    CREATE TABLE tally (  -- of items that are ready, not yet due or claimed: the bound asks at every put
        queue TEXT PRIMARY KEY,
        alive INTEGER NOT NULL,
        dropped INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE counted (
        counter TEXT NOT NULL,
        id TEXT NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (counter, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX counted_at ON counted (at);
    """,
    """
    CREATE TABLE store (epoch TEXT NOT NULL) STRICT;
    INSERT INTO store VALUES (lower(hex(randomblob(8))));
    CREATE TABLE swept (bucket TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE copy (
        bucket TEXT NOT NULL,
        origin TEXT NOT NULL,
        epoch TEXT NOT NULL,
        position INTEGER NOT NULL,
        base INTEGER NOT NULL,
        heard REAL NOT NULL,
        PRIMARY KEY (bucket, origin)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE copied (
        bucket TEXT NOT NULL,
        origin TEXT NOT NULL,
        key TEXT NOT NULL,
        body BLOB,
        at REAL NOT NULL,
        revision INTEGER NOT NULL,  -- the origin's
        UNIQUE (bucket, origin, key)
    ) STRICT;
    CREATE INDEX copied_revision ON copied (bucket, origin, revision);
    """,
)


def version_of(database: sqlite3.Connection) -> int:
    """Of the tables that are there; 0 for none."""
    found: int = database.execute("PRAGMA user_version").fetchone()[0]
    return found


def make_tables(database: sqlite3.Connection) -> None:
    """Bring the tables up to this version, in one transaction."""
    steps = "".join(_STEPS[version_of(database) :])
    database.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT")


def next_revision(database: sqlite3.Connection) -> int:
    """The next number of the line that revisions and fences are of, taken."""
    taken = database.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'value' RETURNING seq").fetchone()
    if taken is None:
        database.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('value', 1)")
    return int(taken[0]) if taken else 1

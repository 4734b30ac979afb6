"""Queues as rows, each in one of five states."""

from __future__ import annotations

import sqlite3

from rem_cli.state import Claim, Counts, Item, Message, Terms
from rem_cli.state.here import boot, place
from rem_cli.state.rules import REMEMBERED, check_messages, full, lapsed, no_dead
from rem_cli.state.sqlite.file import StoreFile
from rem_cli.state.waiting import wait_for

READY, LATER, CLAIMED, DEAD, DONE = range(5)
_ALIVE = f"state IN ({READY}, {LATER}, {CLAIMED})"


class SqliteQueue:
    """A Queue of a SqliteState. Leases count by the monotonic clock of this boot, `not_before` by the wall clock."""

    def __init__(self, file: StoreFile, name: str, terms: Terms) -> None:
        self._file = file
        self._name = name
        self._terms = terms

    def put(self, *messages: Message) -> int:
        wanted, now, new = check_messages(messages), self._file.clock.now(), 0
        with self._file.writing() as database:
            self._sweep(database, now)
            tally = database.execute("SELECT alive, dropped FROM tally WHERE queue = ?", (self._name,)).fetchone()
            alive, dropped = tally or (0, 0)
            for message in wanted:
                later = message.not_before > now
                due = message.not_before if later else now
                row = (self._name, message.id, message.body, LATER if later else READY, now, due)
                number = _insert(database, row)
                if number is None:
                    continue
                new += 1
                if alive < self._terms.bound:
                    alive += 1
                else:
                    self._drop_oldest(database, number)
                    dropped += 1
            database.execute("INSERT OR REPLACE INTO tally VALUES (?, ?, ?)", (self._name, alive, dropped))
        return new

    def claim(self, n: int = 1, *, lease: float | None = None, wait: float = 0.0) -> list[Claim]:
        seconds = self._terms.lease if lease is None else lease
        return wait_for(lambda: self._claim(n, seconds), self._file.bell, self._file.clock, wait)

    def ack(self, *tokens: str) -> None:
        with self._file.writing(ring=False) as database:
            numbers = [self._claimed(database, token)[0] for token in tokens]
            done = [(DONE, self._file.clock.now(), number) for number in numbers]
            database.executemany("UPDATE item SET state = ?, due = ?, body = x'' WHERE number = ?", done)
            self._leave(database, len(set(numbers)))

    def extend(self, token: str, *, lease: float | None = None) -> None:
        seconds = self._terms.lease if lease is None else lease
        with self._file.writing(sync=False, ring=False) as database:  # no lease outlives the boot
            number, _ = self._claimed(database, token)
            until = self._file.clock.monotonic() + seconds
            database.execute("UPDATE item SET until = ? WHERE number = ?", (until, number))

    def give_back(self, token: str, *, after: float = 0.0) -> None:
        with self._file.writing() as database:
            number, tries = self._claimed(database, token)
            if tries >= self._terms.deliveries:
                database.execute("UPDATE item SET state = ? WHERE number = ?", (DEAD, number))
                self._leave(database, 1)
            elif after > 0:
                due = self._file.clock.now() + after
                database.execute("UPDATE item SET state = ?, due = ? WHERE number = ?", (LATER, due, number))
            else:
                database.execute("UPDATE item SET state = ? WHERE number = ?", (READY, number))

    def peek(self, n: int = 1, *, dead: bool = False) -> list[Item]:
        states = f"state = {DEAD}" if dead else _ALIVE
        with self._file.reading() as database:
            rows = database.execute(
                f"SELECT id, body, put, due, tries, state, until, place FROM item WHERE queue = ? AND {states} "
                "ORDER BY due, number LIMIT ?", (self._name, n),
            ).fetchall()  # fmt: skip
        return [
            Item(id, body, put, due, tries, self._holds(state, until, where))
            for id, body, put, due, tries, state, until, where in rows
        ]

    def revive(self, id: str) -> None:
        with self._file.writing() as database:
            revived = database.execute(
                "UPDATE item SET state = ?, tries = 0 WHERE queue = ? AND id = ? AND state = ?",
                (READY, self._name, id, DEAD),
            )
            if not revived.rowcount:
                raise no_dead(self._name, id)
            self._leave(database, -1)

    def counts(self) -> Counts:
        query = f"SELECT state, until, place, put FROM item WHERE queue = ? AND state < {DONE}"
        with self._file.reading() as database:
            rows = database.execute(query, (self._name,)).fetchall()
            tally = database.execute("SELECT dropped FROM tally WHERE queue = ?", (self._name,)).fetchone()
        dead = sum(row[0] == DEAD for row in rows)
        waiting = [row[3] for row in rows if row[0] != DEAD and not self._holds(*row[:3])]
        claimed = len(rows) - dead - len(waiting)
        return Counts(len(waiting), claimed, dead, tally[0] if tally else 0, min(waiting, default=None))

    def _claim(self, n: int, lease: float) -> list[Claim]:
        if not self._anything():
            return []
        claims: list[Claim] = []
        with self._file.writing(ring=False) as database:
            self._ripen(database)
            until, here = self._file.clock.monotonic() + lease, place()
            while len(claims) < n:
                rows = database.execute(
                    "SELECT number, id, body, tries FROM item WHERE queue = ? AND state = ? "
                    "ORDER BY due, number LIMIT ?", (self._name, READY, n - len(claims)),
                ).fetchall()  # fmt: skip
                if not rows:
                    break
                spent = [(DEAD, number) for number, _, _, tries in rows if tries >= self._terms.deliveries]
                fresh = [row for row in rows if row[3] < self._terms.deliveries]
                database.executemany("UPDATE item SET state = ? WHERE number = ?", spent)
                self._leave(database, len(spent))
                taken = [(CLAIMED, tries + 1, until, here, number) for number, _, _, tries in fresh]
                database.executemany(
                    "UPDATE item SET state = ?, tries = ?, until = ?, place = ? WHERE number = ?", taken
                )
                claims += [Claim(id, body, tries + 1, f"{number}.{tries + 1}") for number, id, body, tries in fresh]
        return claims

    def _anything(self) -> bool:
        """Whether a look may be worth a turn at writing: who waits for work asks often."""
        query = f"SELECT 1 FROM item WHERE queue = ? AND {_ALIVE} LIMIT 1"
        with self._file.reading() as database:
            return database.execute(query, (self._name,)).fetchone() is not None

    def _ripen(self, database: sqlite3.Connection) -> None:
        """What has become due is ready, and so is what a worker held too long."""
        back = "UPDATE item SET state = ? WHERE queue = ? AND state = ?"
        database.execute(f"{back} AND due <= ?", (READY, self._name, LATER, self._file.clock.now()))
        held = "until > ? AND place GLOB ? || '*'"
        now, here = self._file.clock.monotonic(), boot(place())
        database.execute(f"{back} AND NOT ({held})", (READY, self._name, CLAIMED, now, here))

    def _holds(self, state: int, until: float, where: str) -> bool:
        return state == CLAIMED and until > self._file.clock.monotonic() and boot(where) == boot(place())

    def _claimed(self, database: sqlite3.Connection, token: str) -> tuple[int, int]:
        """The number and the tries of a message that is still held by this token; ClaimLapsed."""
        number, _, tries = token.partition(".")
        row = None
        if number.isdecimal() and tries.isdecimal() and len(token) < 30:
            query = "SELECT state, until, place FROM item WHERE number = ? AND tries = ? AND queue = ?"
            row = database.execute(query, (int(number), int(tries), self._name)).fetchone()
        if row is None or not self._holds(*row):
            raise lapsed(self._name, token)
        return int(number), int(tries)

    def _leave(self, database: sqlite3.Connection, count: int) -> None:
        """So many fewer count towards the bound."""
        database.execute("UPDATE tally SET alive = alive - ? WHERE queue = ?", (count, self._name))

    def _drop_oldest(self, database: sqlite3.Connection, but: int) -> None:
        if self._terms.drop_oldest:
            self._ripen(database)
            query = f"SELECT number FROM item WHERE queue = ? AND state IN ({READY}, {LATER}) AND number <> ?"
            oldest = database.execute(f"{query} ORDER BY due, number LIMIT 1", (self._name, but)).fetchone()
            if oldest is not None:
                database.execute("DELETE FROM item WHERE number = ?", oldest)
                return
        raise full(self._name, self._terms)

    def _sweep(self, database: sqlite3.Connection, now: float) -> None:
        """Forget two of those that were done long ago, so that each put makes room for one more than itself."""
        old = "SELECT number FROM item WHERE queue = ? AND state = ? AND due < ? ORDER BY due LIMIT 2"
        database.execute(f"DELETE FROM item WHERE number IN ({old})", (self._name, DONE, now - REMEMBERED))


def _insert(database: sqlite3.Connection, row: tuple[object, ...]) -> int | None:
    """The number of a new message; None when its id is known."""
    written = database.execute(
        "INSERT INTO item (queue, id, body, state, put, due) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row
    )
    return written.lastrowid if written.rowcount else None

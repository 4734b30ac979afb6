"""The stores that REM's state is compared with: how each is started, and its words for the same work.

All of them put an operation on the disk before it returns, but where the name says otherwise.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from rem_cli.clock import SystemClock
from rem_cli.state import Message, MissingKey, StaleRevision, Terms
from rem_cli.state.sqlite import SqliteState

BODY = b"x" * 100
BATCH = 32


class Store(Protocol):
    """One process's way in. Each method does one operation, or so many as it returns."""

    def enqueue(self) -> int: ...

    def work(self) -> int:
        """Claim and acknowledge; 0 where nothing waited."""

    def swap(self) -> int:
        """Compare and set a key of this process's own."""

    def count(self) -> int: ...

    def lock(self) -> int:
        """Take and let go of a lock that all processes want; 0 where another has it."""


class Rem:
    def __init__(self, folder: Path, batch: int = 1) -> None:
        state = SqliteState(folder, "bench", SystemClock())
        self._bucket, self._counter = state.bucket("bench"), state.counter("hits")
        self._queue = state.queue("orders", Terms(bound=10_000_000))
        self._key, self._batch = f"key/{os.getpid()}", batch

    def enqueue(self) -> int:
        return self._queue.put(*[Message(BODY)] * self._batch)

    def work(self) -> int:
        claims = self._queue.claim(self._batch, lease=60)
        self._queue.ack(*[claim.token for claim in claims])
        return len(claims)

    def swap(self) -> int:
        try:
            revision = self._bucket.get(self._key).revision
        except MissingKey:
            revision = 0
        with contextlib.suppress(StaleRevision):
            self._bucket.put(self._key, BODY, if_revision=revision)
        return 1

    def count(self) -> int:
        self._counter.add()
        return 1

    def lock(self) -> int:
        self._bucket.acquire("lock", 60, wait=60).release()
        return 1


class Redis:
    """Reliable queue as its manual has it: from one list into a list of the worker's own."""

    def __init__(self, folder: Path) -> None:
        import redis

        self._redis: Any = redis.Redis(unix_socket_path=str(folder / "redis.socket"))
        self._mine = f"mine:{os.getpid()}"

    def enqueue(self) -> int:
        self._redis.lpush("orders", BODY)
        return 1

    def work(self) -> int:
        found = self._redis.lmove("orders", self._mine, "RIGHT", "LEFT")
        if found is None:
            return 0
        self._redis.lrem(self._mine, 1, found)
        return 1

    def swap(self) -> int:
        with self._redis.pipeline() as pipe:
            pipe.watch(self._mine + ":value")
            pipe.get(self._mine + ":value")
            pipe.multi()
            pipe.set(self._mine + ":value", BODY)
            pipe.execute()
        return 1

    def count(self) -> int:
        self._redis.incr("hits")
        return 1

    def lock(self) -> int:
        with self._redis.lock("lock", timeout=60, sleep=0.001):
            return 1


class Litequeue:
    def __init__(self, folder: Path) -> None:
        import litequeue

        self._queue = litequeue.LiteQueue(str(folder / "lite.sqlite"), timeout=30)

    def enqueue(self) -> int:
        self._queue.put(BODY.decode())
        return 1

    def work(self) -> int:
        found = self._queue.pop()
        if found is None:
            return 0
        self._queue.done(found.message_id)
        return 1


class Postgres:
    """A queue with SKIP LOCKED, advisory locks."""

    def __init__(self, folder: Path) -> None:
        import psycopg

        self._database: Any = psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True)
        self._key = f"key/{os.getpid()}"

    def enqueue(self) -> int:
        self._database.execute("INSERT INTO item (body) VALUES (%s)", (BODY,))
        return 1

    def work(self) -> int:
        row = self._database.execute(
            "UPDATE item SET due = now() + interval '60 s', tries = tries + 1 WHERE number = (SELECT number FROM item "
            "WHERE due <= now() ORDER BY due, number FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING number, tries"
        ).fetchone()
        if row is None:
            return 0
        self._database.execute("DELETE FROM item WHERE number = %s AND tries = %s", row)
        return 1

    def swap(self) -> int:
        row = self._database.execute("SELECT revision FROM value WHERE key = %s", (self._key,)).fetchone()
        revision = row[0] if row else 0
        if row:
            query = "UPDATE value SET body = %s, revision = revision + 1 WHERE key = %s AND revision = %s"
            self._database.execute(query, (BODY, self._key, revision))
        else:
            self._database.execute("INSERT INTO value VALUES (%s, %s, 1)", (self._key, BODY))
        return 1

    def count(self) -> int:
        self._database.execute("UPDATE counter SET total = total + 1")
        return 1

    def lock(self) -> int:
        self._database.execute("SELECT pg_advisory_lock(1)")
        self._database.execute("SELECT pg_advisory_unlock(1)")
        return 1


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Nothing; why not, where there is none."""
    found = shutil.which("redis-server")
    if not found:
        yield "apt install redis-server"
        return
    words = [found, "--port", "0", "--unixsocket", str(folder / "redis.socket"), "--dir", str(folder)]
    words += ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    with _running(words, folder / "redis.socket"):
        yield ""


@contextlib.contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """Nothing; why not, where there is none."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        yield "apt install postgresql"
        return
    folder.chmod(0o777)
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it refuses to run as root
    data = folder / "postgres"
    make = [*as_user, str(programs[-1] / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres"]
    subprocess.run(make, check=True, capture_output=True, cwd="/")
    words = [*as_user, str(programs[-1] / "postgres"), "-D", str(data), "-k", str(folder), "-h", ""]
    with _running(words, folder / ".s.PGSQL.5432"):
        import psycopg

        with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as database:
            database.execute("CREATE TABLE item (number bigserial PRIMARY KEY, body bytea, due timestamptz NOT NULL "
                             "DEFAULT now(), tries int NOT NULL DEFAULT 0)")  # fmt: skip
            database.execute("CREATE INDEX item_due ON item (due, number)")
            database.execute("CREATE TABLE value (key text PRIMARY KEY, body bytea, revision bigint)")
            database.execute("CREATE TABLE counter (total bigint)")
            database.execute("INSERT INTO counter VALUES (0)")
        yield ""


@contextlib.contextmanager
def _running(words: list[str], address: Path) -> Iterator[None]:
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/") as server:
        try:
            for _ in range(200):
                with socket.socket(socket.AF_UNIX) as asked:
                    if asked.connect_ex(str(address)) == 0:
                        break
                time.sleep(0.05)
            time.sleep(0.5)
            yield
        finally:
            server.terminate()

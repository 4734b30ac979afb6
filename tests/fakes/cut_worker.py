"""A process that kills itself before its n-th SQL statement, sync or ring of the bell.

`python -m tests.fakes.cut_worker FOLDER WORK N` prints what it has done, a line each.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rem_cli.clock import SystemClock
from rem_cli.state import Line, Message, Put, State, Terms
from rem_cli.state.sqlite import SqliteState


def run_cut(folder: Path, work: str, cut: int) -> subprocess.CompletedProcess[bytes]:
    """Do it in a process of its own."""
    program = [sys.executable, "-m", "tests.fakes.cut_worker", str(folder), work, str(cut)]
    return subprocess.run(program, capture_output=True, check=False)


def three_keys(state: State) -> None:
    state.bucket("runs").commit([Put("a", b"new"), Put("b", b"new"), Put("c", b"new")])
    _did("done")
    state.close()


def a_day_of_work(state: State) -> None:
    state.queue("q", Terms(bound=3, drop_oldest=True)).put(*[Message(b"", id=name) for name in "abcd"])
    _did("put")
    first, second = state.queue("q").claim(2)
    _did("claimed")
    state.queue("q").ack(first.token)
    _did("acked")
    state.queue("q").give_back(second.token)
    _did("given back")
    lease = state.bucket("b").acquire("l", 60)
    _did("locked")
    state.bucket("b").commit([Put("k", b"v"), Line("t", "1", b"k is v")], holding=lease)
    _did("told")
    lease.release()
    _did("released")
    state.counter("c").add(2, id="once")
    _did("counted")


WORK: Mapping[str, Callable[[State], None]] = {"three keys": three_keys, "a day of work": a_day_of_work}


def _did(what: str) -> None:
    print(what, flush=True)


class _Cut:
    """Counts, and dies at its number."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._seen = 0

    def __call__(self, statement: str = "") -> None:
        self._seen += 1
        if self._seen == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def _set_up(cut: _Cut) -> None:
    connect = sqlite3.connect

    def cutting(*args: Any, **named: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*args, **named)
        database.set_trace_callback(cut)
        return database

    sqlite3.connect = cutting  # type: ignore[assignment]
    for name in ("fdatasync", "pwrite"):
        act = getattr(os, name)

        def cut_before(*args: Any, act: Callable[..., Any] = act) -> Any:
            cut()
            return act(*args)

        setattr(os, name, cut_before)


def main(folder: str, work: str, at: str) -> None:
    _set_up(_Cut(int(at)))
    WORK[work](SqliteState(Path(folder), "child", SystemClock()))


if __name__ == "__main__":
    main(*sys.argv[1:])

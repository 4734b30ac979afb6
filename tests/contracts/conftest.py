"""The engines that keep the contract of the state, each with the workers that share a store of its kind.

Another engine joins with a class here and its name in `ENGINES`.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from rem_cli.clock import SystemClock
from rem_cli.state import Bucket, Queue, State
from rem_cli.state.memory import MemoryState
from rem_cli.state.sqlite import SqliteState
from tests.fakes.state_worker import WORK

START = 1700000000.25


class HandClock(SystemClock):
    """A wall clock that stands still, and time that also passes by hand."""

    def __init__(self) -> None:
        self.wall = START
        self._passed = 0.0

    def now(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return super().monotonic() + self._passed

    def passes(self, seconds: float) -> None:
        """So much time goes by."""
        self.wall += seconds
        self._passed += seconds

    def steps(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += seconds


class Engine(Protocol):
    state: State
    clock: HandClock

    def again(self) -> State:
        """The same store, as another process would open it."""

    def others(self, work: str, *, workers: int, times: int) -> list[threading.Thread]:
        """Workers that began to change the same store."""

    def close(self) -> None: ...


class Memory:
    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.state = MemoryState("here", self.clock)

    def again(self) -> State:
        return self.state

    def others(self, work: str, *, workers: int, times: int) -> list[threading.Thread]:
        threads = [threading.Thread(target=WORK[work], args=(self.state, n, times)) for n in range(workers)]
        for thread in threads:
            thread.start()
        return threads

    def close(self) -> None:
        self.state.close()


class Sqlite:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.clock = HandClock()
        self.state: State = SqliteState(folder, "here", self.clock)
        self._opened = [self.state]

    def again(self) -> State:
        self._opened.append(SqliteState(self._folder, "here", self.clock))
        return self._opened[-1]

    def others(self, work: str, *, workers: int, times: int) -> list[threading.Thread]:
        program = [sys.executable, "-m", "tests.fakes.state_worker", str(self._folder), work]
        processes = [subprocess.Popen([*program, str(n), str(times)]) for n in range(workers)]
        waiting = [threading.Thread(target=process.wait) for process in processes]
        for thread in waiting:
            thread.start()
        return waiting

    def close(self) -> None:
        for state in self._opened:
            state.close()


ENGINES: dict[str, Callable[[Path], Engine]] = {"memory": Memory, "sqlite": Sqlite}


@pytest.fixture(params=[*ENGINES])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = ENGINES[request.param](tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
def clock(engine: Engine) -> HandClock:
    return engine.clock


@pytest.fixture
def bucket(engine: Engine) -> Bucket:
    return engine.state.bucket("runs")


@pytest.fixture
def queue(engine: Engine) -> Queue:
    return engine.state.queue("orders")

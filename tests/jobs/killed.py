"""Runs a job in the folder that is given and kills itself with SIGKILL at the point that is given."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rem_cli.series import Point, Retention, Store
from tests.fakes.transport import OK, Play
from tests.jobs.bench import bench_in


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingStore:
    def __init__(self, store: Store, after: bool) -> None:
        self._store = store
        self._after = after

    def add(self, name: str, points: Sequence[Point], *, retention: Retention, now: float) -> int:
        if self._after:
            self._store.add(name, points, retention=retention, now=now)
        die()
        return 0


def main(folder: str, point: str) -> None:
    bench = bench_in(Path(folder))
    plays = {"web01": Play(OK, out=b'{"users": 3}'), "web02": Play(OK, out=b'{"users": 4}'), "web03": Play()}
    if point == "while web02 runs":
        # What came before is in the record by then: web01 was a batch of its own.
        plays["web02"] = Play(during=die)
    if point == "before a series is written":
        bench.store = DyingStore(bench.store, after=False)  # type: ignore[assignment]
    if point == "before the samples leave the record":
        bench.store = DyingStore(bench.store, after=True)  # type: ignore[assignment]
    bench.run(plays, result="json", graph=["users"], batch="1")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Runs a job in the folder that is given and kills itself with SIGKILL at the point that is given."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rem_cli.series import Sample
from rem_cli.series.intake import Intake
from tests.fakes.transport import OK, Play
from tests.jobs.bench import bench_in


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingIntake:
    def __init__(self, intake: Intake, after: bool) -> None:
        self._intake = intake
        self._after = after

    def drain(self) -> list[str]:
        return self._intake.drain()

    def write(self, samples: Sequence[Sample]) -> None:
        if self._after:
            self._intake.write(samples)
        if samples:
            die()


def main(folder: str, point: str) -> None:
    bench = bench_in(Path(folder))
    plays = {"web01": Play(OK, out=b'{"users": 3}'), "web02": Play(OK, out=b'{"users": 4}'), "web03": Play()}
    if point == "while web02 runs":
        # What came before is in the record by then: web01 was a batch of its own.
        plays["web02"] = Play(during=die)
    if point == "before the spool is written":
        bench.intake = DyingIntake(bench.intake, after=False)  # type: ignore[assignment]
    if point == "before the samples leave the record":
        bench.intake = DyingIntake(bench.intake, after=True)  # type: ignore[assignment]
    bench.run(plays, result="json", graph=["users"], batch="1")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A test script of a service level: a program of the package that is given the window, and says what it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rem_cli.reach import Deadlines, End, Outcome, Stop, Stream, Target, Task
from rem_cli.series import Point
from rem_cli.sla.judge import Ended
from rem_cli.wire import Rem

LONGEST = 30.0  # seconds
HERE = Target("localhost", "localhost")


class _Ear:
    """Hears how it ended; what it prints is nobody's."""

    end: End | None = None

    def started(self, target: Target) -> None: ...

    def output(self, target: Target, stream: Stream, data: bytes) -> None: ...

    def ended(self, target: Target, end: End) -> None:
        self.end = end


def tested(rem: Rem, script: bytes, window: dict[str, Any]) -> Ended:
    """How a test script ended on a window, which it finds as JSON on standard input."""
    ear, stop = _Ear(), Stop()
    task = Task(script=script, stdin=json.dumps(window).encode(), deadlines=Deadlines(run=LONGEST))
    try:
        rem.transports["local"].run([(HERE, task)], ear, parallel=1, stop=stop)
    finally:
        stop.close()
    end = ear.end
    if end is None or end.outcome is Outcome.UNREACHABLE:
        return Ended(None, end.why if end else "it was not started", started=False)
    if end.signal is not None:
        return Ended(None, f"killed by {end.signal}")
    return Ended(end.exit, "" if end.exit is not None else end.why or str(end.outcome))


def window(level: str, series: str, points: Sequence[Point], now: float, every: float, why: str) -> dict[str, Any]:
    """What a test script is told: the numbers of the last looks, the oldest first; seconds since the epoch."""
    return {
        "schema": "rem.window/1", "service level": level, "series": series, "now": now, "every": every, "why": why,
        "values": [[one.at, one.value] for one in points],
    }  # fmt: skip

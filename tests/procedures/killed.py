"""Drives a run with real jobs and kills itself with SIGKILL at one write: `killed.py FOLDER WRITE before|after`.

Writes are the commits to the state store, counted from the start of the procedure. Prints the number of the run that it
drove when it was not killed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rem_cli.clock import SystemClock
from rem_cli.jobs import Lent, Origin
from rem_cli.jobs.job import HERE
from rem_cli.jobs.records import Records
from rem_cli.jobs.runner import Engines
from rem_cli.procedures.engine import Engine, drive
from rem_cli.procedures.journal import Journals
from rem_cli.procedures.perform import Work, perform
from rem_cli.procedures.standing import Standing
from rem_cli.reach import Stop
from rem_cli.reach.local import LocalTransport
from rem_cli.series.intake import Intake
from rem_cli.series.spool import Spool
from rem_cli.series.whisper import WhisperStore
from rem_cli.state import Change
from rem_cli.state.sqlite import SqliteState
from rem_cli.wire.conditions import evaluate
from tests.procedures.made import definition

PROCEDURE = """
start: drain
states:
  drain: {command: [sh, -c, 'echo "$REM_KEY" >>"$0"', LOG], next: restart, %s}
  restart: {command: [sh, -c, 'echo "$REM_KEY" >>"$0"', LOG], %s}
"""
AGAIN = "idempotent: true, on unknown: retry"


class Dying:
    """A bucket of the state store whose commits are counted."""

    def __init__(self, bucket: Any, at: int, when: str) -> None:
        self._bucket = bucket
        self._left = at
        self._when = when

    def commit(self, changes: Sequence[Change]) -> int:
        self._left -= 1
        if self._left == 0 and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        revision: int = self._bucket.commit(changes)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return revision

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket, name)


def go_on(folder: Path, policy: str = AGAIN, at: int = 0, when: str = "") -> Standing:
    """Start the run, or go on with it; where it stands at the end."""
    text = (PROCEDURE % (policy, policy)).replace("LOG", str(folder / "log"))
    clock = SystemClock()
    state = SqliteState(folder, "here", clock)
    journals = Journals(state, clock)
    journals.bucket = Dying(journals.bucket, at, when)  # type: ignore[assignment]
    origin = Origin(label="a test")
    intake = Intake(Spool(folder / "spool"), WhisperStore(folder / "series"), clock)
    engines = Engines({"local": LocalTransport(clock)}, Records(state, clock), intake, clock, evaluate, state.queue)
    work = Work(
        engines, lambda selector: [HERE], lambda sha256: b"", lambda event: None, origin, lambda job, blob: Lent()
    )
    engine = Engine(journals, lambda *given: perform(work, *given), evaluate, clock)
    try:
        if not journals.heads():
            journals.begin(definition(text), {}, "ana", {})
        return drive(engine, 1, stop=Stop(), listen=lambda line: None, patience=0)[0]
    finally:
        state.close()


if __name__ == "__main__":
    print(go_on(Path(sys.argv[1]), sys.argv[4], int(sys.argv[2]), sys.argv[3]).fate)

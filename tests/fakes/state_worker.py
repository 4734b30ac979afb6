"""What several processes do to one store at once; `python -m tests.fakes.state_worker FOLDER WORK NUMBER COUNT`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from rem_cli.clock import SystemClock
from rem_cli.state import Drop, MissingKey, Put, StaleRevision, State
from rem_cli.state.sqlite import SqliteState


def count(state: State, number: int, times: int) -> None:
    """Add one to one number, `times` times, however often the race is lost."""
    bucket = state.bucket("counts")
    while times:
        try:
            entry = bucket.get("number")
            now, revision = int(entry.body or b"0"), entry.revision
        except MissingKey:
            now, revision = 0, 0
        try:
            bucket.put("number", b"%d" % (now + 1), if_revision=revision)
            times -= 1
        except StaleRevision:
            continue


def pairs(state: State, number: int, times: int) -> None:
    """Change two keys in one commit, always to the same body."""
    bucket = state.bucket("pairs")
    for turn in range(times):
        body = b"%d of %d" % (turn, number)
        bucket.commit([Put("left", body), Put("right", body)])


def keys(state: State, number: int, times: int) -> None:
    """Make keys and drop every second one again."""
    bucket = state.bucket("keys")
    for turn in range(times):
        bucket.put(f"{number}/{turn:04}", b"x" * 100)
        if turn % 2:
            bucket.commit([Drop(f"{number}/{turn:04}")])


def tell(state: State, number: int, times: int) -> None:
    """Write rising numbers, and say each one when it is safe."""
    bucket = state.bucket("told")
    for turn in range(1, times + 1):
        bucket.put("number", (b"%06d" % turn) * 1000)
        print(turn, flush=True)


WORK: dict[str, Callable[[State, int, int], None]] = {"count": count, "pairs": pairs, "keys": keys, "tell": tell}

if __name__ == "__main__":
    folder, work, number, times = sys.argv[1:]
    store = SqliteState(Path(folder), f"node{number}", SystemClock())
    WORK[work](store, int(number), int(times))
    store.close()

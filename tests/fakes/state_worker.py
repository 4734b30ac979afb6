"""What several processes do to one store at once; `python -m tests.fakes.state_worker FOLDER WORK NUMBER COUNT`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from rem_cli.clock import SystemClock
from rem_cli.state import Drop, Line, Message, MissingKey, Put, QueueFull, StaleRevision, State, Terms
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


def lines(state: State, number: int, times: int) -> None:
    """Say something in a topic that others write to as well."""
    for turn in range(times):
        state.bucket("lines").commit([Line("news", f"{number}-{turn:04}", b"")])


def locked(state: State, number: int, times: int) -> None:
    """Add one to one number without looking whether it changed meanwhile, holding a lock."""
    bucket = state.bucket("locked")
    for _ in range(times):
        with bucket.acquire("number", 60, wait=60):
            now = int(next((entry.body or b"0" for entry in bucket.scan("number")), b"0"))
            bucket.put("number", b"%d" % (now + 1))


def fill(state: State, number: int, times: int) -> None:
    """Put messages into a queue that takes a hundred."""
    for _ in range(times):
        try:
            state.queue("full", Terms(bound=100)).put(Message(b""))
        except QueueFull:
            continue


def work(state: State, number: int, times: int) -> None:
    """Take messages until there are none, writing down how often each was handled."""
    queue, done = state.queue("work"), state.bucket("done")
    while claims := queue.claim(3, lease=600):
        for claim in claims:
            seen = done.scan(claim.id + "/")
            done.put(claim.id + "/", b"%d" % (len(seen) + 1))
        queue.ack(*[claim.token for claim in claims])


def hold(state: State, number: int, times: int) -> None:
    """Take a lock and all messages, say so, and keep them until somebody ends this process."""
    state.bucket("held").acquire("deploy", 600, why="a release")
    print(len(state.queue("held").claim(times, lease=600)), flush=True)
    sys.stdin.read()


def add(state: State, number: int, times: int) -> None:
    """Add one to a counter."""
    for _ in range(times):
        state.counter("hits").add()


WORK: dict[str, Callable[[State, int, int], None]] = {
    do.__name__: do for do in (count, pairs, keys, tell, lines, locked, fill, work, hold, add)
}

if __name__ == "__main__":
    folder, wanted, number, times = sys.argv[1:]
    store = SqliteState(Path(folder), f"node{number}", SystemClock())
    WORK[wanted](store, int(number), int(times))
    store.close()

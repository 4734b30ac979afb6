"""What remains when a worker, a holder or the machine ends in the middle of something."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.state import ClaimLapsed, Message, Put, StoreDown, Terms, here
from rem_cli.state.sqlite import SqliteState
from tests.fakes.cut_worker import run_cut


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rem"


@pytest.fixture
def state(folder: Path) -> Iterator[SqliteState]:
    opened = SqliteState(folder, "here", SystemClock(), patience=5)
    yield opened
    opened.close()


@pytest.fixture
def holder(folder: Path, state: SqliteState) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds a lock and ten messages, each for ten minutes."""
    state.queue("held").put(*[Message(b"%d" % number) for number in range(10)])
    program = [sys.executable, "-m", "tests.fakes.state_worker", str(folder), "hold", "7", "10"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"10\n"
        yield process
        process.kill()


def test_31_a_lock_whose_holder_has_ended_is_free_at_once(state: SqliteState, holder: subprocess.Popen[bytes]) -> None:
    bucket = state.bucket("held")
    held = bucket.holder("deploy")
    assert held is not None
    assert (held.by, held.why) == (f"node7 (process {holder.pid})", "a release")
    holder.send_signal(signal.SIGSTOP)
    assert bucket.holder("deploy") is not None
    holder.kill()
    holder.wait()
    assert bucket.holder("deploy") is None
    assert bucket.acquire("deploy", 60).fence > held.fence


def test_31_a_process_with_the_number_of_the_holder_is_not_the_holder(
    state: SqliteState, holder: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here, "_began", lambda number: "some other time")
    assert state.bucket("held").holder("deploy") is None


def test_31_of_a_process_in_another_container_nobody_here_can_tell(
    state: SqliteState, holder: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    boot = here.boot(here.place())
    monkeypatch.setattr("rem_cli.state.here.place", lambda: f"{boot} pid:[1]")
    holder.kill()
    holder.wait()
    assert state.bucket("held").holder("deploy") is not None


def test_30_a_boot_frees_locks_and_messages(
    state: SqliteState, holder: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("here", "sqlite.locks", "sqlite.queues"):
        monkeypatch.setattr(f"rem_cli.state.{module}.place", lambda: "another-boot pid:[1]")
    assert state.bucket("held").holder("deploy") is None
    assert len(state.queue("held").claim(20)) == 10


def test_46_what_a_killed_worker_held_comes_again_after_its_lease(
    state: SqliteState, folder: Path, holder: subprocess.Popen[bytes]
) -> None:
    holder.kill()
    holder.wait()
    assert state.queue("held").claim(20) == []

    class Later(SystemClock):
        def monotonic(self) -> float:
            return super().monotonic() + 600

    later = SqliteState(folder, "here", Later())
    assert [claim.tries for claim in later.queue("held").claim(20)] == [2] * 10
    later.close()


def test_13_16_a_kill_before_any_statement_or_sync_leaves_every_step_whole(tmp_path: Path, state: SqliteState) -> None:
    """Cut points: before each SQL statement, each sync and each ring of the bell, in all that a worker does."""
    state.bucket("x").put("y", b"")  # the tables are there
    state.close()
    prepared = {path.name: path.read_bytes() for path in (tmp_path / "rem").iterdir()}
    seen: set[tuple[object, ...]] = set()
    for cut in range(1, 300):
        folder = tmp_path / str(cut)
        folder.mkdir(mode=0o700)
        for name, content in prepared.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_bytes(content)
        ended = run_cut(folder, "a day of work", cut)
        told = ended.stdout.decode().splitlines()
        left = SqliteState(folder, "here", SystemClock())
        found = what_is_there(left)
        steps = [names for names, _ in STEPS]
        at = len(told)
        assert found in (STEPS[at][1], STEPS[min(at + 1, len(STEPS) - 1)][1]), (cut, told)
        assert ["nothing", *told] == steps[: at + 1]
        seen.add(found)
        left.queue("q").put(Message(b"after"))
        left.close()
        if ended.returncode == 0:
            assert seen == {state for _, state in STEPS}
            return
    raise AssertionError("the child never came to its end")


def what_is_there(state: SqliteState) -> tuple[object, ...]:
    """Messages with their tries, how many count as waiting or claimed, what was dropped, keys, the counter.

    The lock's holder has ended in any case, so that it is free.
    """
    queue = state.queue("q", Terms(bound=3))
    items = tuple((item.id, item.tries, item.claimed) for item in queue.peek(9))
    assert state.locks() == []
    with state._file.reading() as database:
        alive = database.execute("SELECT alive FROM tally WHERE queue = 'q'").fetchone()
    assert (alive[0] if alive else 0) == len(items)
    keys = tuple(entry.key for entry in state.bucket("b").scan())
    return items, queue.counts().dropped, keys, state.counter("c").total().total


PUT = (("b", 0, False), ("c", 0, False), ("d", 0, False))
CLAIMED = (("b", 1, True), ("c", 1, True), ("d", 0, False))
ACKED = (("c", 1, True), ("d", 0, False))
BACK = (("c", 1, False), ("d", 0, False))
STEPS: list[tuple[str, tuple[object, ...]]] = [
    ("nothing", ((), 0, (), 0)),
    ("put", (PUT, 1, (), 0)),
    ("claimed", (CLAIMED, 1, (), 0)),
    ("acked", (ACKED, 1, (), 0)),
    ("given back", (BACK, 1, (), 0)),
    ("locked", (BACK, 1, (), 0)),
    ("told", (BACK, 1, ("k", "topic/t/1"), 0)),
    ("released", (BACK, 1, ("k", "topic/t/1"), 0)),
    ("counted", (BACK, 1, ("k", "topic/t/1"), 2)),
]


def test_68_where_nothing_can_be_written_a_queue_and_a_lock_say_so_and_go_on_afterwards(state: SqliteState) -> None:
    queue, bucket = state.queue("q"), state.bucket("b")
    queue.put(Message(b"1", id="1"))
    (claim,) = queue.claim(lease=600)
    lease = bucket.acquire("l", 600)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    changes: list[Callable[[], object]] = [
        lambda: queue.put(Message(b"2")), lambda: queue.ack(claim.token), lambda: queue.give_back(claim.token),
        lambda: bucket.acquire("m", 60), lease.renew, lease.release, lambda: state.counter("c").add(),
    ]  # fmt: skip
    try:
        for change in changes:
            with pytest.raises(StoreDown):
                change()
        assert [(item.id, item.tries, item.claimed) for item in queue.peek(5)] == [("1", 1, True)]
        assert bucket.holder("l") is not None
        assert bucket.holder("m") is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    queue.ack(claim.token)
    lease.release()
    with pytest.raises(ClaimLapsed):
        queue.ack(claim.token)
    assert (queue.counts().waiting, state.locks(), state.counter("c").total().total) == (0, [], 0)


@pytest.mark.parametrize("cut", range(1, 30))
def test_59_a_log_that_was_cut_off_anywhere_leaves_whole_commits(folder: Path, state: SqliteState, cut: int) -> None:
    """As a power cut leaves it: the write-ahead log ends within a page that was being written."""
    bucket = state.bucket("pairs")
    for turn in range(8):
        bucket.commit([Put("left", b"%d" % turn), Put("right", b"%d" % turn)])
    (folder / "cut").mkdir(mode=0o700)
    for name in ("state.sqlite", "state.sqlite-wal"):
        content = (folder / name).read_bytes()
        copy = folder / "cut" / name
        copy.touch(mode=0o600)
        copy.write_bytes(content[: len(content) * cut // 30] if name.endswith("-wal") else content)
    left = SqliteState(folder / "cut", "here", SystemClock())
    assert len({entry.body for entry in left.bucket("pairs").scan()}) <= 1
    assert left.bucket("pairs").put("after", b"") > 0
    left.close()
    with closing(sqlite3.connect(folder / "cut" / "state.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_27_a_fence_that_a_power_cut_forgot_never_comes_again(
    folder: Path, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking a lock does not wait for the disk: what is there after the cut is the store as it was before."""
    first = state.bucket("b").acquire("l", 60)
    first.release()
    (folder / "cut").mkdir(mode=0o700)
    for name in ("state.sqlite", "state.sqlite-wal", "state.boot"):
        (folder / "cut" / name).touch(mode=0o600)
        (folder / "cut" / name).write_bytes((folder / name).read_bytes())
    given = [first.fence]
    for _ in range(50):
        with state.bucket("b").acquire("l", 60) as lease:
            given.append(lease.fence)
    assert given == [*range(given[0], given[0] + 51)]
    for module in ("here", "sqlite.locks", "sqlite.boot"):
        monkeypatch.setattr(f"rem_cli.state.{module}.place", lambda: "another-boot pid:[1]")
    left = SqliteState(folder / "cut", "here", SystemClock())
    fences = [left.bucket("b").acquire(name, 60).fence for name in "lm"]
    left.close()
    assert max(given) < fences[0] < fences[1]
    assert fences[1] == fences[0] + 1  # once in a boot


def test_27_one_fence_of_a_hundred_is_on_the_disk_before_anybody_has_it(
    state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = state.bucket("b")
    bucket.acquire("l", 60).release()
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    fences = [lease.fence for lease in (bucket.acquire(f"{number}", 60) for number in range(250))]
    assert len(synced) == sum(fence % 100 == 0 for fence in fences) >= 2

"""The SQLite file itself: who may read it, and what remains when something goes wrong."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.errors import UntrustedError
from rem_cli.state import Message, Put, StoreDown
from rem_cli.state.sqlite import SqliteState, Unfinished, tables
from tests.fakes.cut_worker import run_cut


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "rem"


@pytest.fixture
def reopen(folder: Path) -> Iterator[Callable[[], SqliteState]]:
    """Opens the store anew, as another process would."""
    opened: list[SqliteState] = []

    def open_it() -> SqliteState:
        opened.append(SqliteState(folder, "here", SystemClock(), patience=0.3))
        return opened[-1]

    yield open_it
    for state in opened:
        state.close()


@pytest.fixture
def state(reopen: Callable[[], SqliteState]) -> SqliteState:
    return reopen()


def test_nothing_is_opened_before_it_is_needed(folder: Path, state: SqliteState) -> None:
    state.bucket("runs")
    assert not folder.exists()


def test_p10_only_the_user_may_read_what_is_stored(folder: Path, state: SqliteState) -> None:
    folder.mkdir(mode=0o755)
    state.bucket("runs").put("a", b"secret")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert names == dict.fromkeys(
        ["state.sqlite", "state.sqlite-shm", "state.sqlite-wal", "state.turn", "state.bell"], 0o600
    )


@pytest.mark.parametrize("name", ["state.sqlite", "state.sqlite-wal", "state.sqlite-journal"])
def test_p10_a_file_that_others_may_change_is_not_believed(folder: Path, state: SqliteState, name: str) -> None:
    """As `git checkout` leaves it, when somebody committed a store in the place of ours."""
    folder.mkdir(mode=0o700)
    (folder / name).touch()
    (folder / name).chmod(0o644)
    with pytest.raises(UntrustedError, match="was not made by rem"):
        state.bucket("runs").put("a", b"")


@pytest.mark.parametrize("name", ["state.sqlite", "state.turn"])
@pytest.mark.parametrize("target", ["file", "missing"])
def test_p10_a_link_in_place_of_the_file_is_not_followed(
    folder: Path, state: SqliteState, tmp_path: Path, name: str, target: str
) -> None:
    folder.mkdir(mode=0o700)
    (tmp_path / "file").write_text("other")
    (folder / name).symlink_to(tmp_path / target)
    with pytest.raises(UntrustedError, match="is no regular file"):
        state.bucket("runs").put("a", b"")
    assert (tmp_path / "file").read_text() == "other"
    assert not (tmp_path / "missing").exists()


def test_p10_a_link_in_place_of_the_folder_is_not_followed(folder: Path, state: SqliteState, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    folder.symlink_to("other")
    with pytest.raises(UntrustedError, match="is no folder"):
        state.bucket("runs").put("a", b"")
    assert list((tmp_path / "other").iterdir()) == []


def test_p10_a_folder_of_another_user_is_refused(
    folder: Path, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(UntrustedError, match="belongs to another user"):
        state.bucket("runs").put("a", b"")


@pytest.mark.parametrize("version", [1, 2])
def test_a_store_of_an_older_rem_is_brought_up_with_what_it_holds(
    folder: Path, state: SqliteState, version: int
) -> None:
    folder.mkdir(mode=0o700)
    (folder / "state.sqlite").touch(mode=0o600)
    with closing(sqlite3.connect(folder / "state.sqlite")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript("".join(tables._STEPS[:version]) + f"PRAGMA user_version = {version}")
        database.execute("INSERT INTO value (bucket, key, body, at, origin) VALUES ('runs', 'a', x'31', 0, 'here')")
        database.commit()
    assert state.bucket("runs").get("a").body == b"1"
    assert state.bucket("runs").acquire("deploy", 60).fence == 2
    assert state.queue("orders").put(Message(b"")) == 1
    assert [copy.position for copy in state.copies()] == [1]


def test_a_store_of_a_newer_rem_is_refused(folder: Path, state: SqliteState, reopen: Callable[[], SqliteState]) -> None:
    state.bucket("runs").put("a", b"1")
    state.close()
    with sqlite3.connect(folder / "state.sqlite") as database:
        database.execute("PRAGMA user_version = 4")
    database.close()
    with pytest.raises(StoreDown, match=r"newer rem \(tables 4, this one knows 3\)"):
        reopen().bucket("runs").get("a")


@pytest.mark.parametrize("damage", [b"not a database at all", bytes(4096 * 3)], ids=["text", "zeros"])
def test_a_damaged_file_says_how_to_start_anew(folder: Path, state: SqliteState, damage: bytes) -> None:
    folder.mkdir(mode=0o700)
    (folder / "state.sqlite").touch(mode=0o600)
    (folder / "state.sqlite").write_bytes(damage)
    with pytest.raises(StoreDown, match="is damaged") as refused:
        state.bucket("runs").put("a", b"1")
    assert refused.value.hint is not None
    subprocess.run(["sh", "-c", refused.value.hint.partition(": ")[2]], check=True)
    assert state.bucket("runs").put("a", b"1") > 0


def test_a_damaged_page_is_found_when_it_is_read(
    folder: Path, state: SqliteState, reopen: Callable[[], SqliteState]
) -> None:
    for number in range(200):
        state.bucket("runs").put(f"{number:03}", b"x" * 1000)
    state.close()
    path = folder / "state.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreDown, match="is damaged"):
        reopen().bucket("runs").scan()


def test_68_a_full_disk_is_said_and_reading_goes_on(state: SqliteState, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def small(*args: object, **named: object) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*args, **named)  # type: ignore[call-overload]
        database.execute("PRAGMA max_page_count = 24")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    bucket = state.bucket("runs")
    bucket.put("a", b"1")
    with pytest.raises(StoreDown, match=r"the disk of .* is full") as refused:
        bucket.commit([Put("a", b"2"), Put("b", b"x" * 100_000)])
    assert (refused.value.done, bucket.get("a").body) == ("no", b"1")
    assert bucket.put("a", b"3") > 0


def test_68_a_write_that_fails_leaves_the_store_working(state: SqliteState) -> None:
    bucket = state.bucket("runs")
    bucket.put("a", b"1")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(Unfinished):
            bucket.put("b", b"x" * 1_000_000)
        assert bucket.get("a").body == b"1"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    bucket.put("b", b"x" * 1_000_000)
    assert [entry.key for entry in bucket.scan()] == ["a", "b"]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were synced."""
    files: list[str] = []
    sync = os.fdatasync

    def spy(number: int) -> None:
        files.append(Path(f"/proc/self/fd/{number}").readlink().name)
        sync(number)

    monkeypatch.setattr(os, "fdatasync", spy)
    return files


def test_what_a_write_returned_for_is_on_the_disk(state: SqliteState, synced: list[str]) -> None:
    """And others have been able to write meanwhile: the turn is over before the disk is waited for."""
    bucket, queue = state.bucket("runs"), state.queue("orders")
    changes: list[Callable[[], object]] = [
        lambda: bucket.put("a", b"1"), lambda: bucket.commit([Put("a", b"2"), Put("b", b"")]),
        lambda: bucket.drop("b"), lambda: queue.put(Message(b"", id="1")),
        lambda: queue.ack(queue.claim()[0].token), lambda: state.counter("hits").add(),
    ]  # fmt: skip
    for change in changes:
        synced.clear()
        change()
        assert {*synced} == {"state.sqlite-wal"}
    synced.clear()
    bucket.get("a")
    assert synced == []


def test_a_write_that_the_disk_did_not_take_is_not_known_to_have_happened(
    state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.bucket("runs").put("a", b"1")

    def broken(number: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(Unfinished, match=r"could not finish writing to .*: input/output error") as refused:
        state.bucket("runs").put("a", b"2")
    assert refused.value.done == "unknown"


def test_a_writer_that_is_stopped_holds_the_others_only_so_long(
    state: SqliteState, reopen: Callable[[], SqliteState]
) -> None:
    state.bucket("runs").put("a", b"1")
    with state._file.writing():
        other = reopen()
        with pytest.raises(StoreDown, match=r"has been writing to .* for 0\.3 s"):
            other.bucket("runs").put("a", b"2")
        assert other.bucket("runs").get("a").body == b"1"
    assert other.bucket("runs").put("a", b"2") > 0


def test_13_16_a_kill_before_any_statement_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Cut points: before each SQL statement and sync of opening, making the tables, a commit of three keys, closing."""
    for cut in range(1, 100):
        folder = tmp_path / str(cut)
        ended = run_cut(folder, "three keys", cut)
        state = SqliteState(folder, "here", SystemClock())
        found = [entry.key for entry in state.bucket("runs").scan()]
        assert found == ["a", "b", "c"] or (found == [] and b"done" not in ended.stdout)
        state.bucket("runs").put("a", b"after")
        state.close()
        if ended.returncode == 0:
            assert cut > 10
            return
    raise AssertionError("the child never came to its end")


@pytest.mark.parametrize("told", [1, 2, 3, 5, 8, 13, 21, 34])
def test_13_a_kill_after_a_commit_was_told_loses_nothing(folder: Path, state: SqliteState, told: int) -> None:
    """Cut points: wherever the writer is when its n-th acknowledged commit has been read."""
    program = [sys.executable, "-m", "tests.fakes.state_worker", str(folder), "tell", "0", "100000"]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(told):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        acknowledged = [told, *(int(line) for line in writer.stdout if line.endswith(b"\n"))][-1]
    body = state.bucket("told").get("number").body or b""
    assert body == body[:6] * 1000
    assert int(body[:6]) in (acknowledged, acknowledged + 1)


def _locked(path: Path) -> int:
    """How many locks this process has on a file (proc_locks(5))."""
    rows = [row.split() for row in Path("/proc/locks").read_text().splitlines()]
    inode = path.stat().st_ino
    return sum(row[1] == "POSIX" and row[4] == str(os.getpid()) and row[5].endswith(f":{inode}") for row in rows)


def test_a_second_opening_in_one_process_takes_no_lock_from_the_first(folder: Path) -> None:
    """Else another process, which believes that nobody has it open, would take the log away from under the first."""
    shared = folder / "state.sqlite-shm"
    with closing(SqliteState(folder, "here", SystemClock())) as first:
        first.bucket("a").put("key", b"1")
        before = _locked(shared)
        with closing(SqliteState(folder, "here", SystemClock())) as second:
            assert second.bucket("a").get("key").body == b"1"
            assert _locked(shared) >= before > 0
        assert _locked(shared) == before

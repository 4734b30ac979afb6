"""Hearing other processes' commits: with the kernel's help, and without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.state import Entry, bell, waiting
from rem_cli.state.sqlite import SqliteState


@pytest.fixture(params=["inotify", "looking"])
def ears(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a bell is heard. Only the bell wakes: nobody looks again by and by."""
    monkeypatch.setattr(waiting, "LOOK_AGAIN", 3600.0)
    if request.param == "looking":
        monkeypatch.setattr(bell, "_listen", lambda path: None)


def changed(folder: Path, act: Callable[[SqliteState], object]) -> list[Entry]:
    """What a watcher has in hand after another wrote."""
    watcher, writer = (SqliteState(folder, node, SystemClock()) for node in ("here", "there"))
    seen: list[Entry] = []
    with closing(watcher.bucket("b").watch()) as watch:
        waits = threading.Thread(target=lambda: seen.extend(watch.next(60)))
        waits.start()
        act(writer)
        waits.join()
    watcher.close()
    writer.close()
    return seen


def test_26_a_commit_is_heard(tmp_path: Path, ears: None) -> None:
    assert [entry.key for entry in changed(tmp_path / "s", lambda state: state.bucket("b").put("a", b""))] == ["a"]


def test_26_what_concerns_others_is_heard_and_passed_over(tmp_path: Path, ears: None) -> None:
    def act(state: SqliteState) -> None:
        state.counter("c").add()
        state.bucket("b").put("a", b"")

    assert [entry.key for entry in changed(tmp_path / "s", act)] == ["a"]


def test_a_bell_is_lent_again(tmp_path: Path) -> None:
    """The kernel takes long to end one, so that a worker who waits often would pay each time."""
    (tmp_path / "bell").touch()
    bells = bell.Bells(tmp_path / "bell")
    first = bells.lend()
    second = bells.lend()
    assert second is not first
    first.close()
    assert bells.lend() is first
    second.close()
    bells.close()
    assert second._inotify is None
    first.end()

"""kill -9 at every write of a run: it goes on where it was, and nothing is done twice without being said to be."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli.procedures.journal import Journals
from rem_cli.procedures.standing import replay
from rem_cli.state.sqlite import SqliteState
from tests.jobs.bench import HandClock
from tests.procedures.killed import AGAIN, go_on

ROOT = Path(__file__).parents[2]
WRITES = 7  # pinned, begun, claimed, drain's intent, its result with restart's intent …, the end and the release


def _killed(folder: Path, at: int, when: str, policy: str) -> int:
    words = [sys.executable, "-m", "tests.procedures.killed", str(folder), str(at), when, policy]
    return subprocess.run(words, cwd=ROOT, capture_output=True, timeout=60).returncode


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_write_it_ends_as_if_it_never_was(tmp_path: Path, when: str) -> None:
    """93, 94, 95: `on unknown: retry` does what is not known once more, under the same key."""
    keys = ["1/1/drain/do/1", "1/2/restart/do/1"]
    for at in range(1, 100):
        folder = tmp_path / str(at)
        folder.mkdir()
        status = _killed(folder, at, when, AGAIN)
        run = go_on(folder)
        log = (folder / "log").read_text().split()
        assert (run.fate, list(dict.fromkeys(log))) == ("succeeded", keys), f"{when} write {at}"
        assert len(log) <= 3, "at most what was under way is done twice"
        if status == 0:
            assert (log, at > WRITES) == (keys, True)
            return
        assert status == -signal.SIGKILL
    pytest.fail("it never came to its end")


def test_what_is_not_known_is_asked(tmp_path: Path) -> None:
    """94: an intent without a result is unknown, and by default a person is asked."""
    asked = 0
    for at in range(1, 100):
        folder = tmp_path / str(at)
        folder.mkdir()
        status = _killed(folder, at, "after", "idempotent: false")
        run = go_on(folder, "idempotent: false")
        log = (folder / "log").read_text().split() if (folder / "log").exists() else []
        assert len(log) == len(set(log)), "nothing is done twice"
        if run.fate == "":
            asked += 1
            [parked] = [one for one in run.open if one.parked]
            assert parked.parked == "attempt 1 was begun, and nobody knows whether it was done"
        else:
            assert (run.fate, len(log)) == ("succeeded", 2)
        if status == 0:
            break
    assert asked == 2  # one for each task: killed right after its intent


def test_the_journal_of_a_killed_run_says_what_is_not_known(tmp_path: Path) -> None:
    """94."""
    assert _killed(tmp_path, 4, "after", AGAIN) == -signal.SIGKILL
    state = SqliteState(tmp_path, "here", HandClock())
    before = [one.kind for one in Journals(state, HandClock()).lines(1)[0]]
    go_on(tmp_path)
    lines = Journals(state, HandClock()).lines(1)[0]
    state.close()
    assert before[-1] == "intent"
    assert [one.kind for one in lines[len(before) :]][:2] == ["unknown", "intent"]
    assert replay(lines).fate == "succeeded"
    assert {one.fence for one in lines} == {0, 1, 2}

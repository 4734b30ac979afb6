"""The locks of runs of procedures: against other runs until the end, against everybody while something is driven."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.state.sqlite import SqliteState
from tests.cli.conftest import Repository

PACKAGE = """\
locks:
  deploy: {lease: 3s}
jobs:
  ops:
    hello: {shell: 'echo "$REM_FENCES"'}
    slow: {shell: 'echo $$ >GATE; read -r word <GATE', grace: 1s}
procedures:
  ops:
    wait:
      start: built
      locks: [locks/deploy]
      states:
        built: {signal: built, timeout: 1h, next: hello}
        hello: {task: jobs/ops/hello}
    slow:
      start: slow
      locks: [locks/deploy]
      states:
        slow: {task: jobs/ops/slow}
"""
WAIT, SLOW = "go/procedures/ops/wait", "go/procedures/ops/slow"


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


@pytest.fixture
def going(empty: Repository, gate: Path) -> Repository:
    return empty.applied({"packages/go.yaml": PACKAGE.replace("GATE", str(gate))})


def test_a_run_has_its_lock_until_it_ends_with_or_without_a_process(going: Repository) -> None:
    assert going.rem("procedure", "start", WAIT).status == 0
    second = going.rem("procedure", "start", WAIT, "--wait", "100ms")
    assert "waits: it waits for go/locks/deploy, which run 1 has until it ends" in second.out
    assert "hint: rem procedure follow 2" in second.err
    assert "succeeded" in going.rem("procedure", "signal", "1", "built").out
    assert "waits: it waits for the signal 'built'" in going.rem("procedure", "follow", "2").out
    assert going.rem("locks", "list", "--format", "json").document["locks"] == []
    assert "cancelled" in going.rem("procedure", "cancel", "2").out
    assert "waits: it waits for the signal 'built'" in going.rem("procedure", "start", WAIT).out


def test_it_waits_for_whoever_else_holds_the_lock_and_its_programs_hear_its_fence(going: Repository) -> None:
    state = SqliteState(going.state, "vm", SystemClock())
    with state.bucket("go/locks/deploy").acquire("deploy", 600, why="by hand"):
        done = going.rem("procedure", "start", WAIT, "--wait", "100ms")
        assert "waits: it waits for go/locks/deploy: " in done.out
        assert "(by hand)" in done.out
    state.close()
    assert going.rem("procedure", "follow", "1").status == 0
    assert going.rem("procedure", "signal", "1", "built").status == 0
    (host,) = going.rem("job", "show", "1", "--format", "json").document["hosts"]
    assert host["stdout"].startswith("deploy=")
    assert int(host["stdout"].partition("=")[2]) > 0


def test_it_is_renewed_while_it_runs_and_lost_what_runs_is_ended(going: Repository, gate: Path) -> None:
    with going.started("procedure", "start", SLOW) as driving:
        program = int(gate.read_text())
        (held,) = going.rem("locks", "list", "--format", "json").document["locks"]
        assert held["why"] == f"run 1 of {SLOW}"
        assert going.rem("locks", "break", "go/locks/deploy", str(held["fence"])).status == 0
        out, err = driving.communicate(timeout=60)
    assert driving.returncode == 7, out
    assert "rem: run 1 has lost a lock; what ran under it was ended, and may be done or not" in err
    with pytest.raises(ProcessLookupError):
        os.killpg(os.getpgid(program), signal.SIGKILL)
    done = going.rem("procedure", "follow", "1")
    assert "waits: attempt 1 was begun, and nobody knows whether it was done" in done.out

"""Jobs that leave the packages while they run: their runs go on to their ends, or are ended when that is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PACKAGE, Repository

SLOW = PACKAGE + "    gated: {shell: 'read -r word <GATE', hosts: web01, grace: 1s, timeout: 1h}\n"


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "gate")
    return tmp_path / "gate"


@pytest.fixture
def running(empty: Repository, gate: Path) -> Iterator[Repository]:
    """Run 1 of a job goes on under another process, and the commit no longer has the job."""
    empty.applied({"packages/shop/package.yaml": SLOW.replace("GATE", str(gate))})
    run = empty.started("job", "run", "shop/jobs/try/gated")
    with gate.open("w"):  # once the program reads
        empty.commit({"packages/shop/package.yaml": PACKAGE}, message="Without it")
        yield empty
    run.communicate(timeout=60)


def test_112_a_run_whose_job_is_gone_goes_on_to_its_end(running: Repository) -> None:
    assert " run 1 goes on to its end\n" in running.rem("diff", "HEAD").out
    for words in (["apply"], ["rollback"], ["release"], ["apply", "--drain"]):
        done = running.rem(*words)
        assert done.status == 0, done.err
        assert "ended:" not in done.err
    assert "run 1 goes on to its end" in done.out
    assert running.rem("job", "show", "1", "--format", "json").document["state"] == "running"


@pytest.mark.parametrize("words", [["apply"], ["rollback", "--why", "too slow"]])
def test_112_a_run_whose_job_is_gone_is_ended_when_that_is_asked_for(
    empty: Repository, gate: Path, words: list[str]
) -> None:
    slow = SLOW.replace("GATE", str(gate))
    empty.applied({"packages/shop/package.yaml": PACKAGE})
    empty.applied({"packages/shop/package.yaml": slow})
    run = empty.started("job", "run", "shop/jobs/try/gated")
    with gate.open("w"):
        if words == ["apply"]:
            empty.commit({"packages/shop/package.yaml": PACKAGE}, message="Without it")
        done = empty.rem(*words, "--cancel", "--format", "json")
    run.communicate(timeout=60)
    assert done.status == 0, done.err
    assert done.document["runs"] == [{"run": 1, "job": "shop/jobs/try/gated", "ended": True, "why": None}]
    (host,) = empty.rem("job", "show", "1", "--format", "json").document["hosts"]
    assert host["outcome"] == "cancelled"


def test_a_run_that_nobody_can_end_from_here_is_told(running: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's REM has begun it."""
    monkeypatch.setenv("REM_NODE", "elsewhere")
    done = running.rem("apply", "--cancel")
    assert (done.status, done.err) == (
        0, "goes on: run 1 of shop/jobs/try/gated: run 1 cannot be ended from here: another machine's REM runs it\n",
    )  # fmt: skip


def test_a_job_with_another_name_is_not_gone(running: Repository, gate: Path) -> None:
    renamed = SLOW.replace("gated: {", "renamed: {was: gated, ").replace("GATE", str(gate))
    running.commit({"packages/shop/package.yaml": renamed}, message="Another name")
    assert "goes on" not in running.rem("diff", "HEAD").out
    assert running.rem("apply", "--cancel", "--format", "json").document["runs"] == []

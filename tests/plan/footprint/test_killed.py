"""kill -9 at every step, on the host and on the controller: the next apply ends as if nothing had been killed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.plan.footprint import Looked
from rem_cli.reach.local import LocalTransport
from tests.plan.footprint.yard import Yard, moves

CHANGING = ("mv", "mkdir", "ln", "rm", "chmod", "chown", "head")
SHIM = """#!/bin/sh
read -r n <"$CUT_COUNT"
n=$((n + 1))
echo $n >"$CUT_COUNT"
if [ $n = "$CUT_AT" ]; then kill -9 0; fi
exec {real} "$@"
"""


def cutting(tmp_path: Path, names: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs of these names kill their whole process group at the n-th call, $CUT_AT; the file that counts them."""
    shims = tmp_path / "shims"
    shims.mkdir()
    for name in names:
        (shims / name).write_text(SHIM.format(real=shutil.which(name)))
        (shims / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}:{os.environ['PATH']}")
    monkeypatch.setenv("CUT_COUNT", str(tmp_path / "count"))
    monkeypatch.setenv("CUT_AT", "never")
    (tmp_path / "count").write_text("0\n")
    return tmp_path / "count"


@pytest.fixture
def cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return cutting(tmp_path, CHANGING, monkeypatch)


def test_58_a_host_killed_at_any_step_is_completed_by_the_next_apply(
    tmp_path: Path, cut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []
    for number in range(1, 200):
        home, etc = tmp_path / f"{number}/home", tmp_path / f"{number}/etc"
        home.mkdir(parents=True)
        etc.mkdir()
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("CUT_AT", "never")
        cut.write_text("0\n")
        yard = Yard(etc, {"local": LocalTransport(SystemClock())})
        yard.put(yard.object("changes"), yard.object("goes"))
        wanted = [yard.object("changes", "new\n", mode=0o600), yard.object("comes")]
        cut.write_text("0\n")
        monkeypatch.setenv("CUT_AT", str(number))
        failed = yard.put(*wanted)
        monkeypatch.setenv("CUT_AT", "never")
        if failed is None:
            break
        looked = yard.look(*wanted)
        assert isinstance(looked, Looked), (number, looked)
        assert yard.put(*wanted, looked=looked) is None, number
        ends.append((yard.there(), moves(yard.plan(*wanted)), _kept(home)))
    assert len(ends) > 20
    whole = ({"changes": "new\n", "comes": "hello\n"}, ["unchanged", "unchanged"], ["lock", "owned"])
    assert [(at, end) for at, end in enumerate(ends, 1) if end != whole] == []


def _kept(home: Path) -> list[str]:
    return sorted(path.name for path in home.glob(".local/state/rem/footprint/*/*") if path.name not in _HARMLESS)


_HARMLESS = ("owned.new", "journal.new")  # never read; written over by the next apply


def test_53_a_controller_killed_at_any_write_is_completed_by_the_next_apply(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.plan.footprint.cutting", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(tried) > 20
    assert [one for one in tried if one != tried[-1]] == []
    assert tried[-1] == {
        "files": {"a": "new\n", "c": "hello\n"},
        "active": 2,
        "partial": [],
        "pending": False,
        "known": {"web01": ["a", "c"]},
        "audit": [],
    }

"""kill -9 at every step, on the host and on the controller: the next apply ends as if nothing had been killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.errors import HeldError
from rem_cli.language.share import Share
from rem_cli.plan.footprint import Looked, record
from rem_cli.plan.footprint.ensure import How
from rem_cli.plan.footprint.rollout import Pace
from rem_cli.reach.local import LocalTransport
from tests.fakes.counted import Counted
from tests.plan.footprint.yard import Estate, Yard, ends, ensure, file, host, moves
from tests.plan.shop import Shop

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


def test_53_a_controller_killed_while_it_brings_something_about_goes_on_where_it_was(
    estate: Estate, tmp_path: Path
) -> None:
    """The program itself kills it, once what it is there for is so; the next apply finds it so and ends well."""
    flag, pid = tmp_path / "flag", tmp_path / "pid"
    script = f'touch {flag}; test ! -e {pid} || {{ read -r pid <{pid}; rm {pid}; kill -9 "$pid"; }}'
    conf = tmp_path / "conf"
    items = [
        host("web01"),
        file("conf", conf, content="hello\n"),
        ensure("flag", ["test", "-e", str(flag)], ["sh", "-c", script]),
        ensure("later", ["test", "-e", f"{flag}.later"], ["touch", f"{flag}.later"], after=["shop/ensure/disk/flag"]),
    ]
    child = os.fork()
    if child == 0:
        pid.write_text(f"{os.getpid()}\n")
        estate.apply(*items)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert (conf.read_text(), Path(f"{flag}.later").exists(), estate.shop.generations.active()) == (
        "hello\n", False, None,
    )  # fmt: skip
    assert record.read(estate.shop.generations).pending
    estate.committed = True
    applied = estate.apply(*items)
    assert (ends(applied), [one.how for one in applied.hosts[0].ensured]) == ({"web01": "ok"}, [How.SO, How.MADE_SO])
    assert (record.read(estate.shop.generations).pending, estate.shop.audit.verify()) == (False, [])
    assert estate.apply(*items).hosts[0].ended == "unchanged"


class Stepping(SystemClock):
    """Each look at it is a second later."""

    seconds = 1_790_000_000.0

    def now(self) -> float:
        Stepping.seconds += 1
        return Stepping.seconds


def test_a10_a_long_apply_says_again_and_again_that_it_goes_on(shop: Shop, local: Counted, tmp_path: Path) -> None:
    estate = Estate(shop, {"local": local}, Stepping())
    lock, seen = shop.generations.home / "lock", [tmp_path / f"seen{n}" for n in range(3)]
    items = [ensure(path.name, ["test", "-e", str(path)], ["cp", str(lock), str(path)]) for path in seen]
    estate.apply(host("web01"), *items)
    beats = [json.loads(path.read_text())["heartbeat"] for path in seen]
    assert beats == sorted(set(beats))


def test_a10_who_lost_the_lock_changes_nothing_more(estate: Estate, local: Counted, tmp_path: Path) -> None:
    lock = estate.shop.generations.home / "lock"
    items = [
        *(host("web01"), host("web02"), file("conf", tmp_path / "conf", "web02", content="x")),
        ensure("broken", ["test", "-e", str(tmp_path / "never")], ["rm", str(lock)], "web01"),
    ]
    with pytest.raises(HeldError) as lost:
        estate.apply(*items, pace=Pace(batch=Share(1)))
    assert "was broken while this held it; nothing more is changed" in lost.value.message
    assert not (tmp_path / "conf").exists()
    assert [verb for name, verb in local.verbs() if name == "web02"] == ["look", "stage", "leave"]
    assert estate.shop.generations.active() is None
    assert estate.shop.audit.records()[-1].outcome == f"stopped: {lost.value.message}"

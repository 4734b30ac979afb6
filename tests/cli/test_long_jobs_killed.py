"""Killed at any point, a long job is started once or never, and what it tells is neither lost nor doubled."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.cli.long_jobs import Yard, yard

__all__ = ["yard"]

KILLED = """
import os, signal, sys
from rem_cli.jobs.detached import begin, fetch, finish
from rem_cli.jobs.detached.kept import Kept
from rem_cli.jobs.records import Records
from rem_cli.main import main
point, *words = sys.argv[1:]
when, what = point.split(" ", 1)
def die(): os.kill(os.getpid(), signal.SIGKILL)
def dying(before):
    def stand_in(*given, **more):
        if when == "before": die()
        done = before(*given, **more)
        if when == "after": die()
        return done
    return stand_in
def question(name):
    real = getattr(fetch, name)
    def made(some):
        die()
        return real(some)
    setattr(fetch, name, made)
if what == "the record begins": Records.begin = dying(Records.begin)
if what == "hosts are written down": Kept.open = dying(Kept.open)
if what == "hosts are asked to start": begin.ask = dying(begin.ask)
if what == "a start is recorded": Kept.began = dying(Kept.began)
if what == "hosts are asked": question("pulling")
if what == "output is recorded": Kept.add = dying(Kept.add)
if what == "an end is recorded": Kept.end = dying(Kept.end)
if what == "the run is ended": fetch.finish = dying(finish.finish)
if what == "hosts forget": question("dropping")
if what == "it is forgotten here": Kept.forget = dying(Kept.forget)
main(words)
"""
STARTING = ("the record begins", "hosts are written down", "hosts are asked to start", "a start is recorded")
FETCHING = (
    "hosts are asked", "output is recorded", "an end is recorded", "the run is ended", "hosts forget",
    "it is forgotten here",
)  # fmt: skip


def _killed(yard: Yard, point: str, *words: str) -> None:
    argv = [sys.executable, "-c", KILLED, point, "-C", str(yard.repository.root), *words]
    killed = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, (point, killed.stderr)


@pytest.mark.parametrize("point", [*(f"before {what}" for what in STARTING), f"after {STARTING[-1]}"])
def test_killed_while_it_starts_it_is_started_once_or_never(yard: Yard, point: str) -> None:
    yard.apply()
    yard.repository.commit(
        {"packages/shop/scripts/copy": f"#!/bin/sh\necho started >>{yard.gate}/starts\n"}, message="x"
    )
    yard.repository.rem("apply")
    _killed(yard, point, "job", "run", "shop/jobs/long/copy")
    runs = yard.repository.rem("job", "list", "--format", "json").document["runs"]
    if point == "before the record begins":
        assert runs == []
        return
    done = yard.repository.rem("job", "follow", "1")
    (host,) = yard.show()["hosts"]
    begun = (yard.gate / "starts").exists()
    assert begun == (point.split()[-1] in ("start", "recorded") and point != "before hosts are asked to start")
    assert (host["outcome"], host["why"]) == (("ok", None) if begun else ("cancelled", host["why"])), done
    assert begun or host["why"].startswith("not started: whoever began the run was gone before")
    assert yard.folders() == []
    if begun:
        assert yard.starts() == 1


@pytest.mark.parametrize("point", [*(f"before {what}" for what in FETCHING), f"after {FETCHING[-1]}"])
def test_killed_while_it_is_fetched_nothing_is_lost_and_nothing_doubled(yard: Yard, point: str) -> None:
    yard.apply()
    yard.start()
    yard.say("one")
    assert yard.repository.rem("job", "collect").status == 0
    yard.say("two")
    if "is recorded" not in point or "output" not in point:
        yard.say("end")
    _killed(yard, point, "job", "follow", "1")
    if "output is recorded" in point:
        yard.say("end")
    assert yard.repository.rem("job", "follow", "1").status == 0
    yard.repository.rem("job", "collect")
    (host,) = yard.show()["hosts"]
    assert (host["outcome"], host["stdout"], host["stderr"], yard.starts()) == (
        "ok",
        "begun it's 3 web01\none\ntwo\nover\n",
        "no one\nno two\n",
        1,
    )
    points = yard.repository.rem("series", "export", "shop/jobs/long/copy/web01/rows", "--format", "json")
    assert points.status == 0
    assert yard.folders() == []

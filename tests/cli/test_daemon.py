"""`rem daemon` as the real program: two on one state, one killed; how it stops; what it sees by itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.cli.conftest import Done, Repository

TICKS = """\
package: shop
version: 0.1.0
jobs:
  web:
    tick: {{shell: 'echo "$REM_DUE" >>{root}/ticks', every: 20s, overlap: allow, catch up: all}}
    frail: {{shell: '{once}', every: 60s, timeout: 50s}}
    firm: {{shell: '{once}', every: 60s, timeout: 50s, idempotent: true}}
"""
ONCE = 'test -e {root}/again && exit; echo "$REM_DUE $$" >{root}/$(basename "$REM_JOB"); exec sleep 40'


class Running:
    """A daemon, and what it tells."""

    def __init__(self, shop: Repository, *words: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.hurried", "daemon", "--format", "json", *words], cwd=shop.root,
            env={**os.environ, **environment}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.events: list[dict[str, Any]] = []

    def until(self, *kinds: str, of: str = "") -> dict[str, Any]:
        """Read on until it tells something of these kinds, of a job where one is named."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            self.events.append(event)
            if event["kind"] in kinds and of in ("", event["told"].get("job")):
                return event
        raise AssertionError(f"no {kinds}: {self.events[-5:]} {self.process.communicate()}")

    def end(self, *signals: int) -> Done:
        for number in signals:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        self.events += [json.loads(line) for line in out.splitlines()]
        return Done(self.process.returncode, out, err)


@pytest.fixture
def daemons(empty: Repository, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Running]]:
    monkeypatch.setenv("HURRIED_FROM", str(time.time()))
    running: list[Running] = []
    yield running
    for one in running:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


def begun(pipe: Path) -> tuple[str, int]:
    """The next program that begins: when it was due, and its process."""
    due, process = pipe.read_text().split()
    return due, int(process)


def test_what_a_killed_one_had_is_taken_over_and_nothing_runs_twice(empty: Repository, daemons: list[Running]) -> None:
    root = empty.root
    for name in ("frail", "firm"):
        os.mkfifo(root / name)
    package = TICKS.format(root=root, once=ONCE.format(root=root))
    empty.commit({"packages/shop/package.yaml": package, ".gitignore": ".rem/\n.schema/\nticks\nfrail\nfirm\nagain\n"})
    assert empty.rem("apply").status == 0
    daemons.append(one := Running(empty))
    one.until("active")
    (frail, orphan), (firm, other) = begun(root / "frail"), begun(root / "firm")
    daemons.append(two := Running(empty))
    two.until("active")
    told = empty.rem("status", "--format", "json").document["daemons"]
    assert {run["job"] for daemon in told for run in daemon["runs"]} >= {"shop/jobs/web/frail", "shop/jobs/web/firm"}
    (root / "again").touch()
    assert one.end(signal.SIGKILL).status == -signal.SIGKILL
    lost = two.until("lost", of="shop/jobs/web/frail")
    assert frail == instant(lost["told"]["due"][0])
    again = two.until("ran", of="shop/jobs/web/firm")
    assert firm == instant(again["told"]["due"])
    for process in (orphan, other):  # which nobody has any more
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    for _ in range(3):
        two.until("ran", of="shop/jobs/web/tick")
    done = two.end(signal.SIGTERM)
    assert (done.status, done.err) == (0, "stopping: waits for what runs; once more ends it\n")
    gone = [instant(at) for event in two.events if event["kind"] == "lost" for at in event["told"]["due"]]
    _each_once((root / "ticks").read_text().split(), gone)


def _each_once(ticks: list[str], lost: list[str]) -> None:
    assert len(ticks) == len({*ticks})
    due = sorted({*ticks, *(one for one in lost if min(ticks) < one < max(ticks) and one.endswith("0Z"))})
    apart = [datetime.fromisoformat(after) - datetime.fromisoformat(before) for before, after in pairwise(due)]
    assert {one.total_seconds() for one in apart} == {20.0}


def instant(at: int) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%dT%H:%M:%S}Z"


def test_it_drains_at_the_first_signal_and_ends_what_runs_at_the_second(
    empty: Repository, daemons: list[Running]
) -> None:
    os.mkfifo(empty.root / "slow")
    slow = f"slow: {{shell: 'echo \"$REM_DUE $$\" >{empty.root}/slow; exec sleep 50', every: 20s, grace: 1s}}"
    package = f"package: shop\nversion: 0.1.0\njobs: {{web: {{{slow}}}}}\n"
    empty.commit({"packages/shop/package.yaml": package, ".gitignore": ".rem/\n.schema/\nslow\n"})
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(empty.root / ".git/notify"))
    daemons.append(one := Running(empty, NOTIFY_SOCKET=str(empty.root / ".git/notify"), WATCHDOG_USEC="2000000"))
    assert manager.recv(4096) == b"READY=1"
    heard: list[bytes] = []
    listener = Thread(target=lambda: heard.extend(iter(lambda: manager.recv(4096), b"STOPPING=1")), daemon=True)
    listener.start()
    assert empty.rem("apply").status == 0  # seen by itself
    one.until("active")
    due, _ = begun(empty.root / "slow")
    one.process.send_signal(signal.SIGTERM)
    assert one.until("stopping")["text"] == f"stops; waits up to 60s for shop/jobs/web/slow of {shown(due)}"
    done = one.end(signal.SIGTERM)
    assert (done.status, done.err.count("stopping")) == (143, 1)
    assert [event["alarming"] for event in one.events if event["kind"] == "ran"] == [True]
    listener.join()
    manager.close()
    assert {b"STATUS=idle", b"WATCHDOG=1"} <= {*heard}


def shown(due: str) -> str:
    """`2026-11-25 22:50:20Z`, as people are told; whole minutes without seconds."""
    return due.replace("T", " ").replace(":00Z", "Z")


def test_it_says_nothing_while_all_is_well_and_is_seen_in_the_status(empty: Repository) -> None:
    empty.applied()
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(str(empty.root / ".git/notify"))
    process = empty.started("daemon", NOTIFY_SOCKET=str(empty.root / ".git/notify"))
    assert [notify.recv(4096), notify.recv(4096)] == [b"READY=1", b"STATUS=idle"]
    notify.close()
    while not (told := empty.rem("status", "--format", "json").document["daemons"]):
        assert process.poll() is None
    assert (told[0]["runs"], f"(process {process.pid})" in told[0]["by"]) == ([], True)
    assert f"process {process.pid}), for 0 s: waits for what is due" in empty.rem("status").out
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "stopping: waits for what runs; once more ends it\n")
    assert empty.rem("status", "--format", "json").document["daemons"] == []

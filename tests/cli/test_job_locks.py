"""Jobs that hold locks while they run: only so many at once, and none without its lock."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.state.sqlite import SqliteState
from tests.cli.conftest import Repository

JOBS = """\
package: shop
version: 0.1.0
locks:
  deploy: {{lease: 6s}}
  tape: {{slots: 2}}
jobs:
  ops:
    deploy: {{shell: 'echo $$ >{pipe}; exec sleep 50', locks: [locks/tape, locks/deploy], grace: 1s}}
    check: {{command: ["true"], locks: [locks/deploy]}}
    due: {{command: ["true"], once: "2026-01-01T00:00:00", late: ok, locks: [locks/deploy]}}
"""


@pytest.fixture
def shop(empty: Repository) -> Repository:
    pipe = empty.root / ".git/begun"
    os.mkfifo(pipe)
    return empty.applied({"packages/shop/package.yaml": JOBS.format(pipe=pipe)})


def test_a_job_runs_when_its_lock_is_free_and_says_who_has_it(shop: Repository) -> None:
    state = SqliteState(shop.state, "ops1", SystemClock())
    lease = state.bucket("shop/locks/deploy").acquire("deploy", 60, why="release 7")
    done = shop.rem("job", "run", "shop/jobs/ops/check")
    assert (done.status, "has held the lock 'deploy' of shop/locks/deploy" in done.err) == (7, True)
    due = shop.rem("job", "run-due")
    assert (due.status, "has held the lock 'deploy'" in due.out) == (6, True)
    lease.release()
    state.close()
    assert shop.rem("job", "run", "shop/jobs/ops/check").status == 0
    assert shop.rem("locks", "list").out == "No lock is held.\n"


def test_a_job_holds_its_locks_while_it_runs_and_is_ended_when_one_is_lost(shop: Repository) -> None:
    run = shop.started("job", "run", "shop/jobs/ops/deploy")
    process = int(Path(shop.root / ".git/begun").read_text())
    held = shop.rem("locks", "list", "--format", "json").document["locks"]
    assert [(one["of"], one["why"]) for one in held] == [
        ("shop/locks/deploy", "shop/jobs/ops/deploy"), ("shop/locks/tape", "shop/jobs/ops/deploy")
    ]  # fmt: skip
    assert shop.rem("job", "run", "shop/jobs/ops/check").status == 7
    assert shop.rem("locks", "break", "shop/locks/deploy", str(held[0]["fence"])).status == 0
    state = SqliteState(shop.state, "ops1", SystemClock())
    state.bucket("shop/locks/deploy").acquire("deploy", 60)
    out, err = run.communicate(timeout=60)
    state.close()
    assert (run.returncode, "is not ours any more" in err) == (8, True), (out, err)
    assert "hint: the run of shop/jobs/ops/deploy was ended for it\n" in err
    assert not Path(f"/proc/{process}").exists()
    assert shop.rem("job", "list", "--format", "json").document["runs"][0]["state"] == "finished"

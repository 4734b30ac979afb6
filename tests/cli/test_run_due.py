"""`rem job run-due` as a crontab types it, with a clock that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rem_cli.clock import SystemClock
from rem_cli.wire import reading
from tests.cli.conftest import Repository

JOBS = """\
package: shop
version: 0.1.0
hosts:
  web:
    web01: {reach: local}
    web02: {reach: local}
jobs:
  web:
    due: {shell: 'echo "due $REM_DUE"', cron: "0 * * * *", hosts: "@web"}
    gone: {command: ["true"], cron: "30 13,14 * * *", hosts: nowhere}
    late: {command: ["true"], cron: "0 6 * * *", deadline: 10m}
"""


class Hand(SystemClock):
    at = datetime(2026, 11, 29, 12, tzinfo=UTC)

    def now(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def due(empty: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setattr(reading, "SystemClock", Hand)
    monkeypatch.setattr(Hand, "at", datetime(2026, 11, 29, 12, tzinfo=UTC))
    empty.commit({"packages/shop/package.yaml": JOBS}, message="jobs")
    assert empty.rem("apply").status == 0
    assert (empty.rem("job", "run-due").out, empty.rem("job", "list").out[:11]) == ("", "No run yet:")
    return empty


def at(hour: int, minute: int = 0, day: int = 29) -> None:
    Hand.at = datetime(2026, 11, day, hour, minute, 20, tzinfo=UTC)


def test_what_is_due_runs_once_and_hears_its_time(due: Repository) -> None:
    at(13)
    assert due.rem("job", "run-due").out == "shop/jobs/web/due of 2026-11-29 13:00Z: run 1: 2 ok\n"
    assert due.rem("job", "run-due").out == ""
    shown = due.rem("job", "show", "1", "--format", "json").document
    assert [host["stdout"] for host in shown["hosts"]] == ["due 2026-11-29T13:00:00Z\n"] * 2
    assert (shown["due"], shown["who"], shown["generation"]) == ("2026-11-29T13:00:00.000Z", "schedule", 1)


def test_91_a_run_by_hand_moves_nothing(due: Repository) -> None:
    at(12, 59)
    assert due.rem("job", "run", "shop/jobs/web/due").status == 0
    assert due.rem("job", "show", "1", "--format", "json").document["due"] is None
    at(13)
    assert due.rem("job", "run-due").out == "shop/jobs/web/due of 2026-11-29 13:00Z: run 2: 2 ok\n"


def test_88_a_job_without_a_host_fails_and_the_others_run(due: Repository) -> None:
    at(13, 31)
    done = due.rem("job", "run-due", "--quiet")
    assert (done.status, done.out) == (5, "shop/jobs/web/gone of 2026-11-29 13:30Z: no host is called 'nowhere'\n")
    at(14, 30)
    assert due.rem("job", "run-due", "--format", "json").document["runs"][1] == {
        "job": "shop/jobs/web/gone",
        "error": "no host is called 'nowhere'",
        "due": "2026-11-29T14:30:00.000Z",
        "replaced": [],
    }


def test_80_what_was_missed_is_told_also_where_nothing_else_is(due: Repository) -> None:
    at(6, 11, day=30)
    done = due.rem("job", "run-due", "--quiet")
    late = "shop/jobs/web/late of 2026-11-30 06:00Z: missed: it could not start within 10m of its time"
    assert late in done.out.splitlines()
    assert "coalesced" not in done.out
    due.rem("apply")
    assert due.rem("job", "run-due").out == ""


def test_the_line_for_a_crontab(due: Repository) -> None:
    line = due.rem("job", "run-due", "--print-cron").out
    assert line.startswith("* * * * * /")
    assert line.endswith(f" -C {due.root.resolve()} job run-due --quiet\n")
    other = due.rem("-E", "staging 50%", "job", "run-due", "--print-cron").out
    assert other.endswith(" -E 'staging 50\\%' job run-due --quiet\n")


def test_nothing_is_active(empty: Repository) -> None:
    done = empty.rem("job", "run-due")
    assert (done.status, done.err) == (1, "rem: nothing is active yet\nhint: commit, then: rem apply\n")

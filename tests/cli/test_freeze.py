"""`rem job freeze` and `rem job thaw`, with a clock that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rem_cli.clock import SystemClock
from rem_cli.wire import reading
from tests.cli.conftest import Repository

JOBS = """\
package: shop
version: 0.1.0
jobs:
  web:
    load: {command: ["true"], cron: "0 * * * *", catch up: all, overlap: allow}
    users: {command: ["true"], cron: "30 * * * *"}
    by hand: {command: ["true"]}
  db:
    backup: {command: ["true"], cron: "0 * * * *", freeze exempt: true}
"""


class Hand(SystemClock):
    at = datetime(2026, 11, 29, 12, tzinfo=UTC)

    def now(self) -> float:
        return self.at.timestamp()


def at(hour: int, minute: int = 0) -> None:
    Hand.at = datetime(2026, 11, 29, hour, minute, 20, tzinfo=UTC)


@pytest.fixture
def shop(empty: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setattr(reading, "SystemClock", Hand)
    monkeypatch.setattr(Hand, "at", Hand.at)
    at(12)
    empty.applied({"packages/shop/package.yaml": JOBS})
    assert empty.rem("job", "run-due").status == 0
    return empty


def test_nothing_scheduled_starts_but_what_is_exempt_and_a_thaw_is_no_burst(shop: Repository) -> None:
    at(12, 40)
    done = shop.rem("job", "freeze", "--for", "3h", "--reason", "release 7")
    assert done.out == "froze all jobs (3 scheduled jobs), until 2026-11-29 15:40:20 UTC\n"
    assert done.err == "exempt, and run all the same: shop/jobs/db/backup\n"
    at(13)
    assert shop.rem("job", "run-due").out.splitlines() == [
        "shop/jobs/web/load of 2026-11-29 13:00Z: frozen: by ana: release 7",
        "shop/jobs/web/users of 2026-11-29 12:30Z: frozen: by ana: release 7",
        "shop/jobs/db/backup of 2026-11-29 13:00Z: run 1: 1 ok",
    ]
    assert shop.rem("job", "run", "shop/jobs/web/load", "--quiet").status == 0
    at(14, 10)
    assert shop.rem("job", "thaw").out == "thawed all jobs, frozen by ana: release 7, after 1 h 30 min\n"
    at(15)
    told = shop.rem("job", "run-due").out.splitlines()
    ran = [line.partition(": run")[0] for line in told if "/web/load" in line]
    assert ran == [
        "shop/jobs/web/load of 2026-11-29 14:00Z: frozen: by ana: release 7",
        "shop/jobs/web/load of 2026-11-29 15:00Z",
    ]
    assert shop.rem("job", "thaw").out == "Nothing is frozen.\n"


def test_a_freeze_is_seen_where_people_look(shop: Repository) -> None:
    shop.rem("job", "freeze", "shop/jobs/web", "--reason", "moves")
    at(12, 10)
    assert "  frozen: shop/jobs/web, until it is thawed; by ana: moves, 10 min ago\n" in shop.rem("status").out
    rows = shop.rem("job", "next").out.splitlines()
    assert {row.split()[0]: row.rpartition("UTC")[2].strip() for row in rows[1:]} == {
        "shop/jobs/db/backup": "",
        "shop/jobs/web/load": "does not run: frozen by ana: moves",
        "shop/jobs/web/users": "does not run: frozen by ana: moves",
    }
    due = shop.rem("job", "next", "--format", "json").document["next"]
    assert {one["job"]: one["frozen"] and one["frozen"]["path"] for one in due} == {
        "shop/jobs/db/backup": None,
        "shop/jobs/web/load": "shop/jobs/web",
        "shop/jobs/web/users": "shop/jobs/web",
    }


def test_a_second_freeze_of_the_same_changes_its_terms_and_one_thaws_what_was_frozen(shop: Repository) -> None:
    shop.rem("job", "freeze", "shop/jobs/web", "shop/jobs/db/backup")
    at(12, 5)
    shop.rem("job", "freeze", "shop/jobs/web", "--for", "1h")
    frozen = shop.rem("status", "--format", "json").document["frozen"]
    assert [(one["path"], one["since"][11:16], one["until"] and one["until"][11:16]) for one in frozen] == [
        ("shop/jobs/db/backup", "12:00", None), ("shop/jobs/web", "12:00", "13:05")
    ]  # fmt: skip
    done = shop.rem("job", "thaw", "shop/jobs/web/load")
    text = "rem: 'shop/jobs/web/load' is frozen with shop/jobs/web, and thaws with it\n"
    assert (done.status, done.err) == (9, f"{text}hint: rem job thaw shop/jobs/web\n")
    assert shop.rem("job", "thaw", "shop/jobs/web").status == 0
    assert [one["path"] for one in shop.rem("status", "--format", "json").document["frozen"]] == ["shop/jobs/db/backup"]


def test_a_path_that_no_scheduled_job_has_is_told(shop: Repository) -> None:
    done = shop.rem("job", "freeze", "shop/jobs/wep")
    assert (done.status, done.err) == (
        9,
        "rem: no scheduled job is at or below 'shop/jobs/wep'; nothing was frozen\nhint: did you mean shop/jobs/web?\n",
    )

"""`rem job next`: what is due, to people and to programs."""

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
    clean: {command: ["true"], cron: 30 2 * * *, time zone: Europe/Berlin}
    poll: {command: ["true"], every: 12h}
    plain: {command: ["true"]}
    odd: {command: ["true"], cron: "0 8 * * *", calendar: calendars/work}
calendars:
  work: {days: [mon], without: [calendars/work]}
"""
LEFT_OUT = "takes itself out: shop/calendars/work without shop/calendars/work"


@pytest.fixture
def due(empty: Repository) -> Repository:
    empty.commit({"packages/shop/package.yaml": JOBS}, message="jobs")
    assert empty.rem("apply").status == 0
    return empty


def test_one_job_over_a_change_of_clocks(due: Repository) -> None:
    done = due.rem("job", "next", "shop/jobs/web/clean", "--between", "2027-03-27", "2027-03-29T02:00+02:00")
    assert done.out.splitlines() == [
        "job                  due                        zone           UTC",
        "shop/jobs/web/clean  Sat 2027-03-27 02:30 CET   Europe/Berlin  2027-03-27 01:30Z",
        "shop/jobs/web/clean  Sun 2027-03-28 03:00 CEST  Europe/Berlin  2027-03-28 01:00Z  "
        "02:30 does not exist that day: runs at 03:00",
    ]


def test_all_jobs_in_the_order_of_time(due: Repository) -> None:
    done = due.rem("job", "next", "--between", "2027-01-01", "2027-01-01T12:00", "--tree")
    assert done.out.splitlines() == [
        "job                  due                       zone           UTC",
        "shop/jobs/web/poll   Fri 2027-01-01 00:00 UTC",
        "shop/jobs/web/clean  Fri 2027-01-01 02:30 CET  Europe/Berlin  2027-01-01 01:30Z",
    ]
    assert done.err == f"shop/jobs/web/odd is left out: the calendar shop/calendars/work {LEFT_OUT}\n"


def test_for_programs(due: Repository) -> None:
    done = due.rem("job", "next", "--between", "2027-10-31", "2027-11-01", "--count", "1", "--format", "json")
    assert done.document == {
        "schema": "rem.job-next/1",
        "more": False,
        "next": [
            {
                "job": "shop/jobs/web/poll",
                "schedule": "every 12h",
                "at": "2027-10-31T00:00:00.000Z",
                "local": "2027-10-31T00:00:00+00:00",
                "zone": "UTC",
                "runs": True,
                "note": None,
                "frozen": None,
            },
            {
                "job": "shop/jobs/web/clean",
                "schedule": "cron 30 2 * * *",
                "at": "2027-10-31T00:30:00.000Z",
                "local": "2027-10-31T02:30:00+02:00",
                "zone": "Europe/Berlin",
                "runs": True,
                "note": "02:30 is there twice that day: runs at the first (CEST)",
                "frozen": None,
            },
        ],
    }


def test_from_now_on_each_job_once(due: Repository) -> None:
    done = due.rem("job", "next", "--format", "json")
    assert sorted(row["job"] for row in done.document["next"]) == ["shop/jobs/web/clean", "shop/jobs/web/poll"]
    assert len(due.rem("job", "next", "shop/jobs/web/poll", "--format", "json").document["next"]) == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("shop/jobs/web/plain", "shop/jobs/web/plain has no schedule: it runs when it is told to"),
        ("shop/jobs/web/odd", f"the calendar shop/calendars/work {LEFT_OUT}"),
        ("--between soon later", "'soon' is not a day, or a day with a time"),
        ("--between 2027-01-02 2027-01-01", "--between wants the earlier time first"),
    ],
)
def test_what_cannot_be_told(due: Repository, words: str, said: str) -> None:
    done = due.rem("job", "next", *words.split())
    assert (done.status, done.err.splitlines()[0]) == (2, f"rem: {said}")


def test_nothing_is_due(due: Repository) -> None:
    done = due.rem("job", "next", "shop/jobs/web/clean", "--between", "2027-01-01T03:00", "2027-01-01T04:00")
    assert (done.status, done.out) == (0, "Nothing is due.\n")


class Noon(SystemClock):
    def now(self) -> float:
        return datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp()


def test_apply_and_diff_say_which_runs_move(due: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SystemClock", Noon)
    text = JOBS.replace("every: 12h", "every: 8h")
    due.commit({"packages/shop/package.yaml": text}, message="more often")
    moves = "next run Sun 29 Nov 16:00 UTC (was Mon 30 Nov 00:00 UTC)"
    assert due.rem("diff").out.splitlines()[:2] == [f"~ shop/jobs/web/poll  {moves}", "    every: 12h → 8h"]
    assert {"path": "shop/jobs/web/poll", "kind": "schedule", "text": moves} in due.rem(
        "apply", "--format", "json"
    ).document["meaning"]


def test_a_job_that_is_late_is_not_applied(due: Repository) -> None:
    text = JOBS.replace("every: 12h", "once: 2020-01-01 08:00")
    due.commit({"packages/shop/package.yaml": text}, message="late")
    done = due.rem("apply")
    assert (done.status, done.err.splitlines()) == (
        11,
        [
            "rem: shop/jobs/web/poll is to run once, Wed 1 Jan 2020 08:00 UTC, which is over; nothing was applied",
            "hint: give it a later time, or late: ok, which runs it as soon as it is applied",
        ],
    )
    due.commit({"packages/shop/package.yaml": text.replace("08:00}", "08:00, late: ok}")}, message="late and meant")
    assert due.rem("apply").status == 0

"""What a change of the packages means for when jobs are due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rem_cli.errors import GuardedError
from rem_cli.jobs.schedule.late import check_not_late
from rem_cli.jobs.schedule.moved import moved
from rem_cli.plan.catalog import NOTHING, Catalog
from rem_cli.plan.diff import changes
from tests.jobs.schedule.due import instant, items

NOW = instant("2026-11-29T12:00Z")
NIGHTLY = {"cron": "30 2 * * *", "time zone": "Europe/Berlin"}
GAP = "on Sun 28 Mar 2027: 02:30 does not exist that day: runs at 03:00"
TWICE = "on Sun 31 Oct 2027: 02:30 is there twice that day: runs at the first (CEST)"
WORK = {"work": {"days": ["mon"]}}
LOAD = "shop/jobs/web/load"


def catalog(job: Mapping[str, Any] | None, calendars: Mapping[str, Any] | None = None) -> Catalog:
    if job is None:
        return NOTHING
    item, kept = items(job, calendars)
    return Catalog({item.path: item, **kept}, {}, None, "", b"")


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (None, NIGHTLY, ["next run Mon 30 Nov 02:30 Europe/Berlin", GAP, TWICE]),
        (NIGHTLY, None, ["no longer runs by itself; its next run was Mon 30 Nov 02:30 Europe/Berlin"]),
        (NIGHTLY, {}, ["no longer runs by itself; its next run was Mon 30 Nov 02:30 Europe/Berlin"]),
        ({}, {"every": "1d"}, ["next run Mon 30 Nov 00:00 UTC"]),
        (
            NIGHTLY,
            {**NIGHTLY, "cron": "30 4 * * *"},
            ["next run Mon 30 Nov 04:30 Europe/Berlin (was Mon 30 Nov 02:30 Europe/Berlin)"],
        ),
        ({"every": "12h"}, {"every": "6h"}, ["next run Sun 29 Nov 18:00 UTC (was Mon 30 Nov 00:00 UTC)"]),
        (
            {"cron": "30 0 * * *"},
            {"cron": "30 1 * * *", "time zone": "Europe/Berlin"},
            [
                "next run Mon 30 Nov 01:30 Europe/Berlin as before; the first that moves: "
                "Mon 29 Mar 2027 01:30 Europe/Berlin (was Mon 29 Mar 2027 00:30 UTC)"
            ],
        ),
        (
            {"cron": "0 0 * * *"},
            {"cron": "0 0 * * *", "clock change": {"gap": "skip"}},
            ["next run Mon 30 Nov 00:00 UTC as before"],
        ),
        ({"every": "1d"}, {"every": "1d", "timeout": "9s"}, []),
        (
            {"once": "2026-12-24 18:00"},
            {"once": "2020-01-01 08:00"},
            ["never runs by itself: once 2020-01-01 08:00 is over"],
        ),
        (None, {"once": "2027-01-01T08:00:30"}, ["next run Fri 1 Jan 2027 08:00:30 UTC"]),
    ],
)  # fmt: skip
def test_it_says_what_moves(was: Any, now: Any, said: list[str]) -> None:
    old, new = catalog(was), catalog(now)
    assert [one.text for one in moved(old, new, changes(old, new), NOW)] == said


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (WORK, {"work": {"days": ["tue"]}}, "next run Tue 1 Dec 00:00 UTC (was Mon 30 Nov 00:00 UTC)"),
        (
            WORK,
            {"work": {"days": ["mon"], "without": ["calendars/shut"]}, "shut": {"dates": ["2026-12-07"]}},
            "next run Mon 30 Nov 00:00 UTC as before; "
            "the first that moves: Mon 14 Dec 00:00 UTC (was Mon 7 Dec 00:00 UTC)",
        ),
        (WORK, {"work": {"dates": ["2020-01-01"]}}, "never runs by itself: every 1d is never due"),
        (
            WORK,
            {"work": {"days": ["mon"], "without": ["calendars/work"]}},
            "never runs by itself: the calendar shop/calendars/work takes itself out: "
            "shop/calendars/work without shop/calendars/work",
        ),
    ],
)  # fmt: skip
def test_a_calendar_moves_the_jobs_that_keep_it(was: Any, now: Any, said: str) -> None:
    job = {"every": "1d", "calendar": "calendars/work"}
    old, new = catalog(job, was), catalog(job, now)
    assert [(one.path, one.kind, one.text) for one in moved(old, new, changes(old, new), NOW)] == [
        (LOAD, "schedule", said)
    ]


def test_79_once_in_the_past_is_refused_unless_it_is_meant_or_was_there() -> None:
    late = {"once": "2026-11-29 12:00", "time zone": "Europe/Berlin"}
    with pytest.raises(GuardedError) as refused:
        check_not_late(catalog({"every": "1d"}), catalog(late), NOW)
    assert refused.value.message == (
        f"{LOAD} is to run once, Sun 29 Nov 12:00 Europe/Berlin, which is over; nothing was applied"
    )
    check_not_late(catalog(late), catalog({**late, "timeout": "9s"}), NOW)
    check_not_late(None, catalog({**late, "late": "ok"}), NOW)
    check_not_late(None, catalog(late), instant("2026-11-29T10:59Z"))
    with pytest.raises(GuardedError):
        check_not_late(None, catalog(late), instant("2026-11-29T11:00Z"))

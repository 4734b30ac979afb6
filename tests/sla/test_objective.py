"""How much of a window was well, what is left of the budget, and how fast it goes."""

from __future__ import annotations

from datetime import datetime

import pytest

from rem_cli.jobs.schedule.calendar import Calendar
from rem_cli.language import Item
from rem_cli.series import Range
from rem_cli.sla.objective import Account, Terms, account, window
from rem_cli.sla.read import level
from rem_cli.sla.report import row

MINUTE, HOUR = 60, 3600


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def down(value: float) -> bool:
    return value < 1


def minutes(*values: float | None, start: int = 0) -> Range:
    return Range(start, start + len(values) * MINUTE, MINUTE, values)


NIGHTS = Calendar("UTC", frozenset(), frozenset(), False, (), 22 * HOUR, 6 * HOUR, ())


@pytest.mark.parametrize(
    ("terms", "available"),
    [
        (Terms(99.0), 75.0),  # what is missing is left out
        (Terms(99.0, no_data="alert"), 60.0),
        (Terms(99.0, no_data="ok"), 80.0),
    ],
)
def test_what_is_missing_counts_as_the_rule_says(terms: Terms, available: float) -> None:
    found = account(minutes(1, 1, 0, None, 1), 0, 300, down, terms)
    assert (found, terms.available(found)) == (Account(good=180, bad=60, missing=60), available)


@pytest.mark.parametrize(("downtime", "available"), [("exclude", 100.0), ("count", 50.0), ("split", 100.0)])
def test_planned_downtime_is_told_apart(downtime: str, available: float) -> None:
    terms = Terms(99.0, downtime=downtime)
    found = account(minutes(1, 0, 0, 1), 0, 240, down, terms, planned=[(60, 180)])
    assert (found, terms.available(found)) == (Account(good=120, planned=120, planned_bad=120), available)


def test_only_promised_hours_count_and_a_number_is_cut_where_they_begin() -> None:
    day = Range(0, 24 * HOUR, 24 * HOUR, [0.0])
    found = account(day, 0, 24 * HOUR, down, Terms(99.0, hours=NIGHTS))
    assert found == Account(bad=8 * HOUR, closed=16 * HOUR)


def test_a_number_stands_until_the_next_is_due() -> None:
    found = account(minutes(0, None, None, 1, None), 0, 300, down, Terms(99.0), stands=120)
    assert found == Account(good=120, bad=120, missing=60)


def test_a_window_begins_within_a_number() -> None:
    assert account(minutes(0, 1), 30, 90, down, Terms(99.0)) == Account(good=30, bad=30)


def test_the_budget_of_thirty_days_at_three_nines_is_43_minutes() -> None:
    allowed, left = Terms(99.9).budget(Account(good=1e6, bad=600), 30 * 24 * HOUR)
    assert (round(allowed), round(left)) == (2592, 1992)


def test_a_budget_can_be_overdrawn() -> None:
    assert Terms(99.0).budget(Account(bad=100), 1000) == (10.0, -90.0)


def test_nothing_at_all_is_no_availability() -> None:
    assert (Terms(99.0).available(Account()), Terms(99.0).burn(Account())) == (None, None)


def test_where_nothing_may_be_bad_there_is_no_rate() -> None:
    assert Terms(100.0).burn(Account(good=1, bad=1)) is None


RATES = [{"long": 3600, "short": 300, "factor": 14.4, "severity": "page"}]


@pytest.mark.parametrize(
    ("bad", "due"),
    [
        (range(60), ["page"]),
        (range(51, 60), ["page"]),  # 15 % of an hour is 15 times what 99 % allow
        (range(9), []),  # as much, but it is over
        (range(57, 60), []),  # it has not lasted
    ],
)
def test_a_burn_rate_needs_the_long_and_the_short_time(bad: range, due: list[str]) -> None:
    item = Item("shop/slas/web/up", "shop", "slas", "builtin slas", "up", {},
                {"objective": 99.0, "window": 86400, "burn rates": list(RATES)})  # fmt: skip

    found = row(item, level(item), "a", lambda *_: minutes(*(0 if at in bad else 1 for at in range(60))), HOUR, down)

    assert [one.severity for one in found.burning] == due


@pytest.mark.parametrize(
    ("calendar", "begin", "whole"),
    [
        ("day", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),  # a day of 23 hours
        ("week", "2026-03-23T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("month", "2026-03-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("quarter", "2026-01-01T00:00+01:00", "2026-04-01T00:00+02:00"),
        ("year", "2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"),
    ],
)
def test_windows_by_the_calendar_are_those_of_the_zone(calendar: str, begin: str, whole: str) -> None:
    now = at("2026-03-29T12:00+02:00")
    found = window(now, None, calendar, "Europe/Berlin")
    assert (found.begin, found.end, found.whole) == (at(begin), now, at(whole))


def test_a_rolling_window_ends_now() -> None:
    assert window(1000, 600, None, "UTC") == (400, 1000, 1000)

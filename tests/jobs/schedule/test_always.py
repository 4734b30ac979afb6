"""What holds of every schedule at every change of clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from itertools import pairwise

import pytest
from cronsim import CronSim

from rem_cli.jobs.schedule import Rule, Schedule
from rem_cli.jobs.schedule.calendar import Calendar
from rem_cli.jobs.schedule.cron import Cron
from rem_cli.jobs.schedule.plain import Every
from rem_cli.language.zone import DAY, zone
from tests.jobs.schedule.due import instant

ZONES = sorted(resources.files("tzdata").joinpath("zones").read_text().split())
SAMPLED = [*ZONES[::19], "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Tehran"]
BEGIN, END = instant("2000-01-01T00:00Z"), instant("2038-01-01T00:00Z")
EXPRESSIONS = (
    *("* * * * *", "*/15 * * * *", "30 * * * *", "0 */3 * * *", "*/20 2 * * *"),
    *("30 2 * * *", "0 0 * * *", "45 23 * * *", "0,15,30,45 0-3 * * *", "0 3 * * sun", "30 1 1 * *", "59 23 31 12 *"),
)
CHANGES = {name: list(zone(name).changes(BEGIN, END)) for name in SAMPLED}


def test_changes_are_those_that_every_hour_shows() -> None:
    for name in SAMPLED[::12]:
        ahead = [zone(name).offset(at) for at in range(BEGIN, END, 3600)]
        hours = [BEGIN + 3600 * number for number in range(1, len(ahead)) if ahead[number] != ahead[number - 1]]
        assert [-(-at // 3600) * 3600 for at in CHANGES[name]] == hours


def minutes(cron: Cron, begin: int, end: int) -> set[int]:
    """When a schedule is due, by asking every minute of real time, and every minute that the wall leaves out."""
    place = zone(cron.zone)
    due: set[int] = set()
    shown: dict[datetime, int] = {}
    for at in range(begin - DAY, end, 60):
        wall = place.at(at).replace(tzinfo=None)
        first = shown.setdefault(wall, at) == at
        if _due(cron, wall) and (first or not cron.fields.fixed):
            due.add(at)
        before = place.at(at - 60).replace(tzinfo=None) + timedelta(minutes=1)
        while cron.fields.fixed and before < wall:
            due |= {at} if _due(cron, before) else set()
            before += timedelta(minutes=1)
    return {at for at in due if begin <= at < end}


def _due(cron: Cron, wall: datetime) -> bool:
    minute, hour, *_ = cron.fields.sets
    return wall.minute in minute and wall.hour in hour and cron.fields.on(wall)


@pytest.mark.parametrize("name", SAMPLED)
def test_75_next_is_later_and_later_still_over_every_change_of_clocks(name: str) -> None:
    for number, change in enumerate(CHANGES[name]):
        made = Schedule(Cron(EXPRESSIONS[number % len(EXPRESSIONS)], name))
        for after in (change - 3601, change - 1, change, change + 1, change + 3599):
            due = made.next(after)
            assert due is not None
            assert due.at > after
            assert next(iter(made.between(after + 1, due.at)), None) is None
        days = [one.at for one in made.between(change - 2 * DAY, change + 2 * DAY)]
        assert days == sorted(set(days))
        assert all(made.next(at - 1) == one for at, one in zip(days, made.walk(change - 2 * DAY - 1), strict=False))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_schedule_is_what_every_minute_says(text: str) -> None:
    for name in ("Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca"):
        cron = Cron(text, name)
        for change in [*zone(name).changes(BEGIN, END)][-3:]:
            begin, end = change - DAY, change + DAY
            assert {one.at for one in Schedule(cron).between(begin, end)} == minutes(cron, begin, end), (name, text)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_it_is_what_another_reader_of_debians_cron_says(text: str) -> None:
    """In zones whose clocks change by whole hours; for half hours that one leaves out instants of `30 * * * *`."""
    for name in ("Europe/Berlin", "America/New_York", "America/Havana", "Asia/Beirut", "UTC"):
        for at in ("2026-03-28T00:00Z", "2026-03-07T12:00Z", "2026-10-24T12:00Z", "2026-10-31T12:00Z"):
            begin = instant(at)
            theirs = _theirs(text, name, begin)
            ours = Schedule(Cron(text, name)).walk(begin)
            pairs = [(one.at, next(theirs)) for one, _ in zip(ours, range(60), strict=False)]
            assert [mine for mine, _ in pairs] == [other for _, other in pairs], (name, at)


def _theirs(text: str, name: str, after: int) -> Iterator[int]:
    before = None
    for one in CronSim(text, zone(name).at(after)):
        at = int(one.astimezone(UTC).timestamp())
        if at != before:  # several times of one gap are one run to us
            yield at
        before = at


@pytest.mark.parametrize("seconds", [1, 1.5, 7, 60, 420, 3600, 86_400, 31_536_000])
def test_distances_are_kept(seconds: float) -> None:
    made = Schedule(Every(seconds))
    due = [one.at for one, _ in zip(made.walk(BEGIN), range(40), strict=False)]
    assert due[0] > BEGIN
    assert {later - one for one, later in pairwise(due)} <= {int(seconds), int(-(-seconds // 1))}
    assert [one.at for one, _ in zip(made.walk(due[19]), range(20), strict=False)] == due[20:]


def test_a_year_of_a_thousand_schedules() -> None:
    begin, end = instant("2026-01-01T00:00Z"), instant("2027-01-01T00:00Z")
    due = 0
    for number in range(1000):
        hour = (number // 60) % 24
        text = f"{number % 60} {'*' if number % 10 == 0 else hour} * * *"
        instants = [one.at for one in Schedule(Cron(text, SAMPLED[number % len(SAMPLED)])).between(begin, end)]
        assert instants == sorted(set(instants))
        assert len(instants) in range(364, 367) or len(instants) in range(8758, 8763)
        due += len(instants)
    assert due in range(1_200_000, 1_210_000)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"])
def test_between_two_ends_a_calendar_stays_as_it_is(name: str) -> None:
    shut = Calendar(name, frozenset({6}), frozenset(), False, (), 0, DAY, ())
    spans = ((change - 7000, change + 9000) for change in [*zone(name).changes(BEGIN, END)][-2:])
    kept = Calendar(name, frozenset(range(7)), frozenset(), False, tuple(spans), 8 * 3600, 1800, (shut,))
    for change in [*zone(name).changes(BEGIN, END)][-3:] or [END]:
        at = change - 2 * DAY
        while at < change + 2 * DAY:
            until = kept.until(at)
            assert {kept.has(one) for one in range(at, min(until, at + DAY), 300)} == {kept.has(at)}
            assert kept.has(until - 1) == kept.has(at)
            at = until


@pytest.mark.parametrize("rule", [Every(1), Cron("* * * * *")])
def test_a_calendar_that_shuts_out_everything_is_no_endless_search(rule: Rule) -> None:
    always = Calendar("UTC", frozenset(), frozenset(), False, (), 0, DAY, ())
    assert Schedule(rule, replace(always, without=(always,))).next(BEGIN) is None
    one_day = replace(always, dates=frozenset({"2004-02-29"}))
    due = Schedule(rule, one_day).next(BEGIN)
    assert due is not None
    assert due.at == instant("2004-02-29T00:00Z")

"""Which checks are due, and in which order they begin."""

from __future__ import annotations

import pytest

from rem_cli.collect import Target
from rem_cli.collect.checks import Check
from rem_cli.collect.due import due, next_due, offset, starts
from rem_cli.collect.memory import Known

NOON = 1_795_608_000.0  # a multiple of an hour


def check(name: str = "web01", every: float = 60.0) -> Check:
    return Check("shop/monitors/web/alive", "ping", Target(name, "192.0.2.1"), every=every, retries=2)


@pytest.mark.parametrize(
    ("every", "made", "now", "is_due"),
    [
        (60, None, 0, True),  # never before
        (60, 0, 59, False),
        (60, 0, 60, True),
        (60, 58, 61, True),  # cron was late the last time
        (300, 0, 299, False),
        (300, 299, 300, True),
        (300, 0, 86400, True),  # nobody asked for a day
        (60, 120, 30, True),  # the clock was set back
        (30, 0, 60, True),
    ],
)
def test_a_check_is_due_once_an_interval(every: float, made: float | None, now: float, is_due: bool) -> None:
    one = check(every=every)
    known = {one.name: Known(int((NOON + made) // every))} if made is not None else {}
    assert bool(due([one], known, NOON + now)) is is_due


def test_the_next_interval_is_that_of_the_shortest() -> None:
    assert next_due([check(every=60), check(every=300)], NOON + 45) == 15
    assert next_due([], NOON) is None


def test_the_dead_come_last_and_are_asked_once() -> None:
    checks = [check("dead"), check("ill"), check("well")]
    known = {checks[0].name: Known(0, failures=3), checks[1].name: Known(0, failures=2)}
    begun = starts(checks, known, 0.0)
    assert [(one.check.target.name, one.retries) for one in begun] == [("ill", 2), ("well", 2), ("dead", 0)]


def test_each_name_has_its_own_moment_and_keeps_it() -> None:
    names = [f"web{number:03}" for number in range(200)]
    once = [start.after for start in starts([check(name) for name in names], {}, 6.0)]
    assert once == sorted(once)
    assert 0 <= once[0] < 1 and 5 < once[-1] < 6
    assert offset("web001", 6.0) == offset("web001", 6.0) != offset("web002", 6.0)

"""From an outcome to numbers, and to what the next turn must know."""

from __future__ import annotations

from dataclasses import replace

from rem_cli.collect import Counter, Reading, Target
from rem_cli.collect.checks import Check
from rem_cli.collect.gather import Outcome
from rem_cli.collect.keep import samples
from rem_cli.collect.measured import known, measured
from rem_cli.collect.memory import Known

CHECK = Check("shop/monitors/web/disk", "local", Target("web01", "192.0.2.1"))


def outcome(reading: Reading | None, at: float = 1060.0, lost: float = 0.0) -> Outcome:
    return Outcome(CHECK, at, 0.25, reading, lost)


def test_three_numbers_are_always_there() -> None:
    down = outcome(Reading({}, up=False, why="no answer"), lost=100.0)
    assert measured(down, None) == {"up": 0.0, "lost percent": 100.0, "poll ms": 250.0}


def test_of_a_target_that_could_not_be_asked_there_is_none() -> None:
    assert measured(outcome(None), None) == {}
    assert known(outcome(None), Known(7, 2, 1000.0, 5, {"a": 1}), 8) == Known(8, 2, 1000.0, 5, {"a": 1})


def test_a_counter_is_no_number_until_its_second_reading() -> None:
    first = outcome(Reading({}, {"bytes": Counter(600, scale=512)}, uptime=100), at=1000.0)
    assert "bytes" not in measured(first, None)
    before = known(first, None, 7)
    second = outcome(Reading({}, {"bytes": Counter(660, scale=512)}, uptime=6100))
    assert measured(second, before)["bytes"] == 512.0


def test_a_counter_of_a_machine_that_started_anew_is_none() -> None:
    before = Known(7, 0, 1000.0, 6000, {"bytes": 600})
    second = outcome(Reading({}, {"bytes": Counter(700)}, uptime=50))
    assert "bytes" not in measured(second, before)


def test_a_failure_keeps_the_counters_for_the_reading_after_it() -> None:
    before = Known(7, 0, 1000.0, None, {"bytes": 600})
    failed = known(outcome(Reading({}, up=False)), before, 8)
    assert failed == Known(8, 1, 1000.0, None, {"bytes": 600})
    third = outcome(Reading({}, {"bytes": Counter(1800)}), at=1120.0)
    assert measured(third, failed)["bytes"] == 10.0
    assert known(third, failed, 9).failures == 0


def test_of_a_thousand_and_more_numbers_not_all_become_files() -> None:
    many = {"up": 1.0, **{f"requests {number}": 1.0 for number in range(2000)}}
    assert len(samples(CHECK, 1060.0, many)) == 1000
    named = replace(CHECK, measures=frozenset(many))
    assert len(samples(named, 1060.0, many)) == 2001


def test_only_wanted_measures_are_kept_and_what_is_always_there() -> None:
    chosen = Check("shop/monitors/web/disk", "local", CHECK.target, measures=frozenset({"load 1"}))
    kept = samples(chosen, 1060.5, {"up": 1.0, "load 1": 2.0, "load 5": 3.0})
    assert [(one.series, (one.at, one.value)) for one in kept] == [
        ("shop/monitors/web/disk/web01/up", (1060, 1.0)),
        ("shop/monitors/web/disk/web01/load 1", (1060, 2.0)),
    ]

"""Numbers and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.series.chart.axis import (
    Scale,
    axis_labels,
    duration,
    number,
    scale_of,
    time_ticks,
    with_unit,
)

BERLIN = ZoneInfo("Europe/Berlin")


def at(zone: tzinfo, *parts: int) -> float:
    year, month, day, *clock = parts
    return datetime(year, month, day, *clock, tzinfo=zone).timestamp()


def labels(zone: tzinfo, start: float, hours: float, most: int = 6) -> list[str]:
    return [label for _, label in time_ticks(start, start + hours * 3600, zone, most)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.3274, "0.327"),
        (61.25, "61.2"),
        (812.4, "812"),
        (999.6, "1,000"),
        (1518, "1,518"),
        (-9502, "-9,502"),
        (999_999, "1 M"),
        (8_490_000, "8.49 M"),
        (46_100_000_000, "46.1 G"),
        (999_999_999, "1 G"),
        (5e17, "500 P"),
        (1e300, "1.00e300"),
        (0.00001234, "1.23e-5"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
    ],
)
def test_a_number_has_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


def test_a_prefix_joins_the_unit() -> None:
    assert (with_unit(8.49e6, "B/s"), with_unit(812, "ms"), with_unit(5, "")) == ("8.49 MB/s", "812 ms", "5")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "0.5 s"), (25, "25 s"), (60, "1 min"), (90, "1.5 min"), (3600, "1 h"), (5400, "1.5 h"), (172800, "2 d")],
)
def test_a_duration_is_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 843, [0, 500]),
        (0, 100, [0, 50, 100]),
        (-3, 2, [-2, 0, 2]),
        (40, 43, [40, 42]),
        (0, 9_600, [0, 5_000]),
        (0, 0.7, [0, 0.5]),
    ],
)
def test_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert Scale(low, high).ticks(2) == pytest.approx(ticks)


def test_labels_of_one_axis_have_one_prefix_and_as_many_decimals() -> None:
    assert axis_labels([0, 0.5, 1.0]) == ["0", "0.5", "1.0"]
    assert axis_labels([0, 5e6, 1e7]) == ["0", "5 M", "10 M"]


def test_a_scale_is_based_on_zero_unless_told() -> None:
    assert scale_of([40, 50], zero_based=True, room=0).low == 0
    assert scale_of([40, 50], zero_based=False, room=0).low == 40


def test_what_is_infinite_lies_at_the_edge() -> None:
    assert [Scale(0, 1).share(value) for value in (float("inf"), float("-inf"))] == [1, 0]


@given(st.lists(st.floats(allow_nan=False), max_size=5), st.booleans(), st.integers(1, 10))
@settings(derandomize=True, deadline=None)
def test_every_scale_has_its_values_inside_and_few_ticks(values: list[float], zero_based: bool, most: int) -> None:
    scale = scale_of(values, zero_based=zero_based)
    assert scale.low < scale.high
    assert all(0 <= scale.share(value) <= 1 for value in values)
    assert len(scale.ticks(most)) <= most + 2


def test_times_are_round_in_their_zone() -> None:
    assert labels(BERLIN, at(UTC, 2025, 3, 6, 1, 26), 1, 5) == ["02:30", "02:45", "03:00", "03:15"]


def test_a_zone_half_an_hour_off_has_its_own_round_times() -> None:
    assert labels(ZoneInfo("Asia/Kolkata"), at(UTC, 2025, 3, 6, 0, 0), 6, 3) == ["06:00", "08:00", "10:00"]


def test_midnight_is_the_day() -> None:
    assert labels(BERLIN, at(BERLIN, 2025, 3, 6, 12), 24, 4) == ["12:00", "18:00", "7 Mar", "06:00", "12:00"]


def test_the_hour_that_spring_leaves_out_has_no_tick() -> None:
    assert labels(BERLIN, at(BERLIN, 2025, 3, 30), 5, 5) == ["30 Mar", "01:00", "03:00", "04:00", "05:00", "06:00"]


def test_the_hour_that_autumn_repeats_stands_there_twice() -> None:
    assert labels(BERLIN, at(BERLIN, 2025, 10, 26), 5, 5) == ["26 Oct", "01:00", "02:00", "02:00", "03:00", "04:00"]


def test_days_of_23_and_25_hours_begin_at_midnight() -> None:
    start = at(BERLIN, 2025, 3, 28)
    ticks = time_ticks(start, start + 5 * 86400 - 7200, BERLIN, 6)
    assert [datetime.fromtimestamp(when, BERLIN).hour for when, _ in ticks] == [0] * 5
    assert [label for _, label in ticks] == ["28 Mar", "29 Mar", "30 Mar", "31 Mar", "1 Apr"]


def test_a_day_that_a_zone_skipped_has_no_tick() -> None:
    apia = ZoneInfo("Pacific/Apia")  # it went from 29 to 31 December 2011
    assert labels(apia, at(apia, 2011, 12, 28), 72, 3) == ["28 Dec", "29 Dec", "31 Dec", "1 Jan"]


def test_weeks_begin_on_monday() -> None:
    start = at(BERLIN, 2025, 3, 6)
    assert labels(BERLIN, start, 24 * 30, 5) == ["10 Mar", "17 Mar", "24 Mar", "31 Mar"]


def test_a_year_has_months_and_the_new_year_its_number() -> None:
    assert labels(BERLIN, at(BERLIN, 2024, 6, 1), 24 * 365, 5) == ["Jul", "Oct", "2025", "Apr"]


def test_half_a_minute_has_seconds() -> None:
    assert labels(UTC, at(UTC, 2025, 3, 6, 1, 26), 0.5 / 60, 3) == ["01:26:00", "01:26:10", "01:26:20", "01:26:30"]


@given(
    st.integers(0, 2**32 - 2),
    st.integers(1, 2**31),
    st.integers(1, 12),
    st.sampled_from(
        ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kathmandu"]
    ),
)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_ticks_lie_inside_in_order_and_are_few(start: int, length: int, most: int, zone: str) -> None:
    ticks = [when for when, _ in time_ticks(start, start + length, ZoneInfo(zone), most)]
    assert all(start <= when <= start + length for when in ticks)
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 2 * most + 2

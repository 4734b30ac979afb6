"""A spike is never averaged away, a gap stays a gap."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.series import Range
from rem_cli.series.chart.bins import Bin, bins_of, common, facts_of

VALUES = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=300)


def over(values: list[float | None]) -> Range:
    return Range(0, 60 * len(values), 60, values)


def test_a_spike_among_a_thousand_is_the_highest_of_its_column() -> None:
    bins = bins_of(over([1.0] * 500 + [900.0] + [1.0] * 499), 10)
    assert [item.high if item else None for item in bins.items] == [1.0] * 5 + [900.0] + [1.0] * 4


def test_fewer_values_than_columns_stay_single() -> None:
    assert bins_of(over([1.0, None, 3.0]), 100).items == [Bin(1, 1, 1), None, Bin(3, 3, 3)]


def test_a_column_of_nothing_is_a_gap() -> None:
    assert bins_of(over([1.0] * 10 + [None] * 10 + [1.0] * 10), 3).gaps(0, 1800) == [(600, 1200)]


def test_times_outside_of_the_range_are_gaps() -> None:
    assert bins_of(over([1.0, 2.0]), 2).gaps(-60, 180) == [(-60, 0), (120, 180)]


def test_a_gap_of_all_is_where_none_knows_anything() -> None:
    assert common([[(0, 10), (20, 30)], [(5, 25)]]) == [(5, 10), (20, 25)]


def test_between_two_values_the_line_is_straight() -> None:
    bins = bins_of(over([0.0, 10.0]), 2)
    assert [bins.at(time).mean for time in (10, 30, 60, 90, 110) if bins.at(time)] == [0, 0, 5, 10, 10]  # type: ignore[union-attr]


def test_beside_a_gap_the_line_is_level() -> None:
    bins = bins_of(over([None, 5.0, None]), 3)
    assert [bins.at(time) for time in (30, 61, 119, 150)] == [None, Bin(5, 5, 5), Bin(5, 5, 5), None]


def test_the_mean_of_huge_values_is_not_infinite() -> None:
    assert bins_of(over([1.7e308, 1.7e308]), 1).items == [Bin(1.7e308, 1.7e308, 1.7e308)]


def test_a_last_value_long_ago_is_not_now() -> None:
    assert not facts_of(over([1.0, None, None, None])).fresh
    assert facts_of(over([1.0, 2.0, None])).fresh


@given(VALUES, st.integers(1, 50))
@settings(derandomize=True, deadline=None)
def test_columns_reach_from_the_lowest_to_the_highest(values: list[float | None], most: int) -> None:
    items = [item for item in bins_of(over(values), most).items if item]
    known = [value for value in values if value is not None]
    assert min((item.low for item in items), default=None) == min(known, default=None)
    assert max((item.high for item in items), default=None) == max(known, default=None)
    assert all(item.low <= item.mean <= item.high for item in items)

"""Counters to rates: no data is better than a wrong number."""

from __future__ import annotations

import pytest

from rem_cli.collect import Counter
from rem_cli.collect.rates import WRAP, Rate, rate, restarted

NEW, WRAPS, FAST = "it began anew", "32 bits wrap more than once in so long a time", "faster than can be"


@pytest.mark.parametrize(
    ("before", "now", "seconds", "found"),
    [
        (100, Counter(700), 60, Rate(10.0)),
        (None, Counter(2), 60, Rate(None, "its first reading")),
        (1, Counter(2), 0, Rate(None, "no time between two readings")),
        (1, Counter(2), -5, Rate(None, "no time between two readings")),
        (1 << 60, Counter(5), 60, Rate(None, NEW)),  # 64 bits never wrap
        (WRAP - 6, Counter(54, 32), 60, Rate(1.0)),
        (5000, Counter(4000, 32), 60, Rate(None, NEW)),  # a wrap would be a step of nearly 2^32
        (4_000_000_000, Counter(1000, 32, most=125e3), 60, Rate(None, NEW)),  # its wire is too slow for that
        (4_000_000_000, Counter(1000, 32, most=125e5), 60, Rate(294_968_296 / 60)),
        (0, Counter(10**12, most=137.5e6), 60, Rate(None, FAST)),
        (5, Counter(6, 32, most=137.5e6), 300, Rate(None, WRAPS)),
    ],
)
def test_a_rate_or_no_data_and_why(before: int | None, now: Counter, seconds: float, found: Rate) -> None:
    assert rate(before, now, seconds) == found


@pytest.mark.parametrize(
    ("before", "now", "seconds", "is_new"),
    [
        (10_000, 16_000, 60, False),
        (10_000, 16_300, 60, False),  # clocks differ
        (100_000, 2_000, 60, True),
        (WRAP - 3000, 3000, 60, False),  # after 497 days the count itself begins anew
        (9_000_000, 40_000, 600, True),
    ],
)
def test_a_restart_is_seen_by_the_uptime(before: int, now: int, seconds: float, is_new: bool) -> None:
    assert restarted(before, now, seconds) is is_new

"""Public holidays of countries and their parts, as the `holidays` library has them; loaded only where one is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache


@lru_cache(maxsize=200)
def days(place: str, year: int) -> frozenset[str]:
    """The holidays of a place in a year, as 2026-12-25; empty for a year of which nothing is known."""
    import holidays

    country, _, part = place.partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=year, expand=False)
    return frozenset(f"{day:%Y-%m-%d}" for day in found if day.year == year)


@lru_cache(maxsize=1)
def places() -> Mapping[str, Sequence[str]]:
    """Every country that is known, with its parts."""
    import holidays

    return holidays.list_supported_countries(include_aliases=False)


def known(place: str, year: int) -> bool:
    """Whether anything is known of a year."""
    return bool(days(place, year))

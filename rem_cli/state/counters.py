"""Counters: numbers that several add to at once, none of it lost and none counted twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Reading(NamedTuple):
    """The sum, and what each node added to it."""

    total: int
    by_node: Mapping[str, int]


class Counter(Protocol):
    """One total a node, which alone adds to it; their sum at reading. Numbers of any size."""

    def add(self, n: int = 1, *, id: str = "") -> None:
        """Add, also something negative. The same id counts once, for a day."""

    def total(self) -> Reading: ...

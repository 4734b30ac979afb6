"""When a number is out of bounds, as the type `tolerance` saves it: {is, bounds, unit}."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rem_cli.language import Value
from rem_cli.language.shown import tolerance as shown

_COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
# How many of a tolerance's unit each unit is that programs give their numbers.
_OF: Mapping[str, Mapping[str, float]] = {
    "s": {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400},
    "B": {"B": 1, "c": 1}
    | {f"{letter}{form}": size**power for power, letters in enumerate(("kK", "M", "G", "T"), 1)
       for letter in letters for form, size in (("", 1000), ("B", 1000), ("i", 1024), ("iB", 1024))},
    "%": {"%": 1},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Out of tolerance is what `compares` with the bounds; `unit` is s, B (bytes), % or none."""

    compares: str
    bounds: tuple[float, ...]
    unit: str
    text: str  # as it is written

    @classmethod
    def read(cls, value: Value) -> Tolerance:
        """From an item's field, which the language has checked."""
        saved: Any = value
        return cls(saved["is"], tuple(saved["bounds"]), saved["unit"], shown(saved))

    def out(self, number: float, unit: str = "") -> bool:
        """Whether a number is out of tolerance; a number without a unit is taken to have this one's. ValueError."""
        if self.unit and unit:
            sizes = _OF[self.unit]
            if unit not in sizes:
                raise ValueError(f"is in {unit}, which cannot be held against '{self.text}'")
            number *= sizes[unit]
        if self.compares in _COMPARES:
            return _COMPARES[self.compares](number, self.bounds[0])
        low, high = self.bounds
        return (low <= number <= high) == (self.compares == "inside")

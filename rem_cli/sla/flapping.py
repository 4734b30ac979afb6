"""Flapping: states that come and go too often to be told each time.

The share of the last looks at which the state changed, newer ones weighing more: Nagios' and Icinga's measure, with 20
looks and weights from 0.80 to 1.18. Above 30 % it flaps, below 25 % no longer.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOKS = 20
START, END = 30.0, 25.0  # percent
LIGHTEST, STEP = 0.8, 0.02


@dataclass(frozen=True)
class Flapping:
    """The last looks, the oldest first: whether the state was another one than at the look before."""

    changes: tuple[bool, ...] = (False,) * LOOKS
    flaps: bool = False
    bad: bool | None = None  # whether it was at the last look; None: nobody has looked

    @property
    def share(self) -> float:
        """Percent."""
        weights = [LIGHTEST + STEP * place for place in range(LOOKS)]
        return 100.0 * sum(weight for weight, changed in zip(weights, self.changes, strict=True) if changed) / LOOKS

    def after(self, bad: bool) -> Flapping:
        """After one more look."""
        moved = Flapping((*self.changes[1:], self.bad not in (None, bad)), self.flaps)
        flaps = moved.share >= END if self.flaps else moved.share > START
        return Flapping(moved.changes, flaps, bad)

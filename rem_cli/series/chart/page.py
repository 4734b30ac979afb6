"""Several drawings below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rem_cli.series.chart.drawing import Area, Drawing, Hatch, Item, Path, Words

_GAP = 14.0  # pixels between two


def stacked(drawings: Sequence[Drawing], label: str) -> Drawing:
    """One drawing of all, as wide as the widest; `label` says in a sentence what it shows."""
    items: list[Item] = []
    top = 0.0
    for drawing in drawings:
        items += [_lower(item, top) for item in drawing.items]
        top += drawing.height + _GAP
    return Drawing(max(one.width for one in drawings), top - _GAP, label, items)


def _lower(item: Item, by: float) -> Item:
    if isinstance(item, Path | Area):
        return replace(item, points=[(x, y + by) for x, y in item.points])
    assert isinstance(item, Hatch | Words)
    return replace(item, y=item.y + by)

"""Items that may be right today and wrong tomorrow: they are held against the clock each time somebody asks.

What is found of texts alone is kept for as long as the texts stay; of these items the values are kept as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rem_cli.errors import Place
from rem_cli.language import Item, Value
from rem_cli.language.held import Held

PROCESSES = frozenset(
    f"builtin {name}" for name in ("role accounts", "shifts", "overrides", "contacts", "calendars", "alerts")
)


class Timed(NamedTuple):
    """One such item, and where it is written."""

    path: str
    process: str
    key: str
    fields: Mapping[str, Value]
    place: Place

    @property
    def item(self) -> Item:
        """As a room that acts on it takes it: which section and layers it has means nothing there."""
        return Item(self.path, self.path.partition("/")[0], "", self.process, self.key, {}, self.fields)


def timed(items: Iterable[Held]) -> tuple[Timed, ...]:
    """Those of some items."""
    found = (held for held in items if held.item.process in PROCESSES)
    return tuple(
        Timed(one.item.path, one.item.process, one.item.key, dict(one.item.fields), one.at.key_place) for one in found
    )

"""Items that may be right today and wrong tomorrow: they are held against the clock each time somebody asks.

What is found of texts alone is kept for as long as the texts stay; of these items the values are kept as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rem_cli.errors import Place
from rem_cli.language import Item, Value

if TYPE_CHECKING:
    from rem_cli.language.held import Held

PROCESSES = frozenset(
    f"builtin {name}" for name in ("role accounts", "shifts", "overrides", "contacts", "calendars", "alerts")
)
_CONTACTS = "builtin contacts"


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
    return tuple(Timed(one.item.path, one.item.process, one.item.key, _kept(one.item), _place(one)) for one in found)


def _place(held: Held) -> Place:
    """Where it is written; of a contact without the line, which may say how it is reached."""
    place = held.at.key_place
    return place._replace(text="") if held.item.process == _CONTACTS else place


def _kept(item: Item) -> Mapping[str, Value]:
    """What may be kept of an item: where a contact is reached may hold a secret that stands there by mistake."""
    channels = item.fields.get("channels")
    if item.process != _CONTACTS or not isinstance(channels, list):
        return dict(item.fields)
    return {"channels": [{"after": one.get("after")} for one in channels if isinstance(one, dict)]}

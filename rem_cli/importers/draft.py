"""The package while it is made: items by their keys, each value with the source lines that it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rem_cli.errors import RemError
from rem_cli.importers.keys import as_key
from rem_cli.importers.ledger import Ledger, Spot, is_comment
from rem_cli.language.names import folded
from rem_cli.language.telltale import holds_secret

MAX_ITEMS = 10_000  # of one import: what one file of a package holds well
_WAITING = 50  # lines of comment that may wait for an item


@dataclass
class Made:
    """One item."""

    package: str
    section: str
    keys: tuple[str, ...]
    spots: list[Spot]  # of the item itself
    fields: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, list[Spot]] = field(default_factory=dict)  # by field
    comments: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return "/".join((self.package, self.section, *self.keys))

    def set(self, name: str, value: Any, *spots: Spot) -> None:
        self.fields[name] = value
        self.origins[name] = list(spots or self.spots)


class Draft:
    """A package in the making, and the ledger of where it comes from."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.ledger = Ledger()
        self.items: dict[tuple[str, ...], Made] = {}
        self.notes: list[str] = []  # what holds for the whole import
        self._keys: dict[tuple[str, ...], dict[str, str]] = {}  # below these keys: source name -> key
        self._counts: dict[tuple[str, ...], int] = {}  # how many items have a name
        self._folded: dict[tuple[str, ...], dict[str, str]] = {}  # below these keys: folded key -> source name

    def item(self, section: str, names: tuple[str, ...], *spots: Spot) -> Made:
        """The item with these names of the source, made when it is not there; its keys may differ from the names."""
        above: tuple[str, ...] = (section,)
        for name in names:
            above = (*above, self._key(above, name))
        return self._at(above, spots)

    def fresh(self, section: str, names: tuple[str, ...], *spots: Spot) -> Made:
        """A new item; when its name is taken, a number behind it tells them apart."""
        above: tuple[str, ...] = (section,)
        for name in names[:-1]:
            above = (*above, self._key(above, name))
        count, taken = self._counts.get((*above, names[-1]), 0) + 1, self._keys.get(above, {})
        while (name := f"{names[-1]} {count}" if count > 1 else names[-1]) in taken:
            count += 1
        self._counts[*above, names[-1]] = count
        return self._at((*above, self._key(above, name)), spots)

    def _at(self, above: tuple[str, ...], spots: tuple[Spot, ...]) -> Made:
        made = self.items.get(above)
        if made is None:
            if len(self.items) >= MAX_ITEMS:
                text = f"this makes more than {MAX_ITEMS:,} items"
                raise RemError(text, hint="import the files in several parts, each --into a package of its own")
            made = self.items[above] = Made(self.package, above[0], above[1:], list(spots))
        else:
            made.spots += [spot for spot in spots if spot not in made.spots]
        for spot in spots:
            self.ledger.carried(spot, made.path)
        return made

    def _key(self, above: tuple[str, ...], name: str) -> str:
        """A key for a name, the same one each time, and unlike every other one there also where case is not seen."""
        keys, taken = self._keys.setdefault(above, {}), self._folded.setdefault(above, {})
        if name not in keys:
            clean, count = as_key(name), 1
            key = clean
            while folded(key) in taken:
                count += 1
                key = f"{clean} {count}" if above[0] != "hosts" or len(above) == 1 else f"{clean}-{count}"
            taken[folded(key)] = name
            keys[name] = key
        return keys[name]


class Comments:
    """Lines of comment that wait for the item that they stand above."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._waiting: list[tuple[Spot, str]] = []

    def add(self, spot: Spot, text: str) -> None:
        if len(self._waiting) < _WAITING and is_comment(text) and not holds_secret(text):
            self._waiting.append((spot, text.strip().lstrip("#;").strip()))

    def drop(self) -> None:
        """What waits stands beside nothing that was carried."""
        self._waiting.clear()

    def give(self, made: Made) -> None:
        """What waits stands beside this item."""
        for spot, text in self._waiting:
            if text.strip("#=-*~ "):
                made.comments.append(text)
                self._draft.ledger.carried(spot, made.path)
        self._waiting.clear()

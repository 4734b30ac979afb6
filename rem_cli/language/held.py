"""What an item was made of: where each of its values comes from, and how a person would write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rem_cli.language import Item, Origin, Source, Value
from rem_cli.language.at import At
from rem_cli.language.composed import Key, Laid
from rem_cli.language.origins import written
from rem_cli.language.schema import Section
from rem_cli.language.shown import plain, shown
from rem_cli.language.types import Type


class Reference(NamedTuple):
    """A `ref to`, checked once the items of every package are known."""

    target: str  # the whole path of an item
    to: str  # what it is one of: the name of a section, or of what the engine does with it
    written: str
    package: str  # the one whose item holds it
    file: str  # where it is written
    path: tuple[str | int, ...]


@dataclass
class Held:
    """An item with the texts it came from."""

    item: Item
    section: Section
    at: At
    own: Mapping[str, At]
    collected: Mapping[str, At]
    parent: Held | None
    roles: Mapping[str, Source] = field(default_factory=dict)  # of files that are not the package's own

    def origins(self) -> dict[str, Origin]:
        """Who set each value, and whom it beat."""
        return {name: self._origin(name) for name in self.item.fields}

    def passed_on(self, section: Section) -> dict[str, Value]:
        """The values that items of an inner section inherit."""
        return {name: value for name, value in self.item.fields.items() if name not in section.fields}

    def texts(self) -> dict[str, str]:
        """Each value in one line, as it would be written in a package."""
        types = {name: self._type(name) for name in self.item.fields}
        return {
            name: shown(value, found) if (found := types[name]) else plain(value)
            for name, value in self.item.fields.items()
        }

    def scope(self) -> dict[str, At]:
        """What an item below may name as `${name}`: collected fields, and the fields of the items that hold it."""
        scope = named(self.collected)
        for name, known in self.section.fields.items():
            value = self.item.fields.get(name)
            if value is None:
                continue
            if name in self.own and self.own[name].data is not None:
                scope.setdefault(name, self.own[name])
            elif known.at.data and name != self.section.layers[-1].key_field and "default" in known.at.data:
                scope.setdefault(name, known.at.child("default"))
            else:
                scope.setdefault(name, self.at.put(value))
        return scope | {k: v for k, v in self.parent.scope().items() if k not in scope} if self.parent else scope

    def _type(self, name: str) -> Type | None:
        known = self.section.fields.get(name)
        if known:
            return known.type
        return self.parent._type(name) if self.parent and name not in self.collected else None

    def _origin(self, name: str) -> Origin:
        setters = [written(self.own[name], self.roles)] if name in self.own else []
        if name in self.collected:
            setters.insert(0, Origin(Source.COLLECTED, self.collected[name].key_place))
        known = self.section.fields.get(name)
        if name == self.section.layers[-1].key_field:
            setters.append(Origin(Source.KEY, self.at.key_place))
        elif known and (known.default is not None or not setters):
            setters.append(Origin(Source.DEFAULT, known.at.place))
        if not setters and self.parent:
            return replace(self.parent._origin(name), source=Source.INHERITED, beaten=())
        first, *rest = setters
        taken = _taken(self.at, name)
        if taken:
            rest.insert(0, replace(written(taken[1], self.roles), unset=taken[0].place))
        return replace(first, beaten=(*first.beaten, *rest))


def _taken(at: At, name: str) -> tuple[At, At] | None:
    """Where a `!unset` took a field out of an item, and the value that it had."""
    while isinstance(at, Laid):
        if name in at.gone:
            return at.gone[name]
        at = at.under
    return None


def named(collected: Mapping[str, At]) -> dict[str, At]:
    """Collected fields as values: the keys of their layers."""
    return {name: Key(at.source, at.path, str(at.path[-1])) for name, at in collected.items()}

"""The good path: an item all of whose values are plainly right, read in one loop.

It answers with the item's values or with nothing at all. Then `resolve` reads the item once more and says what is
wrong, or follows what is written in it: what is not known here is never an error, only slower. A property test holds
that both read alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit

if TYPE_CHECKING:
    from rem_cli.language.held import Held
    from rem_cli.language.schema import Layer, Section
    from rem_cli.language.types import Field, Type

MANY = 2_000  # texts whose reading is remembered for one field
LONG = 60  # characters of such a text
_NEW: Any = object()


class Reading:
    """How the values of one field are read, with what its last ones meant."""

    __slots__ = ("known", "of", "outward", "type")

    def __init__(self, type: Type) -> None:
        self.type = type
        self.known: dict[Any, Value] = {}  # by the text, or by what YAML read and its class
        self.outward = _outward(type)  # whether it names a file or another item
        bounded = type.least is not None or type.most is not None
        self.of = Reading(type.of) if type.process == "list of" and type.of and not bounded else None

    def text(self, text: str, at: At) -> Value:
        """What a text stands for; Misfit."""
        saved = self.type.read(at.put(text, text), self.type)
        if len(self.known) < MANY and len(text) <= LONG and not isinstance(saved, (list, dict)) and "${" not in text:
            self.known[text] = saved
        return saved

    def other(self, value: Any, at: At, word: str) -> Value:
        """What a value that is no text stands for; Misfit."""
        if value.__class__ is list and self.of is not None:
            known = self.of.known
            found = [known.get(one, _NEW) if one.__class__ is str else _NEW for one in value]
            if _NEW not in found:
                return found
            for number, one in enumerate(value):
                if one.__class__ is str:
                    found[number] = self.of.text(one, at)
            if _NEW not in found:
                return found
        if value.__class__ is int and value and at.source.plain:  # where 7 is written 7, and not 0x7
            kept: Value = self.known.get((int, value), _NEW)
            if kept is _NEW:
                kept = self.type.read(at.child(word), self.type)
                if len(self.known) < MANY:
                    self.known[int, value] = kept
            return kept
        return self.type.read(at.child(word), self.type)


class PlainItems:
    """The items of one section, as far as one loop can read them."""

    def __init__(
        self,
        fields: Mapping[str, Field],
        layers: Sequence[Layer],
        one_of: Sequence[Sequence[str]],
        at_most_one_of: Sequence[Sequence[str]],
    ) -> None:
        collected = {layer.index for layer in layers}
        self.readings = {name: Reading(one.type) for name, one in fields.items() if name not in collected}
        self.defaults = {name: fields[name].default for name in self.readings}
        self.key_field = layers[-1].key_field if layers[-1].key_field in self.readings else None
        self.required = frozenset(name for name in self.readings if fields[name].required and name != self.key_field)
        self.groups = [(group, 1) for group in one_of] + [(group, 0) for group in at_most_one_of]  # and the least

    def read(self, at: At, key: str, above: dict[str, Value]) -> tuple[dict[str, Value], list[str], int] | None:
        """The fields of the item at `at`: those `above`, which it has by its place and by default, and what is written.

        Beside them, the names of those that point outside of the item, and how many values it has. None when one loop
        cannot tell.
        """
        data: Any = at.data if at.data is not None else {}
        if at.__class__ is not At or not isinstance(data, dict) or not self.required <= data.keys():
            return None
        fields = above.copy()
        outward: list[str] = []
        count = len(fields)
        readings = self.readings
        try:
            for word, value in data.items():
                reading = readings.get(word)
                if reading is None or value is None:
                    return None
                if value.__class__ is str:
                    saved = reading.known.get(value, _NEW)
                    if saved is _NEW:
                        if "${" in value:
                            return None
                        saved = reading.text(value, at)
                elif _special(value):
                    return None
                else:
                    saved = reading.other(value, at, word)
                if saved.__class__ is list or saved.__class__ is dict:
                    count += len(saved)
                fields[word] = saved
                if reading.outward:
                    outward.append(word)
            if self.key_field and self.key_field not in data:
                reading = readings[self.key_field]
                saved = reading.known.get(key, _NEW)
                fields[self.key_field] = reading.text(key, at) if saved is _NEW else saved
        except Misfit:
            return None
        for group, least in self.groups:
            if not least <= sum(fields.get(name) is not None for name in group) <= 1:
                return None
        return fields, outward, count


class Own(Mapping[str, At]):
    """What is written in an item, by word; made when it is asked for."""

    def __init__(self, at: At) -> None:
        self._at = at

    def __getitem__(self, word: str) -> At:
        if not isinstance(self._at.data, dict):
            raise KeyError(word)
        return self._at.child(word)

    def __iter__(self) -> Iterator[str]:
        return iter(self._at.data or ())

    def __len__(self) -> int:
        return len(self._at.data or ())


def by_place(
    section: Section, collected: Mapping[str, At], parent: Held | None
) -> tuple[dict[str, str], dict[str, Value]]:
    """The layers of the items of one group, and all values that they have by their place or by default."""
    layers = {**(parent.item.layers if parent else {}), **{name: str(at.path[-1]) for name, at in collected.items()}}
    return layers, {**layers, **(parent.passed_on(section) if parent else {}), **section.plain.defaults}


def _outward(type: Type) -> bool:
    inside = [one.type for one in type.fields.values()] + ([type.of] if type.of is not None else [])
    return type.file or type.process in ("ref to", "secret") or any(map(_outward, inside))


def _special(value: Any) -> bool:
    """Whether there is a `${` or `!unset` somewhere in a value."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, dict):
        return any(map(_special, value)) or any(map(_special, value.values()))
    return any(map(_special, value)) if isinstance(value, list) else not isinstance(value, (int, float, NoneType))

"""A value together with its place: what the engine walks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rem_cli.errors import Place

if TYPE_CHECKING:
    from rem_cli.language.source import Source

REFERENCE = re.compile(r"\$(\$\{)|\$\{([^{}]*)\}")  # $${ is a literal


class Misfit(Exception):
    """A value is not of its type: what it is not, what to write instead, and where inside of the value."""

    def __init__(self, message: str, hint: str | None = None, id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.id = id  # of the finding, where it is another than that of wrong values
        self.at: At | None = None
        self.on_key = False  # the key of `at` is what is wrong, and not its value
        self.further: list[Misfit] = []  # what else is wrong inside of the same value

    def every(self) -> Iterator[Misfit]:
        """This one and all further ones."""
        yield self
        for one in self.further:
            yield from one.every()

    def of(self, at: At) -> Misfit:
        """The same, of a value inside of the one that is read."""
        self.at = at
        return self

    def at_key(self, at: At) -> Misfit:
        """The same, of a key inside of the value that is read."""
        self.at, self.on_key = at, True
        return self


class At:
    """Data at a path of a source. The place is worked out only when it is asked for."""

    __slots__ = ("_text", "data", "path", "source")

    def __init__(self, source: Source, path: tuple[str | int, ...], data: Any, text: str | None = None) -> None:
        self.source = source
        self.path = path
        self.data = data
        self._text = text

    def child(self, step: str | int) -> At:
        return At(self.source, (*self.path, step), self.data[step])

    def children(self) -> Iterator[tuple[str, At]]:
        """The keys and values of a mapping; nothing for anything else."""
        if isinstance(self.data, dict):
            for key in self.data:
                yield key, self.child(key)

    def elements(self) -> Iterator[At]:
        """The values of a list; nothing for anything else."""
        if isinstance(self.data, list):
            for number in range(len(self.data)):
                yield self.child(number)

    def put(self, data: Any, text: str | None = None) -> At:
        """The same place, standing for another value (a reference that was followed), written as `text`."""
        return At(self.source, self.path, data, text=str(data) if text is None else text)

    @property
    def text(self) -> str | None:
        """A scalar as it is written: `1.10` for the number 1.1; None for a list or mapping."""
        if isinstance(self.data, str):
            return self.data
        if isinstance(self.data, (list, dict)):
            return None
        return self._text if self._text is not None else self.source.raw(self.path, self.data)

    def written(self) -> str:
        """The scalar as text; Misfit for a list, a mapping, nothing, or a NUL that no program could be given."""
        if isinstance(self.data, str):
            if "\0" in self.data:
                raise Misfit("a text cannot hold a NUL character", "take it out")
            return self.data
        if self.data is None or isinstance(self.data, (list, dict)):
            only = self.data[0] if isinstance(self.data, list) and len(self.data) == 1 else None
            hint = f"write {self.child(0).shown}" if isinstance(only, (str, int, float)) else "write one text"
            raise Misfit(f"this is {self.kind}, not a text", hint)
        return self.text or str(self.data)

    @property
    def kind(self) -> str:
        """For people: what is here."""
        if self.data is None:
            return "empty"
        if isinstance(self.data, bool):
            return "true or false"
        kinds = {list: "a list", dict: "a mapping", str: "a text", int: "a number", float: "a number"}
        return kinds.get(type(self.data), "taken out by '!unset'")

    @property
    def shown(self) -> str:
        """A scalar for a message: short, and without characters that a terminal would obey."""
        text = ("" if self.data is None else self.text or str(self.data))[:80]
        return text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)

    @property
    def place(self) -> Place:
        return self.source.place(self.path)

    @property
    def key_place(self) -> Place:
        return self.source.key_place(self.path)

"""A value together with its place: what the engine walks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
        text = "" if self.data is None else self.text or str(self.data)
        return "".join(c if c.isprintable() else "�" for c in text)[:80]

    @property
    def place(self) -> Place:
        return self.source.place(self.path)

    @property
    def key_place(self) -> Place:
        return self.source.key_place(self.path)


class Followed(At):
    """A list or mapping some of whose values stand elsewhere or were put in."""

    __slots__ = ("_children", "was")

    def __init__(self, at: At, children: Mapping[str | int, At]) -> None:
        held = {step: child.data for step, child in children.items()}
        super().__init__(at.source, at.path, held if isinstance(at.data, dict) else list(held.values()))
        self.was = at
        self._children = children

    def child(self, step: str | int) -> At:
        return self._children[step]


class Put(At):
    """A value that references make: it stands at one place and means a value of others."""

    __slots__ = ("meant", "used", "was")

    def __init__(self, at: At, meant: At, used: tuple[tuple[str, At], ...]) -> None:
        super().__init__(at.source, at.path, meant.data, meant.text or "")
        self.was = at
        self.meant = meant
        self.used = used  # what each reference named

    def child(self, step: str | int) -> At:
        return self.meant.child(step)


class Linked(Put):
    """A value that is a file: a text as it is, or what a YAML file says."""

    __slots__ = ("is_text",)

    def __init__(self, at: At, file: At, *, text: bool) -> None:
        super().__init__(at, file, ())
        self.is_text = text


class Given(Put):
    """The value of a param: from a `with`, else a default."""

    __slots__ = ("beaten", "default")

    def __init__(self, at: At, default: bool, beaten: tuple[Given, ...] = ()) -> None:
        super().__init__(at, at, ())
        self.default = default
        self.beaten = beaten


class Key(At):
    """A key as a value: a collected field."""

    __slots__ = ()

    @property
    def place(self) -> Place:
        return self.key_place


class Laid(At):
    """A value laid over another one: it beats that, or both are put together."""

    __slots__ = ("_children", "gone", "top", "under")

    def __init__(self, top: At, under: At, children: Mapping[str | int, At] | None = None) -> None:
        data = top.data
        if children is not None:
            held = {step: child.data for step, child in children.items()}
            data = held if isinstance(data, dict) else list(held.values())
        super().__init__(top.source, top.path, data, top._text)
        self.top = top
        self.under = under
        self.gone: dict[str, tuple[At, At]] = {}  # what `!unset` took out: where that stands, and the value
        self._children = children

    @property
    def together(self) -> bool:
        """Whether the lower one is a part of it."""
        return self._children is not None

    def child(self, step: str | int) -> At:
        return self.top.child(step) if self._children is None else self._children[step]


def verbatim(at: At) -> bool:
    """Whether a `${` in this text is no reference: it is a file's."""
    if isinstance(at, Laid):
        return not at.together and verbatim(at.top)
    return isinstance(at, Linked) and at.is_text


def home(at: At) -> At:
    """Where the value itself is written: a path in it is relative to that file."""
    if isinstance(at, Laid) and not at.together:
        return home(at.top)
    return home(at.meant) if isinstance(at, Put) else at

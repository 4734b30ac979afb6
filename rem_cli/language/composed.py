"""Values that were put together: references put in, files linked, one text laid over another."""

from __future__ import annotations

from collections.abc import Mapping

from rem_cli.errors import Place
from rem_cli.language.at import At


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

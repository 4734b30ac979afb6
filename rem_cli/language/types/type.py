"""What a type is: its name, how it reads a value, and the limits that a definition put on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.pattern import Pattern


@dataclass(frozen=True)
class Type:
    """One type with its limits."""

    name: str
    read: Callable[[At, Type], Value]
    process: str = ""  # the name of `read` among READERS; a type that is based on another keeps it
    info: str = ""
    widget: str = "text"
    of: Type | None = None  # list of, map of
    to: str | None = None  # ref to: sections, or what the engine does with their items, as "monitors or jobs"
    fields: Mapping[str, Field] = field(default_factory=dict, repr=False)  # of a record
    one_of: tuple[tuple[str, ...], ...] = ()  # of a record
    choices: tuple[str, ...] = ()
    least: float | None = None  # of a number or amount; of a text its characters, of a list or map its values
    most: float | None = None
    unit: str = ""  # of a number
    pattern: Pattern | None = None  # what a whole text must match
    file: bool = False  # the path of a file of the repository that must be there
    good: tuple[Any, ...] = field(default=(), repr=False)
    bad: tuple[Any, ...] = field(default=(), repr=False)
    show: Callable[[Any], str] | None = field(default=None, repr=False)  # a plug-in's way to write what it keeps
    problem: str = ""  # why its values are not checked: the plug-in that brings it failed

    def limited(self, **limits: Any) -> Type:
        return replace(self, **limits)

    @property
    def title(self) -> str:
        """For people: 'list of label', 'ref to jobs'."""
        if self.of:
            return f"{self.name} {self.of.title}"
        return f"{self.name} {self.to}" if self.to and self.name == "ref to" else self.name

    @property
    def targets(self) -> tuple[str, ...]:
        """What a `ref to` may point at, each a section or what the engine does with its items."""
        return tuple(self.to.split(" or ")) if self.to else ()


@dataclass(frozen=True)
class Field:
    """One field of a section, or of a record."""

    name: str
    type: Type
    at: At = field(repr=False)
    required: bool = False
    default: Value = None
    info: str = ""


class Matching:
    """Reads a text of one form. The patterns are ours and linear."""

    def __init__(self, pattern: str, what: str, hint: str) -> None:
        self.pattern = re.compile(pattern)
        self.what = what
        self.hint = hint

    def __call__(self, raw: At, type: Type) -> str:
        text = read_text(raw, type)
        if not self.pattern.fullmatch(text):
            raise Misfit(f"'{raw.shown}' is not {self.what}", self.hint)
        return text


def read_text(raw: At, type: Type) -> str:
    """A text within the length, pattern and choices of its type. Misfit."""
    text = raw.written()
    within_length(len(text), "character", type, raw)
    if type.pattern and not type.pattern.matches(text):
        raise Misfit(f"'{raw.shown}' is not a {type.name}", f"it matches {type.pattern.text}")
    if type.choices and text not in type.choices:
        raise choice_misfit(text, type)
    return text


def choice_misfit(text: str, type: Type) -> Misfit:
    from rem_cli.language.names import nearest

    near = nearest(text, type.choices)
    return Misfit(f"'{text}' is not one of {', '.join(type.choices)}", f"did you mean '{near}'?" if near else None)


def within_length(length: int, what: str, type: Type, raw: At | str) -> None:
    """Misfit when there are fewer or more of them than the type allows; `raw` is the value, or what to call it."""
    few = type.least is not None and length < type.least
    if not few and (type.most is None or length <= type.most):
        return
    shown = raw if isinstance(raw, str) else f"'{raw.shown}'"
    counted = f"{length:,} {what}{'' if length == 1 else 's'}"
    bound = f"fewer than {type.least:g}" if few else f"more than {type.most:g}"
    raise Misfit(f"{shown} has {counted}, {bound}")


def within(value: int | float, type: Type, raw: At) -> int | float:
    """The value when it is in the range of its type. Misfit."""
    if type.least is not None and value < type.least:
        raise Misfit(f"{raw.shown} is less than {limit(type, type.least)}", _range(type))
    if type.most is not None and value > type.most:
        raise Misfit(f"{raw.shown} is more than {limit(type, type.most)}", _range(type))
    return value


def _range(type: Type) -> str:
    ends = [f"from {limit(type, type.least)}"] if type.least is not None else []
    return " ".join([*ends, f"to {limit(type, type.most)}"] if type.most is not None else [*ends, "on"])


def limit(type: Type, bound: float) -> str:
    """A bound of a type's range as it would be written."""
    from rem_cli.language.shown import duration, size

    if type.process in ("duration", "bytes"):
        return duration(bound) if type.process == "duration" else size(int(bound))
    return f"{bound:g}%" if type.process == "percent" else f"{bound:g}{' ' if type.unit else ''}{type.unit}"

"""How keys and values are written in a package: as typed, with quotes where YAML would read something else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rem_cli.language.layout import Layout
from rem_cli.language.source import UNSET, read, scalar


@dataclass(frozen=True)
class Typed:
    """A value as it was typed, and what it stands for."""

    data: Any
    text: str  # as YAML reads it, outside of `{}` and `[]`

    def written(self, *, flow: bool) -> str:
        """As it is written in a text; `flow` inside of `{}` or `[]`."""
        if self.data is UNSET:
            return f"{self.text} " if flow else self.text  # libyaml wants a blank behind a tag there
        if flow and read("value", f"[{self.text}]".encode()).data != [self.data]:
            return quoted(self.data)
        return self.text

    def in_style(self, style: str, *, flow: bool) -> str:
        """In the quotes of what it replaces, where it is a text that can stand in them."""
        if not isinstance(self.data, str) or not style:
            return self.written(flow=flow)
        if style == "'" and self.data.isprintable():
            return "'" + self.data.replace("'", "''") + "'"
        return quoted(self.data)

    def children(self) -> Iterator[tuple[Any, Typed]]:
        """The elements of a list with their numbers, the values of a mapping with their keys."""
        source = read("value", f"k: {self.text}".encode())
        for entry in Layout(source.text).root.entries[0].value.entries:
            step = entry.key.value if entry.key else None
            text = source.text[entry.value.start : entry.value.end]
            yield step, typed(text if text.strip() else "null")


def typed(text: str) -> Typed:
    """A value typed on a command line, read like a value in a package: `[a, b]`, `90s`, `3`."""
    source = read("value", f"k: {text}".encode())
    plain = isinstance(source.data, dict) and source.data.keys() == {"k"} and not source.findings and "\n" not in text
    found = source.data["k"] if plain else text
    simple = not isinstance(found, dict | list) and text[:1] not in ("'", '"')
    if not text.strip() or (simple and scalar(text.strip()) != found):
        found, plain = text, False  # a comment, an anchor or a tag in YAML; here a part of the text
    return Typed(found, text.strip() if plain else quoted(found))


def as_text(content: str) -> Typed:
    """A text, whatever YAML would read in it."""
    found = typed(content)
    return found if found.data == content and isinstance(found.data, str) else Typed(content, quoted(content))


TAKEN_OUT = Typed(UNSET, "!unset")  # of what a specification or a linked file says


def value(text: str) -> Any:
    """What a value typed on a command line is."""
    return typed(text).data


def text(content: str) -> str:
    """A text as it is written in a package: with quotes where YAML would read something else, like a number."""
    return as_text(content).written(flow=True)


def quoted(found: Any) -> str:
    """A text in double quotes. JSON's escapes are YAML's as well (YAML 1.2, section 5.7)."""
    return json.dumps(found, ensure_ascii=False).translate(_ESCAPED)


# What JSON leaves as it is and YAML does not print, or takes for the end of a line.
_ESCAPED = {code: f"\\u{code:04x}" for code in (0x7F, *range(0x80, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}


def literal(found: Any, indent: int, ending: str) -> tuple[str, str] | None:
    """A text of several lines behind `|`: its header, and its lines without the last break; None when it cannot be."""
    if not isinstance(found, str) or "\n" not in found or found[0] in " \n" or not found.strip("\n"):
        return None
    if re.search("[^\n\t -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]", found):
        return None
    body = found.rstrip("\n")
    chomp = {0: "-", 1: ""}.get(len(found) - len(body), "+")
    lines = [" " * indent + line if line else "" for line in (found if chomp == "+" else body).split("\n")]
    return f"|{chomp}", ending.join(lines[:-1] if chomp == "+" else lines)


def key(name: str) -> str:
    """A key as it is written, in block and in flow mappings."""
    plain = [read("key", text.encode()) for text in (f"{name}: 1", f"{{{name}: 1}}")]
    return name if all(not one.findings and one.data == {name: 1} for one in plain) else quoted(name)


@dataclass(frozen=True)
class Lines:
    """Something new for a mapping or list, in either of its forms."""

    block: Callable[[int, int], Sequence[str]]  # its lines at an indent, and with a step of indents
    flow: str | None  # between the commas of a flow mapping; None when it can only stand in lines


def field(name: str, new: Typed) -> Lines:
    """A field with its value."""
    line = f"{key(name)}: {new.written(flow=False)}"
    return Lines(lambda indent, step: [" " * indent + line], f"{key(name)}: {new.written(flow=True)}")


def element(new: Typed) -> Lines:
    """An element of a list."""
    line = f"- {new.written(flow=False)}"
    return Lines(lambda indent, step: [" " * indent + line], new.written(flow=True))


Tree = Mapping[str, "Typed | Tree"]


def fields(path: Sequence[str], given: Mapping[str, str]) -> Lines:
    """The keys of a path below each other, and below the last of them fields as they were typed."""
    return tree(path, {name: typed(text) for name, text in given.items()})


def tree(path: Sequence[str], given: Tree) -> Lines:
    """The keys of a path below each other, and below the last of them fields and mappings of such."""

    def block(indent: int, step: int) -> list[str]:
        lines = [f"{' ' * (indent + depth * step)}{key(name)}:" for depth, name in enumerate(path)]
        lines += _below(given, indent + len(path) * step, step)
        if not given:
            lines[-1] += " {}"
        return lines

    return Lines(block, nested(path, _inline(given)))


def meant(given: Tree) -> dict[str, Any]:
    """What a tree stands for."""
    return {name: new.data if isinstance(new, Typed) else meant(new) for name, new in given.items()}


def _below(given: Tree, indent: int, step: int) -> list[str]:
    lines: list[str] = []
    for name, new in given.items():
        one = field(name, new) if isinstance(new, Typed) else tree([name], new)
        lines += one.block(indent, step)
    return lines


def _inline(given: Tree) -> str:
    values = {name: new.written(flow=True) if isinstance(new, Typed) else _inline(new) for name, new in given.items()}
    return f"{{{', '.join(f'{key(name)}: {text}' for name, text in values.items())}}}"


def nested(path: Sequence[str], inner: str) -> str:
    """A value below the keys of a path, in one line."""
    for name in reversed(path[1:]):
        inner = f"{{{key(name)}: {inner}}}"
    return f"{key(path[0])}: {inner}"

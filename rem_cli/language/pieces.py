"""Whole items on their way from one place of a text to another: cut out as they are written, comments and all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rem_cli.language import edit, forms, splice
from rem_cli.language.edit import CannotEdit
from rem_cli.language.forms import Lines
from rem_cli.language.layout import BREAK, Entry, Layout, Part
from rem_cli.language.source import read


@dataclass(frozen=True)
class Piece:
    """A key with its value, as it is written in some text."""

    data: Any
    above: tuple[str, ...]  # the comments that stand above it, without their indent
    rest: tuple[str, ...]  # what stands behind the key, line by line; all but the first without the key's indent
    flow: str | None  # the value in one line; None when it cannot be
    shares: str | None = None  # an alias in it, whose anchor stands elsewhere

    def under(self, path: Sequence[str]) -> Lines:
        """The piece with the last key of a path, below the others."""

        def block(indent: int, step: int) -> list[str]:
            lines = [f"{' ' * (indent + depth * step)}{forms.key(name)}:" for depth, name in enumerate(path[:-1])]
            inner = " " * (indent + step * (len(path) - 1))
            first, *more = self.rest
            lines += [inner + line for line in self.above]
            lines.append(f"{inner}{forms.key(path[-1])}{first}")
            return [*lines, *(inner + line if line.strip() else line for line in more)]

        return Lines(block, None if self.flow is None else forms.nested(path, self.flow))


def piece(file: str, text: str, path: Sequence[str | int]) -> Piece:
    """What stands at a path. CannotEdit when it is not written there by itself."""
    _, source = edit.opened(file, text)
    layout = Layout(source.text)
    found = layout.find(path)
    if len(found) < len(path) or found[-1].odd or found[-1].key is None:
        name = path[-1]
        raise CannotEdit(f"'{name}' comes from a merge or an alias and is not written here", where=source.place(path))
    data = source.data
    for step in path:
        data = data[step]
    holder = found[-2].value if len(found) > 1 else layout.root
    above, rest = _cut(layout, found[-1], inline=holder.flow)
    flow = None if above or _comments(layout, found[-1]) else flowed(source.text, found[-1].value)
    return Piece(edit.copied(data), above, rest, flow, next(_shared(source.text, found[-1].value), None))


def cut_out(file: str, text: str, path: Sequence[str | int]) -> str:
    """The text without the item at a path and the comments that are its own. CannotEdit like `change`."""
    return edit.unset(file, text, path, along=True)


def _cut(layout: Layout, entry: Entry, *, inline: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    text = layout.text
    assert entry.key
    if inline:
        rest = text[entry.key.end : entry.end] if entry.mark >= 0 else ":"
        return (), tuple(line if not n else line.strip() for n, line in enumerate(BREAK.split(rest)))
    start, end = splice.span(text, entry, along=True)
    indent = splice.column(text, entry.start)
    above = [line.strip() for line in BREAK.split(text[start : entry.start])[:-1]]
    first, *more = BREAK.split(text[entry.key.end : end].removesuffix("\n").removesuffix("\r"))
    return tuple(above), (first, *(line[indent:] if not line[:indent].strip() else line for line in more))


def _comments(layout: Layout, entry: Entry) -> bool:
    start, end = splice.span(layout.text, entry, along=False)
    return any(start <= at < end for at, _ in layout.comments())


def _shared(text: str, part: Part) -> Iterator[str]:
    if part.kind == "alias":
        yield text[part.start : part.end]
    for entry in part.entries:
        yield from _shared(text, entry.value)


def flowed(text: str, part: Part) -> str | None:
    """A value in one line, every scalar as it is written; None when something in it needs lines of its own."""
    if part.kind in ("scalar", "alias") or part.flow:
        written = text[part.start : part.end]
        if BREAK.search(written) or part.style in ("|", ">"):
            return None
        plain = (
            part.kind != "scalar"
            or part.style
            or read("value", f"[{written}]".encode()).data == [read("value", f"k: {written}".encode()).data["k"]]
        )
        return written if plain else forms.quoted(part.value)
    if part.kind == "empty":
        return "null"
    if part.kind == "pair" or part.start < part.body:
        return None
    inner = [(entry, flowed(text, entry.value)) for entry in part.entries]
    if any(one is None or entry.odd for entry, one in inner):
        return None
    if part.kind == "list":
        return f"[{', '.join(one or '' for _, one in inner)}]"
    return f"{{{', '.join(f'{forms.key(entry.key.value)}: {one}' for entry, one in inner if entry.key)}}}"

"""What the word under the cursor is: its meaning, its type and default, and which line set the value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Range

from rem_cli.language import Origin
from rem_cli.language.schema import Field, Section
from rem_cli.language.shown import shown
from rem_cli.language.types import Type, limit
from rem_cli.lsp.meaning import Fields, File, Layer, Value, Words, followed
from rem_cli.lsp.outline import Role, outline
from rem_cli.lsp.repository import Repository, Seen
from rem_cli.lsp.text import Position, Text, protocol

_OBEYED = re.compile(r"[\\`*_{}\[\]<>()#+!|~&-]")


def hover(repository: Repository, seen: Seen, path: str, position: Position) -> Hover | None:
    """What stands at a place of an open file; None where that is nothing to speak of."""
    text = Text(repository.text(path))
    found = outline(text.text).at(text.offset(position))
    if found is None:
        return None
    entry, role = found
    start, end = (entry.start, entry.end) if role is Role.KEY else (entry.value, entry.value_end)
    said = list(_said(seen, File.of(path), entry.path))
    if not said:
        return None
    span = Range(protocol(text.position(start)), protocol(text.position(end)))
    return Hover(MarkupContent(MarkupKind.Markdown, "\n\n".join(said)), span)


def _said(seen: Seen, file: File, path: tuple[str | int, ...]) -> Iterator[str]:
    here = seen.meaning(file, path)
    if isinstance(here, Words):
        if info := followed(here.schema, seen.schema).get("description"):
            yield plain(str(info))
    elif isinstance(here, Layer):
        yield from _section(here.section) if here.depth == 0 else _layer(here.section, here.depth - 1, here.path)
    elif isinstance(here, Fields):
        yield from _layer(here.section, len(here.section.layers) - 1, here.path)
        title = seen.items[here.path].fields.get("title") if here.path in seen.items else None
        if title:
            yield plain(str(title))
    elif isinstance(here, Value):
        yield from _field(here.field)
        resolution = seen.resolution
        if here.path in resolution.items:
            name = here.field.name
            origin = resolution.origins(here.path).get(name)
            yield f"`{_code(resolution.texts(here.path).get(name, ''))}`{plain(_told(origin)) if origin else ''}"


def _section(section: Section) -> Iterator[str]:
    yield f"**{plain(section.name)}**: {plain(' / '.join(layer.title for layer in section.layers))}"
    if section.info:
        yield plain(section.info)


def _layer(section: Section, depth: int, path: str) -> Iterator[str]:
    yield f"**{plain(section.layers[depth].title)}** of {plain(section.name)}"
    yield f"`{_code(path)}`"


def _field(known: Field) -> Iterator[str]:
    default = f", default {shown(known.default, known.type)}" if known.default is not None else ""
    state = ", required" if known.required else default
    yield f"**{plain(known.name)}**: {plain(f'{known.type.title}{_limits(known.type)}{state}')}"
    if known.type.choices:
        yield plain(f"one of {', '.join(known.type.choices)}")
    if known.info:
        yield plain(known.info)


def _limits(type: Type) -> str:
    least = f" from {limit(type, type.least)}" if type.least is not None else ""
    return least + (f" to {limit(type, type.most)}" if type.most is not None else "")


def _told(origin: Origin) -> str:
    """As `rem show --origin` says it."""
    where = f", {origin.where}" if origin.where else ""
    beaten = "".join(f"; not {one.source}{f', {one.where}' if one.where else ''}" for one in origin.beaten)
    return f" {origin.source}{where}{beaten}"


def plain(text: str) -> str:
    """Text of packages in Markdown: none of it is read as markup."""
    return _OBEYED.sub(r"\\\g<0>", "".join(c if c.isprintable() or c == "\n" else "�" for c in text))


def _code(text: str) -> str:
    return "".join(c if c.isprintable() and c != "`" else "�" for c in text)

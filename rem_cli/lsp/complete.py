"""What can be typed at a place: words that are not there yet, choices, items, hosts, files, names of references."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lsprotocol.types import (
    CompletionItem,
    CompletionItemKind,
    InsertTextFormat,
    MarkupContent,
    MarkupKind,
    Range,
    TextEdit,
)

from rem_cli.language.names import vocabulary
from rem_cli.language.schema import Field, Section
from rem_cli.language.shown import shown
from rem_cli.lsp.meaning import Fields, File, Layer, Meaning, Value, Words, followed
from rem_cli.lsp.outline import Role, Spot, outline, spot
from rem_cli.lsp.repository import Repository, Seen
from rem_cli.lsp.text import Position, Text, protocol

_NAME = re.compile(r"\$\{([^{}]*)\Z")


@dataclass(frozen=True)
class Proposal:
    """One thing to type. `snippet` is for editors that fill in blanks, `${1:group}`; `text` for all others."""

    label: str
    text: str
    kind: CompletionItemKind
    detail: str = ""
    info: str = ""
    snippet: str | None = None


def complete(
    repository: Repository, seen: Seen, path: str, position: Position, *, snippets: bool
) -> list[CompletionItem]:
    """Proposals for a place of an open file."""
    text = Text(repository.text(path))
    offset = text.offset(position)
    here = spot(text.text, offset)
    start = here.start
    file = File.of(path)
    if here.role is Role.NOTHING:
        return []
    typed = text.text[start:offset]
    name = _NAME.search(typed)
    if name:
        start += name.start(1)
        found = _names(repository, seen.meaning(file, here.path), path, closed=text.text.startswith("}", offset))
    elif here.role is Role.KEY:
        there = {vocabulary(key) for key in outline(text.text).keys.get(here.path, ())}
        there -= {vocabulary(typed)}
        found = list(_keys(seen.meaning(file, here.path), there, here, seen))
    else:
        found = list(_values(seen.meaning(file, here.path), repository, seen, path))
        if here.role is Role.VALUE and not here.element and text.text[start - 1 : start] == ":":
            found = []  # a value begins behind a blank
        if here.element:
            found += _keys(seen.meaning(file, here.path), set(), here, seen)
        if typed[:1] in ("'", '"'):  # inside of quotes nothing needs quotes
            start += 1
            found = [replace(one, text=one.label) for one in found]
    span = Range(protocol(text.position(start)), protocol(text.position(offset)))
    return [_item(proposal, span, number, snippets) for number, proposal in enumerate(found)]


def _item(proposal: Proposal, span: Range, number: int, snippets: bool) -> CompletionItem:
    snippet = proposal.snippet if snippets else None
    return CompletionItem(
        label=proposal.label,
        kind=proposal.kind,
        detail=proposal.detail or None,
        documentation=MarkupContent(MarkupKind.PlainText, proposal.info) if proposal.info else None,
        sort_text=f"{number:05}",
        filter_text=proposal.label,
        insert_text_format=InsertTextFormat.Snippet if snippet else InsertTextFormat.PlainText,
        text_edit=TextEdit(span, snippet or proposal.text),
    )


def _keys(meaning: Meaning | None, there: set[str], here: Spot, seen: Seen) -> Iterator[Proposal]:
    if isinstance(meaning, Words):
        for word, schema in meaning.schema.get("properties", {}).items():
            if word not in there:
                info = str(followed(schema, seen.schema).get("description", ""))
                yield Proposal(word, f"{word}: ", CompletionItemKind.Keyword, "", info)
        for section in meaning.sections:
            if section.name not in there:
                yield _section(section, here)
    elif isinstance(meaning, Layer):
        yield _layer(meaning, here)
    elif isinstance(meaning, Fields):
        for title, names in meaning.section.grouped_fields():
            for name in names:
                if name not in there and name not in meaning.section.collected:
                    yield _field(meaning.section.fields[name], title)
        for inner in meaning.section.sections.values():
            if inner.name not in there:
                yield _section(inner, here)


def _field(known: Field, title: str) -> Proposal:
    default = f", default {shown(known.default, known.type)}" if known.default is not None else ""
    detail = f"{known.type.title}{', required' if known.required else default}"
    return Proposal(known.name, f"{known.name}: ", CompletionItemKind.Field, detail, f"{known.info}\n{title}".strip())


def _section(section: Section, here: Spot) -> Proposal:
    layers = " / ".join(layer.title for layer in section.layers)
    snippet = None if here.flow else f"{section.name}:\n{_layers(section, 0, 1)}"
    return Proposal(section.name, f"{section.name}:", CompletionItemKind.Module, layers, section.info, snippet)


def _layer(layer: Layer, here: Spot) -> Proposal:
    snippet = f"${{1:{layer.title}}}: {{$0}}" if here.flow else _layers(layer.section, layer.depth, 0)
    info = f"a new {layer.title} of {layer.section.name}"
    return Proposal(layer.title, f"{layer.title}: ", CompletionItemKind.Snippet, info, layer.section.info, snippet)


def _layers(section: Section, depth: int, indent: int) -> str:
    """The keys of the layers from `depth` on, each a blank to fill in."""
    lines = [
        f"{'  ' * (indent + number)}${{{number + 1}:{layer.title}}}:\n"
        for number, layer in enumerate(section.layers[depth:])
    ]
    return f"{''.join(lines)}{'  ' * (indent + len(lines))}$0"


def _values(meaning: Meaning | None, repository: Repository, seen: Seen, path: str) -> Iterator[Proposal]:
    if isinstance(meaning, Words):
        yield from _words(meaning.schema)
    if not isinstance(meaning, Value) or meaning.type is None:
        return
    type = meaning.type
    for choice in type.choices:
        yield Proposal(choice, _written(choice), CompletionItemKind.EnumMember, meaning.field.name)
    if type.process == "boolean":
        yield from (Proposal(word, word, CompletionItemKind.Keyword) for word in ("true", "false"))
    elif type.process == "ref to":
        yield from _items(seen, type.to or "", File.of(path).package)
    elif type.process == "host selector":
        yield from _hosts(seen)
    elif type.file:
        home = posixpath.dirname(path)
        for other in seen.tree.entries(home):
            if other.startswith(f"{home}/") and not other.endswith((".yaml", ".yml")):
                yield Proposal(other[len(home) + 1 :], other[len(home) + 1 :], CompletionItemKind.File)
    default = meaning.field.default
    if default is not None and not isinstance(default, (list, dict)) and not type.choices:
        written = shown(default, type)
        yield Proposal(written, _written(written), CompletionItemKind.Value, "the default")


def _words(schema: Mapping[str, Any]) -> Iterator[Proposal]:
    for word in (*schema.get("examples", ()), *schema.get("enum", ())):
        yield Proposal(str(word), str(word), CompletionItemKind.EnumMember)
    kinds = schema.get("type", ())
    if "boolean" in ([kinds] if isinstance(kinds, str) else kinds):
        yield from (Proposal(word, word, CompletionItemKind.Keyword) for word in ("true", "false"))


def _items(seen: Seen, to: str, package: str) -> Iterator[Proposal]:
    """Items of a section, those of the same package first and without its name."""
    fit = [one for one in seen.items.values() if to in (one.section, one.process.removeprefix("builtin "))]
    for item in sorted(fit, key=lambda one: (one.package != package, one.path)):
        path = item.path.removeprefix(f"{package}/") if item.package == package else item.path
        yield Proposal(path, path, CompletionItemKind.Reference, str(item.fields.get("title") or ""))


def _hosts(seen: Seen) -> Iterator[Proposal]:
    """Groups of hosts, then hosts."""
    hosts = [one for one in seen.items.values() if one.process == "builtin inventory"]
    for group in dict.fromkeys(value for one in hosts for value in one.layers.values()):
        yield Proposal(f"@{group}", f'"@{group}"', CompletionItemKind.Reference, "a group of hosts")
    for name in dict.fromkeys(str(one.fields.get("name") or one.key) for one in hosts):
        yield Proposal(name, _written(name), CompletionItemKind.Reference, "a host")


def _names(repository: Repository, meaning: Meaning | None, path: str, *, closed: bool) -> list[Proposal]:
    """What `${name}` may name here: what the item's place says, the items that hold it, and the package's params."""
    scope: Iterable[str] = meaning.scope if isinstance(meaning, Value) else ()
    package = File.of(path).package
    params = [
        key
        for other in repository.texts(package)
        for key in outline(repository.text(other)).keys.get(("params",) if not File.of(other).part else (), ())
        if File.of(other).part in ((), ("params",))
    ]
    end = "" if closed else "}"
    return [Proposal(name, f"{name}{end}", CompletionItemKind.Variable) for name in dict.fromkeys((*scope, *params))]


def _written(text: str) -> str:
    from rem_cli.language import edit

    return edit.text(text)

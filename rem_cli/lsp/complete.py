"""What can be typed at a place: words that are not there yet, choices, items, hosts, files, names of references."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from rem_cli.lsp.outline import Path as Keys
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


@dataclass(frozen=True)
class Asked:
    """Where something is to be typed."""

    repository: Repository
    seen: Seen
    path: str
    spot: Spot

    @property
    def package(self) -> str:
        return File.of(self.path).package

    @property
    def home(self) -> Keys:
        """The path in the package as a whole, wherever the file lies."""
        return (*File.of(self.path).part, *self.spot.path)

    @property
    def meaning(self) -> Meaning | None:
        return self.seen.meaning(File.of(self.path), self.spot.path)


def complete(
    repository: Repository, seen: Seen, path: str, position: Position, *, snippets: bool
) -> list[CompletionItem]:
    """Proposals for a place of an open file."""
    text = Text(repository.text(path))
    offset = text.offset(position)
    here = spot(text.text, offset)
    asked = Asked(repository, seen, path, here)
    start, end = here.start, offset
    typed = text.text[start:offset]
    name = _NAME.search(typed)
    found: list[Proposal] = []
    if here.role is Role.NOTHING:
        return []
    if name:
        start += name.start(1)
        found = _names(asked, closed=text.text.startswith("}", offset))
    elif here.role is Role.KEY:
        there = {vocabulary(key): key for key in outline(text.text).keys.get(here.path, ())}
        under = outline(text.text).at(offset)
        if under and under[1] is Role.KEY and under[0].start == start:  # a key that is there is typed anew
            end = under[0].end
            there.pop(vocabulary(str(under[0].path[-1])), None)
        found = list(_keys(asked, there.keys()))
        if end > offset or text.text.startswith(":", end):
            found = [replace(one, text=one.label, snippet=None) for one in found]
    elif here.element or text.text[start - 1 : start] != ":":  # a value begins behind a blank
        found = [*_values(asked), *(_keys(asked, ()) if here.element else ())]
        if typed[:1] in ("'", '"'):  # inside of quotes nothing needs quotes
            start += 1
            found = [replace(one, text=one.label) for one in found]
    span = Range(protocol(text.position(start)), protocol(text.position(end)))
    return [_item(proposal, span, number, snippets) for number, proposal in enumerate(found)]


_BOOLEANS = [Proposal(word, word, CompletionItemKind.Keyword) for word in ("true", "false")]


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


def _keys(asked: Asked, there: Collection[str]) -> Iterator[Proposal]:
    here = asked.meaning
    if isinstance(here, Words):
        for word, schema in here.schema.get("properties", {}).items():
            if word not in there:
                info = str(followed(schema, asked.seen.schema).get("description", ""))
                yield Proposal(word, f"{word}: ", CompletionItemKind.Keyword, "", info)
        yield from (_section(one, asked.spot) for one in here.sections if one.name not in there)
        yield from _others(asked, there)
    elif isinstance(here, Layer):
        yield _layer(here, asked.spot)
    elif isinstance(here, Fields):
        for title, names in here.section.grouped_fields():
            for name in names:
                if name not in there and name not in here.section.collected:
                    yield _field(here.section.fields[name], title)
        yield from (_section(one, asked.spot) for one in here.section.sections.values() if one.name not in there)


def _others(asked: Asked, there: Collection[str]) -> Iterator[Proposal]:
    """Packages to require, and the params of what a package is made from."""
    packages = asked.seen.resolution.packages
    if asked.home == ("require",):
        for about in packages.values():
            if about.name not in (*there, asked.package):
                text = f'{about.name}: ">={about.version}"'
                yield Proposal(about.name, text, CompletionItemKind.Module, about.version, about.title)
    elif asked.home == ("with",) and asked.package in packages:
        for param in packages[asked.package].params:
            if param.name not in there:
                yield Proposal(param.name, f"{param.name}: ", CompletionItemKind.Property, param.type, param.info)


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


def _values(asked: Asked) -> Iterator[Proposal]:
    here, seen = asked.meaning, asked.seen
    if asked.home == ("of",):
        for about in seen.resolution.packages.values():
            if about.specification and about.name != asked.package:
                yield Proposal(about.name, about.name, CompletionItemKind.Module, about.version, about.title)
    elif isinstance(here, Words):
        yield from _words(here.schema)
    if not isinstance(here, Value) or here.type is None:
        return
    type = here.type
    for choice in type.choices:
        yield Proposal(choice, _written(choice), CompletionItemKind.EnumMember, here.field.name)
    if type.process == "boolean":
        yield from _BOOLEANS
    elif type.process == "ref to":
        yield from _items(seen, type.targets, asked.package)
    elif type.process == "host selector":
        yield from _hosts(seen)
    elif type.file:
        yield from _files(asked)
    default = here.field.default
    if default is not None and not isinstance(default, (list, dict)) and not type.choices:
        written = shown(default, type)
        yield Proposal(written, _written(written), CompletionItemKind.Value, "the default")


def _files(asked: Asked) -> Iterator[Proposal]:
    """Programs beside the file."""
    home = posixpath.dirname(asked.path)
    for path in asked.seen.tree.entries(home):
        if not path.endswith((".yaml", ".yml")):
            beside = posixpath.relpath(path, home)
            yield Proposal(beside, _written(beside), CompletionItemKind.File)


def _words(schema: Mapping[str, Any]) -> Iterator[Proposal]:
    for word in (*schema.get("examples", ()), *schema.get("enum", ())):
        yield Proposal(str(word), str(word), CompletionItemKind.EnumMember)
    kinds = schema.get("type", ())
    if "boolean" in ([kinds] if isinstance(kinds, str) else kinds):
        yield from _BOOLEANS


def _items(seen: Seen, targets: Sequence[str], package: str) -> Iterator[Proposal]:
    """Items of some sections, those of the same package first and without its name."""
    wanted = {*targets}
    fit = [one for one in seen.items.values() if {one.section, one.process.removeprefix("builtin ")} & wanted]
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


def _names(asked: Asked, *, closed: bool) -> list[Proposal]:
    """What `${name}` may name here: what the item's place says, the items that hold it, and the package's params."""
    scope = asked.meaning.scope if isinstance(asked.meaning, Value) else ()
    about = asked.seen.resolution.packages.get(asked.package)
    params = [param.name for param in about.params] if about else []
    end = "" if closed else "}"
    return [Proposal(name, f"{name}{end}", CompletionItemKind.Variable) for name in dict.fromkeys((*scope, *params))]


def _written(text: str) -> str:
    from rem_cli.language import edit

    return edit.text(text)

"""Where things are: the definition of a word, and the item that a reference names."""

from __future__ import annotations

import posixpath
import re

from lsprotocol.types import Location, Range
from pygls.uris import from_fs_path

from rem_cli.errors import Place
from rem_cli.language.names import vocabulary
from rem_cli.lsp.meaning import Fields, File, Layer, Value
from rem_cli.lsp.outline import Entry, Role, outline
from rem_cli.lsp.repository import Repository, Seen
from rem_cli.lsp.text import Position, Text, protocol

_NAME = re.compile(r"\$\{([^{}]*)\}")


def definition(repository: Repository, seen: Seen, path: str, position: Position) -> Location | None:
    """What the word at a place of an open file names: an item, a file, a package, or what defines it."""
    text = Text(repository.text(path))
    offset = text.offset(position)
    found = outline(text.text).at(offset)
    if found is None:
        return None
    entry, role = found
    here = seen.meaning(File.of(path), entry.path)
    if role is Role.VALUE:
        for name in _NAME.finditer(text.text, entry.value, entry.value_end):
            if name.start() <= offset <= name.end() and isinstance(here, Value):
                return _named(repository, seen, vocabulary(name[1].strip()), here)
        written = text.text[entry.value : entry.value_end].strip("'\"")
        if entry.path == ("of",) and not File.of(path).part:
            return _package(repository, written)
        if isinstance(here, Value) and here.type:
            return _value(repository, seen, here, written, path)
        return None
    if entry.path[:1] == ("require",) and len(entry.path) == 2:
        return _package(repository, str(entry.path[1]))
    if isinstance(here, Value):
        return _at(repository, here.field.at.key_place)
    if isinstance(here, Layer | Fields):
        return _at(repository, here.section.at.key_place)
    return None


def _value(repository: Repository, seen: Seen, here: Value, written: str, path: str) -> Location | None:
    assert here.type
    package = File.of(path).package
    if here.type.process == "ref to":
        wanted = written.strip("/")
        found = next((one for one in (wanted, f"{package}/{wanted}") if one in seen.items), f"{package}/{wanted}")
        return _item(repository, found)
    if here.type.file:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
        return Location(from_fs_path(str(repository.file(file))), _start()) if file in seen.tree.entries() else None
    return None


def _named(repository: Repository, seen: Seen, name: str, here: Value) -> Location | None:
    """What `${name}` stands for: a key above, a field of an item above, or a param of the package."""
    package, *keys = here.path.split("/")
    whole = File(package, ())
    for count in range(len(keys), 0, -1):
        item = "/".join([package, *keys[:count]])
        above, held = seen.meaning(whole, tuple(keys[: count - 1])), seen.meaning(whole, tuple(keys[:count]))
        if isinstance(above, Layer) and above.section.layers[above.depth].index == name:
            return _item(repository, item)
        if isinstance(held, Fields) and item != here.path and name in held.section.fields:
            return _item(repository, f"{item}/{name}") or _at(repository, held.section.fields[name].at.key_place)
    about = seen.resolution.packages.get(package)
    owners = [package, *(about.of if about else ())]
    return next((found for one in owners if (found := _item(repository, f"{one}/params/{name}"))), None)


def _item(repository: Repository, item: str) -> Location | None:
    found = repository.find(item)
    return _entry(repository, *found) if found else None


def _package(repository: Repository, name: str) -> Location | None:
    heads = [path for path in repository.texts(name) if not File.of(path).part]
    return Location(from_fs_path(str(repository.file(heads[0]))), _start()) if heads else None


def _entry(repository: Repository, path: str, entry: Entry) -> Location:
    text = Text(repository.text(path))
    span = Range(protocol(text.position(entry.start)), protocol(text.position(entry.end)))
    return Location(from_fs_path(str(repository.file(path))), span)


def _at(repository: Repository, place: Place) -> Location:
    start, end = Text(repository.source(place.file)).span(place)
    return Location(from_fs_path(str(repository.file(place.file))), Range(protocol(start), protocol(end)))


def _start() -> Range:
    return Range(protocol(Position(0, 0)), protocol(Position(0, 0)))

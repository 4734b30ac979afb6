"""What stands at a path of a package's text: a word of the package, a layer's key, an item, a field's value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rem_cli.language.names import vocabulary
from rem_cli.language.schema import Field, Section
from rem_cli.language.types import Type
from rem_cli.lsp.outline import Path


@dataclass(frozen=True)
class Words:
    """A mapping or value of REM's own vocabulary: the header, or the definition of a section or type."""

    schema: Mapping[str, Any]
    sections: tuple[Section, ...] = ()  # at the root of a package: those that may stand beside the words


@dataclass(frozen=True)
class Layer:
    """A mapping whose keys are one layer's."""

    section: Section
    depth: int
    path: str  # of the section or group
    scope: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.section.layers[self.depth].title


@dataclass(frozen=True)
class Fields:
    """An item."""

    section: Section
    path: str
    scope: tuple[str, ...]  # what `${name}` may name in it


@dataclass(frozen=True)
class Value:
    """The value of a field, or a part of it."""

    section: Section
    field: Field
    type: Type | None  # None inside of a value that has no parts
    path: str  # of the item
    scope: tuple[str, ...]


Meaning = Words | Layer | Fields | Value


@dataclass(frozen=True)
class File:
    """Which package a file is of, and which of its parts it holds."""

    package: str
    part: Path  # () for the package's own file, ("jobs",) for jobs.yaml in its folder

    @classmethod
    def of(cls, path: str) -> File:
        parts = path.split("/")
        stem = re.sub(r"\.ya?ml\Z", "", parts[-1])
        if len(parts) == 2:
            return cls(stem, ())
        return cls(parts[1], () if len(parts) == 3 and stem == "package" else (parts[2] if len(parts) > 3 else stem,))


def meaning(path: Path, package: str, sections: Mapping[str, Section], schema: Mapping[str, Any]) -> Meaning | None:
    """What stands at a path of a package (with its file's part before it); None where nothing is known.

    `schema` is the package's, for the words that are not a section.
    """
    section = sections.get(vocabulary(str(path[0]))) if path else None
    if section is None:
        found = _below(schema, path, schema)
        return Words(found, () if path else tuple(sections.values())) if found else None
    return _content(section, path[1:], f"{package}/{section.name}", ())


def _content(section: Section, keys: Path, under: str, scope: tuple[str, ...]) -> Meaning | None:
    count = len(section.layers)
    if len(keys) < count:
        return Layer(section, len(keys), "/".join([under, *map(str, keys)]), scope)
    item = "/".join([under, *map(str, keys[:count])])
    inside = (*scope, *section.collected)
    if len(keys) == count:
        return Fields(section, item, inside)
    word = vocabulary(str(keys[count]))
    if word in section.sections:
        inner = section.sections[word]
        return _content(inner, keys[count + 1 :], f"{item}/{inner.name}", (*inside, *section.fields))
    if word not in section.fields:
        return None
    known = section.fields[word]
    type: Type | None = known.type
    for _ in keys[count + 1 :]:
        type = type and type.of
    return Value(section, known, type, item, inside)


def _below(schema: Mapping[str, Any], path: Path, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The part of a schema that holds for a path."""
    schema = followed(schema, root)
    for step in path:
        if isinstance(step, int):
            found = schema.get("items")
        else:
            found = schema.get("properties", {}).get(vocabulary(step)) or schema.get("additionalProperties")
        if not isinstance(found, Mapping):
            return None
        schema = followed(found, root)
    return schema


def followed(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with what its `$ref` names, its own description first."""
    inner = [schema, *schema.get("allOf", ())]
    for one in inner:
        if "$ref" in one:
            return {**root["definitions"][one["$ref"].rpartition("/")[2]], **schema}
    return schema

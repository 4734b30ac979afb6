"""Mappings whose words are REM's own, as JSON Schema: each word once, in any of its spellings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]


def mapping(known: Mapping[str, Schema], placed: Mapping[str, Schema] | None = None) -> Schema:
    """A mapping with these words and no others, each in any spelling; `placed` are words that nobody completes."""
    return {**words(known, placed), "additionalProperties": False}


def words(known: Mapping[str, Schema], placed: Mapping[str, Schema] | None = None) -> Schema:
    spelled = {_others(word): schema for word, schema in known.items() if " " in word}
    spelled |= {_pattern(word): schema for word, schema in (placed or {}).items()}
    return {"properties": dict(known), **({"patternProperties": spelled} if spelled else {})}


def _others(word: str) -> str:
    """A pattern for the spellings of a word but the one with blanks."""
    return f"^(?!{_escaped(word)}$){_pattern(word)[1:]}"


def _pattern(word: str) -> str:
    """A pattern for every spelling of a word."""
    return f"^{_escaped(word).replace(' ', '[ _-]')}$"


def _escaped(word: str) -> str:
    """For a pattern of JSON Schema, where a blank and a dash stand for themselves."""
    return re.sub(r"[\\^$.|?*+()\[\]{}]", r"\\\g<0>", word)


def _spellings(word: str) -> list[str]:
    first, *rest = word.split(" ")
    marks = itertools.product(" -_", repeat=len(rest))
    return ["".join([first, *(mark + part for mark, part in zip(one, rest, strict=True))]) for one in marks]


def present(names: Sequence[str]) -> Schema:
    """One of these fields is written and not empty."""
    spelled = [word for name in names for word in _spellings(name)]
    if len(spelled) == 1:
        return {"required": spelled}
    return {"anyOf": [{"required": [word]} for word in spelled]}


def exactly_one(group: Sequence[str]) -> Schema:
    """One of these fields has a value, and only one; said of nothing but an item."""
    return _of_items([_titled(name) for name in group])


def at_most_one(group: Sequence[str]) -> Schema:
    """No two of these fields have a value."""
    given = [_titled(name) for name in group]
    return _of_items([*given, {"not": {"anyOf": given}}])


def _of_items(shapes: Sequence[Schema]) -> Schema:
    return {"if": {"type": "object"}, "then": {"oneOf": list(shapes)}}


def _titled(name: str) -> Schema:
    return {"title": name, **valued(name)}


def valued(name: str) -> Schema:
    filled = [{"required": [word], "properties": {word: {"not": {"type": "null"}}}} for word in _spellings(name)]
    return any_of(filled)


def any_of(shapes: Sequence[Schema]) -> Schema:
    return shapes[0] if len(shapes) == 1 else {"anyOf": list(shapes)}

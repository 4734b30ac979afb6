"""A JSON Schema that says once what it would say many times: editors load less, and a change is a line or two."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping

from rem_cli.language.worded import Schema

SHORT = 150  # characters of a part that is not worth a name
_MAPS = ("properties", "patternProperties", "definitions")  # of schemas, by name
_LISTS = ("anyOf", "oneOf", "allOf")
_ONES = ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else")


def once(schema: Schema) -> Schema:
    """The same schema, its repeated parts under `definitions`, named by what they hold."""
    seen: Counter[str] = Counter()

    def count(part: Schema) -> Schema:
        text = json.dumps(part)
        if len(text) > SHORT:
            seen[text] += 1
        return _each(part, count)

    _each(schema, count)
    named: dict[str, Schema] = {}

    def share(part: Schema) -> Schema:
        text = json.dumps(part)
        if seen[text] < 2:
            return _each(part, share)
        name = f"same-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        if name not in named:
            named[name] = {}  # keeps its place while its own parts are named
            named[name] = _each(part, share)
        return {"$ref": f"#/definitions/{name}"}

    own = schema.get("definitions", {})
    shared = _each({word: one for word, one in schema.items() if word != "definitions"}, share)
    kept = {name: _each(one, share) for name, one in own.items()}
    return {**shared, "definitions": {**kept, **dict(sorted(named.items()))}}


def _each(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """A schema with each schema right inside of it changed."""
    result: Schema = {}
    for word, one in schema.items():
        if word in _MAPS:
            result[word] = {name: change(part) for name, part in one.items()}
        elif word in _LISTS:
            result[word] = [change(part) for part in one]
        elif word in _ONES and isinstance(one, Mapping):
            result[word] = change(dict(one))
        else:
            result[word] = one
    return result

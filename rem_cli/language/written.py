"""How a value of each type may be written, as JSON Schema: what an editor can check without asking REM.

A schema says less than a type's reader: not whether an item is there, nor how long a duration is. What it refuses the
reader refuses too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rem_cli.language.source import scalar
from rem_cli.language.types import READERS, Matching, Type
from rem_cli.language.types.cron import NAMED
from rem_cli.language.worded import Schema, exactly_one, mapping, valued

__all__ = ["SCHEMAS", "Schema", "key", "value"]

REFERENCE = r"(^|[^$])\$\{[^{}]*\}"  # in any text: what it becomes is known only once it is followed
_TEXTS = ["string", "number", "boolean"]  # YAML reads 1.10 and true so; a text takes them as they are written


def value(type: Type) -> Schema:
    """What may be written for a value of a type: the value itself, or a text with `${name}` in it."""
    schema = _plain(type)
    if schema == {"type": _TEXTS}:
        return schema
    if "pattern" in schema and not {"minLength", "maxLength"} & schema.keys():
        return {**schema, "pattern": f"{schema['pattern']}|{REFERENCE}"}
    return {"anyOf": [schema, {"type": "string", "pattern": REFERENCE}]}


def key(type: Type | None) -> Schema:
    """What may be written for a key of a layer of a type."""
    schema = _plain(type) if type else {}
    texts = "enum" in schema or "string" in schema.get("type", ())
    return {word: schema[word] for word in _OF_KEYS if word in schema} if texts else {}


_OF_KEYS = ("pattern", "enum", "minLength", "maxLength", "patternErrorMessage")


def _plain(type: Type) -> Schema:
    return SCHEMAS[type.process](type) if type.process in SCHEMAS else {}


def _text(type: Type) -> Schema:
    if type.choices:
        return {"enum": [one for text in type.choices for one in dict.fromkeys((text, scalar(text)))]}
    return {"type": _TEXTS, **_bounds(type, "minLength", "maxLength")}


def _bounds(type: Type, least: str, most: str) -> Schema:
    bounds = {least: type.least, most: type.most}
    return {word: bound for word, bound in bounds.items() if bound is not None}


def _label(type: Type) -> Schema:
    if type.choices:
        return _text(type)
    says = "one line of at most 200 characters, without blanks at its ends"
    return {**_text(type), **_form(r"(?=[^\n]{1,200}$)\S([^\n]*\S)?", says)}


def _form(pattern: str, says: str) -> Schema:
    """`patternErrorMessage` is a word of the YAML and JSON language servers; others pass it over."""
    return {"pattern": f"^({pattern})$", "patternErrorMessage": says}


def _matching(type: Type) -> Schema:
    reader = READERS[type.process]
    assert isinstance(reader, Matching)
    if type.choices:
        return _text(type)
    kinds = {"string": "", "integer": "1", "number": "1.5", "boolean": "true"}
    fitting = [kind for kind, text in kinds.items() if not text or reader.pattern.fullmatch(text)]
    schema: Schema = {"type": [kind for kind in fitting if not (kind == "integer" and "number" in fitting)]}
    if len(fitting) > 1 and not reader.pattern.fullmatch("-1"):
        schema["minimum"] = 0
    return {**schema, **_bounds(type, "minLength", "maxLength"),
            **_form(reader.pattern.pattern.replace(r"\Z", "$"), reader.hint)}  # fmt: skip


def _number(type: Type) -> Schema:
    return _or_with_unit({"type": "number", **_bounds(type, "minimum", "maximum")}, type)


def _count(type: Type) -> Schema:
    bounds = {"minimum": 0, "maximum": 1 << 53, **_bounds(type, "minimum", "maximum")}
    return _or_with_unit({"type": "integer", **bounds}, type)


def _or_with_unit(schema: Schema, type: Type) -> Schema:
    measured = {"type": "string", **_form(rf"-?[0-9.]+\s*{re.escape(type.unit)}", f"a number and {type.unit}")}
    return {"anyOf": [schema, measured]} if type.unit else schema


def _boolean(type: Type) -> Schema:
    return {"type": "boolean"}


def _unit(pattern: str, says: str, *more: str) -> Callable[[Type], Schema]:
    return lambda type: {"type": ["string", *more], **_form(pattern, says), **({"minimum": 0} if more else {})}


def _list(type: Type) -> Schema:
    return {"type": "array", **({"items": value(type.of)} if type.of else {}), **_bounds(type, "minItems", "maxItems")}


def _map(type: Type) -> Schema:
    inner = value(type.of) if type.of else {}
    each = _or_empty(inner) if inner else True
    return {"type": "object", "additionalProperties": each, **_bounds(type, "minProperties", "maxProperties")}


def _record(type: Type) -> Schema:
    words = {name: _or_empty(value(known.type)) for name, known in type.fields.items()}
    fields = type.fields.values()
    needs = [valued(known.name) for known in fields if known.required and known.default is None]
    needs += [exactly_one(group) for group in type.one_of]
    return {"type": "object", **mapping(words), **({"allOf": needs} if needs else {})}


def _or_empty(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _command(type: Type) -> Schema:
    return {"type": "array", "items": {"type": _TEXTS}, "minItems": 1}


_DATE = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_ARCHIVE = r"[^,]+:[^,]+"

# By the code that reads them: what may be written for each kind of type.
SCHEMAS: Mapping[str, Callable[[Type], Schema]] = {
    **{name: _matching for name, reader in READERS.items() if isinstance(reader, Matching)},
    "text": _text,
    "label": _label,
    "number": _number,
    "count": _count,
    "percent": _unit(r"[0-9]{1,12}(\.[0-9]{1,12})?\s*%", "a number and %, like 99.9%"),
    "boolean": _boolean,
    "choice": _text,
    "list of": _list,
    "map of": _map,
    "duration": _unit(r"([0-9]{1,12}(\.[0-9]{1,9})?(ms|s|m|h|d|w|y))+",
                      "a number with its unit, like 90s, 5m, 2h or 7d"),
    "bytes": _unit(r"[0-9]{1,16}(\.[0-9]{1,9})?\s*(B|[kKMGT]i?B?)?", "a number with its unit, like 512 MiB", "number"),
    "command": _command,
    "path": _unit(r"[^/~$\\\x00-\x1f][^\\\x00-\x1f]*", "a relative path with '/'", "number", "boolean"),
    "retention": lambda type: {"anyOf": [
        {"type": "string", **_form(f"{_ARCHIVE}(,{_ARCHIVE})*", "STEP:SPAN, like 60s:7d, 5m:90d")},
        {"type": "array", "items": {"type": "string", "pattern": f"^{_ARCHIVE}$|{REFERENCE}"}},
    ]},
    "record": _record,
    "pattern": _text,
    "tolerance": _unit(r"\s*(([<>]=?|!?=)\s*-?[0-9].*|(outside|inside)\s+\S.*\.\..*\S)",
                       'like "> 500ms" or "outside 10..20"'),
    "matcher": _unit(r"[^=!~<>\s][^=!~<>]*(=~|!~|!=|=).*", 'like "severity=page"'),
    "cron": _unit(rf"\s*({'|'.join(NAMED)}|[^@\s]\S*(\s+\S+){{4}})\s*",
                  "minute hour day month weekday, like 30 4 * * 1-5"),
    "host path": _unit(r"/.*[^/]", "a whole path, like /etc/motd"),
    "rate": _unit(r"0*[1-9][0-9]*\s*/\s*\S+(ms|s|m|h|d|w|y)", "COUNT/SPAN, like 10/1h"),
    "date": _unit(_DATE, "like 2026-01-31"),
    "date time": _unit(rf"{_DATE}[ T]([01][0-9]|2[0-3]):[0-5][0-9].*", "like 2026-01-31 08:30"),
    "ref to": _unit(r"/*[^/]+(/[^/]+)*/*", "the path of an item, like section/group/name", "number", "boolean"),
}  # fmt: skip

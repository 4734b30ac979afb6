"""Sections as JSON Schema, for editors that know nothing of REM: one for a package's file, one for each section's.

It is draft 7, the newest that the YAML language server reads whole. Words of the vocabulary are completed as they are
written here, with blanks; their other spellings are taken as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from rem_cli.language.environments import NAME, WORD
from rem_cli.language.modeline import PACKAGE
from rem_cli.language.once import once
from rem_cli.language.schema import Field, Section
from rem_cli.language.worded import any_of, at_most_one, exactly_one, mapping, present, words
from rem_cli.language.written import SCHEMAS, Schema, key, value

DRAFT = "http://json-schema.org/draft-07/schema#"

_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}
_NAMES: Schema = {"type": "array", "items": {"type": "string"}}
_RANGE: Schema = {"type": "array", "items": {"type": ["number", "string", "null"]}, "minItems": 2, "maxItems": 2}
_GROUPS: Schema = {"type": ["array", "null"], "items": _NAMES}
_PAIR: Schema = {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2, "maxItems": 2}
_KEY = r"^(?!\.{1,2}$|-|\.git)[^/\s]([^/]*[^/\s])?$"  # what can be part of a path


def schemas(sections: Mapping[str, Sequence[Section]], types: Iterable[str] = ()) -> dict[str, Schema]:
    """The schemas by file name: `package.json`, and one for each file of the folder form, which names a part of it.

    `sections` gives every shape that a section has in the repository, `types` the names that `type:` may say. What an
    instance says is laid over its specification, so nothing has to be in it: its files have schemas of their own.
    """
    whole = {name: any_of([content(section) for section in shapes]) for name, shapes in sections.items()}
    changes = {name: any_of([content(section, whole=False) for section in found]) for name, found in sections.items()}
    package = {
        "$schema": DRAFT,
        "title": "a package of REM",
        "type": ["object", "null"],
        **mapping(_header(), {name: {} for name in whole}),
        "dependencies": {"with": ["of"]},
        "if": {"anyOf": [{"required": ["of"]}, {"required": ["links"]}]},
        "then": words({name: _ref(_content(name, whole=False)) for name in whole}),
        "else": words({name: _ref(_content(name)) for name in whole}),
        "definitions": {
            **_definitions(types),
            **{_content(name): schema for name, schema in whole.items()},
            **{_content(name, whole=False): schema for name, schema in changes.items()},
        },
    }
    parts = {f"{_slug(name)}.json": _content(name) for name in whole}
    parts |= {f"{_slug(name)}.instance.json": _content(name, whole=False) for name in whole}
    parts |= {f"{name}.json": name for name in ("params", "sections", "types")}
    return {PACKAGE: once(package), **{file: _part(parts[file]) for file in sorted(parts)}}


def rendered(schema: Schema) -> bytes:
    """A schema as the text of its file; the same for the same sections."""
    return f"{json.dumps(schema, indent=1, ensure_ascii=False)}\n".encode()


def content(section: Section, *, whole: bool = True) -> Schema:
    """What stands under a section's name: its layers, then its items. Not `whole`, nothing has to be there."""
    schema = _item(section, whole)
    for layer in reversed(section.layers):
        below = layer is section.layers[-1]
        keys = {} if below else key(layer.type)
        names = {"allOf": [{"pattern": _KEY}, keys]} if keys else {"pattern": _KEY}
        schema = {
            **_or_empty({"type": ["object"]}, whole),
            "propertyNames": names,
            "additionalProperties": schema,
            "description": f"Each key is {_article(layer.title)}.",
        }
    return {**schema, "description": f"{section.info} {schema['description']}".strip()}


def _item(section: Section, whole: bool) -> Schema:
    """One item. Empty where nothing must stand in it."""
    words = {n: _field(known, section, whole) for n, known in section.fields.items() if n not in section.collected}
    placed = {f"+{name}": value(section.fields[name].type) for name in words if _is_list(section.fields[name])}
    words |= {name: content(inner, whole=whole) for name, inner in section.sections.items()}
    words |= {name: {} for name in section.broken}
    needs = [present(_given(known)) for name, known in section.fields.items() if _needed(section, name)]
    needs += [exactly_one(group) for group in section.one_of if not _settled(section, group)]
    needs += [at_most_one(group) for group in section.at_most_one_of if not _settled(section, group)]
    needs = needs if whole else []
    placed |= dict.fromkeys(section.collected, _TEXT)  # allowed, and never worth a proposal: its place says it
    kind: Schema = {"type": ["object"]}
    schema = {**(kind if needs else _or_empty(kind, whole)), **mapping(words, placed)}
    plain = [need["required"][0] for need in needs if need.keys() == {"required"}]
    others = [need for need in needs if need.keys() != {"required"}]
    schema |= {"required": plain} if plain else {}
    return {**schema, "allOf": others} if others else schema


def _needed(section: Section, name: str) -> bool:
    key_field = section.layers[-1].key_field
    return section.fields[name].required and name != key_field and name not in section.collected


def _given(known: Field) -> list[str]:
    return [known.name, *([f"+{known.name}"] if _is_list(known) else ())]


def _is_list(known: Field) -> bool:
    return known.type.process == "list of"


def _settled(section: Section, group: Sequence[str]) -> bool:
    return not group or any(section.fields[name].default is not None for name in group)


def _field(known: Field, section: Section, whole: bool) -> Schema:
    schema = value(known.type)
    needed = whole and _needed(section, known.name)
    if not whole or (known.default is None and not needed):  # empty is as good as left out
        schema = _or_empty(schema, whole)
    elif known.type.process not in SCHEMAS:  # what needs a library is any value, but not none
        schema = {**schema, "not": {"type": "null"}}
    of_key = "else the item's key" if known.name == section.layers[-1].key_field else ""
    told = ", ".join(part for part in (known.type.title, of_key or ("required" if needed else "")) if part)
    schema = {**schema, "description": f"{known.info} ({told})".strip()}
    written = known.at.data.get("default") if isinstance(known.at.data, dict) else None
    return {**schema, "default": written} if written is not None else schema


def _or_empty(schema: Schema, whole: bool) -> Schema:
    """Or nothing at all; in an instance also an empty text, which is what `!unset` is to editors."""
    kinds = ["null"] if whole else ["null", "string"]
    most = {} if whole else {"maxLength": 0}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": kinds, **most}]}
    if whole or "string" not in schema["type"]:
        return {**schema, "type": [*schema["type"], *kinds], **most}
    return {"anyOf": [schema, {"type": kinds, **most}]}


def _part(definition: str) -> Schema:
    return {"$schema": DRAFT, "$ref": f"{PACKAGE}{_ref(definition)['$ref']}"}


def is_part(content: bytes) -> bool:
    """Whether a file of a folder of schemas is one that an export wrote for a section."""
    return content.startswith(rendered(_part("")).rpartition(b'"\n')[0])


def _content(name: str, *, whole: bool = True) -> str:
    return f"{'content' if whole else 'changes'}-of-{_slug(name)}"


def _slug(name: str) -> str:
    """A name for files and references, whatever it is made of."""
    return re.sub(r"[^A-Za-z0-9._-]", lambda found: f"_{ord(found[0]):x}", name.replace(" ", "-"))


def _ref(definition: str) -> Schema:
    return {"$ref": f"#/definitions/{definition}"}


def _article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


_FROM_GIT: Schema = {
    "type": "object",
    "properties": {
        "git": {"type": "string", "description": "https://host/path.git or ssh://user@host/path.git"},
        "version": {"type": ["string", "number"], "description": "A range of its tags vX.Y.Z, like >=2,<3"},
    },
    "required": ["git", "version"],
    "additionalProperties": False,
}


def _header() -> dict[str, Schema]:
    """The words of a package itself."""
    return {
        "package": _told(_TEXT, "Its name, the same as its file's or folder's."),
        "title": _told(_TEXT, "A line for people."),
        "info": _told(_TEXT, "What it is for."),
        "version": _told(_TEXT, "For whoever requires it, like 1.4.0."),
        "specification": _told({"type": "boolean"}, "Whether others are made from it; it runs nothing itself then."),
        "of": _told({"type": "string"}, "The specification that it is made from."),
        "params": _told(_ref("params"), "What an instance may give it, each defined like a field."),
        "with": _told({"type": ["object", "null"]}, "Values for the params of its specification."),
        "require": _told(
            {"type": "object", "additionalProperties": {"anyOf": [{"type": ["string", "number"]}, _FROM_GIT]}},
            'Packages whose sections it uses, each with a range of versions, like ">=1,<2"; or {git: URL, version: …}.',
        ),
        "fall back": _told(
            {"type": ["array", "null"], "items": {"type": ["string", "number", "boolean"]}},
            "Packages that are asked, in order, for a type or a template that is not here.",
        ),
        "environments": _told(
            {"type": ["array", "null"], "items": {"type": "string", "pattern": f"^{NAME.pattern}$"}},
            "The environments that there are, said once for all packages.",
        ),
        WORD: _told(
            {"type": ["object", "null"], "additionalProperties": {"type": ["object", "null"]}},
            "What the package says otherwise in an environment, by its name.",
        ),
        "links": _told({"type": ["object", "null"], "additionalProperties": _link()}, "Files that are content here."),
        "sections": _told(_ref("sections"), "Sections of its own."),
        "types": _told(_ref("types"), "Types of its own."),
    }


def _link() -> Schema:
    one: Schema = {"type": ["string", "number", "boolean"]}
    merged: Schema = {"anyOf": [one, {"type": "array", "items": one}]}
    embed = {**mapping({"embed": _told(one, "The file that this key is.")}), "required": ["embed"]}
    merge = {**mapping({"merge": _told(merged, "Files that lie under it, the last on top.")}), "required": ["merge"]}
    return {"type": "object", "anyOf": [embed, merge]}


def _definitions(types: Iterable[str]) -> dict[str, Schema]:
    """How sections and types are defined."""
    text: Schema = {"type": ["string", "null"]}
    named = {**text, "examples": sorted(types)}
    limits: dict[str, Schema] = {
        "choices": _told({"type": ["array", "null"]}, "The words that it may be."),
        "range": _told(_RANGE, "The least and the most, null for no bound."),
        "length": _told(_PAIR, "The fewest and the most characters, null for no bound."),
        "pattern": _told(text, "What the whole text must match."),
        "unit": _told(text, "What a number is counted in, like ms."),
        "info": _told(text, "A line for people."),
    }
    field = {"type": _told(named, "What its value may be; text when it is left out."),
             "required": _told({"type": ["boolean", "null"]}, "Whether every item must have it."),
             "default": _told({}, "Its value where an item leaves it out."), **limits}  # fmt: skip
    fields: Schema = {"type": ["object", "null"], "additionalProperties": _ref("field")}
    type = {"base": _told(named, "The type that it narrows."), "process": _told(text, "Code that REM has."), **limits,
            "fields": _told(fields, "The words of a record."),
            "one of": _told(_GROUPS, "Groups of a record's words: exactly one is there."),
            "file": _told({"type": ["boolean", "null"]}, "The path of a file that must be there."),
            "widget": _told(text, "How a form edits it."),
            "examples": _told(_object({word: {"type": ["array", "null"]} for word in ("good", "bad")}),
                              "Values that it takes, and values that it refuses.")}  # fmt: skip
    return {
        "section": {**_object(_section(text, named)), "allOf": [present(["grouped indexes"])]},
        "sections": {"type": ["object", "null"], "additionalProperties": _ref("section")},
        "field": _object(field),
        "type": _object(type),
        "types": {"type": ["object", "null"], "additionalProperties": _ref("type")},
        "params": {"type": ["object", "null"], "additionalProperties": _ref("field")},
    }


def _section(text: Schema, named: Schema) -> dict[str, Schema]:
    layer = _object({"index": _told(text, "The field that this key becomes; null for the items' own keys."),
                     "type": _told(named, "What this key may be; label when it is left out."),
                     "key field": _told(text, "The field that takes the key when an item leaves it out.")})  # fmt: skip
    sets: Schema = {"type": ["array", "null"], "items": {"type": "object", "additionalProperties": _NAMES}}
    slots = ("process", "config", "verify", "monitor", "repair")
    return {
        "info": _told(text, "A line for people."),
        "grouped indexes": _told({"type": "array", "items": layer, "minItems": 1}, "The layers of keys."),
        "fields": _told({"type": ["object", "null"], "additionalProperties": _ref("field")}, "What items may say."),
        "one of": _told(_GROUPS, "Groups of fields: exactly one has a value."),
        "at most one of": _told(_GROUPS, "Groups of fields: not more than one has a value."),
        "scripts": _told(_object({slot: {} for slot in slots}), "What REM does with the items."),
        "edit": _told(_object({"field sets": sets, "pages": {}}), "The order of fields in forms and help."),
        "sections": _told(_ref("sections"), "Sections in each item."),
    }


def _object(words: Mapping[str, Schema]) -> Schema:
    return {"type": ["object", "null"], **mapping(words)}


def _told(schema: Schema, info: str) -> Schema:
    """With a description; beside a `$ref` older readers would pass it over."""
    return {**({"allOf": [schema]} if "$ref" in schema else schema), "description": info}

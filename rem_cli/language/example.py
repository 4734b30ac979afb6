"""An item of a section as it would be written, made from the section's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rem_cli.language import forms
from rem_cli.language.schema import Section
from rem_cli.language.types import Type

_GROUP = "web"  # the key of a layer above the items


def example(section: Section) -> str:
    """An item as it is written in a package: what must be there, and one of each group of which one must."""
    keys = [_GROUP] * (len(section.layers) - 1)
    key_field = section.fields.get(section.layers[-1].key_field or "")
    own = "web01" if key_field and key_field.type.process == "hostname" else "example"
    named = [name for name, field in section.fields.items() if field.required and field is not key_field]
    named += [group[0] for group in section.one_of if not set(group) & set(named)]
    values = {name: _value(section.fields[name].type) for name in section.fields if name in named}
    rows = [f"{'  ' * depth}{key}:" for depth, key in enumerate([section.name, *keys])]
    depth = len(keys) + 1
    rows.append(f"{'  ' * depth}{own}:")
    rows += [f"{'  ' * (depth + 1)}{forms.key(name)}: {_written(value)}" for name, value in values.items()]
    return "\n".join(rows) + "\n"


def _value(type: Type) -> Any:
    """A value that fits a type, as it is written."""
    if type.process == "list of" and type.of:
        return [_value(type.of)]
    if type.process == "map of" and type.of:
        return {"name": _value(type.of)}
    if type.process == "ref to":
        return f"{type.targets[0]}/{_GROUP}/example"
    if type.choices:
        return type.choices[0]
    if type.process == "record" and not type.good:
        return {field.name: _value(field.type) for field in type.fields.values() if field.required}
    return type.good[0] if type.good else "example"


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{forms.key(key)}: {_written(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return forms.text(value) if isinstance(value, str) else str(value)

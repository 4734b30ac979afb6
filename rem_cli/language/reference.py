"""What people read of fields and types, made from their data."""

from __future__ import annotations

from rem_cli.language.shown import shown
from rem_cli.language.types import Field, Type, limit


def about(type: Type) -> str:
    """What a value may be: its type or its choices, and the limits."""
    inner = type
    while inner.of:
        inner = inner.of
    name = type.title
    if inner.choices:
        name = f"{name.removesuffix(inner.name)}{'one of ' if type.of else ''}{', '.join(inner.choices)}"
    bounds = [f"from {limit(type, type.least)}"] if type.least is not None else []
    bounds += [f"to {limit(type, type.most)}"] if type.most is not None else []
    if bounds and type.process not in _RANGED:
        bounds = [f"{' '.join(bounds)} {'values' if type.of else 'characters'}"]
    return " ".join([name, *bounds, *([f"like {type.pattern.text}"] if type.pattern else [])])


_RANGED = {"number", "percent", "duration", "bytes", "count"}


def state(field: Field) -> str:
    """Whether a field must be written, and what holds when it is not; empty when nothing does."""
    if field.required:
        return "required"
    return "" if field.default is None else f"default {shown(field.default, field.type)}"

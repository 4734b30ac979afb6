"""What a page says: values, made anew for each question, which are shown as HTML or given as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from rem_cli.clock import instant


class At(float):
    """A time: seconds since the epoch. In JSON it is RFC 3339."""


def plain(value: Any) -> Any:
    """The same for JSON: dataclasses as mappings, times as text."""
    if isinstance(value, At):
        return instant(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    return value

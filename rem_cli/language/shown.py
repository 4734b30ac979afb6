"""Saved values as a person would write them: `5m` for 300 seconds, `60s:7d` for an archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rem_cli.language import Item, Value

if TYPE_CHECKING:
    from rem_cli.language.schema import Section
    from rem_cli.language.types import Type

_UNITS = (("y", 31536000), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))  # seconds


def duration(value: int | float) -> str:
    """The shortest way to write seconds; one minute is `60s`, as intervals are spoken of."""
    if 0 < value < 1:
        return f"{value * 1000:g}ms"
    if value != int(value):
        return f"{value}s"
    if value in (0, 60):
        return f"{int(value)}s"
    for unit, size in _UNITS:
        if value % size == 0 and value < 1000 * size:
            return f"{int(value) // size}{unit}"
    text, left = "", int(value)
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        text += f"{count}{unit}" if count else ""
    return text


def size(value: int) -> str:
    """The shortest way to write an amount of bytes without rounding it."""
    exact: list[tuple[str, str]] = [(str(value), "B")]
    for power, letter in enumerate("kMGT", 1):
        for base, unit in ((1024, letter.upper() + "iB"), (1000, letter + "B")):
            if value and value % base**power == 0:
                exact.append((str(value // base**power), unit))
    count, unit = min(exact, key=lambda pair: len(pair[0]))
    return f"{count} {unit}"


def shown(value: Value, type: Type) -> str:
    """A saved value in one line, as it would be written in a package."""
    if value is None:
        return plain(value)
    try:
        if type.show is not None:
            return str(type.show(value))
        if type.of is not None and isinstance(value, list):
            return f"[{', '.join(shown(one, type.of) for one in value)}]"
        if type.of is not None and isinstance(value, dict):
            return f"{{{', '.join(f'{key}: {shown(one, type.of)}' for key, one in value.items())}}}"
        if type.fields and isinstance(value, dict):
            parts = (f"{name}: {shown(one, type.fields[name].type)}" for name, one in value.items())
            return f"{{{', '.join(parts)}}}"
        form = _FORMS.get(type.process)
        return form(value) if form else plain(value)
    except Exception:  # not of this type any more: an older generation's value, or a plug-in with a mistake
        return plain(value)


def written(item: Item, sections: Mapping[str, Section]) -> dict[str, str]:
    """An item's values as they are written; of sections that are not known any more, without their types."""
    first, *inner = item.section.split("/")
    section = sections.get(first)
    for name in inner:
        section = section.sections.get(name) if section else None
    types = {name: field.type for name, field in section.fields.items()} if section else {}
    return {name: shown(value, types[name]) if name in types else plain(value) for name, value in item.fields.items()}


def plain(value: Value) -> str:
    """A value in one line without a type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(plain(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {plain(one)}' for key, one in value.items())}}}"
    return str(value)


def _percent(value: float) -> str:
    return f"{value:.12g}%"


def archives(value: list[list[int]]) -> str:
    """Retention, finest first: `60s:7d, 5m:90d`."""
    return ", ".join(f"{duration(step)}:{duration(span)}" for step, span in value)


def rate(value: list[int | float]) -> str:
    """`10/1h`."""
    return f"{value[0]:g}/{duration(value[1])}"


def tolerance(value: Mapping[str, Any]) -> str:
    """`> 500ms`, `outside 10..20`."""
    forms: Mapping[str, Callable[[Any], str]] = {"s": duration, "B": size, "%": _percent, "": str}
    return f"{value['is']} {'..'.join(forms[value['unit']](bound) for bound in value['bounds'])}"


def matcher(value: Mapping[str, str]) -> str:
    """`severity=page`."""
    return f"{value['label']}{value['is']}{value['value']}"


_FORMS: Mapping[str, Callable[[Any], str]] = {
    "duration": duration,
    "bytes": size,
    "percent": _percent,
    "retention": archives,
    "rate": rate,
    "tolerance": tolerance,
    "matcher": matcher,
}

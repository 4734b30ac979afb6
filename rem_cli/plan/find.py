"""Finds an item by the path that a person typed, or says which one was probably meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from rem_cli.errors import NoTargetError
from rem_cli.language import Item
from rem_cli.language.names import nearest, vocabulary

_SHOWN = 5  # names in a hint


def find(items: Mapping[str, Item], path: str) -> Item:
    """The item at `path`; its section words may be typed with `-` or `_` for a space. NoTargetError with a hint."""
    path = unicodedata.normalize("NFC", path)
    if path in items:
        return items[path]
    among = [(item.path.split("/"), item) for item in items.values()]
    parts = path.strip("/").split("/")
    for depth, part in enumerate(parts):
        below = [(names, item) for names, item in among if len(names) > depth and _same(part, names[depth], item)]
        if not below:
            raise _unknown(parts, depth, among)
        among = below
    exact = [item for names, item in among if len(names) == len(parts)]
    if len(exact) == 1:
        return exact[0]
    raise NoTargetError(f"{path!r} is no item but a group of them", hint=f"one of: {_some(_paths(among))}")


def _same(typed: str, name: str, item: Item) -> bool:
    return typed == name or (name in item.section.split("/") and vocabulary(typed) == vocabulary(name))


def _unknown(parts: Sequence[str], depth: int, among: Sequence[tuple[list[str], Item]]) -> NoTargetError:
    names = sorted({names[depth] for names, _ in among if len(names) > depth})
    above = "/".join(parts[:depth])
    meant = nearest(parts[depth], names)
    elsewhere = [item.path for _, item in among if item.key == parts[-1]]
    if meant is not None:
        hint = f"did you mean '{'/'.join([*parts[:depth], meant, *parts[depth + 1 :]])}'"
    elif elsewhere:
        hint = f"did you mean {_some(elsewhere)}"
    elif names:
        hint = f"there is: {_some(names)}"
    else:
        hint = "rem validate" if not among else f"did you mean {_some(_paths(among))}"
    where = f"in {above}" if above else "among the packages"
    return NoTargetError(f"there is no {parts[depth]!r} {where}", hint=hint)


def _paths(among: Sequence[tuple[list[str], Item]]) -> list[str]:
    return [item.path for _, item in among]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

"""Items that wait for each other, so that none of them can be first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rem_cli.errors import Place
from rem_cli.language import Finding
from rem_cli.language.held import Held
from rem_cli.language.schema import Report

PROCESS, FIELD = "builtin ensure", "after"


def circles(items: Mapping[str, Held], report: Report) -> None:
    """Each circle of `after` within a package, once, where its first item by path says it."""
    waits = waiting(items)
    for start in sorted(waits):
        way = back(start, waits)
        if way and start == min(way):
            report(told(way, (items[start].own.get(FIELD) or items[start].at).place))


def told(way: Sequence[str], place: Place) -> Finding:
    """The finding about a circle, given by its items from the first one on."""
    text = f"it waits for itself: {' → '.join([*way, way[0]])}"
    return Finding("REM1901", text, place, hint="take one of them out of an 'after'")


def waiting(items: Mapping[str, Held]) -> dict[str, list[str]]:
    """What each item comes after, by path."""
    return {path: _after(held) for path, held in items.items() if held.item.process == PROCESS}


def _after(held: Held) -> list[str]:
    value = held.item.fields.get(FIELD)
    return [str(one) for one in value] if isinstance(value, list) else []


def back(start: str, waits: Mapping[str, Sequence[str]]) -> list[str]:
    """The shortest way from an item back to itself, without its end; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for one in waits.get(way[-1], ()):
            if one == start:
                return way
            if one not in seen:
                seen.add(one)
                ways.append([*way, one])
    return []

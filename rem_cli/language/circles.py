"""Items that wait for each other, so that none of them can be first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rem_cli.language import Finding
from rem_cli.language.held import Held

PROCESS, FIELD = "builtin ensure", "after"


def circles(items: Mapping[str, Held]) -> Iterator[Finding]:
    """Each circle of `after` within a package, once, where its first item by path says it."""
    waits = {path: _after(held) for path, held in items.items() if held.item.process == PROCESS}
    for start in sorted(waits):
        way = _back(start, waits)
        if way and start == min(way):
            shown = " → ".join([*way, start])
            at = items[start].own.get(FIELD) or items[start].at
            yield Finding("REM1901", f"it waits for itself: {shown}", at.place, "take one of them out of an 'after'")


def _after(held: Held) -> list[str]:
    value = held.item.fields.get(FIELD)
    return [str(one) for one in value] if isinstance(value, list) else []


def _back(start: str, waits: Mapping[str, list[str]]) -> list[str]:
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

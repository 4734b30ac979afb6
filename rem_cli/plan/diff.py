"""What one catalog changes against another, and what rooms say that it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rem_cli.language import Item, Value
from rem_cli.plan.catalog import NOTHING, Catalog


@dataclass(frozen=True)
class Changes:
    """Paths of items and scripts, each in order. Two catalogs of one REM without changes have the same hash."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the item's path to its changed fields
    scripts: Mapping[str, str] = field(default_factory=dict)  # by path: "added", "removed", "changed"

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.scripts)


class Meaning(NamedTuple):
    """One consequence of a change, in the words of the room that acts on the item."""

    path: str  # of the item that it is about, which need not be a changed one
    kind: str  # "hosts", "series", "script": for programs
    text: str  # "runs on 2 more hosts: web03, web04"


def changes(old: Catalog | None, new: Catalog) -> Changes:
    """What becomes different when `new` takes the place of `old`; None stands for nothing at all."""
    old = old or NOTHING
    before, after = old.items, new.items
    packages = new.apart(old)
    if packages is not None:
        before, after = old.within(packages), new.within(packages)
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed={
            path: fields
            for path, item in sorted(after.items())
            if path in before and (fields := _differing(before[path], item))
        },
        scripts={
            path: "added" if path not in old.scripts else "removed" if path not in new.scripts else "changed"
            for path in sorted(new.other_scripts(old))
        },
    )


def values(old: Catalog, new: Catalog, changes: Changes) -> dict[str, dict[str, tuple[Value, Value]]]:
    """The values of changed fields, before and after; by item and field."""
    return {
        path: {name: (old.items[path].fields.get(name), new.items[path].fields.get(name)) for name in names}
        for path, names in changes.changed.items()
    }


def _differing(old: Item, new: Item) -> tuple[str, ...]:
    """Names of fields whose values differ, order and kind of number included; "section" when its definition does."""
    if repr(old.fields) == repr(new.fields) and _definition(old) == _definition(new):
        return ()  # nearly always
    names = dict.fromkeys([*old.fields, *new.fields])
    fields = [name for name in names if _written(old, name) != _written(new, name)]
    if _definition(old) != _definition(new) or (not fields and list(old.fields) != list(new.fields)):
        fields.append("section")
    return tuple(fields)


def _definition(item: Item) -> tuple[object, ...]:
    return item.section, item.process, item.key, list(item.layers.items())


def _written(item: Item, name: str) -> str | None:
    return json.dumps(item.fields[name]) if name in item.fields else None

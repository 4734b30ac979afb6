"""What the active packages say, by path: a layer with what it holds, or an item with its values."""

from __future__ import annotations

from dataclasses import dataclass

from rem_cli import wire
from rem_cli.errors import NoTargetError
from rem_cli.language.names import nearest
from rem_cli.language.shown import written
from rem_cli.plan.catalog import Catalog


@dataclass(frozen=True)
class Below:
    name: str
    link: str
    items: int  # that it holds; 0 for an item


@dataclass(frozen=True)
class Packages:
    path: str
    crumbs: tuple[tuple[str, str], ...]  # name and link
    below: tuple[Below, ...]
    fields: tuple[tuple[str, str], ...]
    process: str


@dataclass(frozen=True)
class Found:
    asked: str
    paths: tuple[str, ...]
    more: int


def packages(rem: wire.Rem, catalog: Catalog, path: str) -> Packages:
    """What is at a path of the packages; NoTargetError with the nearest."""
    parts = [part for part in path.split("/") if part]
    path = "/".join(parts)
    held: dict[str, int] = {}
    for one in catalog.items:
        names = one.split("/")
        if names[: len(parts)] == parts and len(names) > len(parts):
            name = names[len(parts)]
            held[name] = held.get(name, 0) + (len(names) > len(parts) + 1)
    item = catalog.items.get(path)
    if parts and item is None and not held:
        near = nearest(path, catalog.items)
        raise NoTargetError(f"nothing is at '{path}'", hint=f"did you mean {near}?" if near else "see /packages")
    above = "/packages/"
    return Packages(
        path,
        tuple((name, above + "/".join(parts[: place + 1])) for place, name in enumerate(parts)),
        tuple(Below(name, above + "/".join([*parts, name]), count) for name, count in sorted(held.items())),
        tuple(written(item, rem.base.sections).items()) if item else (),
        item.process if item else "",
    )


def search(catalog: Catalog, asked: str, most: int = 100) -> Found:
    """Items whose path or title holds every word that was asked for."""
    words = asked.lower().split()
    found = [
        path
        for path, item in catalog.items.items()
        if words and all(word in f"{path} {item.fields.get('title') or ''}".lower() for word in words)
    ]
    return Found(asked, tuple(found[:most]), max(0, len(found) - most))

"""Items as plain values, and as the one text that always stands for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import rem_cli
from rem_cli.language import Item


def told(item: Item) -> dict[str, Any]:
    """An item as plain values. Fields keep their order: in some it means something."""
    return {
        "path": item.path,
        "package": item.package,
        "section": item.section,
        "process": item.process,
        "key": item.key,
        "layers": dict(item.layers),
        "fields": dict(item.fields),
    }


def canonical(value: object) -> bytes:
    """Plain values as JSON in ASCII; the same values give the same bytes on every machine."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def row(items: Iterable[Item]) -> bytes:
    """Items one after another in canonical JSON, as they stand between the brackets of a list."""
    return canonical([told(item) for item in items])[1:-1]


def items_of(row: bytes) -> dict[str, Item]:
    """Items by path from what `row` made; ValueError, TypeError."""
    return {one["path"]: Item(**one) for one in json.loads(b"[%b]" % row)}


def content_of(rows: Iterable[bytes], scripts: Mapping[str, tuple[str, bool]], locked: Mapping[str, object]) -> bytes:
    """All that packages say: rows in the order of paths, files that items name, and what rem.lock named.

    A file is told by its sha256 and whether it is executable.
    """
    about = canonical({"rem": rem_cli.__version__.partition(".")[0]})[:-1]
    files = {path: [*script] for path, script in scripts.items()}
    rest = canonical({"scripts": files, **({"locked": locked} if locked else {})})[1:]
    return b'%b,"items":[%b],%b' % (about, b",".join(filter(None, rows)), rest)

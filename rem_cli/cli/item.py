"""`rem show`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import options
from rem_cli.cli import show as out
from rem_cli.errors import UsageError
from rem_cli.language import Item, Origin
from rem_cli.language.names import vocabulary
from rem_cli.language.shown import written
from rem_cli.plan.find import find


def show(
    path: options.Item,
    origin: Annotated[bool, typer.Option("--origin", help="Say which file and line set each value.")] = False,
    rev: options.Rev = None,
    active: options.Active = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Print one item as REM understands it, with every default; or what a shorter path holds."""
    if active and (rev or origin):
        raise UsageError("--active goes with neither --rev nor --origin", hint="give the commit with --rev")
    with wire.open() as rem:
        origins: Mapping[str, Origin] = {}
        texts: Mapping[str, str] = {}
        if active:
            items: Mapping[str, Item] = rem.active_source().catalog.items
            found = _found(items, path)
        else:
            resolution = rem.resolve(rem.tree(rev))
            items = resolution.items
            found = _found(items, path)
            if origin and found:
                origins = resolution.origins(found.path)
    if found is None:
        _listing(items, path, format)
    elif format is options.Format.JSON:
        out.document("item", _document(found, origins))
    else:
        _text(found, texts or written(found, rem.base.sections), origins)


def _found(items: Mapping[str, Item], path: str) -> Item | None:
    """The item of that path; None when the path holds several."""
    wanted = vocabulary(path.strip("/")) + "/"
    if any(vocabulary(item.path).startswith(wanted) for item in items.values()):
        return None
    return find(items, path.strip("/"))


def _listing(items: Mapping[str, Item], path: str, format: options.Format) -> None:
    prefix = vocabulary(path.strip("/")) + "/"
    below = [item for item in items.values() if vocabulary(item.path).startswith(prefix)]
    if format is options.Format.JSON:
        out.document("items", {"path": path, "items": [item.path for item in below]})
        return
    for item in below:
        out.line(item.path)


def _document(item: Item, origins: Mapping[str, Origin]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "path": item.path,
        "package": item.package,
        "section": item.section,
        "process": item.process,
        "fields": dict(item.fields),
    }
    if origins:
        document["origins"] = {name: _told(one) for name, one in origins.items()}
    return document


def _told(origin: Origin) -> dict[str, Any]:
    beaten = [{"source": str(one.source), "where": one.where} for one in origin.beaten]
    return {"source": str(origin.source), "where": origin.where, "beat": beaten}


def _text(item: Item, texts: Mapping[str, str], origins: Mapping[str, Origin]) -> None:
    out.line((item.path, "bold"))
    width = max((len(name) for name in texts), default=0) + 1
    room = min(48, max((len(text) for text in texts.values()), default=0))
    for name, text in texts.items():
        style = "dim" if item.fields[name] is None else ""
        spans: list[out.Span | str] = ["  ", (f"{name}:".ljust(width), "dim"), " ", (text, style)]
        if name in origins:
            spans += [" " * max(2, room + 2 - len(text)), (_source(origins[name]), "dim")]
        out.line(*spans)


def _source(origin: Origin) -> str:
    text = f"{origin.source}, {origin.where}" if origin.where else str(origin.source)
    if origin.beaten:
        text += "; not " + ", ".join(f"{one.source}, {one.where}" for one in origin.beaten)
    return text

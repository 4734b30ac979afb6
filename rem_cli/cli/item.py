"""`rem show`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import options
from rem_cli.cli import show as out
from rem_cli.errors import NoTargetError, UsageError
from rem_cli.language import About, Item, Origin, Param, Resolution
from rem_cli.language.names import vocabulary
from rem_cli.language.shown import written
from rem_cli.plan.find import find

if TYPE_CHECKING:
    from rem_cli.language.held import Held
    from rem_cli.tree import Tree


def show(
    path: options.Item,
    origin: Annotated[bool, typer.Option("--origin", help="Say which file and line set each value.")] = False,
    rev: options.Rev = None,
    active: options.Active = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Print one item as REM understands it, with every default; or what a shorter path holds.

    The name of a package says what it is: a specification with its params, or an instance with their values.
    """
    if active and (rev or origin):
        raise UsageError("--active goes with neither --rev nor --origin", hint="give the commit with --rev")
    with wire.open() as rem:
        origins: Mapping[str, Origin] = {}
        texts: Mapping[str, str] = {}
        if active:
            items: Mapping[str, Item] = rem.active_source().catalog.items
            found = _found(items, path)
        else:
            said = _read(rem, rem.tree(rev), path)
            if isinstance(said, Resolution):
                if about := _about(rem.meant(said), path):
                    _package(about, said, format)
                    return
                items = said.items
                found = _found(items, path)
                if found:
                    texts, origins = said.texts(found.path), said.origins(found.path) if origin else {}
            else:
                items, found = {}, said.item
                texts, origins = said.texts(), said.origins() if origin else {}
    if found is None:
        _listing(items, path, format)
    elif format is options.Format.JSON:
        out.document("item", _document(found, origins))
    else:
        _text(found, texts or written(found, rem.base.sections), origins)


def _read(rem: wire.Rem, tree: Tree, path: str) -> Resolution | Held:
    """The item of a path, where its package alone need be resolved for that; else all that a tree says."""
    name, inside, _ = path.strip("/").partition("/")
    said = rem.contents(tree) if inside else rem.resolve(tree)
    if isinstance(said, Resolution):
        return said
    rem.meant(said.verdict)
    with suppress(NoTargetError):  # told with all that there is
        if name in said.heads:
            return said.held(find(said.outcome(name).items, path).path)
    return rem.resolve(tree)


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


def _about(resolution: Resolution, path: str) -> About | None:
    """The package of that name."""
    wanted = path.strip("/")
    named = [one for name, one in resolution.packages.items() if vocabulary(name) == vocabulary(wanted)]
    return resolution.packages.get(wanted) or (named[0] if len(named) == 1 else None)


def _package(about: About, resolution: Resolution, format: options.Format) -> None:
    items = [item.path for item in resolution.items.values() if item.package == about.name]
    instances = [one.name for one in resolution.packages.values() if about.name in one.of]
    if format is options.Format.JSON:
        document = _described(about) | {"instances": instances} if about.specification else _described(about)
        out.document("items", {"path": about.name, "items": items, "package": document})
        return
    kind = f"instance of {', of '.join(about.of)}" if about.of else ""
    if about.specification:
        made = ", ".join(instances[:5]) + (f" and {len(instances) - 5} more" if len(instances) > 5 else "")
        kind = ", ".join(filter(None, (f"specification of {made or 'nothing yet'}", kind)))
    out.line((about.name, "bold"), f"  {kind}" if kind else "")
    asked = f"falls back on {', then '.join(about.fall_back)}" if about.fall_back else ""
    for text in filter(None, (about.title, about.info, asked)):
        out.line("  ", text)
    width = max((len(one.name) for one in about.params), default=0) + 1
    room = min(48, max((len(_value(one)) for one in about.params), default=0))
    for one in about.params:
        text = _value(one)
        spans: list[out.Span | str] = ["  ", (f"{one.name}:".ljust(width), "dim"), " ", text]
        if one.origin:
            spans += [" " * max(2, room + 2 - len(text)), (_source(one.origin), "dim")]
        out.line(*spans)
    for path in items:
        out.line(path)


def _value(param: Param) -> str:
    if param.text is not None:
        return param.text
    return f"a {param.type}, required" if param.required else f"a {param.type}, not given"


def _described(about: About) -> dict[str, Any]:
    params = [
        {
            "name": one.name,
            "type": one.type,
            "required": one.required,
            "info": one.info,
            "value": one.value,
            "origin": _told(one.origin) if one.origin else None,
        }
        for one in about.params
    ]
    return {
        "name": about.name,
        "title": about.title,
        "info": about.info,
        "version": about.version,
        "specification": about.specification,
        "of": list(about.of),
        "require": list(about.require),
        "fall back": list(about.fall_back),
        "params": params,
    }


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
    told: dict[str, Any] = {"source": str(origin.source), "where": origin.where}
    told["beat"] = [_told(one) for one in origin.beaten]
    if origin.parts:
        told["with"] = [_told(one) for one in origin.parts]
    if origin.name:
        told["name"] = origin.name
    if origin.unset:
        told["unset"] = str(origin.unset)
    return told


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
    """Who won, what was put into it, and who lost."""
    text = f"{origin.source}, {origin.where}" if origin.where else str(origin.source)
    for part in origin.parts:
        text += f"; with ${{{part.name}}} from {_source(part)}" if part.name else f"; with {_source(part)}"
    if origin.beaten:
        text += "; not " + ", ".join(f"{one.source}, {one.where}" for one in origin.beaten)
    taken = [str(one.unset) for one in origin.beaten if one.unset]
    return f"{text}; unset in {taken[0]}" if taken else text

"""`rem edit`: fields of an item, changed where they are written."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, save, show
from rem_cli.cli.fields import Change, as_line, changed, overridden
from rem_cli.cli.places import Spot, goal, held_at, spot_of
from rem_cli.errors import UsageError
from rem_cli.language import Resolution
from rem_cli.language.names import nearest, vocabulary

if TYPE_CHECKING:
    from rem_cli.language.held import Held


def edit(
    path: options.Item,
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="As in a package; no value takes it out.")
    ] = None,
    unset: Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Take this field out.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Change fields of an item where they are written, and keep every other byte of the file.

    Without FIELD=VALUE it asks for each field, on a terminal. A value that is not of its field's type is refused.
    """
    save.refuse_bytes([path, *(fields or []), *(unset or [])])
    wanted: dict[str, str] = {**save.fields(fields or []), **{vocabulary(name): "" for name in unset or []}}
    with wire.open() as rem:
        resolution = rem.resolve(rem.tree())
        held = held_at(resolution, path)
        spot = _spot(rem, resolution, held)
        for name in wanted:
            _refuse_unknown(held, name)
        if not wanted:
            if format is options.Format.JSON or not (sys.stdin.isatty() and sys.stderr.isatty()):
                words = " ".join(f"{name}=…" for name in [*held.own, *held.section.fields][:1])
                raise UsageError("there is nothing to change", hint=f"name fields: rem edit {path} {words}")
            from rem_cli.cli import ask

            wanted = ask.fields(held)
        change = overridden if held.at.source.file in held.roles else changed
        text, changes = change(held, spot, wanted)
        if text != spot.text:
            files = {spot.file: text.encode()}
            save.refuse_worse(rem, files, resolution)
            save.write(rem, files, before={spot.file: spot.text})
    _tell(held.item.path, spot, changes, format)


def _spot(rem: wire.Rem, resolution: Resolution, held: Held) -> Spot:
    """Where an item is written; where it would be, when only a specification or a linked file says it."""
    if held.at.source.file in held.roles:
        there = goal(rem, resolution, held.item.path)
        return Spot(there.file, there.inside, save.text(rem, there.file))
    return spot_of(rem, held)


def _refuse_unknown(held: Held, name: str) -> None:
    section = held.section
    if name in held.item.layers and name not in section.fields:
        raise UsageError(f"'{name}' is what the item's place says", hint=f"rem item move {held.item.path} …")
    if name in section.sections:
        raise UsageError(f"'{name}' holds items of their own", hint=f"rem edit {held.item.path}/{name}/…")
    if name not in section.fields and name not in held.own:
        near = nearest(name, section.fields)
        hint = f"did you mean '{near}'?" if near else f"rem schema show {section.name.replace(' ', '-')}"
        raise UsageError(f"'{name}' is not a field of {section.name}", hint=hint)


def _tell(path: str, spot: Spot, changes: Mapping[str, Change], format: options.Format) -> None:
    if format is options.Format.JSON:
        told = {name: {"before": before, "after": after} for name, (before, after) in changes.items()}
        show.document("edit", {"path": path, "wrote": [spot.file] if changes else [], "changed": told})
        return
    if not changes:
        show.line("nothing to change")
        return
    for name, change in changes.items():
        show.line(*as_line(name, change))
    show.line("wrote ", (spot.file, "bold"))

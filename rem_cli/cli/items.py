"""`rem item`: whole items, written anew, copied, moved, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options, save, show
from rem_cli.cli.new import new
from rem_cli.cli.places import Spot, goal, held_at, spot_of
from rem_cli.errors import GuardedError, InvalidPackagesError
from rem_cli.language import Resolution

if TYPE_CHECKING:
    from rem_cli.language.held import Held, Reference

app = root.group("Whole items: new, copied, moved, taken out; every other line stays as it is.")
app.command()(new)

DANGLING = "REM1330"
To = Annotated[str, typer.Argument(metavar="TO", help="The new path, package/section/group/name.")]
Anyway = Annotated[bool, typer.Option("--yes", help="Also when that leaves others naming what is not there.")]


@app.callback()
def item() -> None:
    """Whole items: new, copied, moved, taken out; every other line stays as it is."""


@app.command()
def copy(path: options.Item, to: To, format: options.AsFormat = options.Format.TEXT) -> None:
    """Write an item once more at another path, with its comments and the items in it.

    What its old place said of it becomes what the new one says. A section without its fields refuses it.
    """
    from rem_cli.cli import transfer

    save.refuse_bytes([path, to])
    with wire.open() as rem:
        resolution = rem.resolve(rem.tree())
        held = held_at(resolution, path)
        here, there = spot_of(rem, held), goal(rem, resolution, to)
        before = {here.file: here.text}
        files = {there.file: transfer.placed(rem, resolution, held, here, there).encode()}
        save.refuse_worse(rem, files, resolution)
        save.write(rem, files, before=before)
    _tell("copied", held.item.path, there.path, list(files), format)


@app.command()
def move(
    path: options.Item,
    to: To,
    update_refs: Annotated[bool, typer.Option("--update-refs", help="Let references name the new path.")] = False,
    yes: Anyway = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Take an item to another path, with its comments and the items in it.

    The new place is written before the old one is cleared, so that nothing can be lost between them.
    """
    from rem_cli.cli import transfer
    from rem_cli.language.pieces import cut_out

    save.refuse_bytes([path, to])
    with wire.open() as rem:
        resolution = rem.resolve(rem.tree())
        held = held_at(resolution, path)
        here, there = spot_of(rem, held), goal(rem, resolution, to)
        texts = {there.file: transfer.placed(rem, resolution, held, here, there)}
        before = {here.file: here.text}
        named = transfer.outside(resolution, held, here)
        if update_refs:
            for file in {one.file for one in named} - {there.file}:
                texts[file] = before[file] = save.text(rem, file)
            texts = transfer.renamed(named, texts, held.item.path, there.path)
        texts[here.file] = cut_out(here.file, texts.pop(here.file, here.text), here.path)  # the last one
        files = {file: text.encode() for file, text in texts.items()}
        save.refuse_worse(rem, files, resolution, but=DANGLING)
        if not yes:
            renamed = held.item.key != there.path.rpartition("/")[2]
            _refuse_dangling(resolution, held if renamed else None, [] if update_refs else named)
        save.write(rem, files, before=before)
    _tell("moved", held.item.path, there.path, list(files), format)


@app.command()
def remove(path: options.Item, yes: Anyway = False, format: options.AsFormat = options.Format.TEXT) -> None:
    """Take an item out, with its comments and the items in it."""
    from rem_cli.cli import transfer
    from rem_cli.language.pieces import cut_out

    save.refuse_bytes([path])
    with wire.open() as rem:
        resolution = rem.resolve(rem.tree())
        held = held_at(resolution, path)
        here: Spot = spot_of(rem, held)
        files = {here.file: cut_out(here.file, here.text, here.path).encode()}
        save.refuse_worse(rem, files, resolution, but=DANGLING)
        if not yes:
            _refuse_dangling(resolution, held, transfer.outside(resolution, held, here))
        save.write(rem, files, before={here.file: here.text})
    _tell("removed", held.item.path, None, list(files), format)


def _refuse_dangling(resolution: Resolution, gone: Held | None, references: Sequence[Reference]) -> None:
    """InvalidPackagesError for references to an item that goes.

    GuardedError when selectors name `gone`, an item whose name goes as well.
    """
    from rem_cli.cli import transfer

    dangling = transfer.dangling(resolution, references)
    if dangling:
        text = f"{show.counted(len(dangling), 'reference')} would dangle; nothing was written"
        hint = "rem item move has --update-refs, which lets them name the new path; --yes leaves them"
        raise InvalidPackagesError(text, hint=hint, findings=dangling)
    places = transfer.selectors(resolution, gone) if gone else []
    if places and gone:
        listed = ", ".join(map(str, places[:5])) + (f" and {len(places) - 5} more" if len(places) > 5 else "")
        text = f"{show.counted(len(places), 'selector')} would still name '{gone.item.key}': {listed}"
        raise GuardedError(f"{text}; nothing was written", hint="change them first, or --yes", where=places[0])


def _tell(done: str, path: str, to: str | None, wrote: list[str], format: options.Format) -> None:
    if format is options.Format.JSON:
        show.document(f"item-{done}", {"path": path, "to": to, "wrote": wrote})
        return
    arrow = f" to {to}" if to else ""
    show.line(f"{done} ", (path, "bold"), arrow)
    show.line("wrote ", ", ".join(wrote))

"""`rem apply`."""

from __future__ import annotations

from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.cli.job import who
from rem_cli.plan.apply import Applied

MOST = 20  # paths that are listed before the rest is counted


def apply(
    rev: Annotated[str, typer.Argument(metavar="REV", help="A branch, tag or commit.")] = "HEAD",
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for rem log; else the commit's subject.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Make a commit the active generation: what jobs, checks and people go by from now on.

    It reads the commit, never the work tree. Doing it twice is doing it once. When the packages have errors nothing
    changes and the old generation stays.
    """
    with wire.open() as rem:
        applied = rem.apply(rev, who=who(), why=why)
        ahead = rem.repository.changed(rem.repository.resolve(rev))
    if format is options.Format.JSON:
        show.document("apply", _document(applied))
        return
    _text(applied)
    if ahead:
        show.note(
            ("not applied:", "yellow"), f" {show.counted(len(ahead), 'file')} of the work tree that are not in {rev}"
        )


def _document(applied: Applied) -> dict[str, object]:
    generation, changes = applied.generation, applied.changes
    return {
        "generation": generation.number,
        "commit": generation.commit,
        "catalog": generation.catalog,
        "new": applied.new,
        "added": list(changes.added),
        "changed": {path: list(fields) for path, fields in changes.changed.items()},
        "removed": list(changes.removed),
        "scripts": dict(changes.scripts),
    }


def _text(applied: Applied) -> None:
    generation, changes = applied.generation, applied.changes
    name = (f"generation {generation.number}", "bold")
    if not applied.new:
        show.line(name, " (", (generation.commit[:7], "cyan"), ") is active already: nothing to do")
        return
    rows = [("+", "green", path, "") for path in changes.added]
    rows += [("~", "yellow", path, ", ".join(fields)) for path, fields in changes.changed.items()]
    rows += [("-", "red", path, "") for path in changes.removed]
    signs = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
    rows += [(*signs[how], path, "script") for path, how in changes.scripts.items()]
    for sign, color, path, about in rows[:MOST]:
        show.line((sign, color), f" {path}", (f"  {about}" if about else "", "dim"))
    if len(rows) > MOST:
        show.line((f"  and {len(rows) - MOST} more", "dim"))
    counts = (len(changes.added), "added"), (len(changes.changed), "changed"), (len(changes.removed), "removed")
    told = ", ".join(f"{count} {word}" for count, word in counts if count) or "no item differs"
    show.line(name, " (", (generation.commit[:7], "cyan"), f") is active: {told}")

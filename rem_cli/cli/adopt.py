"""`rem adopt`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.cli.person import who
from rem_cli.plan.footprint.adopt import Adopted
from rem_cli.wire import activation, footprint

MOST = 60  # lines of a difference that are shown


def adopt(
    host: Annotated[str, typer.Argument(metavar="HOST", help="As the packages name it.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="The whole path of a file there.")],
    why: options.Why = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Take over a file that was on a host before: from now on it is REM's.

    A commit must want it: HEAD is asked. Its bytes stay what they are until the next rem apply, which makes it what the
    packages say; the difference is shown. What another repository or environment knew of it there is forgotten.
    """
    with wire.open() as rem:
        head = activation.compiled(rem, "HEAD").content
        adopted = footprint.adopt(rem, head, host, path, who=who(), why=why)
    rows = list(_difference(adopted))
    if format is options.Format.JSON:
        told = {"host": host, "path": path, "item": adopted.wanted.item, "difference": rows}
        show.document("adopt", told)
        return
    for row in rows[:MOST]:
        color = {"+": "green", "-": "red"}.get(row[:1], "dim")
        show.line((row, color))
    if len(rows) > MOST:
        show.line((f"  and {len(rows) - MOST} more lines: --format json has them all", "dim"))
    show.line((path, "bold"), f" on {host} is REM's now")
    show.hint("rem apply makes it what the packages say" if rows else "it is what the packages say: rem apply")


def _difference(adopted: Adopted) -> Iterator[str]:
    """What an apply would change in it, line by line."""
    old, new = adopted.there, adopted.wanted.content
    if b"\0" in old or b"\0" in new:
        if old != new:
            yield "its bytes differ, and are no text"
        return
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (old, new))
    yield from difflib.unified_diff(before, after, "on the host", adopted.wanted.item, lineterm="", n=2)

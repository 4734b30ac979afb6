"""`rem rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import apply, options, show
from rem_cli.cli.person import who
from rem_cli.wire import activation


def rollback(
    to: Annotated[str, typer.Argument(metavar="GENERATION|REV", help="Left out: the one before the active one.")] = "",
    why: options.Why = "",
    batch: options.Batch = None,
    max_fail: options.MaxFail = None,
    confirm_within: options.ConfirmWithin = None,
    cancel: options.Cancel = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Make what was active before active again, and hold back what was left.

    The old content becomes a new generation, from what REM kept of it. Definitions go back, history does not: runs stay
    run, acknowledged stays acknowledged. What was left does not become active again until a commit changes it, or until
    rem release.
    """
    pace = apply.pace(batch, max_fail, confirm_within)
    with wire.open() as rem, apply.told_when_failed(format):
        applied = activation.rollback(rem, to, who=who(), why=why, pace=pace)
        ended = apply.end(rem, applied) if cancel else []
        difference = apply.of(rem, applied)
    if format is options.Format.JSON:
        show.document("rollback", apply.document(applied, difference, ended))
        return apply.status(applied)
    apply.tell(applied, difference, ended)
    if applied.new:
        show.hint("what was left is held back; lift that with: rem release")
    return apply.status(applied)

"""`rem release`."""

from __future__ import annotations

from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.cli.person import who
from rem_cli.wire import activation


def release(
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for rem log.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Lift the hold that a rollback left."""
    with wire.open() as rem:
        lifted = activation.release(rem, who=who(), why=why)
    if format is options.Format.JSON:
        show.document("release", {"lifted": lifted})
        return
    show.line("the hold is lifted" if lifted else "nothing was held back")

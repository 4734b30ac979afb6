"""Options and arguments that several commands share, each written once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from rem_cli.errors import UsageError
from rem_cli.language.at import Misfit


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


AsFormat = Annotated[Format, typer.Option("--format", help="For people, or one JSON document.")]
Item = Annotated[str, typer.Argument(metavar="PATH", help="package/section/group/name")]
Rev = Annotated[str | None, typer.Option(metavar="REV", help="A branch, tag or commit instead of the work tree.")]
Active = Annotated[bool, typer.Option("--active", help="The active generation instead of the work tree.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for rem log.")]
Batch = Annotated[str | None, typer.Option(metavar="N|P%", help="Hosts batch by batch.")]
MaxFail = Annotated[str | None, typer.Option(metavar="N|P%", help="No further batch after more failures.")]
ConfirmWithin = Annotated[
    str | None, typer.Option(metavar="TIME", help="A host that is not reached anew by then puts all back, like 60s.")
]
Cancel = Annotated[
    bool, typer.Option("--cancel/--drain", help="End runs of jobs that are gone; else they go on to their ends.")
]


def seconds(text: str, option: str) -> float:
    """A duration as it is typed, like 90s; UsageError unless it is one, and more than nothing."""
    from rem_cli.language import types

    try:
        wanted = types.seconds(text)
    except Misfit as misfit:
        raise UsageError(f"{option}: {misfit.message}", hint=misfit.hint) from None
    if wanted <= 0:
        raise UsageError(f"{option} is more than 0 s", hint=f"like {option} 1m")
    return wanted

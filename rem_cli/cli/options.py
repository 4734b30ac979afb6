"""Options and arguments that several commands share, each written once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


AsFormat = Annotated[Format, typer.Option("--format", help="For people, or one JSON document.")]
Item = Annotated[str, typer.Argument(metavar="PATH", help="package/section/group/name")]
Rev = Annotated[str | None, typer.Option(metavar="REV", help="A branch, tag or commit instead of the work tree.")]
Active = Annotated[bool, typer.Option("--active", help="The active generation instead of the work tree.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")]

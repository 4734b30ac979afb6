"""`rem lsp`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rem_cli.errors import RemError, UsageError


def lsp(
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Over standard input and output: the only way there is.")
    ] = True,
) -> None:
    """Speak with an editor: problems, proposals, explanations and places while somebody types.

    Your editor starts this (docs/editors.md). It is the language server protocol; nothing is written and nothing of
    a package is run.
    """
    if sys.stdin.isatty():
        raise UsageError("rem lsp speaks with an editor, not with a person", hint="see docs/editors.md")
    try:
        from rem_cli.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise RemError("rem lsp needs a library that is not here", hint="pip install 'rem-cli[lsp]'") from None
    serve()

"""`rem collect`: one turn of monitoring, for a crontab that asks every minute."""

from __future__ import annotations

from typing import Annotated

import typer

from rem_cli.cli import options, show, turns
from rem_cli.errors import Status, UsageError


def collect(
    explain: Annotated[
        str | None, typer.Option(metavar="HOST", help="Check one host now, show every exchange, keep nothing.")
    ] = None,
    spread: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin checks over so long a time, each always at its own.")
    ] = None,
    print_cron: Annotated[bool, typer.Option("--print-cron", help="Print the line for a crontab instead.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Make the checks of the active generation that are due, and keep their numbers as series.

    A target that is down is an answer, too. Of a second call while one is at work nothing comes but that it is
    counted. Statuses: 0 all that was due was asked, 1 numbers could not be kept, 5 some checks could not be made, 6
    none could; with --explain 5 and 6 say that some or all are down.
    """
    if print_cron:
        from rem_cli.cli.run_due import cron_line

        show.line(cron_line("collect", "--quiet", "--spread", "5s"))
        return Status.DONE
    if explain is not None:
        if spread or quiet:
            raise UsageError("--explain shows one host at once", hint="leave out --spread and --quiet")
        return turns.explain(explain, format)
    return turns.collect(spread, quiet, format)

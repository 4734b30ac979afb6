"""`rem validate`."""

from __future__ import annotations

from typing import Annotated

import typer

from rem_cli.cli import findings, options
from rem_cli.cli.findings import FailOn, Form


def validate(
    rev: options.Rev = None,
    base: Annotated[
        str | None, typer.Option(metavar="REV", help="Tell only what is wrong since this branch, tag or commit.")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="The least severity that gives status 4.")] = FailOn.ERROR,
    format: Annotated[
        Form, typer.Option("--format", help="For people, as JSON, or for what shows it: GitHub, code scanning, CI.")
    ] = Form.TEXT,
) -> int:
    """Check every package and list every problem at once, each with its place.

    Nothing is run, and nothing is written but REM's own cache. Without --rev it reads the files as they stand.
    """
    return findings.validate(rev, base, fail_on, format)

"""`rem validate`."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import fail, options, show
from rem_cli.errors import Status
from rem_cli.language import Resolution, Severity
from rem_cli.tree import Tree


def validate(
    rev: options.Rev = None,
    fail_on: Annotated[Severity, typer.Option(help="The least severity that gives status 4.")] = Severity.ERROR,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Check every package and list every problem at once, each with its place.

    Nothing is run and nothing is written. Without --rev it reads the files as they stand.
    """
    began = time.perf_counter()
    with wire.open() as rem:
        tree = rem.tree(rev)
        resolution = rem.resolve(tree)
    if format is options.Format.JSON:
        show.document("validate", as_document(resolution, tree))
    else:
        fail.tell_findings(resolution.findings, sys.stdout)
        _summary(resolution, tree, time.perf_counter() - began)
    counted = [f for f in resolution.findings if fail_on is Severity.WARNING or f.severity is Severity.ERROR]
    return Status.FINDINGS if counted else Status.DONE


def _summary(resolution: Resolution, tree: Tree, seconds: float) -> None:
    errors = sum(f.severity is Severity.ERROR for f in resolution.findings)
    warnings = len(resolution.findings) - errors
    where = f"in {tree.label}, {show.span(seconds)}"
    if not resolution.findings:
        items = show.counted(len(resolution.items), "item")
        show.line((f"{items} in {show.counted(resolution.files, 'file')}", "bold"), f" {where}: no problem")
        return
    parts = [show.counted(errors, "error")] if errors else []
    parts += [show.counted(warnings, "warning")] if warnings else []
    bad = len({f.place.file for f in resolution.findings})
    text = f" in {bad} of {show.counted(resolution.files, 'file')} {where}"
    show.line("")
    show.line((", ".join(parts), "bold"), text)
    for command in sorted({f.see for f in resolution.findings if f.see})[:3]:
        show.hint(command)


def as_document(resolution: Resolution, tree: Tree) -> dict[str, object]:
    """Findings for programs."""
    return {
        "tree": tree.label,
        "commit": tree.commit,
        "files": resolution.files,
        "items": len(resolution.items),
        "findings": [fail.as_document(finding) for finding in resolution.findings],
    }

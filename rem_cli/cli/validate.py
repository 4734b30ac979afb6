"""`rem validate`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from rem_cli import shipped, wire
from rem_cli.cli import fail, options, show
from rem_cli.errors import Status
from rem_cli.language import Finding, Resolution, Severity
from rem_cli.language.introduced import introduced
from rem_cli.tree import Kind, Tree


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


class FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


@dataclass(frozen=True)
class Checked:
    """A tree and what is told of it."""

    tree: Tree
    resolution: Resolution
    findings: Sequence[Finding]  # all, or those that are not in the base
    failing: Sequence[Finding]  # those that are severe enough to fail
    base: Tree | None
    seconds: float

    @property
    def before(self) -> int:
        """How many of the tree's findings were in the base already."""
        return len(self.resolution.findings) - len(self.findings)


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
    began = time.perf_counter()
    with wire.open() as rem:
        tree = rem.tree(rev)
        resolution = rem.resolve(tree)
        old = rem.tree(base) if base is not None else None
        findings = _since(old, rem.resolve(old), tree, resolution) if old else resolution.findings
    failing = [one for one in findings if fail_on is FailOn.WARNING or one.severity is Severity.ERROR]
    _report(Checked(tree, resolution, findings, failing, old, time.perf_counter() - began), format)
    return Status.FINDINGS if failing and fail_on is not FailOn.NEVER else Status.DONE


def _since(old: Tree, before: Resolution, tree: Tree, resolution: Resolution) -> Sequence[Finding]:
    return introduced(resolution.findings, before.findings, paths=tree.entries(), paths_before=old.entries())


def _report(checked: Checked, format: Form) -> None:
    if format is Form.TEXT:
        fail.tell_findings(checked.findings, sys.stdout)
        _summary(checked)
    elif format is Form.JSON:
        show.document("validate", as_document(checked))
    else:
        _foreign(checked, format)


def _foreign(checked: Checked, format: Form) -> None:
    from rem_cli.cli import reports

    if format is Form.SARIF:
        show.foreign(reports.sarif(checked.findings, shipped.finding_pages()))
    elif format is Form.JUNIT:
        show.foreign(reports.junit(_files(checked.tree), checked.findings, checked.failing))
    else:
        show.foreign(reports.github(checked.findings))
        kinds = {kind: sum(one.severity is kind for one in checked.findings) for kind in Severity}
        if max(kinds.values()) > reports.SHOWN:
            show.note(f"GitHub shows {reports.SHOWN} annotations of a kind; all {len(checked.findings)} are in the log")


def _files(tree: Tree) -> list[str]:
    """The texts of packages."""
    from rem_cli.language.files import is_text

    return [path for path, entry in tree.entries().items() if is_text(path) and entry.kind is Kind.FILE]


def _summary(checked: Checked) -> None:
    findings, resolution = checked.findings, checked.resolution
    errors = sum(f.severity is Severity.ERROR for f in findings)
    warnings = len(findings) - errors
    where = f"in {checked.tree.label}, {show.span(checked.seconds)}"
    before = f"; {checked.before} from before" if checked.before else ""
    if not findings:
        items = show.counted(len(resolution.items), "item")
        files = show.counted(resolution.files, "file")
        new = f"no new problem since {checked.base.label}" if checked.base else "no problem"
        show.line((f"{items} in {files}", "bold"), f" {where}: {new}{before}")
        return
    parts = [show.counted(errors, "error")] if errors else []
    parts += [show.counted(warnings, "warning")] if warnings else []
    bad = len({f.place.file for f in findings})
    text = f" in {bad} of {show.counted(resolution.files, 'file')} {where}{before}"
    show.line("")
    show.line((", ".join(parts), "bold"), text)
    for command in sorted({f.see for f in findings if f.see})[:3] or [f"rem explain {findings[0].id}"]:
        show.hint(command)


def as_document(checked: Checked) -> dict[str, object]:
    """Findings for programs."""
    base = {"commit": checked.base.commit, "before": checked.before} if checked.base else None
    return {
        "tree": checked.tree.label,
        "commit": checked.tree.commit,
        "base": base,
        "files": checked.resolution.files,
        "items": len(checked.resolution.items),
        "findings": [fail.as_document(finding) for finding in checked.findings],
    }

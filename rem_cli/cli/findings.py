"""What `rem validate` does. Nothing is loaded that a tree without problems does not need."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from rem_cli import wire
from rem_cli.cli import show
from rem_cli.errors import Status
from rem_cli.tree import Kind, Tree

if TYPE_CHECKING:
    from rem_cli.check import Verdict
    from rem_cli.language import Finding


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


class Checked(NamedTuple):
    """A tree and what is told of it."""

    tree: Tree
    verdict: Verdict
    findings: Sequence[Finding]  # all, or those that are not in the base
    failing: Sequence[Finding]  # those that are severe enough to fail
    base: Tree | None
    seconds: float

    @property
    def before(self) -> int:
        """How many of the tree's findings were in the base already."""
        return len(self.verdict.findings) - len(self.findings)


def validate(
    rev: str | None = None, base: str | None = None, fail_on: str = FailOn.ERROR, format: str = Form.TEXT
) -> int:
    """Check every package of a tree, tell what is wrong in it, or new since `base`; the status."""
    began = time.perf_counter()
    with wire.open() as rem:
        tree = rem.tree(rev)
        verdict = _today(rem, rem.verdict(tree))
        old = rem.tree(base) if base is not None else None
        findings = _since(old, _today(rem, rem.verdict(old)), tree, verdict) if old else verdict.findings
    failing = [one for one in findings if fail_on == FailOn.WARNING or one.severity == "error"]
    _report(Checked(tree, verdict, findings, failing, old, time.perf_counter() - began), Form(format))
    return Status.FINDINGS if failing and fail_on != FailOn.NEVER else Status.DONE


def _today(rem: wire.Rem, verdict: Verdict) -> Verdict:
    """With what is wrong at this time only."""
    if not verdict.timed:
        return verdict
    from rem_cli.wire.oncall import proved

    return proved(rem, verdict)


def _since(old: Tree, before: Verdict, tree: Tree, verdict: Verdict) -> Sequence[Finding]:
    from rem_cli.language.introduced import introduced

    return introduced(verdict.findings, before.findings, paths=tree.entries(), paths_before=old.entries())


def _report(checked: Checked, format: Form) -> None:
    if format is Form.TEXT and not checked.findings:
        _all_right(checked)
    elif format is Form.TEXT:
        _told(checked)
    elif format is Form.JSON:
        show.document("validate", as_document(checked))
    else:
        _foreign(checked, format)


def _foreign(checked: Checked, format: Form) -> None:
    from rem_cli import shipped
    from rem_cli.cli import reports
    from rem_cli.language import Severity

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


def _all_right(checked: Checked) -> None:
    items, files = show.counted(checked.verdict.items, "item"), show.counted(checked.verdict.files, "file")
    new = f"no new problem since {checked.base.label}" if checked.base else "no problem"
    show.line((f"{items} in {files}", "bold"), f" {_where(checked)}: {new}{_before(checked)}")


def _told(checked: Checked) -> None:
    from rem_cli.cli import fail
    from rem_cli.language import Severity

    findings = checked.findings
    fail.tell_findings(findings, sys.stdout)
    errors = sum(f.severity is Severity.ERROR for f in findings)
    warnings = len(findings) - errors
    parts = [show.counted(errors, "error")] if errors else []
    parts += [show.counted(warnings, "warning")] if warnings else []
    bad = len({f.place.file for f in findings})
    text = f" in {bad} of {show.counted(checked.verdict.files, 'file')} {_where(checked)}{_before(checked)}"
    show.line("")
    show.line((", ".join(parts), "bold"), text)
    for command in sorted({f.see for f in findings if f.see})[:3] or [f"rem explain {findings[0].id}"]:
        show.hint(command)


def _where(checked: Checked) -> str:
    return f"in {checked.tree.label}, {show.span(checked.seconds)}"


def _before(checked: Checked) -> str:
    return f"; {checked.before} from before" if checked.before else ""


def as_document(checked: Checked) -> dict[str, object]:
    """Findings for programs."""
    findings: list[dict[str, object]] = []
    if checked.findings:
        from rem_cli.cli import fail

        findings = [fail.as_document(finding) for finding in checked.findings]
    base = {"commit": checked.base.commit, "before": checked.before} if checked.base else None
    return {
        "tree": checked.tree.label,
        "commit": checked.tree.commit,
        "base": base,
        "files": checked.verdict.files,
        "items": checked.verdict.items,
        "findings": findings,
    }

"""How a command says that it could not: one voice for people, one document for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from rem_cli import __version__
from rem_cli.cli import show
from rem_cli.errors import InvalidPackagesError, Place, RemError, Status
from rem_cli.language import Finding, Severity
from rem_cli.secrets import known


class Bug(RemError):
    """What no room foresaw."""

    status = Status.BUG
    code = "bug"


def tell(error: RemError, *, as_json: bool, row: bool = False) -> None:
    """Say what failed, where, why, and what to do; in one line when it is one document of many."""
    findings = error.findings if isinstance(error, InvalidPackagesError) else ()
    if as_json:
        where = str(error.where) if error.where else None
        hint = "\n".join([error.hint, *error.lines]) if error.hint else None
        body: dict[str, Any] = {"code": error.code, "message": error.message, "hint": hint, "where": where}
        if findings:
            body["findings"] = [as_document(one) for one in findings]
        show.document("error", {"error": body}, row=row)
        return
    tell_findings(findings, sys.stderr)
    place = f"{error.where}: " if error.where else ""
    show.note(("rem:", "bold red"), f" {place}{error.message}")
    if isinstance(error.where, Place):
        for spans in excerpt(error.where):
            show.note(*spans)
    if error.hint:
        show.hint(error.hint)
    for text in error.lines:
        show.note("  ", text)


def tell_findings(findings: Sequence[Finding], stream: TextIO) -> None:
    """Findings for people, each with its place, its line and what to write instead."""
    for finding in findings:
        color = "red" if finding.severity is Severity.ERROR else "yellow"
        head: list[show.Span | str] = [(f"{finding.place}:", "bold"), " ", (finding.severity, color)]
        show.line(*head, f" {finding.message} ", (finding.id, "dim"), stream=stream)
        for row in excerpt(finding.place, finding.hint):
            show.line(*row, stream=stream)


def as_document(finding: Finding) -> dict[str, Any]:
    """A finding for programs."""
    place = finding.place
    return {
        "id": finding.id,
        "severity": str(finding.severity),
        "message": finding.message,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "width": place.width,
        "hint": finding.hint,
        "see": finding.see,
    }


def excerpt(place: Place, beside: str | None = None) -> list[list[show.Span | str]]:
    """The line with a caret under what is meant, and what to write instead beside the caret."""
    if not place.text:
        return [["  ", (beside, "bold")]] if beside else []
    number = f"{place.line:>4} "
    bar = show.glyph("bar")
    text = place.text.replace("\t", " ")
    start = min(place.column - 1, len(text))
    width = max(1, min(place.width, len(text) - start))
    if len(text) > 160:  # a long flow mapping: show the part that matters
        cut = max(0, start - 60)
        text, start = ("… " if cut else "") + text[cut : cut + 150], start - cut + (2 if cut else 0)
        width = min(width, len(text) - start)
    marked: list[show.Span | str] = [(f"{' ' * len(number)}{bar} ", "dim"), " " * start, ("^" * width, "red")]
    return [[(number + bar + " ", "dim"), text], [*marked, f" {beside}" if beside else ""]]


def bug(error: Exception, argv: Sequence[str], *, as_json: bool, debug: bool) -> None:
    """Something that no room foresaw: write a report and say where it is; with `debug` show it as well."""
    import tempfile
    import traceback

    handle, path = tempfile.mkstemp(prefix="rem-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"rem {__version__} on Python {sys.version}\ncommand: {argv[:1]}\n\n")
        file.write(known.text("".join(traceback.format_exception(error))))
    if debug:
        for row in "".join(traceback.format_exception(error)).splitlines():
            show.note(row)
    text = f"a bug in rem: {type(error).__name__}: {error}"
    tell(Bug(text, hint=f"the report is in {path}; --debug shows it here"), as_json=as_json)

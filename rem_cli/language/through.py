"""Findings in one package's files that only others meet: told once, where they stand, with the others' names.

Such is what a specification breaks in its instances, and what is wrong in a file that others link.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from rem_cli.language import Finding
from rem_cli.language.schema import Report

_NAMED = 3  # instances in one message


class Through:
    """Takes the findings of every package; those that stand in another package's texts are kept until the end."""

    def __init__(self, specifications: Collection[str], report: Report) -> None:
        self._specifications = specifications  # their names
        self._report = report
        self._told: set[tuple[str, str, int, int]] = set()
        self._kept: dict[tuple[str, str, int, int], tuple[Finding, dict[str, None]]] = {}

    def take(self, finding: Finding, package: str) -> None:
        """A finding that came up while `package` was resolved."""
        place = finding.place
        key = finding.id, place.file, place.line, place.column
        if _owner(place.file) == package:
            self._told.add(key)
            self._report(finding)
        else:
            self._kept.setdefault(key, (finding, {}))[1][package] = None

    def tell(self) -> None:
        """Report what was kept and is not a finding of the specification by itself."""
        for key, (finding, packages) in self._kept.items():
            if key not in self._told:
                kind = "instance" if _owner(finding.place.file) in self._specifications else "package"
                self._report(replace(finding, message=f"{finding.message}, {_in(kind, packages)}"))


def _owner(file: str) -> str:
    """The package whose file it is."""
    first, *rest = file.split("/")[1:] or [file]
    return first if rest else first.rpartition(".")[0]


def _in(kind: str, packages: Collection[str]) -> str:
    named = [f"'{name}'" for name in sorted(packages)]
    if len(named) > _NAMED + 1:
        named[_NAMED:] = [f"{len(named) - _NAMED} more"]
    last = named.pop()
    return f"in {kind}s {', '.join(named)} and {last}" if named else f"in {kind} {last}"

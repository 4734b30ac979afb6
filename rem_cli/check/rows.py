"""Findings as plain values, which a file or a pipe can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rem_cli.errors import Place
from rem_cli.language import Finding, Severity
from rem_cli.language.timed import Timed


def finding_rows(findings: Sequence[Finding]) -> list[tuple[Any, ...]]:
    """Findings as plain values."""
    return [(one.id, one.message, tuple(one.place), one.hint, one.see, str(one.severity)) for one in findings]


def findings_of(rows: Sequence[Any]) -> tuple[Finding, ...]:
    """The findings again."""
    return tuple(Finding(i, m, Place(*place), hint, see, Severity(kind)) for i, m, place, hint, see, kind in rows)


def timed_rows(items: Sequence[Timed]) -> list[tuple[Any, ...]]:
    """What is held against the clock, as plain values."""
    return [(*one[:-1], tuple(one.place)) for one in items]


def timed_of(rows: Sequence[Any]) -> tuple[Timed, ...]:
    """The same again."""
    return tuple(Timed(path, process, key, fields, Place(*at)) for path, process, key, fields, at in rows)

"""Findings as plain values, which a file or a pipe can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rem_cli.errors import Place
from rem_cli.language import Finding, Severity


def finding_rows(findings: Sequence[Finding]) -> list[tuple[Any, ...]]:
    """Findings as plain values."""
    return [(one.id, one.message, tuple(one.place), one.hint, one.see, str(one.severity)) for one in findings]


def findings_of(rows: Sequence[Any]) -> tuple[Finding, ...]:
    """The findings again."""
    return tuple(Finding(i, m, Place(*place), hint, see, Severity(kind)) for i, m, place, hint, see, kind in rows)

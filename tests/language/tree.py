"""A tree of packages out of texts, resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rem_cli import plugins, shipped
from rem_cli.language import Finding, Resolution
from rem_cli.language.load import load, read_base
from rem_cli.language.packages import Base
from rem_cli.language.require import Elsewhere

BASE: Base = read_base(shipped.base_files(), plugins.own(), proofs=plugins.proofs(), keeping=plugins.keeping)


def resolve(
    files: Mapping[str, str | bytes],
    others: Mapping[str, str] | None = None,
    elsewhere: Elsewhere | None = None,
    environment: str | None = None,
) -> Resolution:
    """Resolve texts by path; `others` are paths that are no files, each with what it is."""
    texts = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    asked: list[str] = []

    def read_many(paths: Iterable[str]) -> Mapping[str, bytes]:
        asked.extend(paths)
        return {path: texts[path] for path in asked}

    return load({**dict.fromkeys(texts, "file"), **(others or {})}, read_many, BASE, elsewhere, environment)


def told(finding: Finding) -> str:
    """A finding in one line: place, id, message and hint."""
    return f"{finding.place} {finding.id} {finding.message}" + (f" | {finding.hint}" if finding.hint else "")

"""One import from end to end: sources in, the files of a package out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rem_cli.errors import GuardedError, RemError
from rem_cli.importers import FORMATS
from rem_cli.importers.draft import Draft
from rem_cli.importers.ledger import Fate, is_comment
from rem_cli.importers.page import page, read_seal
from rem_cli.importers.sources import Sources
from rem_cli.importers.writer import settle
from rem_cli.importers.writer import text as written
from rem_cli.language.packages import Base


@dataclass(frozen=True)
class Imported:
    """What an import makes: the texts of a package by path, what was read, and how the source lines fared."""

    package: str
    files: Mapping[str, str]
    read: Sequence[str]  # the files, those that others include among them
    items: int
    counts: Mapping[Fate, int]


def make(format: str, sources: Sources, package: str, base: Base, first: str = "") -> Imported:
    """Turn sources of a format into a package whose text has this first line; RemError when nothing can be carried."""
    names = [text.name for text in sources.given]
    draft = Draft(package)
    importlib.import_module(f"rem_cli.importers.{FORMATS[format]}").read(sources, draft)
    draft.ledger.close("nothing that REM knows")
    text = settle(draft, first + _header(format, package), base)
    if not draft.items:
        raise RemError(f"no line of {', '.join(names[:3])} could be carried; is this {format}?", hint=_dropped(draft))
    folder = f"packages/{package}"
    files = {f"{folder}/package.yaml": text, f"{folder}/IMPORT.md": page(draft, format, names, text)}
    return Imported(package, files, list(draft.ledger.files), len(draft.items), draft.ledger.counts())


def _header(format: str, package: str) -> str:
    title = package.replace("-", " ")
    info = f"Imported by rem import {format}; IMPORT.md says what became of each line."
    return (
        f"package: {written(package)}\ntitle: {written(title[:1].upper() + title[1:])}\ninfo: {info}\nversion: 0.1.0\n"
    )


def _dropped(draft: Draft) -> str | None:
    """The first line that was dropped, and why."""
    for name, rows in draft.ledger.files.items():
        for line in rows.values():
            if line.lost and not is_comment(line.text):
                return f"{name}:{line.number} was dropped: {next(iter(line.lost))}"
    return None


def check_over(made: Imported, format: str, given: Sequence[str], present: Mapping[str, str | None]) -> None:
    """GuardedError unless these files may be written over what is there now (None: no such file)."""
    there = {path: text for path, text in present.items() if text is not None}
    if not there:
        return
    folder = f"packages/{made.package}"
    package, imported = (present.get(f"{folder}/{name}") for name in ("package.yaml", "IMPORT.md"))
    another = "import into another package with --into NAME"
    seal = read_seal(package, imported) if package is not None and imported is not None else None
    if seal is None:
        raise GuardedError(f"there is a package '{made.package}' already, and it is not from an import", hint=another)
    if not seal.intact:
        text = f"{folder} was edited since it was imported; nothing was written"
        raise GuardedError(text, hint=f"{another}, and compare the two")
    missing = [name for name in seal.files if name not in given]
    if seal.format != format or missing:
        of = f"{seal.format} ({', '.join(seal.files[:3])})"
        text = f"{folder} was imported from {of}; this import would take those items out"
        raise GuardedError(text, hint=f"give those files as well, or {another}" if seal.format == format else another)

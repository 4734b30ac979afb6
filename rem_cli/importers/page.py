"""IMPORT.md: what became of each source line, and a seal by which a later import knows whether anybody edited since."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli.importers.draft import Draft
from rem_cli.importers.ledger import Fate, Line

_SEAL = re.compile(r"<!-- rem import (\{.*\}) -->\n\Z")
_SHOWN = 200  # characters of a source line
_PATHS = 3  # items named for one line
_REASONS = 6  # of one line


@dataclass(frozen=True)
class Seal:
    """From what a package was imported, and whether it still is as the import left it."""

    format: str
    files: tuple[str, ...]
    intact: bool


def page(draft: Draft, format: str, files: Sequence[str], package: str) -> str:
    """The text of IMPORT.md beside the text of its package."""
    counts = draft.ledger.counts()
    lines = sum(counts.values())
    rows = [
        f"# Imported from {format}",
        "",
        f"What `rem import {format}` made of {_files(files)}. Of {_counted(lines, 'line')} with something in them"
        f" {counts[Fate.CARRIED]} were carried, {counts[Fate.APPROXIMATED]} approximated and"
        f" {counts[Fate.DROPPED]} dropped. Nothing was executed, and no secret was written.",
        "",
        "A line is *carried* when all that it says is in the items named, *approximated* when they say something else"
        " or less, and *dropped* when nothing of it is in the package. The same import again changes nothing; once"
        " somebody has edited this page or the package, it refuses to write over it.",
        "",
    ]
    for note in draft.notes:
        rows += [f"- {note}", *([""] if note is draft.notes[-1] else [])]
    for name, table in draft.ledger.files.items():
        rows += [f"## {_code(name)}", ""]
        if not table:
            rows += ["Nothing stands in it.", ""]
            continue
        rows += ["| line | source | fate | where, or why |", "| ---: | --- | --- | --- |"]
        rows += [_row(line) for line in table.values()]
        rows.append("")
    body = "\n".join(rows) + "\n"
    seal = {"format": format, "files": list(files), "sha256": _digest(package, body)}
    return f"{body}<!-- rem import {json.dumps(seal).replace('>', chr(92) + 'u003e')} -->\n"


def read_seal(package: str, imported: str) -> Seal | None:
    """What the last line of an IMPORT.md says of it and of the package beside it; None when it has no such line."""
    found = _SEAL.search(imported)
    if not found:
        return None
    try:
        said = json.loads(found[1])
        digest = _digest(package, imported[: found.start()])
        return Seal(str(said["format"]), tuple(map(str, said["files"])), said["sha256"] == digest)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _digest(package: str, body: str) -> str:
    return hashlib.sha256(f"{len(package)}\n{package}{body}".encode()).hexdigest()


def _row(line: Line) -> str:
    shown = list(line.to)[:_PATHS]
    where = ", ".join(_code(path) for path in shown)
    if len(line.to) > _PATHS:
        where += f" and {len(line.to) - _PATHS} more"
    why = "; ".join(_plain(one) for one in list(line.lost)[:_REASONS])
    if len(line.lost) > _REASONS:
        why += f"; and {len(line.lost) - _REASONS} more"
    source = line.text.strip()
    source = source if len(source) <= _SHOWN else source[:_SHOWN] + " …"
    return f"| {line.number} | {_code(source)} | {line.fate} | {'; '.join(filter(None, (where, why)))} |"


def _code(source: str) -> str:
    """Text as code of Markdown, inside of a table."""
    shown = "".join(c if c.isprintable() else "�" for c in source.replace("\t", " ")).replace("|", "\\|")
    fence = "``" if "`" in shown else "`"
    gap = " " if "`" in shown else ""
    return f"{fence}{gap}{shown.replace('``', '` `')}{gap}{fence}"


def _plain(said: str) -> str:
    """A reason, in which nothing is markup of Markdown."""
    shown = "".join(c if c.isprintable() else "�" for c in said)
    return re.sub(r"([\\`*\[\]<>|])", r"\\\1", shown)


def _files(files: Sequence[str]) -> str:
    shown = [_code(name) for name in files[:5]]
    more = [f"{len(files) - 5} more"] if len(files) > 5 else []
    parts = [*shown, *more]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _counted(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"

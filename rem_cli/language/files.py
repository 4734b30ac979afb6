"""The files of the repository that a package names."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from rem_cli.language import Finding
from rem_cli.language.at import At
from rem_cli.language.names import nearest
from rem_cli.language.schema import Report

ROOT = "packages"
FOREIGN = ("scripts", "templates")  # folders of a package whose files are no content, whatever they are


def is_text(path: str) -> bool:
    """Whether a path is a text of a package: YAML directly in packages/, or in a package's folder."""
    if not path.endswith((".yaml", ".yml")) or not path.startswith("packages/"):
        return False
    parts = path.split("/", 3)
    return len(parts) < 4 or parts[2] not in FOREIGN


def follow(
    at: At,
    path: str,
    names: Mapping[str, str],
    report: Report,
    instead: Callable[[str], str | None] = lambda path: None,
) -> str | None:
    """The repository path of a file that a value names, relative to the file that holds the value.

    `instead` may know a file that stands in for one that is not there.
    """
    home = posixpath.dirname(at.source.file)
    found = repository_path(at, path)
    kind = names.get(found)
    if kind == "file":
        return found
    through = kind or next((names[p] for p in _parents(found) if p in names), None)
    if not found.startswith(f"{ROOT}/") or ".git" in found.lower().split("/"):
        problem = "REM1320", f"'{at.shown}' is outside of {ROOT}/", "put the file beside the package that names it"
    elif through == "file":
        problem = "REM1322", f"'{at.shown}' goes through a file as if it were a folder", "mend the path"
    elif through:
        problem = "REM1322", f"'{at.shown}' goes through a {through}, which REM does not follow", "put the file there"
    elif any(p.startswith(f"{found}/") for p in names):
        problem = "REM1321", f"'{found}' is a folder, not a file", "name a file in it"
    elif other := instead(found):
        return other
    else:
        near = nearest(found, (p for p in names if p.startswith(f"{posixpath.dirname(found)}/")))
        hint = f"did you mean '{posixpath.relpath(near, home)}'?" if near else "the path begins where this file lies"
        problem = "REM1321", f"there is no file '{found}'", hint
    report(Finding(problem[0], problem[1], at.place, hint=problem[2]))
    return None


def repository_path(at: At, path: str) -> str:
    """A path as seen from the repository's root; nothing says that it is there, or below packages/."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(at.source.file), path))


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]

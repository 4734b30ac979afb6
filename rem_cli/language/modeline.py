"""The line in a package by which an editor finds its schema."""

from __future__ import annotations

FOLDER = ".schema"  # at the root of a repository, and committed: an editor finds it in a fresh clone as well
PACKAGE = "package.json"


def modeline(file: str) -> str:
    """The line that tells an editor which schema holds for a package's file, a path from the repository's root."""
    return f"# yaml-language-server: $schema={'../' * file.count('/')}{FOLDER}/{PACKAGE}\n"

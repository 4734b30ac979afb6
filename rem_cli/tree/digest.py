"""A digest of a package's files that is the same wherever they lie: in a commit, in the cache, in vendor/.

git's own tree id would do for commits only, and with SHA-1 it proves little about files that others made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from rem_cli.tree import Entry, Kind, Tree, TreeError


def package_files(tree: Tree, name: str, above: str = "packages") -> dict[str, Entry]:
    """What belongs to package `name`, by path: its one file, or everything in its folder."""
    folder = f"{above}/{name}"
    found = {**tree.entries(f"{folder}.yaml"), **tree.entries(f"{folder}.yml"), **tree.entries(folder)}
    return dict(sorted(found.items()))


def read_files(tree: Tree, entries: Mapping[str, Entry]) -> Mapping[str, bytes]:
    """The bytes of all of them. TreeError when one is no plain file."""
    for path, entry in entries.items():
        if entry.kind is not Kind.FILE:
            raise TreeError(f"{path!r} is a {entry.kind}, which REM does not follow", where=path)
    return tree.read_many(entries)


def digest(entries: Mapping[str, Entry], contents: Mapping[str, bytes], above: str = "packages") -> str:
    """`sha256:…` over paths below `above`, executable bits and contents; the order does not matter."""
    whole = hashlib.sha256(b"rem package 1\0")
    for path in sorted(entries):
        kind = b"x" if entries[path].executable else b"-"
        inner = hashlib.sha256(contents[path]).digest()
        whole.update(path.removeprefix(f"{above}/").encode(errors="surrogateescape") + b"\0" + kind + inner)
    return f"sha256:{whole.hexdigest()}"

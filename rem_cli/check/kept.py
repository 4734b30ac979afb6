"""What was kept of the last tree of a kind, and what differs from it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from rem_cli.check import Found, Row
from rem_cli.check.packed import found_of, row_of

# What changes when a file does: git's id of it in a commit, its stamp in the work tree; None: nobody can tell.
Mark = Any


class Differences(NamedTuple):
    """What is another one than in the tree that was kept."""

    paths: Collection[str]  # of files that changed, came or went, as far as their marks tell
    packages: set[str]  # whose texts are others


class Kept:
    """Packages of the last tree without a finding, each with what its outcome rests on; false when there are none."""

    def __init__(self, content: Any) -> None:
        paths, marks, ids, dangling, rows = content or ([], [], {}, [], [])
        self.marks: Mapping[str, Mark] = dict(zip(paths, marks, strict=True))  # of every path of that tree
        self.ids: Mapping[str, tuple[str, ...]] = ids  # of the texts of every package
        self.dangling = frozenset(dangling)  # packages that named what was not there
        self.found: Mapping[str, Found] = {row[0][0]: found_of(Row(*row)) for row in rows}

    def __bool__(self) -> bool:
        return bool(self.ids)


def content_of(marks: Mapping[str, Mark], found: Mapping[str, Found], dangling: Collection[str]) -> Any:
    """The same as plain values."""
    rows = [tuple(row_of(one)) for one in found.values() if one.keeps]
    ids = {name: one.ids for name, one in found.items()}
    return list(marks), list(marks.values()), ids, list(dangling), rows

"""A tree together with the files of packages from elsewhere, each at the path where a package of its name would lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rem_cli.tree import Entry, Tree


class Lent(NamedTuple):
    """A file of another tree, or of another place of the same one."""

    tree: Tree
    path: str  # there
    entry: Entry  # as it is here


class Joined:
    """A Tree of the files below and the lent ones; no path is in both."""

    def __init__(self, below: Tree, lent: Mapping[str, Lent]) -> None:
        self.below = below
        self._lent = lent
        self.commit = below.commit
        self.label = below.label

    def entries(self, under: str = "packages") -> Mapping[str, Entry]:
        own = self.below.entries(under)
        above = f"{under}/" if under else ""
        lent = {path: one.entry for path, one in self._lent.items() if path == under or path.startswith(above)}
        return dict(sorted({**own, **lent}.items())) if lent else own

    def read(self, path: str) -> bytes:
        return self.read_many([path])[path]

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = list(paths)
        found = dict(self.below.read_many(path for path in wanted if path not in self._lent))
        by_tree: dict[int, list[tuple[str, Lent]]] = {}
        for path in wanted:
            if path in self._lent:
                by_tree.setdefault(id(self._lent[path].tree), []).append((path, self._lent[path]))
        for lent in by_tree.values():
            contents = lent[0][1].tree.read_many([one.path for _, one in lent])
            found |= {path: contents[one.path] for path, one in lent}
        return {path: found[path] for path in wanted}

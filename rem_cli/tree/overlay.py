"""A tree as it would be with some files changed: what an edit is checked against before it is written."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping

from rem_cli.tree import Entry, Kind, Tree
from rem_cli.tree.listing import Listing

_YOUNG = 1 << 62  # ns; no check of this tree comes after it


class Overlay:
    """Another tree, with some files in place of its own."""

    def __init__(self, below: Tree, files: Mapping[str, bytes]) -> None:
        self._below = below
        self._files = files
        self.commit: str | None = None
        self.label = f"{below.label} with {len(files)} files changed"

    def entries(self, under: str = "packages") -> Mapping[str, Entry]:
        changed = {
            path: Entry(path, Kind.FILE, "", len(content))
            for path, content in self._files.items()
            if path.startswith(f"{under}/")
        }
        return dict(sorted({**self._below.entries(under), **changed}.items()))

    def listing(self, before: Listing | None = None) -> Listing | None:
        """The same with stamps; what is in place of a file has one that tells nobody that it is as before."""
        look = getattr(self._below, "listing", None)
        if look is None:
            return None
        below: Listing = look(before)
        changed = {
            path: (stat.S_IFREG, len(content), _YOUNG, _YOUNG, 0)
            for path, content in self._files.items()
            if path.startswith("packages/")
        }
        return Listing(below.folders, {**below.files, **changed})

    def read(self, path: str) -> bytes:
        return self._files[path] if path in self._files else self._below.read(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = list(paths)
        mine = {path: self._files[path] for path in wanted if path in self._files}
        return {**self._below.read_many(path for path in wanted if path not in self._files), **mine}

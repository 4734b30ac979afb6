"""A whole tree checked: packages that are known are taken as they are, the others resolved, all of them linked."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from typing import Any

from rem_cli.check import Asked, Enough, Found, Verdict, settled, spread
from rem_cli.check.packed import heard, told
from rem_cli.check.share import Share, blob_id
from rem_cli.language import Resolution
from rem_cli.language.load import load
from rem_cli.language.packages import Base, texts_of
from rem_cli.language.together import findings_of, reserved
from rem_cli.tree import Entry, Kind, Tree

FEW = 16  # packages; for so many new ones the file with all the others is not written once more


def load_all(tree: Tree, base: Base) -> Resolution:
    """All packages of a tree with everything in them, the plain way."""
    return load(kinds(tree.entries()), tree.read_many, base)


def kinds(entries: Mapping[str, Entry]) -> dict[str, str]:
    """What each path is."""
    return {path: str(entry.kind) for path, entry in entries.items()}


def check(asked: Asked, entries: Mapping[str, Entry]) -> Verdict | Resolution:
    """The verdict on a tree with these entries; its resolution where that costs no more, or where a limit was met."""
    collecting = gc.isenabled()
    gc.disable()  # nearly all that is made here lives on
    try:
        return _Work(asked, entries).run()
    except Enough:
        return load_all(asked.tree, asked.base())
    finally:
        if collecting:
            gc.enable()


class _Work:
    """One check on its way."""

    def __init__(self, asked: Asked, entries: Mapping[str, Entry]) -> None:
        self._asked = asked
        self._entries = entries
        self._names = kinds(self._entries)
        self._texts = texts_of(path for path, kind in self._names.items() if kind == "file")
        self._file = "packages-commit" if asked.tree.commit else "packages-tree"
        self._kept = _Kept(asked.cache.get(self._file))
        self._ids = {name: self._known_ids(paths) for name, paths in self._texts.items()}

    def run(self) -> Verdict | Resolution:
        if not self._kept and sum(map(len, self._texts.values())) < spread.WORTH:
            return load_all(self._asked.tree, self._asked.base())
        share = Share(self._names, self._texts, self._asked.tree.read_many, self._asked.base)
        self._read_few(share)
        share.plain.update(name for name, one in self._kept.found.items() if self._plain(name, one))
        found = {name: one for name, one in self._kept.found.items() if self._holds(name, one, share)}
        new = [name for name in self._texts if name not in found]
        found |= spread.find(share, new, self._asked.processors)
        if len(new) > FEW or not self._kept:
            self._keep(found)
        summaries = [found[name].summary for name in self._texts]
        findings = findings_of(self._names, summaries, share.place)
        if findings is None:
            raise Enough
        own = [one for one in summaries if not one.specification and not reserved(one.name)]
        scripts: Iterable[frozenset[str]] = (one.scripts for one in own)
        files = sum(map(len, self._texts.values()))
        packages = sum(not reserved(one.name) for one in summaries)
        return Verdict(findings, sum(len(one.items) for one in own), files, packages, frozenset().union(*scripts))

    def _known_ids(self, paths: Iterable[str]) -> tuple[str, ...] | None:
        """The ids of a package's texts; None when one of them must be read to know."""
        ids = [self._entries[path].blob or self._kept.id_of(self._entries[path]) for path in paths]
        return tuple(ids) if all(ids) else None

    def _read_few(self, share: Share) -> None:
        """Find out the ids of texts with new stamps, where these are few: the same words may stand in them."""
        unknown = [name for name, ids in self._ids.items() if ids is None]
        if sum(len(self._texts[name]) for name in unknown) < spread.WORTH:
            share.fetch(path for name in unknown for path in self._texts[name])
            self._ids.update((name, share.ids(name)) for name in unknown)

    def _plain(self, name: str, found: Found) -> bool:
        """Whether a package is still the one that defined nothing for others."""
        return self._ids.get(name) == found.ids and not found.summary.offers

    def _holds(self, name: str, found: Found, share: Share) -> bool:
        """Whether nothing has changed that a package's outcome rests on."""
        needs = found.needs
        return (
            needs is not None
            and self._ids.get(name) == found.ids
            and all(self._names.get(path) == kind for path, kind in needs.files.items())
            and all(self._id(path, share) == id for path, id in needs.linked.items())
            and all(self._is_as_before(other) for other in needs.packages)
        )

    def _is_as_before(self, package: str) -> bool:
        if package not in self._texts:
            return package not in self._kept.ids
        return self._ids[package] is not None and self._ids[package] == self._kept.ids.get(package)

    def _id(self, path: str, share: Share) -> str | None:
        """Git's id of any file; None when there is none."""
        entry = self._entries.get(path)
        if entry is None or entry.kind is not Kind.FILE:
            return None
        return entry.blob or self._kept.id_of(entry) or blob_id(share.fetch([path])[path])

    def _keep(self, found: Mapping[str, Found]) -> None:
        ids = {path: id for one in found.values() if one.needs for path, id in one.needs.linked.items()}
        for name, paths in self._texts.items():
            ids.update(zip(paths, found[name].ids, strict=True))
        index = {}
        for path, id in ids.items():
            entry = self._entries[path]
            if entry.stamp and settled(entry.stamp[:2], self._asked.now):
                index[path] = entry.size, entry.stamp, id
        rows = [told(one) for one in found.values() if one.keeps]
        self._asked.cache.put(self._file, (index, {name: one.ids for name, one in found.items()}, rows))


class _Kept:
    """What was kept of the last tree of the same kind."""

    def __init__(self, content: Any) -> None:
        index, ids, rows = content or ({}, {}, [])
        self._index: Mapping[str, tuple[int, tuple[int, ...], str]] = index
        self.ids: Mapping[str, tuple[str, ...]] = ids
        self.found = {one.summary.name: one for one in map(heard, rows)}

    def __bool__(self) -> bool:
        return bool(self.ids)

    def id_of(self, entry: Entry) -> str:
        """Git's id of a file of the work tree that has not changed; "" for any other."""
        size, stamp, id = self._index.get(entry.path, (-1, (), ""))
        return str(id) if size == entry.size and stamp == entry.stamp else ""

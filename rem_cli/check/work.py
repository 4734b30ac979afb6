"""A whole tree checked: packages that are known are taken as they are, the others resolved, all of them linked."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rem_cli.check import Asked, Enough, Found, Verdict, settled, spread
from rem_cli.check.kept import Differences, Kept, Mark, content_of
from rem_cli.check.share import Share, digest
from rem_cli.language import Resolution
from rem_cli.language.files import is_text
from rem_cli.language.load import load
from rem_cli.language.packages import Base, owner_of, texts_of
from rem_cli.language.together import link, reserved
from rem_cli.tree import Entry, Tree
from rem_cli.tree.listing import Listing

FEW = 16  # packages; for so many new ones the file with all the others is not written once more


def load_all(tree: Tree, base: Base, environment: str | None = None) -> Resolution:
    """All packages of a tree with everything in them, the plain way."""
    return load(kinds(tree.entries()), tree.read_many, base, environment=environment)


def kinds(entries: Mapping[str, Entry]) -> dict[str, str]:
    """What each path is."""
    return {path: str(entry.kind) for path, entry in entries.items()}


class Checked(NamedTuple):
    """A tree whose packages are known."""

    verdict: Verdict
    found: Mapping[str, Found]  # by package
    share: Share  # which resolves any of them again


def check(asked: Asked, listing: Listing | None) -> Checked | Resolution:
    """What packages of a tree come to; its resolution where that costs no more, or where a limit was met.

    `listing` is what stands in a work tree; None: its entries say what there is to know.
    """
    collecting = gc.isenabled()
    gc.disable()  # nearly all that is made here lives on
    try:
        if listing is None:
            entries = asked.tree.entries()
            marks = {path: f"{one.kind} {one.blob}" if one.blob else None for path, one in entries.items()}
            return _Work(asked, kinds(entries), marks).run()
        return _Work(asked, listing.kinds(), listing.files).run()
    except Enough:
        return load_all(asked.tree, asked.base(), asked.environment)
    finally:
        if collecting:
            gc.enable()


def share_of(asked: Asked, names: Mapping[str, str], texts: Mapping[str, list[str]] | None = None) -> Share:
    """The packages of a tree, to resolve some of them; `names` is every path and what it is."""
    texts = texts_of(path for path, kind in names.items() if kind == "file") if texts is None else texts
    return Share(names, texts, asked.tree.read_many, asked.base, asked.parts)


class _Work:
    """One check on its way."""

    def __init__(self, asked: Asked, names: Mapping[str, str], marks: Mapping[str, Mark]) -> None:
        self._asked = asked
        self._names = names
        self._marks = marks
        self._texts = texts_of(path for path, kind in names.items() if kind == "file")
        self._file = "packages-commit" if asked.tree.commit else "packages-tree"
        self._kept = Kept(asked.cache.get(self._file))

    def run(self) -> Checked | Resolution:
        if not self._kept and sum(map(len, self._texts.values())) < spread.WORTH:
            return load_all(self._asked.tree, self._asked.base(), self._asked.environment)
        share = share_of(self._asked, self._names, self._texts)
        differences = self._differences(share)
        known = {name: one for name, one in self._kept.found.items() if name not in differences.packages}
        share.plain.update(name for name, one in known.items() if not one.summary.offers)
        found = {name: one for name, one in known.items() if self._holds(one, differences, share)}
        new = [name for name in self._texts if name not in found]
        sound = self._sound(found, {*new, *differences.packages})
        found |= spread.find(share, new, self._asked.processors)
        summaries = [found[name].summary for name in self._texts]
        linked = link(self._names, summaries, share.place, lambda: share.base.keeping, sound)
        if linked is None:
            raise Enough
        if len(new) > FEW or not self._kept:
            self._keep(found, linked.dangling)
        own = [one for one in summaries if not one.specification and not reserved(one.name)]
        scripts: Iterable[frozenset[str]] = (one.scripts for one in own)
        files = sum(map(len, self._texts.values()))
        packages = sum(not reserved(one.name) for one in summaries)
        items = sum(len(one.items) for one in own)
        timed = [item for one in own for item in one.timed]
        verdict = Verdict(linked.findings, items, files, packages, frozenset().union(*scripts), timed=timed)
        return Checked(verdict, found, share)

    def _differences(self, share: Share) -> Differences:
        """What is not as it was in the tree that was kept."""
        if not self._kept:
            return Differences((), set())
        before = self._kept.marks
        paths = {path for path, mark in self._marks.items() if mark is None or before.get(path) != mark}
        paths |= before.keys() - self._marks.keys()
        texts = [path for path in paths if is_text(path)]
        packages = {owner_of(path) for path in texts} | (self._texts.keys() ^ self._kept.ids.keys())
        others = {owner_of(path) for path in texts if path not in before or path not in self._marks}
        unsure = [name for name in packages - others if name in self._texts]
        if sum(len(self._texts[name]) for name in unsure) < spread.WORTH:  # the same words may stand in them
            share.fetch(path for name in unsure for path in self._texts[name])
            packages -= {name for name in unsure if share.ids(name) == self._kept.ids.get(name)}
        return Differences(paths, packages)

    def _holds(self, found: Found, differences: Differences, share: Share) -> bool:
        """Whether nothing has changed that a package's outcome rests on."""
        needs = found.needs
        if needs is None or not differences.packages.isdisjoint(needs.packages):
            return False
        paths = differences.paths
        return all(self._names.get(path) == kind for path, kind in needs.files.items() if path in paths) and all(
            self._id(path, share) == id for path, id in needs.linked.items() if path in paths
        )

    def _sound(self, found: Mapping[str, Found], others: set[str]) -> set[str]:
        """Packages that name, as before, what is there and belongs to none of the `others`."""
        return {
            name
            for name, one in found.items()
            if one.row is not None and name not in self._kept.dangling and others.isdisjoint(one.row.names)
        }

    def _id(self, path: str, share: Share) -> str | None:
        """What stands for the content of any file; None when there is none."""
        return digest(share.fetch([path])[path]) if self._names.get(path) == "file" else None

    def _keep(self, found: Mapping[str, Found], dangling: set[str]) -> None:
        marks = self._marks
        if not self._asked.tree.commit:
            now = self._asked.now
            marks = {path: mark if mark and settled(mark[2:4], now) else None for path, mark in marks.items()}
        self._asked.cache.put(self._file, content_of(marks, found, dangling))

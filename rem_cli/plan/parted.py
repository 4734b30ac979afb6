"""A catalog whose packages are unpacked when somebody looks into them: of two commits most say the same."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, ItemsView, Iterable, Iterator, Mapping
from functools import cached_property

from rem_cli.check.contents import Contents
from rem_cli.language import Item, Resolution
from rem_cli.language.told import content_of
from rem_cli.plan.catalog import Catalog, Script, Wanted, compile_catalog
from rem_cli.plan.content import Compiled
from rem_cli.tree import Tree


def compiled(said: Resolution | Contents, tree: Tree, *, settled: bool = False) -> Compiled:
    """The catalog of a tree, and its scripts; `settled`: all is in hand, and nothing is read or resolved later on."""
    if isinstance(said, Resolution):
        return Compiled(*compile_catalog(said, tree))
    catalog = Parted(said, tree)
    if not settled:
        return Compiled(catalog, _ByHash(catalog.scripts))
    catalog.settle()
    return Compiled(catalog, dict(_ByHash(catalog.scripts)))


class Parted(Catalog):
    """The catalog of a tree, equal to the one that is compiled of it as a whole."""

    def __init__(self, contents: Contents, tree: Tree) -> None:
        """What is not set here is made when somebody asks for it. StaleError, then, where the tree has changed."""
        scripts = Scripts(contents, tree)
        self.__dict__.update(contents=contents, items=_Items(contents), scripts=scripts, commit=tree.commit, locked={})

    contents: Contents
    scripts: Scripts

    @cached_property
    def hash(self) -> str:
        if not self.contents.hash:
            self.contents.remember(hashlib.sha256(self._content).hexdigest())
        return self.contents.hash

    def settle(self) -> None:
        """Make all of it now, and the hash of just that."""
        said = hashlib.sha256(self._content).hexdigest()
        if said != self.contents.hash:
            self.contents.remember(said)

    @cached_property
    def _content(self) -> bytes:
        return content_of(self.contents.rows(), dict(self.scripts.items()), {})

    def of(self, process: str, naming: Wanted | None = None, choosing: Wanted | None = None) -> list[Item]:
        heads = {name: head for name, head in self.contents.heads.items() if process in head.processes}
        if naming or choosing:
            names = _filtered(naming, (head.names for head in heads.values()))
            selectors = _filtered(choosing, (head.selectors for head in heads.values()))
            heads = {
                name: head
                for name, head in heads.items()
                if not (names.isdisjoint(head.names) and selectors.isdisjoint(head.selectors))
            }
        return [item for name in heads for item in self.contents.items(name).values() if item.process == process]

    def apart(self, other: Catalog) -> Collection[str] | None:
        if not isinstance(other, Parted):
            return None
        here, there = self.contents.heads, other.contents.heads
        both = {name for name in here.keys() & there.keys() if here[name].key and here[name].key == there[name].key}
        return (here.keys() | there.keys()) - both

    def other_scripts(self, other: Catalog) -> Collection[str]:
        here = self.contents.marks
        there = other.contents.marks if isinstance(other, Parted) else {}
        paths = (self.scripts.keys() | other.scripts.keys()) - {path for path in here if here[path] == there.get(path)}
        return [path for path in paths if self.scripts.get(path) != other.scripts.get(path)]

    def within(self, packages: Collection[str]) -> Mapping[str, Item]:
        return {path: item for name in packages for path, item in self.contents.items(name).items()}


def _filtered(wanted: Wanted | None, said: Iterable[Iterable[str]]) -> set[str]:
    return set(filter(wanted, set().union(*said))) if wanted else set()


class _Items(Mapping[str, Item]):
    """Items by path: each begins with the name of its package."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def __getitem__(self, path: str) -> Item:
        return self._contents.items(path.partition("/")[0])[path]

    def __iter__(self) -> Iterator[str]:
        self._contents.gather()
        return (path for name in self._contents.heads for path in self._contents.items(name))

    def __len__(self) -> int:
        return self._contents.verdict.items


class Scripts(Mapping[str, Script]):
    """The scripts of a tree by path, read when one is looked at; all in one go when all are."""

    def __init__(self, contents: Contents, tree: Tree) -> None:
        self._paths = sorted(contents.verdict.scripts)
        self._marks = contents.marks
        self._tree = tree
        self._read: dict[str, Script] = {}
        self._contents: dict[str, bytes] = {}  # by sha256, as far as they were read

    def __getitem__(self, path: str) -> Script:
        if path not in self._read:
            if path not in self._marks and path not in self._paths:
                raise KeyError(path)
            self.read([path])
        return self._read[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def items(self) -> ItemsView[str, Script]:
        self.read(self._paths)
        return super().items()

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """Read scripts; the contents of all that were read so far, by sha256."""
        for path, content in self._tree.read_many([path for path in paths if path not in self._read]).items():
            sha256 = hashlib.sha256(content).hexdigest()
            self._read[path] = Script(sha256, self._executable(path))
            self._contents[sha256] = content
        return self._contents

    def _executable(self, path: str) -> bool:
        if path in self._marks:
            return self._marks[path][1]
        entries = self._tree.entries()
        return (entries if path in entries else self._tree.entries(""))[path].executable


class _ByHash(Mapping[str, bytes]):
    """The contents of scripts by their sha256."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def __getitem__(self, sha256: str) -> bytes:
        known = self._scripts.read(())
        return known[sha256] if sha256 in known else self._scripts.read(self._scripts)[sha256]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scripts.read(self._scripts))

    def __len__(self) -> int:
        return len(self._scripts.read(self._scripts))

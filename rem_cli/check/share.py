"""Packages of one tree, each read when it is first asked for and resolved in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from rem_cli.check import Found, Needs
from rem_cli.errors import Place
from rem_cli.language.held import Reference
from rem_cli.language.link import reserved, summary
from rem_cli.language.outcome import Around, Outcome, outcome
from rem_cli.language.packages import Base, Package, read_package

ReadMany = Callable[[Iterable[str]], Mapping[str, bytes]]
V = TypeVar("V")


class Share:
    """The packages of a tree, by name."""

    def __init__(
        self,
        names: Mapping[str, str],
        texts: Mapping[str, list[str]],
        read_many: ReadMany,
        base: Callable[[], Base],
    ) -> None:
        """`names` is every path and what it is, `texts` those of each package."""
        self.names = names
        self.texts = texts
        self._base = base
        self.files: dict[str, bytes] = {}  # texts that were read and not resolved yet
        self._read_many = read_many
        self.plain: set[str] = set()  # packages that are known to define nothing which others could use
        self._packages = _Packages(self)

    @cached_property
    def base(self) -> Base:
        return self._base()

    def fetch(self, wanted: Iterable[str]) -> None:
        """Read the texts of packages, all in one go."""
        paths = [path for name in wanted for path in self.texts[name] if path not in self.files]
        if paths:
            self.files.update(self._read_many(paths))

    def ids(self, name: str) -> tuple[str, ...]:
        """Git's ids of a package's texts, in the order of their paths."""
        self.fetch([name])
        return tuple(blob_id(self.files[path]) for path in self.texts[name])

    def package(self, name: str) -> Package:
        return self._packages[name]

    def outcome(self, name: str) -> Outcome:
        """One package, resolved with the others that it looks at."""
        return outcome(self._packages[name], Around(self.names, self._packages, self.base))

    def find(self, name: str) -> Found:
        """What one package comes to, and what that rests on."""
        ids = self.ids(name)
        package = self._packages.read(name)
        if reserved(name):
            return Found(summary(package, None), Needs((), {}), ids)
        names, packages = _Seen(self.names), _Seen(self._packages)
        found = outcome(package, Around(names, packages, self.base))
        needs = None
        if not names.whole and not packages.whole:
            files = {path: self.names.get(path) for path in sorted(names.asked)}
            needs = Needs(tuple(sorted(packages.asked)), files)
        return Found(summary(package, found), needs, ids)

    def place(self, reference: Reference) -> Place:
        """Where a reference is written."""
        owner = next(name for name in self.texts if reference.file in self.texts[name])
        return self._packages.read(owner).sources[reference.file].place(reference.path)


class _Packages(Mapping[str, Package]):
    """Packages by name, read when they are asked for."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._read: dict[str, Package] = {}

    def read(self, name: str) -> Package:
        found = self._read.get(name)
        if found is None:
            self._share.fetch([name])
            files = {path: self._share.files[path] for path in self._share.texts[name]}
            found = self._read[name] = read_package(name, files, self._share.base.types)
        return found

    def __getitem__(self, name: str) -> Package:
        if name not in self._share.texts or reserved(name):
            raise KeyError(name)
        return self.read(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._share.texts if not reserved(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def values(self) -> Any:
        """Those that may have what somebody looks for in all: the others need not be read for it."""
        return (self[name] for name in self if name not in self._share.plain)


class _Seen(Mapping[str, V], Generic[V]):
    """A mapping that remembers what it was asked."""

    def __init__(self, under: Mapping[str, V]) -> None:
        self._under = under
        self.asked: set[str] = set()
        self.whole = False  # whether somebody looked through all of it

    def __getitem__(self, name: str) -> V:
        self.asked.add(name)
        return self._under[name]

    def __iter__(self) -> Iterator[str]:
        self.whole = True
        return iter(self._under)

    def __len__(self) -> int:
        self.whole = True
        return len(self._under)

    def values(self) -> Any:
        self.whole = True
        return self._under.values()


def blob_id(content: bytes) -> str:
    """Git's id of a file's content."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content)).hexdigest()

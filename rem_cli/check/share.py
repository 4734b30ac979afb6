"""Packages of one tree, each read when it is first asked for and resolved in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from rem_cli.check import DIGEST, Enough, Found, Needs
from rem_cli.check.parts import packed
from rem_cli.errors import Place
from rem_cli.language import Severity
from rem_cli.language.fallback import asked
from rem_cli.language.files import is_text
from rem_cli.language.held import Reference
from rem_cli.language.load import read_linked
from rem_cli.language.outcome import Around, Outcome, outcome
from rem_cli.language.packages import Base, Package, define, read_package
from rem_cli.language.source import Source
from rem_cli.language.together import Summary, reserved, start, summary

ReadMany = Callable[[Iterable[str]], Mapping[str, bytes]]
DEEPEST = 50  # packages that are read because of each other
V = TypeVar("V")


class Share:
    """The packages of a tree, by name."""

    def __init__(
        self,
        names: Mapping[str, str],
        texts: Mapping[str, list[str]],
        read_many: ReadMany,
        base: Callable[[], Base],
        parts: bool = False,
    ) -> None:
        """`names` is every path and what it is, `texts` those of each package; `parts`: what they say is wanted too."""
        self.names = names
        self.texts = texts
        self.plain: set[str] = set()  # packages that are known to define nothing which others could use
        self.sources = _Sources(self)
        self.packages = _Packages(self)
        self.parts = parts
        self._base = base
        self._read_many = read_many
        self._files: dict[str, bytes] = {}

    @cached_property
    def base(self) -> Base:
        return self._base()

    def fetch(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of files; those that were not read before, all in one go."""
        wanted = list(paths)
        missing = [path for path in wanted if path not in self._files]
        if missing:
            self._files.update(self._read_many(missing))
        return {path: self._files[path] for path in wanted}

    def ids(self, name: str) -> tuple[str, ...]:
        """What stands for each of a package's texts, in the order of their paths."""
        return tuple(map(digest, self.fetch(self.texts[name]).values()))

    def find(self, name: str) -> Found:
        """What one package comes to, and what that rests on. Enough."""
        package = self.packages.read(name)
        if reserved(name):
            return Found(Summary(name, package.size, start(package)), Needs((), {}, {}), self.ids(name))
        names, packages, sources = _Seen(self.names), _Seen(self.packages), _Seen(self.sources)
        found = self.outcome(name, Around(names, packages, sources, self.base))
        needs = None
        wrong = any(one.severity is Severity.ERROR for one in found.findings)  # what it says is of no use to anybody
        if not (wrong or names.whole or packages.whole or sources.whole):
            files = {path: self.names.get(path) for path in sorted(names.asked)}
            there = sorted(path for path in sources.asked if path not in package.sources and path in self.sources)
            linked = {path: digest(raw) for path, raw in self.fetch(there).items()}
            needs = Needs(tuple(sorted(self._with_theirs({name, *packages.asked}) - {name})), files, linked)
        part = packed(found.items) if self.parts else None
        return Found(summary(package, found, self.sources), needs, self.ids(name), part=part)

    def outcome(self, name: str, around: Around | None = None) -> Outcome:
        """One package resolved, `around` being what it looks at. Enough."""
        package = self.packages.defined(name)
        if package.environments or package.inside:
            raise Enough  # what others come to differs between environments as well
        return outcome(package, around or Around(self.names, self.packages, self.sources, self.base))

    def place(self, reference: Reference) -> Place:
        """Where a reference is written."""
        return self.sources[reference.file].place(reference.path)

    def _with_theirs(self, names: set[str]) -> set[str]:
        """Packages with all that they name: one may have its types from another."""
        found: set[str] = set()
        waiting = [*names]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.packages[name].depends if name in self.packages else ()
        return found


class _Packages(Mapping[str, Package]):
    """Packages by name, read when they are asked for."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._read: dict[str, Package] = {}
        self._defined: dict[str, Package] = {}
        self._open: list[str] = []

    def read(self, name: str) -> Package:
        """A package as its own texts have it; what it defines is not read yet."""
        if name not in self._read:
            self._read[name] = read_package(name, self._share.fetch(self._share.texts[name]))
        return self._read[name]

    def defined(self, name: str) -> Package:
        """A package with what it defines, which may rest on others. Enough, where these go round in circles."""
        if name not in self._defined:
            if name in self._open or len(self._open) > DEEPEST:
                raise Enough
            package = self.read(name)
            self._open.append(name)
            try:
                define(package, [*(one.types for one in asked(package, self)), self._share.base.types])
            finally:
                self._open.pop()
            self._defined[name] = package
        return self._defined[name]

    def __getitem__(self, name: str) -> Package:
        if name not in self._share.texts or reserved(name):
            raise KeyError(name)
        return self.defined(name)

    def __contains__(self, name: object) -> bool:
        return name in self._share.texts and not reserved(str(name))

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._share.texts if not reserved(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def values(self) -> Any:
        """Those that may have what somebody looks for in all: the others need not be read for it."""
        return (self[name] for name in self if name not in self._share.plain)


class _Sources(Mapping[str, Source]):
    """Texts of packages, and files that they link, read when they are asked for."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._linked: dict[str, Source] = {}

    def __getitem__(self, path: str) -> Source:
        if path not in self:
            raise KeyError(path)
        owner = self._owner(path)
        if owner:
            return self._share.packages.read(owner).sources[path]
        if path not in self._linked:
            self._linked[path] = read_linked(path, self._share.fetch([path])[path])
        return self._linked[path]

    def __contains__(self, path: object) -> bool:
        return self._share.names.get(str(path)) == "file"

    def _owner(self, path: str) -> str | None:
        if not is_text(path):
            return None
        first = path.split("/")[1]
        names = [first] if path.count("/") > 1 else [first.removesuffix(".yaml"), first.removesuffix(".yml")]
        return next((name for name in names if path in self._share.texts.get(name, ())), None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._share.names)

    def __len__(self) -> int:
        return len(self._share.names)


class _Seen(Mapping[str, V], Generic[V]):
    """A mapping that remembers what it was asked."""

    def __init__(self, under: Mapping[str, V]) -> None:
        self._under = under
        self.asked: set[str] = set()
        self.whole = False  # whether somebody looked through all of it

    def __getitem__(self, name: str) -> V:
        self.asked.add(name)
        return self._under[name]

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return name in self._under

    def __iter__(self) -> Iterator[str]:
        self.whole = True
        return iter(self._under)

    def __len__(self) -> int:
        self.whole = True
        return len(self._under)

    def values(self) -> Any:
        self.whole = True
        return self._under.values()


def digest(content: bytes) -> str:
    """What stands for a file's content. Not git's id of it: two texts can be made that have the same SHA-1."""
    return hashlib.blake2b(content, digest_size=DIGEST).hexdigest()

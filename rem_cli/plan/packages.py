"""The packages from elsewhere that a tree takes in, exactly as its `rem.lock` names them.

They are copies in `vendor/packages/` of the tree itself, or commits in the cache. Either way nothing is asked of the
network, and every byte is held against the digest in the lock before anything reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from rem_cli.errors import Place, UntrustedError
from rem_cli.language import Finding, Origin, Resolution, Severity
from rem_cli.language.lock import FILE, Locked, read_lock
from rem_cli.language.packages import texts_of
from rem_cli.language.require import Elsewhere
from rem_cli.language.versions import Version
from rem_cli.tree import VENDOR, Entry, Kind, Tree
from rem_cli.tree.digest import digest, package_files, read_files
from rem_cli.tree.joined import Joined, Lent

FETCH = "rem package fetch"


class Kept(Protocol):
    """What the cache has."""

    def kept(self, url: str) -> Mapping[str, str]:
        """The tags of a repository, each with its commit's full id."""

    def at(self, url: str, commit: str) -> Tree:
        """The files of a commit."""


class Taken(Joined):
    """A tree with the packages that it takes in."""

    def __init__(
        self,
        below: Tree,
        lent: Mapping[str, Lent],
        elsewhere: Elsewhere,
        findings: Sequence[Finding],
        names: Mapping[str, str],
        where: Mapping[str, str],
    ) -> None:
        super().__init__(below, lent)
        self.elsewhere = elsewhere
        self.findings = findings
        self.where = where  # "vendor" or "cache", by the name of a package
        self._names = names  # how people are told of a file, by its path here

    def told(self, resolution: Resolution) -> Resolution:
        """The resolution of this tree, with places in the words of people, and with what was found on the way."""
        if not self.elsewhere.locked and not self.findings:
            return resolution
        findings = [replace(one, place=self._renamed(one.place)) for one in resolution.findings]
        origins = resolution.origins
        lock_is_wrong = any(one.place.file == FILE for one in findings + list(self.findings))
        return replace(
            resolution,
            files=resolution.files + lock_is_wrong,
            findings=tuple(sorted([*findings, *self.findings], key=lambda one: one.place[:3])),
            origins=lambda path: {name: self._origin(one) for name, one in origins(path).items()},
            locked={name: self.elsewhere.locked[name].told() for name in sorted(self.where)},
        )

    def _renamed(self, place: Place) -> Place:
        return place._replace(file=self._names.get(place.file, place.file))

    def _origin(self, origin: Origin) -> Origin:
        place = origin.place and self._renamed(origin.place)
        return replace(origin, place=place, beaten=tuple(map(self._origin, origin.beaten)))


def take_in(tree: Tree, cache: Kept, *, files: bool = False) -> Taken:
    """What `rem.lock` of a tree names, joined to it. UntrustedError when something is not what the lock says."""
    if isinstance(tree, Taken):
        return tree
    findings: list[Finding] = []
    locked = lock_of(tree, findings)
    lent: dict[str, Lent] = {}
    names: dict[str, str] = {}
    where: dict[str, str] = {}
    own = {path.split("/")[1] for path in tree.entries()} if locked else set()
    texts = heads_of(tree) if locked else {}
    vendored = vendored_names(tree) if locked else set()
    for one in locked.values():
        if own & {one.name, f"{one.name}.yaml", f"{one.name}.yml"}:
            if one.name not in texts:  # else the requirement says what is wrong
                text = f"packages/{one.name}/ holds files here, and '{one.name}' is locked from {one.git}"
                findings.append(Finding("REM1707", text, one.place, hint="rename the folder here"))
            continue
        kept = cache.kept(one.git).get(one.tag)
        if kept is not None and kept != one.commit:
            raise _moved(one, kept)
        if one.name in vendored:
            where[one.name] = "vendor"
            found = _lend(tree, one, VENDOR)
            names |= {path: file.path for path, file in found.items()}
        elif kept is not None:
            where[one.name] = "cache"
            found = _lend(cache.at(one.git, kept), one, "packages")
            names |= {path: shown_path(path, one.name, one.version) for path in found}
        else:
            text = f"'{one.label}' is neither in {VENDOR}/ nor in the cache of this machine"
            findings.append(Finding("REM1708", text, one.place, hint=FETCH, see=FETCH))
            continue
        lent |= found
    findings += _not_locked(tree, vendored - locked.keys())
    return Taken(tree, lent, Elsewhere(locked, frozenset(where), files), findings, names, where)


def _not_locked(tree: Tree, names: Iterable[str]) -> Iterator[Finding]:
    for name in sorted(names):
        path = next(path for path in tree.entries(VENDOR) if _owner(path) == name)
        text = f"'{name}' is in {VENDOR}/ and not in {FILE}, so nothing reads it"
        hint = "rem package vendor, or require it"
        yield Finding("REM1713", text, Place(path, 1, 1), hint=hint, severity=Severity.WARNING)


def shown_path(path: str, name: str, version: Version) -> str:
    """How people are told of a file of a package from elsewhere: no path of this repository looks like it."""
    return f"{name}@{version}/{path.removeprefix('packages/').removeprefix(f'{name}/')}"


def lock_of(tree: Tree, findings: list[Finding]) -> Mapping[str, Locked]:
    """What the lock file of a tree says; nothing when there is none."""
    entry = tree.entries(FILE).get(FILE)
    if entry is None:
        return {}
    if entry.kind is not Kind.FILE:
        text = f"{FILE} cannot be used: it is a {entry.kind}, which REM does not follow"
        findings.append(Finding("REM1701", text, Place(FILE, 1, 1), hint="put a file in its place"))
        return {}
    return read_lock(tree.read(FILE), findings.append)


def vendored_names(tree: Tree) -> set[str]:
    """The packages that have copies in a tree."""
    return {_owner(path) for path in tree.entries(VENDOR)}


def heads_of(tree: Tree) -> dict[str, str]:
    """The text with the header of each package, by its name."""
    texts = texts_of(path for path, entry in tree.entries().items() if entry.kind is Kind.FILE)
    return {name: head_of(paths) for name, paths in texts.items()}


def head_of(texts: Sequence[str]) -> str:
    """Which of a package's texts has its header."""
    heads = [path for path in texts if path.count("/") == 1 or path.endswith(("/package.yaml", "/package.yml"))]
    return heads[0] if heads else texts[0]


def held_files(tree: Tree, one: Locked, above: str = "packages") -> Mapping[str, tuple[Entry, bytes]]:
    """A locked package's files in a tree, below `above`. UntrustedError unless they are what was locked."""
    entries = package_files(tree, one.name, above)
    contents = read_files(tree, entries)
    found = digest(entries, contents, above)
    if found != one.tree:
        lies = f"{above}/" if above == VENDOR else f"{one.tag} of {one.git}"
        again = "rem package vendor" if above == VENDOR else "git log -p rem.lock"
        raise UntrustedError(
            f"the files of '{one.label}' in {lies} are not those that were locked: {found[:19]}…, not {one.tree[:19]}…",
            hint=f"see who changed what, then: {again}",
            where=one.place,
        )
    return {path: (entry, contents[path]) for path, entry in entries.items()}


def _lend(tree: Tree, one: Locked, above: str) -> dict[str, Lent]:
    found = {}
    for path, (entry, _) in held_files(tree, one, above).items():
        here = f"packages/{path.removeprefix(f'{above}/')}"
        found[here] = Lent(tree, path, entry._replace(path=here))
    return found


def _moved(one: Locked, kept: str) -> UntrustedError:
    return UntrustedError(
        f"{FILE} says that {one.tag} of {one.git} is {one.commit[:12]}, and the repository said {kept[:12]}",
        hint="somebody moved the tag or edited the lock: ask who, and see git log -p rem.lock",
        where=one.place,
    )


def _owner(path: str) -> str:
    name = path.removeprefix(f"{VENDOR}/").split("/")[0]
    return name.removesuffix(".yaml").removesuffix(".yml") if path.count("/") == VENDOR.count("/") + 1 else name

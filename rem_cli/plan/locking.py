"""Makes `rem.lock`: the smallest versions that everybody admits, each held to a commit and a digest of its files.

This asks repositories for their tags and gets the commits that it looks at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from rem_cli.errors import InvalidPackagesError, RemError, UsageError
from rem_cli.language import Finding
from rem_cli.language.lock import FILE, Locked
from rem_cli.language.names import nearest
from rem_cli.language.packages import Package, read_package, texts_of
from rem_cli.language.ranges import Bound, Range
from rem_cli.language.require import Wanted, read_require
from rem_cli.language.selection import Chosen, Conflict, Requirement, select
from rem_cli.language.versions import Version, parse_tag
from rem_cli.plan.fetching import Remotes, moved
from rem_cli.plan.packages import head_of, heads_of, shown_path
from rem_cli.tree import Tree, TreeError
from rem_cli.tree.digest import digest, package_files, read_files


def lock(
    tree: Tree,
    remotes: Remotes,
    before: Mapping[str, Locked],
    *,
    upgrade: Collection[str] = (),
    offline: bool = False,
    files: bool = False,
) -> Mapping[str, Locked]:
    """What `rem.lock` should say of a tree, by name.

    What `before` says stays as long as it is admitted; packages in `upgrade` go to the newest version that is.
    InvalidPackagesError when requirements are wrong or exclude each other, UntrustedError when a tag was moved.
    """
    locking = _Locking(tree, remotes, before, offline, files)
    for name in upgrade:
        if name not in before:
            near = nearest(name, before)
            raise UsageError(
                f"'{name}' is not in {FILE}", hint=f"did you mean '{near}'?" if near else "rem package list"
            )
    floors = {name: one.version for name, one in before.items() if name not in upgrade}
    chosen = locking.choose(floors)
    for name in sorted(set(upgrade) & chosen.keys()):
        admitted = locking.admitted(chosen[name])
        chosen = locking.choose(floors := {**floors, name: admitted[-1]})
    return {name: locking.exactly(one) for name, one in chosen.items()}


class _Locking:
    def __init__(self, tree: Tree, remotes: Remotes, before: Mapping[str, Locked], offline: bool, files: bool) -> None:
        self.tree = tree
        self.remotes = remotes
        self.before = before
        self.offline = offline
        self.files = files
        self.tags: dict[str, Mapping[str, str]] = {}

    @cached_property
    def heads(self) -> Mapping[str, str]:
        """The packages of this repository."""
        return heads_of(self.tree)

    @cached_property
    def roots(self) -> Sequence[Requirement]:
        """What this repository requires from elsewhere."""
        contents = self.tree.read_many(self.heads.values())
        found: list[Finding] = []
        roots: list[Requirement] = []
        for name, path in self.heads.items():
            if b"require" in contents[path]:
                package = read_package(name, {path: contents[path]})
                found += [] if package.whole else package.findings
                roots += [one.by(name) for one in self._wanted(package, found) if one.name not in self.heads]
        _stop_at(found, "what the packages require cannot be locked")
        return roots

    def choose(self, floors: Mapping[str, Version]) -> Mapping[str, Chosen]:
        """A version for each package."""
        found = select(self.roots, self.versions, self.requires, floors)
        if isinstance(found, Conflict):
            raise _no_answer(found, self.offline)
        return found

    def versions(self, git: str) -> Sequence[Version]:
        if git not in self.tags:
            self.tags[git] = self.remotes.kept(git) if self.offline else self.remotes.tags(git)
        return [version for tag in self.tags[git] if (version := parse_tag(tag)) is not None]

    def admitted(self, chosen: Chosen) -> Sequence[Version]:
        return [one for one in sorted(self.versions(chosen.git)) if all(r.range.admits(one) for r in chosen.required)]

    def requires(self, name: str, git: str, version: Version) -> Sequence[Requirement]:
        """What a package requires at a version; a name without an address is one of its own repository."""
        package = self._package(name, git, version)
        found = [] if package.whole else list(package.findings)  # by their places in its own repository
        least = Bound(">=", version)
        requirements = []
        for wanted in self._wanted(package, found):
            one = wanted.by(name)
            place = one.place._replace(file=shown_path(one.place.file, name, version))
            if wanted.git is None:  # its sibling: of the tag that they were released with, or a later one
                one = replace(one, git=git, range=Range((*one.range.bounds, least)))
            requirements.append(replace(one, place=place))
        found = [
            replace(one, place=one.place._replace(file=shown_path(one.place.file, name, version))) for one in found
        ]
        _stop_at(found, f"'{name} {version}' cannot be used")
        return requirements

    def exactly(self, chosen: Chosen) -> Locked:
        """A chosen version as the lock names it. UntrustedError when its tag was moved since."""
        tag = f"v{chosen.version}"
        tree = self._at(chosen.git, tag)
        entries = package_files(tree, chosen.name)
        found = digest(entries, read_files(tree, entries))
        by = tuple(sorted({one.by for one in chosen.required}))
        return Locked(chosen.name, chosen.git, chosen.version, tree.commit or "", found, by)

    def _wanted(self, package: Package, found: list[Finding]) -> list[Wanted]:
        wanted = list(read_require(package, found.append, files=self.files))
        for one in wanted:
            if one.name in self.heads and (one.git or package.name not in self.heads):
                text = f"'{one.name}' is a package of this repository and is required from elsewhere"
                hint = "rename the one here: neither may stand in for the other"
                found.append(Finding("REM1707", text, one.at.key_place, hint=hint))
        return wanted

    def _package(self, name: str, git: str, version: Version) -> Package:
        """The header of a package at a tag."""
        tag = f"v{version}"
        tree = self._at(git, tag)
        entries = package_files(tree, name)
        try:
            contents = read_files(tree, entries)
        except TreeError as error:
            raise _unfit(name, git, tag, error.message) from error
        texts = [path for paths in texts_of(entries).values() for path in paths]
        if not texts:
            raise _unfit(name, git, tag, f"there is no packages/{name}.yaml and no packages/{name}/package.yaml")
        head = head_of(texts)
        package = read_package(name, {head: contents[head]})
        said = package.words.get("version")
        if said is not None and said.text != str(version):
            raise _unfit(name, git, tag, f"it calls itself {said.shown}", id="REM1712")
        return package

    def _at(self, git: str, tag: str) -> Tree:
        """The files at a tag, got when they are not in the cache."""
        self.versions(git)
        commit = self.tags[git][tag]
        for one in self.before.values():
            if (one.git, one.tag) == (git, tag) and one.commit != commit:
                raise moved(one, commit)
        if self.remotes.kept(git).get(tag) != commit and self.remotes.fetch(git, tag) != commit:
            raise TreeError(f"{tag} of {git} changed while it was read", hint="rem package lock")
        return self.remotes.at(git, commit)


def _stop_at(found: Sequence[Finding], why: str) -> None:
    if found:
        raise InvalidPackagesError(f"{why}; {FILE} is as it was", findings=found)


def _unfit(name: str, git: str, tag: str, why: str, id: str = "REM1711") -> RemError:
    return InvalidPackagesError(
        f"'{name}' at {tag} of {git} is not a package that can be locked: {why} ({id})",
        hint="tell its owners, or require another version",
    )


def _no_answer(conflict: Conflict, offline: bool) -> RemError:
    """A finding for each chain, at its beginning in this repository."""
    there = f"the versions there are: {', '.join(map(str, conflict.versions[-8:]))}"
    if not conflict.versions:
        there = (
            "the cache has no tag vX.Y.Z of it; without --offline they are asked for"
            if offline
            else "it has no tag vX.Y.Z"
        )
    id = "REM1710" if len(conflict.chains) > 1 else "REM1711"
    findings = [Finding(id, _told(chain), chain[0].place) for chain in conflict.chains]
    return InvalidPackagesError(
        f"'{conflict.name}' cannot be locked: {conflict.why}; {FILE} is as it was",
        hint=there,
        findings=findings,
    )


def _told(chain: Sequence[Requirement]) -> str:
    first, *rest = chain
    text = f"'{first.by}' requires {first.name} {first.said}"
    for one in rest:
        text += f", which requires {one.name} {one.said} ({one.place})"
    return text

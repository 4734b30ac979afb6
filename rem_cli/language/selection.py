"""Which version of each package from elsewhere: the smallest that everybody who requires it admits.

Minimal version selection, after Go's modules. Nothing is searched: a package begins at the smallest version that its
requirements admit, is raised when a new one asks for more, and is never lowered. So the answer depends on what was
asked for and not on the order, a new release upstream changes nothing, and the work is at most one step for each
version that is looked at. Where ranges exclude each other the answer is both chains of who requires what, and a person
decides; trying other versions of third packages until something fits would be an answer that nobody can foresee.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from rem_cli.errors import Place
from rem_cli.language.ranges import Range
from rem_cli.language.versions import Version

MOST = 1_000  # packages from elsewhere that one repository may come to require
STEPS = 10_000  # versions looked at


@dataclass(frozen=True)
class Requirement:
    """Package `by` requires package `name` in a range."""

    by: str  # the name of a package
    name: str
    range: Range
    git: str | None  # the URL it comes from; None: from wherever the others say
    place: Place
    said: str  # the range as it is written


@dataclass(frozen=True)
class Chosen:
    """The version of one package, and everybody who requires it."""

    name: str
    git: str
    version: Version
    required: tuple[Requirement, ...]


@dataclass(frozen=True)
class Conflict:
    """Why there is no answer. Each chain begins in this repository and ends at a requirement of `name`."""

    name: str
    why: str
    chains: tuple[tuple[Requirement, ...], ...]
    versions: tuple[Version, ...] = ()  # that there are


Versions = Callable[[str], Sequence[Version]]  # of a git URL
Requires = Callable[[str, str, Version], Sequence[Requirement]]  # of the package, from the git URL, at the version


def select(
    roots: Sequence[Requirement],
    versions: Versions,
    requires: Requires,
    floors: Mapping[str, Version] | None = None,
    *,
    most: int = MOST,
) -> Mapping[str, Chosen] | Conflict:
    """A version for every package that `roots` come to require, by name; or why there is none.

    `floors` are versions that a package stays at, or above, as long as its requirements admit that.
    """
    return _Selecting(roots, versions, requires, floors or {}, most).run()


class _Stop(Exception):
    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict


class _Selecting:
    def __init__(
        self,
        roots: Sequence[Requirement],
        versions: Versions,
        requires: Requires,
        floors: Mapping[str, Version],
        most: int,
    ) -> None:
        self.roots = sorted(roots, key=_order)
        self.versions = versions
        self.requires = requires
        self.floors = floors
        self.most = most
        self.sources: dict[str, str] = {}
        self.chosen: dict[str, Version] = {}
        self.outgoing: dict[str, Sequence[Requirement]] = {}
        self.incoming: dict[str, list[Requirement]] = {}
        self.steps = 0

    def run(self) -> Mapping[str, Chosen] | Conflict:
        waiting = self._arrive(self.roots)
        try:
            while waiting:
                waiting = self._round(waiting)
        except _Stop as stop:
            return stop.conflict
        reached = self._reached()
        return {
            name: Chosen(name, self.sources[name], self.chosen[name], tuple(self._asking(name, reached)))
            for name in sorted(reached)
        }

    def _round(self, waiting: Collection[str]) -> set[str]:
        """Pick a version for each of some packages, all by what was asked before; those to look at next."""
        picked: dict[str, Version] = {}
        stuck: dict[str, _Stop] = {}
        for name in sorted(waiting):
            try:
                picked[name] = self._pick(name)
            except _Stop as stop:  # another package that is raised now may ask for less afterwards
                stuck[name] = stop
        raised = {name: version for name, version in picked.items() if version != self.chosen.get(name)}
        if stuck and not raised:
            raise stuck[min(stuck)]
        following = set(stuck)
        for name, version in raised.items():
            following |= self._raise(name, version)
        return following

    def _arrive(self, requirements: Sequence[Requirement]) -> set[str]:
        for one in requirements:
            self.incoming.setdefault(one.name, []).append(one)
            if len(self.incoming) > self.most:
                raise _Stop(Conflict(one.name, f"more than {self.most:,} packages would be required", ((one,),)))
        return {one.name for one in requirements}

    def _raise(self, name: str, version: Version) -> set[str]:
        """Put a package to a version: what that requires takes the place of what the version before required."""
        self.steps += 1
        if self.steps > STEPS:
            raise _Stop(Conflict(name, f"more than {STEPS:,} versions would have to be looked at", ()))
        for old in self.outgoing.get(name, ()):
            self.incoming[old.name].remove(old)
        self.chosen[name] = version
        self.outgoing[name] = sorted(self.requires(name, self.sources[name], version), key=_order)
        return self._arrive(self.outgoing[name])

    def _pick(self, name: str) -> Version:
        """The smallest version that is admitted, not below the one that was chosen before."""
        asking = self.incoming[name]
        current = self.chosen.get(name)
        git = self._source(name, asking)
        there = sorted(self.versions(git))
        fitting = _fitting(there, asking, current)
        if not fitting:  # what is not required any more has no say
            asking = self._asking(name, self._reached())
            fitting = _fitting(there, asking, current)
        if not fitting:
            raise _Stop(self._conflict(name, asking, there, current))
        floor = self.floors.get(name)
        kept = [version for version in fitting if floor is not None and version >= floor]
        return kept[0] if kept else fitting[0]

    def _source(self, name: str, asking: Sequence[Requirement]) -> str:
        """The one URL that a package comes from."""
        by_git = {one.git: one for one in reversed(asking) if one.git}
        if len(by_git) == 1:
            self.sources[name] = next(iter(by_git))
        if not by_git and name not in self.sources:
            raise _Stop(Conflict(name, "nobody says which git repository it comes from", self._chains(asking[:1])))
        if len(by_git) > 1:
            two = [by_git[git] for git in sorted(by_git)][:2]
            raise _Stop(Conflict(name, f"it would come from both {two[0].git} and {two[1].git}", self._chains(two)))
        return self.sources[name]

    def _conflict(
        self, name: str, asking: Sequence[Requirement], there: Sequence[Version], current: Version | None
    ) -> Conflict:
        alone = next((one for one in asking if not any(one.range.admits(version) for version in there)), None)
        if alone is not None:
            why = f"no released version is {alone.said}"
            return Conflict(name, why, self._chains([alone]), tuple(there))
        for number, one in enumerate(asking):
            for other in asking[:number]:
                if not any(one.range.admits(version) and other.range.admits(version) for version in there):
                    why = f"no released version is both {other.said} and {one.said}"
                    return Conflict(name, why, self._chains([other, one]), tuple(there))
        above = f" from {current} on" if current else ""
        return Conflict(name, f"no version{above} is admitted by all", self._chains(asking[:8]), tuple(there))

    def _chains(self, ends: Sequence[Requirement]) -> tuple[tuple[Requirement, ...], ...]:
        """For each requirement the shortest way to it from this repository."""
        way: dict[str, Requirement] = {}
        row = list(self.roots)
        while row:
            below: list[Requirement] = []
            for one in row:
                if one.name not in way:
                    way[one.name] = one
                    below.extend(self.outgoing.get(one.name, ()))
            row = below
        chains = []
        roots = set(map(id, self.roots))
        for end in ends:
            chain = [end]
            while id(chain[0]) not in roots and chain[0].by in way:
                chain.insert(0, way[chain[0].by])
            chains.append(tuple(chain))
        return tuple(chains)

    def _reached(self) -> set[str]:
        """The packages that this repository requires, with all that those require in turn."""
        reached: set[str] = set()
        waiting = [one.name for one in self.roots]
        while waiting:
            name = waiting.pop()
            if name not in reached and name in self.chosen:
                reached.add(name)
                waiting.extend(one.name for one in self.outgoing.get(name, ()))
        return reached

    def _asking(self, name: str, reached: Collection[str]) -> list[Requirement]:
        ours = [one for one in self.roots if one.name == name]
        theirs = [one for by in sorted(reached) for one in self.outgoing.get(by, ()) if one.name == name]
        return [*ours, *theirs]


def _fitting(there: Sequence[Version], asking: Sequence[Requirement], current: Version | None) -> list[Version]:
    return [
        version
        for version in there
        if (current is None or version >= current) and all(one.range.admits(version) for one in asking)
    ]


def _order(one: Requirement) -> tuple[str, str, str, Place]:
    return one.name, one.by, one.said, one.place

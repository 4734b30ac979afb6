"""What a tree says, package by package, for the price of what somebody looks at.

A package is unpacked when one of its items is asked for, or resolved where its part is not kept. Which packages of two
trees may differ is told by their keys, and none of the others is looked into.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from rem_cli.check import Asked, Found, Verdict, spread, verdict_of
from rem_cli.check.known import keep, recall
from rem_cli.check.packed import row_of
from rem_cli.check.parts import Parts, keys, unpacked
from rem_cli.check.share import Share
from rem_cli.check.work import Checked, check, kinds, load_all, share_of
from rem_cli.errors import StaleError
from rem_cli.language import Finding, Item, Resolution
from rem_cli.language.held import Held
from rem_cli.language.outcome import Outcome
from rem_cli.language.together import reserved
from rem_cli.language.told import items_of


class Head(NamedTuple):
    """What is known of a package before its part is unpacked."""

    key: bytes  # the same: it says the same; b"" when nobody can tell
    items: int  # how many
    processes: tuple[str, ...]  # what the engine does with them
    selectors: tuple[str, ...]  # by which they choose hosts; LOCALLY where a host says that
    names: tuple[str, ...]  # paths of scripts, and packages, that they name


class Heads(NamedTuple):
    """What is known of a tree before any part is unpacked."""

    packages: Mapping[str, Head]  # those with items of their own, in the order of their items' paths
    scripts: Mapping[str, tuple[str, bool]]  # of a commit: git's id of each, and whether it is executable
    hash: str = ""  # of all that it says, once somebody wanted to know


class Contents:
    """The items of a tree without a mistake, by package."""

    def __init__(self, asked: Asked, verdict: Verdict, heads: Heads, checked: Checked | None) -> None:
        self.verdict = verdict
        self.heads, self.marks, self.hash = heads
        self._asked = asked
        self._checked = checked
        self._parts = Parts(asked.cache)
        self._made: dict[str, bytes] = {}  # by package, also those that no file keeps
        self._items: dict[str, Mapping[str, Item]] = {}
        self._outcomes: dict[str, Outcome] = {}
        if checked:
            self._keep({name: one.part for name, one in checked.found.items() if one.part and name in self.heads})

    def items(self, name: str) -> Mapping[str, Item]:
        """The items of one package, by path; none where there is no such package. StaleError."""
        if name not in self.heads:
            return {}
        if name not in self._items:
            self._items[name] = items_of(unpacked(self._part(name)))
        return self._items[name]

    def rows(self) -> Iterator[bytes]:
        """What every package says, as `language.told` writes it, in the order of paths. StaleError."""
        self.gather()
        return (unpacked(self._part(name)) for name in self.heads)

    def gather(self) -> None:
        """Have the parts of all packages, where all of them are wanted. StaleError."""
        self._make([name for name in self.heads if self._kept(name) is None])

    def outcome(self, name: str) -> Outcome:
        """A package with the texts that its items came from. StaleError."""
        if name not in self._outcomes:
            self._outcomes[name] = self._share.outcome(name)
            self._refuse_other(name, self._share.ids(name))
        return self._outcomes[name]

    @property
    def findings(self) -> Sequence[Finding]:
        return self.verdict.findings

    @property
    def environments(self) -> Sequence[str]:
        """What a tree with environments says is not known by its packages alone."""
        return ()

    def held(self, path: str) -> Held:
        """An item with the texts that it came from. StaleError."""
        return self.outcome(path.partition("/")[0]).held[path]

    def remember(self, hash: str) -> None:
        """Keep the hash of all that a commit says."""
        self.hash = hash
        if self._asked.tree.commit:
            kept = [(name, *head) for name, head in self.heads.items()], dict(self.marks), hash
            self._asked.cache.put(_name(self._asked.tree.commit), kept)

    @cached_property
    def _share(self) -> Share:
        if self._checked:
            return self._checked.share
        return share_of(self._asked, kinds(self._asked.tree.entries()))

    def _kept(self, name: str) -> bytes | None:
        return self._made.get(name) or self._parts.get(self.heads[name].key)

    def _part(self, name: str) -> bytes:
        part = self._kept(name)
        if part is None:
            self._make([name])
            part = self._made[name]
        return part

    def _make(self, names: Sequence[str]) -> None:
        """Resolve packages whose parts are not kept, and keep these."""
        if not names:
            return
        self._share.parts = True
        found = spread.find(self._share, names, self._asked.processors)
        for name, one in found.items():
            self._refuse_other(name, one.ids)
        self._keep({name: one.part for name, one in found.items() if one.part is not None})

    def _keep(self, parts: Mapping[str, bytes]) -> None:
        self._made.update(parts)
        self._parts.put({key: part for name, part in parts.items() if (key := self.heads[name].key)})

    def _refuse_other(self, name: str, ids: tuple[str, ...]) -> None:
        """StaleError when somebody writes to the tree: a package is not the one that was checked."""
        if self._checked and self._checked.found[name].ids != ids:
            raise StaleError(f"{self._asked.tree.label} changed while it was read", hint="run this again")


def contents(asked: Asked) -> Contents | Resolution:
    """What a tree says; its resolution where that costs no more, or where it differs between environments."""
    recalled = recall(asked)
    if recalled.verdict and recalled.verdict.environments:
        return load_all(asked.tree, asked.base(), asked.environment)
    known = remembered(asked, recalled.verdict)
    if known is not None:
        return known
    answer = check(asked, recalled.listing)
    if isinstance(answer, Resolution):
        keep(asked, recalled.listing, verdict_of(answer))
        return answer
    keep(asked, recalled.listing, answer.verdict)
    found = Contents(asked, answer.verdict, Heads(_heads(answer.found), _marks(asked, answer.verdict)), answer)
    found.remember("")
    return found


def remembered(asked: Asked, verdict: Verdict | None) -> Contents | None:
    """What a commit says whose verdict is known, without a look at it; None when that is not kept."""
    kept = asked.cache.get(_name(asked.tree.commit)) if asked.tree.commit and verdict else None
    if kept is None or verdict is None:
        return None
    packages, scripts, hash = kept
    return Contents(asked, verdict, Heads({name: Head(*head) for name, *head in packages}, scripts, hash), None)


def _name(commit: str) -> str:
    return f"heads-{commit}"


def _marks(asked: Asked, verdict: Verdict) -> dict[str, tuple[str, bool]]:
    entries = asked.tree.entries() if asked.tree.commit else {}
    return {path: (entries[path].blob, entries[path].executable) for path in verdict.scripts if path in entries}


def _heads(found: Mapping[str, Found]) -> dict[str, Head]:
    known = keys(found)
    own = [name for name in found if not found[name].summary.specification and not reserved(name)]
    heads: dict[str, Head] = {}
    for name in sorted(own, key=lambda name: f"{name}/"):
        one = found[name].summary
        packages = row_of(found[name]).names
        names = (*sorted(one.scripts), *sorted(packages))
        heads[name] = Head(known.get(name, b""), len(one.items), one.processes, one.selectors, names)
    return heads

"""Every problem of a tree, for the price of what changed since it was last asked.

`language` says what one package comes to and what packages are to each other. Here stands what makes that fast and is
no part of its meaning: what was found before is used again as long as nothing has changed that it rests on, and
what must be resolved is spread over the processors. Kept or not, spread or not, the answer is the same; a property test
holds that.

Kept are the findings of a tree, of a package without any what others may ask of it, and what packages say, each under
a key that names all it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rem_cli.tree import Tree

if TYPE_CHECKING:
    from rem_cli.check.cache import Cache
    from rem_cli.language import Finding, Resolution
    from rem_cli.language.packages import Base
    from rem_cli.language.timed import Timed
    from rem_cli.language.together import Summary


DIGEST = 20  # bytes; of a text, or of all that a package rests on
STILL = 20_000_000  # ns; a clock of files may stand still as long
COARSE = 2_000_000_000  # ns; one that counts whole seconds


class Asked(NamedTuple):
    """One question for a whole tree."""

    tree: Tree
    base: Callable[[], Base]  # made only when a package must be resolved
    cache: Cache
    now: int  # ns since the epoch
    processors: int
    environment: str | None = None  # whose items are wanted, where packages declare some
    parts: bool = False  # whether what packages say is wanted of all of them


class Enough(Exception):
    """This tree is left to the plain way: it has more than any tree may hold, or it goes round in circles."""


class Verdict(NamedTuple):
    """What is to be said of a whole tree."""

    findings: tuple[Finding, ...]
    items: int  # how many
    files: int  # how many texts
    packages: int  # how many
    scripts: frozenset[str]  # paths of the files that items name
    environments: tuple[str, ...] = ()  # that packages declare
    timed: Sequence[Timed] = ()  # what is held against the clock


class Needs(NamedTuple):
    """What the outcome of a package rests on besides its own texts."""

    packages: tuple[str, ...]  # those that it looked at, also in vain
    files: Mapping[str, str | None]  # paths that it looked at, and what they are; None: nothing was there
    linked: Mapping[str, str]  # files of others that it read, each with the digest of its content


class Row(NamedTuple):
    """What one package comes to as plain values."""

    head: tuple[Any, ...]
    body: bytes  # its items and what they name; few ask for these
    names: frozenset[str]  # the packages that these are of


class Found(NamedTuple):
    """What one package comes to."""

    summary: Summary
    needs: Needs | None  # None: it looked through the whole tree, or there is a mistake in it
    ids: tuple[str, ...]  # digests of its texts, in the order of their paths
    row: Row | None = None  # the same as plain values, where it came as such
    part: bytes | None = None  # what it says, where that was wanted

    @property
    def keeps(self) -> bool:
        """Whether it holds until something that it rests on changes; the hint of a finding may rest on anything."""
        return self.needs is not None and not self.summary.findings


def verdict_of(resolution: Resolution) -> Verdict:
    """The same of a tree that was resolved as a whole."""
    counts = len(resolution.items), resolution.files, len(resolution.packages)
    return Verdict(tuple(resolution.findings), *counts, resolution.scripts, resolution.environments,
                   tuple(resolution.timed()))  # fmt: skip


def settled(times: Sequence[int], now: int) -> bool:
    """Whether any later change of what has these mtime and ctime gives it others."""
    coarse = not any(time % 1_000_000_000 for time in times)
    return max(times) < now - (COARSE if coarse else STILL)

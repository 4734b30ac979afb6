"""Gets what a lock names and nothing else, and holds it against the lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rem_cli.errors import UntrustedError
from rem_cli.language.lock import FILE, Locked
from rem_cli.language.versions import Version, parse_tag
from rem_cli.plan.packages import Kept, held_files


class Remotes(Kept, Protocol):
    """Repositories of other people, and the cache of what was got from them."""

    def tags(self, url: str) -> Mapping[str, str]:
        """The tags that a repository has now, each with its commit's full id. TreeError, UntrustedError."""

    def fetch(self, url: str, tag: str) -> str:
        """Get a tag's commit; its full id. TreeError, UntrustedError."""


def fetch(remotes: Remotes, locked: Mapping[str, Locked]) -> list[str]:
    """Get what a lock names; the names of what was got. UntrustedError when it is not what was locked."""
    got = []
    for one in locked.values():
        if one.tag not in remotes.kept(one.git):
            remotes.fetch(one.git, one.tag)
            got.append(one.name)
        commit = remotes.kept(one.git)[one.tag]
        if commit != one.commit:
            raise moved(one, commit)
        held_files(remotes.at(one.git, commit), one)
    return got


def newer(remotes: Remotes, one: Locked) -> Version | None:
    """The newest released version that there is now, when it is later than the locked one."""
    found = [version for version in map(parse_tag, remotes.tags(one.git)) if version and version.final]
    newest = max(found, default=None)
    return newest if newest is not None and newest > one.version else None


def moved(one: Locked, now: str) -> UntrustedError:
    """A tag names another commit than the lock."""
    return UntrustedError(
        f"{one.tag} of {one.git} is {now[:12]} now, and {FILE} says {one.commit[:12]}",
        hint=f"ask its owners why it moved; if you trust it as it is, take '{one.name}' out of {FILE} and lock again",
        where=one.place,
    )

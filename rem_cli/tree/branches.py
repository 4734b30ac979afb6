"""A branch with its whole history, from the remote that the operator names: what an unattended apply follows.

It is got into a bare repository of the cache, so that nothing of the work tree's own repository, its configuration
included, has a word in it, and so that no branch of anybody's moves.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from rem_cli.errors import UsageError
from rem_cli.tree.git import GitRepository
from rem_cli.tree.remote import Remotes

_BRANCH = re.compile(r"(?!.*(?:\.\.|//|@\{|\.lock(?:/|\Z)))[A-Za-z0-9_][A-Za-z0-9_./@+-]{0,199}(?<![./])", re.ASCII)


class Branches(Remotes):
    """Repositories by address, as `Remotes` has them, with history."""

    def get(self, url: str, branch: str) -> str:
        """Get what a branch says now; its commit's full id. UsageError, TreeError, UntrustedError."""
        if not _BRANCH.fullmatch(branch):
            raise UsageError(f"{branch!r} is no name of a branch", hint="rem apply --follow main")
        ref = f"refs/heads/{branch}"
        words = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        self._ask(url, "fetch", *words, "--", url, f"+{ref}:{ref}")  # what is no descendant is refused later, and told
        return self.repository(url).resolve(ref).id

    def repository(self, url: str) -> GitRepository:
        """What was got from an address."""
        return GitRepository(self.folder(url), self._git(url))

    def folder(self, url: str) -> Path:
        """Where it is kept: apart from single commits, which have no history."""
        return self.cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.history.git"

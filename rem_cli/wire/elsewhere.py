"""Packages from elsewhere: what the tree takes in, what the lock should say, and the copies in vendor/."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.errors import InvalidPackagesError, StaleError

if TYPE_CHECKING:
    from rem_cli.language import Finding
    from rem_cli.language.lock import Locked
    from rem_cli.language.versions import Version
    from rem_cli.plan.known import Known
    from rem_cli.plan.packages import Taken
    from rem_cli.tree import Commit, Tree
    from rem_cli.tree.branches import Branches
    from rem_cli.tree.reaching import Reaching
    from rem_cli.tree.remote import Remotes
    from rem_cli.wire.reading import Reading
    from rem_cli.wire.vendoring import Vendored


@dataclass(frozen=True)
class Relocked:
    """What the lock said and says."""

    before: Mapping[str, Locked]
    after: Mapping[str, Locked]
    written: bool


class Elsewhere:
    """A repository's dealings with those of other people."""

    def __init__(self, rem: Reading) -> None:
        self._rem = rem

    @cached_property
    def remotes(self) -> Remotes:
        """Other people's repositories, and the cache of what was got from them."""
        from rem_cli.tree.remote import Remotes

        return Remotes(self._cache, self._reaching)

    @cached_property
    def branches(self) -> Branches:
        """The repository that the operator names, with its history."""
        from rem_cli.tree.branches import Branches

        return Branches(self._cache, self._reaching)

    @property
    def _cache(self) -> Path:
        return (self._rem.settings.cache or Path("~/.cache/rem").expanduser()) / "git"

    @property
    def _reaching(self) -> Reaching:
        from rem_cli.tree.reaching import Reaching

        chosen = self._rem.settings
        return Reaching(
            chosen.ssh_config, chosen.known_hosts, chosen.identities, chosen.certificates, chosen.allow_file_urls,
            self._allow,
        )  # fmt: skip

    def _allow(self, host: str) -> None:
        """ReachError when ssh_config would run a `ProxyCommand` or `Match exec` that the operator does not allow."""
        from rem_cli.reach import Target
        from rem_cli.reach.ssh.config import SshConfig

        chosen = self._rem.settings
        SshConfig(
            [chosen.ssh_config] if chosen.ssh_config else None,
            allow_match_exec=chosen.allow_match_exec,
            allow_proxy_command=chosen.allow_proxy_command,
        ).lookup(Target(host, host))

    def whole(self, tree: Tree) -> Taken:
        """A tree with the packages from elsewhere that its lock names; UntrustedError when they are others."""
        from rem_cli.plan.packages import take_in

        return take_in(tree, self.remotes, files=self._rem.settings.allow_file_urls)

    def ahead(self, commit: Commit) -> list[str]:
        """Paths of packages, of the lock and of the copies that are not in the work tree as they are in a commit."""
        from rem_cli.language.lock import FILE
        from rem_cli.tree import VENDOR

        there = [FILE, VENDOR] if (self._rem.root / FILE).exists() else []
        return [path for under in ("packages", *there) for path in self._rem.repository.changed(commit, under)]

    def packages(self) -> list[Known]:
        """Every package that the work tree has or needs."""
        from rem_cli.plan.known import known

        return known(self.whole(self._rem.repository.worktree()))

    def newer(self, locked: Locked) -> Version | None:
        """A later release of a package that there is now."""
        from rem_cli.plan.fetching import newer

        return newer(self.remotes, locked)

    def lock(self, *, upgrade: Collection[str], locked: bool, offline: bool) -> Relocked:
        """Bring `rem.lock` into step with the packages. StaleError where that would change it, and it is `locked`."""
        from rem_cli.language.lock import FILE, render
        from rem_cli.plan.locking import lock
        from rem_cli.tree.write import write_atomically

        tree = self._rem.repository.worktree()
        before = self._lock_of(tree)
        files = self._rem.settings.allow_file_urls
        after = lock(tree, self.remotes, before, upgrade=upgrade, offline=offline, files=files)
        text = render(after.values()).encode()
        path = self._rem.root / FILE
        same = tree.read(FILE) == text if tree.entries(FILE) else not after
        if same:
            return Relocked(before, after, written=False)
        if locked:
            raise StaleError(
                f"{FILE} is not what the packages require: {told(before, after)}",
                hint="rem package lock, where it can be committed",
            )
        write_atomically(path, text)
        return Relocked(before, after, written=True)

    def fetch(self) -> tuple[list[str], int]:
        """Get what the lock names and this machine has not; the names, and how many packages the lock has."""
        from rem_cli.plan.fetching import fetch

        locked = self._lock_of(self._rem.repository.worktree())
        return fetch(self.remotes, locked), len(locked)

    def vendor(self) -> Vendored:
        """Make `vendor/packages/` hold what the lock names, and nothing else. GuardedError, UntrustedError."""
        from rem_cli.wire.vendoring import vendor

        return vendor(self._rem, self._lock_of(self._rem.repository.worktree()))

    def _lock_of(self, tree: Tree) -> Mapping[str, Locked]:
        """What the lock says; InvalidPackagesError when it cannot be read: what it held to would be forgotten."""
        from rem_cli.language.lock import FILE
        from rem_cli.plan.packages import lock_of

        findings: list[Finding] = []
        locked = lock_of(tree, findings)
        if findings:
            raise InvalidPackagesError(f"{FILE} cannot be used; nothing was done", findings=findings)
        return locked


def told(before: Mapping[str, Locked], after: Mapping[str, Locked]) -> str:
    """What differs between two locks, in one line."""
    parts = [f"+ {one.label}" for name, one in after.items() if name not in before]
    parts += [f"- {one.label}" for name, one in before.items() if name not in after]
    parts += [
        f"{name} {before[name].version} -> {one.version}"
        for name, one in after.items()
        if name in before and one.version != before[name].version
    ]
    return ", ".join(parts) or "its text is another one"

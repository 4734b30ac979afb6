"""What packages say, as they lie in the work tree or at a revision."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rem_cli import shipped
from rem_cli.clock import SystemClock
from rem_cli.errors import RemError, UsageError
from rem_cli.settings import Settings

if TYPE_CHECKING:
    from rem_cli.check import Asked, Verdict
    from rem_cli.check.contents import Contents
    from rem_cli.language import Resolution
    from rem_cli.language.packages import Base
    from rem_cli.language.schema import Section
    from rem_cli.plan.packages import Taken
    from rem_cli.plugins.found import Plugin
    from rem_cli.tree import Tree
    from rem_cli.tree.git import GitRepository
    from rem_cli.wire.elsewhere import Elsewhere

M = TypeVar("M", "Resolution", "Verdict", "Contents", "Resolution | Contents")


class Reading:
    """The packages of one repository; each part is made when it is first asked for."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self.clock = SystemClock()

    @cached_property
    def root(self) -> Path:
        """The repository's root; TreeError outside of one."""
        from rem_cli.tree.worktree import find_root

        return find_root(self.settings.repository)

    @cached_property
    def state_folder(self) -> Path:
        """Where everything that is not in git lies."""
        return self.settings.state or self.root / ".rem"

    @cached_property
    def repository(self) -> GitRepository:
        from rem_cli.tree.git import GitRepository

        return GitRepository(self.root)

    @cached_property
    def base(self) -> Base:
        """The default sections and types, and the types of plug-ins."""
        from rem_cli import plugins
        from rem_cli.language.load import read_base

        brought = [type for plugin in self.plugins for type in plugin.types]
        return read_base(shipped.base_files(), plugins.own(), brought, plugins.proofs(), plugins.keeping)

    @cached_property
    def plugins(self) -> Sequence[Plugin]:
        """The plug-ins that the operator names, loaded."""
        if not self.settings.plugins:
            return []
        from rem_cli.plugins.found import allowed

        return allowed(self.settings.plugins)

    def tree(self, rev: str | None = None) -> Tree:
        """The work tree, or the files at a revision."""
        if rev is None:
            from rem_cli.tree.worktree import WorkTree

            return WorkTree(self.root.resolve())
        return self.repository.at(self.repository.resolve(rev))

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """Packages from other people's repositories."""
        from rem_cli.wire.elsewhere import Elsewhere

        return Elsewhere(self)

    def whole(self, tree: Tree) -> Taken:
        """A tree with the packages from elsewhere that its lock names; UntrustedError when they are others."""
        return self.elsewhere.whole(tree)

    def verdict(self, tree: Tree) -> Verdict:
        """What is to be said of a tree; less work than to resolve it."""
        asked = self.asked(tree)
        if asked is None:
            from rem_cli.check import verdict_of

            return verdict_of(self.resolve(tree))
        from rem_cli.check.verdict import verdict

        return verdict(asked)

    def resolve(self, tree: Tree) -> Resolution:
        """All packages of a tree, also those from elsewhere."""
        asked = self.asked(tree)
        if asked is None:
            from rem_cli.check.work import kinds
            from rem_cli.language.load import load

            whole = self.whole(tree)
            names, environment = kinds(whole.entries()), self.settings.environment
            return whole.told(load(names, whole.read_many, self.base, whole.elsewhere, environment))
        from rem_cli.check.whole import resolve

        return resolve(asked)

    def contents(self, tree: Tree, *, whole: bool = False) -> Resolution | Contents:
        """What a tree says, by package, for a look at some of them; `whole`: all of it is wanted.

        Its resolution where that costs no more, or where not all that it rests on is known.
        """
        asked = self.asked(tree)
        if asked is None:
            return self.resolve(tree)
        from rem_cli.check.contents import contents

        return contents(asked._replace(parts=whole))

    def meant(self, found: M) -> M:
        """The same, if its packages declare the environment that is meant, or none; UsageError."""
        from rem_cli.language.names import nearest

        name, declared = self.settings.environment, found.environments
        if not declared or name in declared:
            return found
        near = nearest(name, declared)
        hint = f"did you mean {near}?" if near else f"say which: rem -E {declared[0]} …"
        raise UsageError(f"the packages have no environment '{name}', but {', '.join(declared)}", hint=hint)

    def asked(self, tree: Tree) -> Asked | None:
        """The question of what is wrong in a tree; None when a part of it is not of this repository."""
        from rem_cli.tree import LOCK

        if self.settings.allow_file_urls or tree.entries(LOCK):  # the cache knows this repository alone
            return None
        from rem_cli.check import Asked
        from rem_cli.check.cache import Cache

        # What the code of a plug-in says may change, and nothing here would show it.
        kept = None if self.settings.plugins else self.state_folder
        code = [Path(__file__).parent.parent / name for name in ("plugins", "procedures", "jobs", "collect", "alerts")]
        cache = Cache(kept, [shipped.folder("packages") / "base", *code])
        now = int(self.clock.now() * 1e9)
        return Asked(tree, lambda: self.base, cache, now, processors(), self.settings.environment)

    def sections(self) -> Mapping[str, Section]:
        """The sections that packages here can use: the default ones, and those that packages of the work tree bring."""
        return {name: found[-1] for name, found in self._shapes().items()}

    def schemas(self) -> Mapping[str, bytes]:
        """What packages here may say, as files of JSON Schema by name."""
        from rem_cli.language.export import rendered, schemas

        known = schemas(self._shapes(), self.base.types.known)
        return {name: rendered(schema) for name, schema in known.items()}

    def _shapes(self) -> Mapping[str, Sequence[Section]]:
        from rem_cli.language.load import shapes

        try:
            tree = self.whole(self.tree())
        except RemError:  # outside of a repository the default ones are still worth reading
            return {name: [section] for name, section in self.base.sections.items()}
        names = {path: str(entry.kind) for path, entry in tree.entries().items()}
        return shapes(names, tree.read_many, self.base)

    def overlay(self, files: Mapping[str, bytes]) -> Tree:
        """The work tree as it would be with some files changed or added."""
        from rem_cli.tree.overlay import Overlay

        return Overlay(self.tree(), files)

    def packages(self) -> list[str]:
        """The names of the packages of the work tree."""
        from rem_cli.language.files import is_text

        names = {path.split("/")[1] for path, entry in self.tree().entries().items() if is_text(path)}
        return sorted(name.removesuffix(".yaml").removesuffix(".yml") for name in names)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))

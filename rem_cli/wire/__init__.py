"""Settings to ready objects: the only module that names an engine.

`with wire.open() as rem:` gives a command what it works on. Each part is made when it is first asked for, so that a
command pays for nothing that it does not use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rem_cli import settings, shipped
from rem_cli.clock import SystemClock
from rem_cli.errors import InvalidPackagesError, RemError, UsageError
from rem_cli.settings import Settings

if TYPE_CHECKING:
    from rem_cli.check import Asked, Verdict
    from rem_cli.jobs import Run
    from rem_cli.jobs.events import Listen
    from rem_cli.jobs.job import Host, Job
    from rem_cli.jobs.records import Records
    from rem_cli.language import Resolution
    from rem_cli.language.packages import Base
    from rem_cli.language.schema import Section
    from rem_cli.plan.audit import Audit
    from rem_cli.plan.catalog import Catalog
    from rem_cli.plan.generations import Generations
    from rem_cli.plan.packages import Taken
    from rem_cli.plugins.found import Plugin
    from rem_cli.reach import Stop, Transport
    from rem_cli.reach.loopback import Fleet
    from rem_cli.series import Store
    from rem_cli.state import State
    from rem_cli.state.copies import Replica
    from rem_cli.state.sqlite import SqliteState
    from rem_cli.tree import Tree
    from rem_cli.tree.git import GitRepository
    from rem_cli.wire.elsewhere import Elsewhere
    from rem_cli.wire.procedures import Procedures
    from rem_cli.wire.shared import Shared
    from rem_cli.wire.source import Said, Source

M = TypeVar("M", "Resolution", "Verdict")


class Rem:
    """One repository with its state, and the machine's engines."""

    def __init__(self, chosen: Settings, stack: ExitStack) -> None:
        self.settings = chosen
        self.clock = SystemClock()
        self._stack = stack

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
        return read_base(shipped.base_files(), plugins.own(), brought, plugins.proofs())

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
        asked = self._asked(tree)
        if asked is None:
            from rem_cli.check import verdict_of

            return verdict_of(self.resolve(tree))
        from rem_cli.check.verdict import verdict

        return verdict(asked)

    def resolve(self, tree: Tree, *, items: bool = False) -> Resolution:
        """All packages of a tree, also those from elsewhere; `items`: made at once, not when somebody looks at one."""
        asked = self._asked(tree)
        if asked is None:
            from rem_cli.check.work import kinds
            from rem_cli.language.load import load

            whole = self.whole(tree)
            names, environment = kinds(whole.entries()), self.settings.environment
            return whole.told(load(names, whole.read_many, self.base, whole.elsewhere, environment))
        from rem_cli.check.whole import resolve

        return resolve(asked, items=items)

    def meant(self, found: M) -> M:
        """The same, if its packages declare the environment that is meant, or none; UsageError."""
        from rem_cli.language.names import nearest

        name, declared = self.settings.environment, found.environments
        if not declared or name in declared:
            return found
        near = nearest(name, declared)
        hint = f"did you mean {near}?" if near else f"say which: rem -E {declared[0]} …"
        raise UsageError(f"the packages have no environment '{name}', but {', '.join(declared)}", hint=hint)

    def _asked(self, tree: Tree) -> Asked | None:
        """The question of what is wrong in a tree; None when a part of it is not of this repository."""
        from rem_cli.tree import LOCK

        if self.settings.allow_file_urls or tree.entries(LOCK):  # the cache knows this repository alone
            return None
        from rem_cli.check import Asked
        from rem_cli.check.cache import Cache

        # What the code of a plug-in says may change, and nothing here would show it.
        kept = None if self.settings.plugins else self.state_folder
        code = [Path(__file__).parent.parent / name for name in ("plugins", "procedures")]
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

    @cached_property
    def generations(self) -> Generations:
        from rem_cli.plan.generations import Generations

        return Generations(self.state_folder, self.settings.environment)

    @cached_property
    def audit(self) -> Audit:
        from rem_cli.plan.audit import Audit

        return Audit(self.state_folder, self.clock)

    def active_catalog(self) -> Catalog:
        """What is active, or nothing."""
        from rem_cli.plan.catalog import NOTHING

        generation = self.generations.active()
        return self.generations.catalog(generation) if generation else NOTHING

    def active_source(self) -> Source:
        """The items of the active generation; RemError when nothing is active yet."""
        from rem_cli.jobs import Origin
        from rem_cli.wire.source import Source

        generation = self.generations.active()
        if generation is None:
            self.meant(self.verdict(self.tree()))
            raise RemError("nothing is active yet", hint="commit, then: rem apply")
        catalog = self.generations.catalog(generation)
        origin = Origin(generation.commit, generation.number, generation.commit[:7])
        return Source(catalog, origin, lambda path: self.generations.script(catalog.scripts[path].sha256))

    def work_tree_source(self) -> Source:
        """The items of the work tree; InvalidPackagesError when there are errors in it."""
        from rem_cli.jobs import Origin
        from rem_cli.language import Severity
        from rem_cli.plan.catalog import compile_catalog
        from rem_cli.wire.source import Source

        tree = self.whole(self.tree())
        resolution = self.meant(self.resolve(tree))
        errors = [finding for finding in resolution.findings if finding.severity is Severity.ERROR]
        if errors:
            raise InvalidPackagesError("the work tree has problems; nothing was run", findings=errors)
        catalog, scripts = compile_catalog(resolution, tree)
        return Source(catalog, Origin(label=tree.label), lambda path: scripts[catalog.scripts[path].sha256])

    @property
    def state(self) -> State:
        return self._store

    @property
    def replica(self) -> Replica:
        """The state as other nodes' REM exchange copies with it."""
        return self._store

    @cached_property
    def _store(self) -> SqliteState:
        import socket

        from rem_cli.state.sqlite import SqliteState

        state = SqliteState(self.state_folder, self.settings.node or socket.gethostname(), self.clock)
        self._stack.callback(state.close)
        return state

    @cached_property
    def shared(self) -> Shared:
        """Values, queues and counters that packages declare."""
        from rem_cli.wire.shared import Shared

        return Shared(self)

    @cached_property
    def records(self) -> Records:
        from rem_cli.jobs.records import Records

        return Records(self.state, self.clock)

    def run(
        self,
        source: Source,
        job: Job,
        hosts: Sequence[Host],
        given: Sequence[str],
        *,
        stop: Stop,
        listen: Listen,
        who: str,
        due: int | None = None,
    ) -> Run:
        """Run a job on hosts and return when all have ended."""
        from dataclasses import replace

        from rem_cli.jobs.job import read_params
        from rem_cli.jobs.runner import Engines, run
        from rem_cli.wire.secrets import keep_back, lend

        params = read_params(job, given)
        script = source.script(job.script) if job.script else None
        keep_back(source.catalog)
        lent = lend(job, source.script, self.settings.age_identities, self.state_folder)
        engines = Engines(self.transports, self.records, self.series, self.clock)
        origin = replace(source.origin, who=who, due=due)
        return run(
            job, hosts, engines=engines, stop=stop, listen=listen, params=params, script=script, lent=lent,
            origin=origin,
        )  # fmt: skip

    @cached_property
    def procedures(self) -> Procedures:
        """Long-running work in states."""
        from rem_cli.wire.procedures import Procedures

        return Procedures(self)

    @cached_property
    def series(self) -> Store:
        from rem_cli.series.whisper import WhisperStore

        return WhisperStore(self.state_folder / "series")

    def settle_samples(self) -> list[str]:
        """Write the samples that a kill or a full disk left in the record; what still keeps them from their series."""
        from rem_cli.jobs.samples import flush_pending

        if not self.state_folder.is_dir():
            return []
        return flush_pending(self.records.bucket, self.series, self.clock.now())

    def said_of(self, job: str, measure: str) -> Said:
        """What the active packages say of a measure of a job."""
        from rem_cli.wire.source import Said

        generation = self.generations.active()
        items = self.generations.catalog(generation).of("builtin series") if generation else []
        for item in items:
            if item.fields.get("of") == job and item.fields.get("field") == measure:
                title, unit, limit = (item.fields.get(name) for name in ("title", "unit", "limit"))
                number = float(limit) if isinstance(limit, (int, float)) else None
                return Said(str(title or item.key), str(unit or ""), number)
        return Said()

    @cached_property
    def transports(self) -> Mapping[str, Transport]:
        """How hosts are reached, by the word in their `reach` field."""
        from rem_cli.wire.reaching import transports

        return transports(self.settings, self.clock, self._stack)


@contextmanager
def open(repository: Path | None = None) -> Iterator[Rem]:
    """What a command works on, closed at its end; another repository than the chosen one where it is named."""
    chosen = settings.current()
    with ExitStack() as stack:
        yield Rem(chosen._replace(repository=repository) if repository else chosen, stack)


def new_repository(root: Path) -> list[str]:
    """Make a folder a git repository with a place for REM's own state; what was made of what people see."""
    from rem_cli.state.private import private_folder
    from rem_cli.tree import write as tree_write

    there = (root / ".git").exists()
    if not there:
        tree_write.init(root)
    with open(root) as rem:
        private_folder(rem.state_folder)  # what validation keeps goes there, and it makes no folder for that itself
    return [] if there else [".git"]


def write(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file of the work tree, whole or not at all."""
    from rem_cli.tree.write import write_atomically

    write_atomically(path, content, mode=mode)


def commit(root: Path, message: str, author: str) -> str:
    """Commit everything in a repository of our own; the commit's id."""
    from rem_cli.tree.write import commit_all

    return commit_all(root, message, author)


def fleet(folder: Path, count: int) -> Fleet:
    """Loopback hosts on a real sshd; ReachError when there is none."""
    from rem_cli.reach.loopback import Fleet

    return Fleet(folder, count)


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def clock() -> SystemClock:
    """The machine's time."""
    return SystemClock()

"""Settings to ready objects: the only module that names an engine.

`with wire.open() as rem:` gives a command what it works on. Each part is made when it is first asked for, so that a
command pays for nothing that it does not use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli import settings
from rem_cli.clock import SystemClock
from rem_cli.errors import InvalidPackagesError, RemError
from rem_cli.settings import Settings
from rem_cli.wire.reading import Reading

if TYPE_CHECKING:
    from rem_cli.jobs import Run
    from rem_cli.jobs.events import Listen
    from rem_cli.jobs.job import Host, Job
    from rem_cli.jobs.records import Records
    from rem_cli.plan.audit import Audit
    from rem_cli.plan.catalog import Catalog
    from rem_cli.plan.generations import Generations
    from rem_cli.reach import Stop, Transport
    from rem_cli.reach.loopback import Fleet
    from rem_cli.series import Store
    from rem_cli.series.intake import Intake
    from rem_cli.state import Queue, State
    from rem_cli.state.copies import Replica
    from rem_cli.state.sqlite import SqliteState
    from rem_cli.wire.procedures import Procedures
    from rem_cli.wire.shared import Shared
    from rem_cli.wire.source import Source


class Rem(Reading):
    """One repository with its state, and the machine's engines."""

    def __init__(self, chosen: Settings, stack: ExitStack) -> None:
        super().__init__(chosen)
        self._stack = stack

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

    def queues(self, path: str) -> Queue:
        """The queue that the active packages declare at a path; NoTargetError."""
        return self.shared.queue(path)[1]

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
        """Run a job on hosts, or on any one of them as it says, and return when all have ended; UsageError.

        It holds its locks meanwhile: LockHeld where they do not come free.
        """
        from dataclasses import replace
        from random import Random

        from rem_cli.jobs.distribute import spread
        from rem_cli.jobs.job import read_params
        from rem_cli.jobs.runner import Engines, run
        from rem_cli.wire.conditions import evaluate
        from rem_cli.wire.holding import holding
        from rem_cli.wire.long_jobs import stoppable
        from rem_cli.wire.secrets import keep_back, lend

        params = read_params(job, given)
        script = source.script(job.script) if job.script else None
        keep_back(source.catalog)
        lent = lend(job, source.script, self.settings.age_identities, self.state_folder)
        engines = Engines(self.transports, self.records, self.intake, self.clock, evaluate, self.queues)
        origin = replace(source.origin, who=who, due=due)

        def go(some: Sequence[Host], ours: Stop) -> Run:
            with stoppable(self, ours, listen) as hear:
                return run(
                    job, some, engines=engines, stop=ours, listen=hear, params=params, script=script, lent=lent,
                    origin=origin,
                )  # fmt: skip

        with holding(self, job, stop, due) as ours:
            return spread(job, hosts, Random(), lambda some: go(some, ours))

    @cached_property
    def procedures(self) -> Procedures:
        """Long-running work in states."""
        from rem_cli.wire.procedures import Procedures

        return Procedures(self)

    @cached_property
    def series(self) -> Store:
        from rem_cli.series.whisper import WhisperStore

        return WhisperStore(self.state_folder / "series")

    @cached_property
    def intake(self) -> Intake:
        """Where numbers go: first to the spool, then into their series."""
        from rem_cli.wire.numbers import intake

        return intake(self)

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


def clock() -> SystemClock:
    """The machine's time."""
    return SystemClock()

"""What a run of a procedure is driven with: jobs on hosts, the locks of the active packages, and long jobs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from rem_cli.jobs import Lent, Origin
from rem_cli.jobs.events import Event, Started
from rem_cli.jobs.events import Listen as ListenToJobs
from rem_cli.jobs.job import Job
from rem_cli.jobs.runner import Engines
from rem_cli.procedures import Result
from rem_cli.procedures.definition import Definition
from rem_cli.procedures.moves import Act
from rem_cli.procedures.perform import Work, perform, result
from rem_cli.procedures.said import going
from rem_cli.reach import Stop
from rem_cli.wire.conditions import evaluate
from rem_cli.wire.long_jobs import cancel_run, fetch_long_jobs, stoppable
from rem_cli.wire.reaching import transports
from rem_cli.wire.secrets import keep_back, lend

if TYPE_CHECKING:
    from rem_cli.state import Lease
    from rem_cli.wire import Rem


class Hands:
    """Does what a run decides."""

    def __init__(self, rem: Rem, origin: Origin, jobs: ListenToJobs, who: str, stop: Stop) -> None:
        self._rem = rem
        self._origin = origin
        self._jobs = jobs
        self._who = who
        self._stop = stop
        self._fences: dict[str, int] = {}
        self._records, self._intake = rem.records, rem.intake  # made here, and not in the threads that use them
        self._journals = rem.procedures.journals
        self._source = rem.active_source()
        keep_back(self._source.catalog)

    def perform(self, definition: Definition, number: int, act: Act, halt: Stop) -> Result:
        """One act, in a thread of its own."""

        def hear(event: Event) -> None:
            if isinstance(event, Started) and event.run.detached:
                going(self._journals, number, act, event.run.id)
            self._jobs(event)

        rem = self._rem
        with ExitStack() as stack:  # transports of its own: several acts are done at once
            told = stack.enter_context(stoppable(rem, halt, hear))
            reached = transports(rem.settings, rem.clock, stack)
            engines = Engines(reached, self._records, self._intake, rem.clock, evaluate, rem.queues)
            script = rem.generations.script
            work = Work(engines, self._source.hosts, script, told, self._origin, self._lend, dict(self._fences))
            return perform(work, definition, number, act, halt)

    def returned(self, run: int) -> Result | None:
        """How the run of a long job ended; None while it goes on."""
        fetch_long_jobs(self._rem, self._stop, run)
        shown = self._rem.records.show(run)
        return result(shown) if shown.ended is not None else None

    def recall(self, run: int, why: str) -> None:
        """Have the run of a long job ended."""
        cancel_run(self._rem, run, self._who, self._stop)

    def hold(self, path: str, why: str) -> Lease:
        """A lock; LockHeld."""
        lease = self._rem.shared.acquire(path, wait=0.0, why=why)
        self._fences[path] = lease.fence
        return lease

    def _lend(self, job: Job, blob: Callable[[str], bytes]) -> Lent:
        return lend(job, blob, self._rem.settings.age_identities, self._rem.state_folder)

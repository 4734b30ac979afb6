"""Long jobs with the engines of this machine: fetched, followed and ended; runs of other jobs as far as that goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from rem_cli.errors import GuardedError, RemError
from rem_cli.jobs import Run, RunState
from rem_cli.jobs.detached.fetch import Fetched, Unheard, Ways, fetch, give_up, mark
from rem_cli.jobs.detached.kept import Kept
from rem_cli.jobs.events import Event, Listen, Started
from rem_cli.jobs.follow import Following
from rem_cli.jobs.job import Host
from rem_cli.jobs.outbox import deliver
from rem_cli.jobs.samples import flush_pending
from rem_cli.wire.conditions import evaluate

if TYPE_CHECKING:
    from rem_cli.reach import Stop
    from rem_cli.wire import Rem

SOON, SELDOM = 0.25, 5.0  # seconds between looks: where something just came, and where nothing does
PATIENCE = 300.0  # seconds for a run elsewhere to end; a grace may be long
LOOK = 0.5  # seconds between looks at whether somebody else wants a run to end


def fetch_long_jobs(rem: Rem, stop: Stop, run: int | None = None) -> Fetched:
    """Fetch what all long jobs that go on, or one, have to tell by now. Whoever calls at the same time does no harm."""
    kept = Kept(rem.records, evaluate)
    if not kept.going(run) and not kept.records.left_running():
        return Fetched((), (), ())
    fetched = fetch(_ways(rem, kept, stop), run=run)
    if fetched.ended:
        flush_pending(rem.records.bucket, rem.intake)
        deliver(rem.records.bucket, rem.queues)
    return fetched


def follow(rem: Rem, id: int, listen: Listen, unheard: Callable[[Unheard], None], stop: Stop) -> Run:
    """Tell all that a run prints until it has ended, or `stop` is asked; a link that is cut is taken up again."""
    following = Following(Kept(rem.records, evaluate), id, listen)
    said: Sequence[Unheard] = ()
    pause = SOON
    while True:
        run = rem.records.show(id)
        if run.detached and run.ended is None:
            found = fetch_long_jobs(rem, stop, id).unheard
            for one in found:
                if one not in said:
                    unheard(one)
            said = found
        run, news = following.look()
        pause = SOON if news else min(SELDOM, pause * 1.5)
        if run.state is not RunState.RUNNING or stop.wait(pause):
            return run


def cancel_run(rem: Rem, id: int, who: str, stop: Stop, *, lost: bool = False) -> tuple[Run, Sequence[Unheard]]:
    """End a run wherever it runs, and wait for that; the run, and hosts that could not be made to end it.

    With `lost`, hosts that cannot be asked are taken as lost. GuardedError when nobody can end it from here.
    """
    run = rem.records.show(id)
    if run.ended is not None:
        return run, ()
    if not run.detached:
        return _cancel_elsewhere(rem, run, who, stop), ()
    kept = Kept(rem.records, evaluate)
    mark(kept, id, who)
    unheard = fetch_long_jobs(rem, stop, id).unheard
    if lost and unheard:
        give_up(kept, id, who)
        fetch_long_jobs(rem, stop, id)
    return rem.records.show(id), unheard


def _cancel_elsewhere(rem: Rem, run: Run, who: str, stop: Stop) -> Run:
    """Have the process that is at a run end it."""
    if run.state is not RunState.RUNNING:
        why = "whoever ran it is gone" if run.state is RunState.INTERRUPTED else "another machine's REM runs it"
        raise GuardedError(f"run {run.id} cannot be ended from here: {why}", hint=f"rem job show {run.id}")
    rem.records.ask_to_stop(run.id, who)
    until = rem.clock.monotonic() + PATIENCE
    while run.state is RunState.RUNNING and not stop.wait(SOON):
        if rem.clock.monotonic() > until:
            raise GuardedError(
                f"run {run.id} was asked to end, and has not within {PATIENCE:.0f} s", hint=f"rem job follow {run.id}"
            )
        run = rem.records.show(run.id)
    return run


@contextmanager
def stoppable(rem: Rem, stop: Stop, listen: Listen) -> Iterator[Listen]:
    """A listener by which a run of this process hears that somebody elsewhere wants it to end."""
    over = Flag()
    watchers: list[Thread] = []

    def watch(run: int) -> None:
        while not over.wait(LOOK):
            try:
                asked = rem.records.asked_to_stop(run)
            except RemError:  # the run itself will say what is wrong with the store
                continue
            if asked:
                stop.ask()
                return

    def hear(event: Event) -> None:
        if isinstance(event, Started) and not event.run.detached:
            watchers.append(Thread(target=watch, args=(event.run.id,), daemon=True))
            watchers[-1].start()
        listen(event)

    try:
        yield hear
    finally:
        over.set()
        for watcher in watchers:
            watcher.join()


def _ways(rem: Rem, kept: Kept, stop: Stop) -> Ways:
    inventory = rem.active_catalog().of("builtin inventory")
    return Ways(kept, rem.transports, {item.path: Host.read(item) for item in inventory}, stop)

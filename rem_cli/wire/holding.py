"""The locks that a job holds while it runs, so that only so many run at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from rem_cli.reach import Stop
from rem_cli.state import Lease, LockHeld, LockLost, StoreDown

if TYPE_CHECKING:
    from rem_cli.jobs.job import Job
    from rem_cli.wire import Rem

SLICE = 1.0  # seconds of a wait before somebody may have asked to stop
LOOK = 0.5  # seconds between looks at whether the run shall end, and its leases go on


@contextmanager
def holding(rem: Rem, job: Job, stop: Stop, due: int | None) -> Iterator[Stop]:
    """Hold the job's locks, and let go at the end; a stop for the run, asked with `stop` or when a lock is lost.

    They are taken in the order of their paths, so that no two jobs wait for each other. A run of a schedule waits up to
    the job's deadline, every other as long as the lock says. LockHeld; LockLost once the run was ended for that.
    """
    paths = sorted({str(path) for path in _listed(job)})
    if not paths:
        yield stop
        return
    wait = None
    if due is not None and job.late is not None:
        wait = max(0.0, due + job.late - rem.clock.now())
    with ExitStack() as stack:
        leases = [stack.enter_context(_take(rem, path, wait, stop, job.path)) for path in paths]
        kept = stack.enter_context(_kept(leases, stop))
        yield kept.stop
    if kept.lost is not None:
        kept.lost.hint = f"the run of {job.path} was ended for it"
        raise kept.lost


class _Kept:
    """Leases that are renewed, and what became of them."""

    def __init__(self, leases: Sequence[Lease]) -> None:
        self.stop = Stop()
        self.lost: LockLost | None = None
        self._leases = [(lease, lease.left) for lease in leases]

    def renew(self) -> None:
        for lease, seconds in self._leases:
            if lease.left < seconds * 2 / 3:
                try:
                    lease.renew()
                except LockLost as lost:
                    self.lost = self.lost or lost
                except StoreDown:  # a disk may have room again before the lease is over
                    pass


@contextmanager
def _kept(leases: Sequence[Lease], stop: Stop) -> Iterator[_Kept]:
    kept, over = _Kept(leases), Event()

    def look() -> None:
        told = 0
        while not over.wait(LOOK):
            if kept.lost is None:
                kept.renew()
            for _ in range(max(stop.asked, int(kept.lost is not None)) - told):
                kept.stop.ask()
                told += 1

    keeper = Thread(target=look, daemon=True)
    keeper.start()
    try:
        yield kept
    finally:
        over.set()
        keeper.join()
        kept.stop.close()


def _take(rem: Rem, path: str, wait: float | None, stop: Stop, why: str) -> Lease:
    """The lock as soon as it comes free; LockHeld when it does not in time, or when somebody asks to stop."""
    patience = rem.shared.patience(path) if wait is None else wait
    ends = rem.clock.monotonic() + patience
    while True:
        left = ends - rem.clock.monotonic()
        try:
            return rem.shared.acquire(path, wait=max(0.0, min(left, SLICE)), why=why)
        except LockHeld:
            if left <= SLICE or stop.wished:
                raise


def _listed(job: Job) -> Sequence[object]:
    locks = job.item.fields.get("locks")
    return locks if isinstance(locks, list) else []

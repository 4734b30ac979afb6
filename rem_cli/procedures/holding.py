"""The locks of a run.

Of runs of procedures one has a slot of a lock from its first state to its end, through every wait, with or without a
process: the slot is a key beside the run's head. Against everybody else the lock itself is held, with a lease that is
renewed, as long as something drives the run. When that lease is lost, what runs under it is ended, and the engine lets
go of the run as if it had been killed.

    lock/<path>/<slot>   the number of the run that has it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from rem_cli.errors import Status
from rem_cli.jobs.tenure import Tenure
from rem_cli.procedures import ProcedureError
from rem_cli.procedures.journal import Head, Journals
from rem_cli.state import Lease, LockHeld, Put


class LostLockError(ProcedureError):
    """A lock that a run needs is not its own any more."""

    status = Status.HELD
    code = "lost-lock"


Hold = Callable[[str, str], Lease]  # a lock by its path, and what for; LockHeld


def take(journals: Journals, head: Head, locks: Mapping[str, int]) -> tuple[Head, str]:
    """The head, once the run has one of so many slots of each lock; else why it must wait. StaleRevision."""
    held = {entry.key: int(entry.body or b"0") for entry in journals.bucket.scan("lock/")}
    puts = []
    for path, slots in sorted(locks.items()):
        keys = [f"lock/{path}/{number:05d}" for number in range(slots)]
        if head.id in (held.get(key) for key in keys):
            continue
        free = next((key for key in keys if key not in held), None)
        if free is None:
            runs = ", ".join(str(held[key]) for key in keys[:3])
            return head, f"it waits for {path}, which run {runs} has until it ends"
        puts.append(Put(free, str(head.id).encode(), 0))
    return (journals.commit(head, puts) if puts else head), ""


@contextmanager
def holding(hold: Hold, head: Head, locks: Sequence[str]) -> Iterator[list[Tenure] | str]:
    """The locks themselves, kept; or why the run must wait for one of them."""
    with ExitStack() as stack:
        tenures: list[Tenure] = []
        for path in sorted(locks):  # in one order, so that no two wait for each other
            try:
                lease = hold(path, f"run {head.id} of {head.procedure}")
            except LockHeld as held:
                yield f"it waits for {path}: {held.message}"
                return
            tenures.append(Tenure(lease, lease.left))
            stack.enter_context(tenures[-1].kept())
        yield tenures

"""How the state store says no. `done` tells whether the change may have happened all the same: "no" or "unknown"."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rem_cli.errors import RemError, Status

if TYPE_CHECKING:
    from rem_cli.state.locks import Holder
    from rem_cli.state.values import Entry


class StateError(RemError):
    """The state store said no."""

    code = "state"
    done: ClassVar[str] = "no"


class MissingKey(StateError):
    """There is no such key, or no such message."""

    code = "missing"


class StaleRevision(StateError):
    """The key has another revision than the one that was read."""

    status = Status.STALE
    code = "stale"

    def __init__(self, message: str, *, present: Entry | None) -> None:
        super().__init__(message, hint="read it again and decide anew")
        self.present = present


class LockHeld(StateError):
    """Somebody else holds the lock: `holder` says who, since when and for how long at most."""

    status = Status.HELD
    code = "held"

    def __init__(self, message: str, *, holder: Holder) -> None:
        super().__init__(message, hint="it comes free when its holder lets go, or with its lease: rem locks list")
        self.holder = holder


class LockLost(StateError):
    """The lock is another's by now, or nobody's; what was to be written under it was not."""

    status = Status.STALE
    code = "lost"


class ClaimLapsed(StateError):
    """A message is not this worker's any more: its lease was over, and it waits again or another has it."""

    status = Status.STALE
    code = "lapsed"


class QueueFull(StateError):
    """The queue holds as many messages as it may; none of those that were put is in it."""

    code = "full"


class TooBig(StateError):
    """A body or a commit over the bound; nothing was written."""

    code = "too-big"


class StoreDown(StateError):
    """The store cannot work: disk full, damaged, or not readable."""

    code = "state-down"

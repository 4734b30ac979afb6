"""A lease in the hands of its holder, and waiting for a lock, alike for every engine."""

from __future__ import annotations

from collections.abc import Callable

from rem_cli.clock import Clock
from rem_cli.state.errors import LockHeld, LockLost
from rem_cli.state.locks import Holder
from rem_cli.state.waiting import Bell, wait_for


class HeldLease:
    """A Lease. `keep` and `let_go` are the engine's: they hold the fence against what is there now."""

    def __init__(
        self,
        holder: Holder,
        clock: Clock,
        keep: Callable[[HeldLease], None],
        let_go: Callable[[HeldLease], None],
    ) -> None:
        self.bucket, self.lock, self.fence = holder.bucket, holder.lock, holder.fence
        self.seconds = holder.left
        self._clock = clock
        self._keep = keep
        self._let_go = let_go
        self._until = clock.monotonic() + self.seconds

    @property
    def left(self) -> float:
        return max(0.0, self._until - self._clock.monotonic())

    def renew(self) -> None:
        until = self._clock.monotonic() + self.seconds
        self._keep(self)
        self._until = until

    def release(self) -> None:
        self._let_go(self)

    def __enter__(self) -> HeldLease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def acquired(take: Callable[[], HeldLease], ring: Callable[[], Bell], clock: Clock, wait: float) -> HeldLease:
    """A lock, as soon as it is free; LockHeld when it is not so within `wait` seconds."""
    refused: LockHeld | None = None

    def look() -> HeldLease | None:
        nonlocal refused
        try:
            return take()
        except LockHeld as held:
            refused = held
            return None

    found = wait_for(look, ring, clock, wait)
    if found is None:
        assert refused is not None
        raise refused
    return found


def held(holder: Holder, now: float) -> LockHeld:
    """Says who holds a lock, since when, and how long at most."""
    ago = f"{max(0.0, now - holder.since):.0f} s"
    why = f" ({holder.why})" if holder.why else ""
    text = f"{holder.by} has held the lock {holder.lock!r} of {holder.bucket} for {ago}{why}"
    return LockHeld(f"{text}; its lease ends in {holder.left:.0f} s", holder=holder)


def lost(bucket: str, lock: str, now: Holder | None) -> LockLost:
    """Says who has a lock by now."""
    who = f"{now.by} has it now" if now else "nobody has it now"
    return LockLost(f"the lock {lock!r} of {bucket} is not ours any more: {who}", hint="take it again, and read anew")

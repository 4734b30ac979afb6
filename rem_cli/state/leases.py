"""A lease in the hands of its holder, and waiting for a lock, alike for every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def acquired(
    take: Callable[[str], HeldLease], names: Sequence[str], ring: Callable[[], Bell], clock: Clock, wait: float
) -> HeldLease:
    """One of these locks, as soon as one is free within `wait` seconds; else LockHeld, for the one that ends first."""
    refused: list[LockHeld] = []

    def look() -> HeldLease | None:
        refused.clear()
        for name in names:
            try:
                return take(name)
            except LockHeld as held:
                refused.append(held)
        return None

    found = wait_for(look, ring, clock, wait)
    if found is None:
        raise min(refused, key=lambda held: held.holder.left)
    return found


def slot_names(lock: str, slots: int) -> list[str]:
    """The locks that a lock with several slots is made of."""
    return [lock, *(f"{lock} {number}" for number in range(2, slots + 1))]


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

"""Values in this process only, gone with it: for tests and for trying things."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from rem_cli.clock import Clock
from rem_cli.state import Bucket, Counter, Entry, Holder, Holding, Queue, Terms
from rem_cli.state.memory.counter import MemoryCounter
from rem_cli.state.memory.queue import MemoryQueue, Messages
from rem_cli.state.memory.values import MemoryBucket


@dataclass
class Store:
    """What the objects of one MemoryState share; `changed` is held by whoever looks at it or changes it."""

    node: str
    clock: Clock
    changed: threading.Condition = field(default_factory=threading.Condition)
    commits: int = 0
    revision: int = 0
    entries: dict[str, dict[str, Entry]] = field(default_factory=dict)
    locks: dict[tuple[str, str], Holder] = field(default_factory=dict)  # `left` is an instant of the monotonic clock
    queues: dict[str, Messages] = field(default_factory=dict)
    counted: dict[tuple[str, str], float] = field(default_factory=dict)

    def next_revision(self) -> int:
        self.revision += 1
        return self.revision

    def ring(self) -> None:
        """Wake everybody who waits; `changed` is held."""
        self.commits += 1
        self.changed.notify_all()

    def bell(self) -> MemoryBell:
        return MemoryBell(self)


class MemoryBell:
    """Rings for every change of a store in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.changed:
            self._heard = store.commits

    def wait(self, seconds: float) -> None:
        with self._store.changed:
            self._store.changed.wait_for(lambda: self._store.commits != self._heard, seconds)
            self._heard = self._store.commits

    def close(self) -> None:
        """Nothing is held."""


class MemoryState:
    """A State for the threads of one process."""

    def __init__(self, node: str, clock: Clock) -> None:
        self.node = node
        self._store = Store(node, clock)

    def bucket(self, name: str) -> Bucket:
        return MemoryBucket(self._store, name)

    def queue(self, name: str, terms: Terms = Terms()) -> Queue:  # noqa: B008 - a tuple, never changed
        return MemoryQueue(self._store, name, terms)

    def counter(self, name: str) -> Counter:
        return MemoryCounter(self._store, name)

    def locks(self) -> list[Holder]:
        with self._store.changed:
            now = self._store.clock.monotonic()
            held = [one._replace(left=one.left - now) for one in self._store.locks.values()]
        return sorted(one for one in held if one.left > 0)

    def holdings(self) -> list[Holding]:
        with self._store.changed:
            alive = {
                name: sum(one.body is not None for one in keys.values()) for name, keys in self._store.entries.items()
            }
            queued = {name: len(messages.kept()) for name, messages in self._store.queues.items()}
        found = [Holding(name, False, count) for name, count in alive.items() if count]
        return sorted(found + [Holding(name, True, count) for name, count in queued.items() if count])

    def forget(self, name: str) -> None:
        with self._store.changed:
            self._store.entries.pop(name, None)
            self._store.queues.pop(name, None)
            for found in [key for key in self._store.locks if key[0] == name]:
                del self._store.locks[found]
            for known in [key for key in self._store.counted if key[0] == name]:
                del self._store.counted[known]
            self._store.ring()

    def close(self) -> None:
        """Nothing is held."""

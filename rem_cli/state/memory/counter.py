"""Counters in this process's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rem_cli.state import Entry, Reading
from rem_cli.state.rules import REMEMBERED

if TYPE_CHECKING:
    from rem_cli.state.memory import Store


class MemoryCounter:
    """A Counter of a MemoryState: one key a node in a bucket of its own."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    def add(self, n: int = 1, *, id: str = "") -> None:
        store, now = self._store, self._store.clock.now()
        with store.changed:
            for known in [key for key, at in store.counted.items() if at < now - REMEMBERED]:
                del store.counted[known]
            if (self._name, id) in store.counted:
                return
            if id:
                store.counted[self._name, id] = now
            total = self.total().by_node.get(store.node, 0) + n
            entry = Entry(store.node, b"%d" % total, store.next_revision(), now, store.node)
            store.entries[self._name] = store.entries.get(self._name, {}) | {store.node: entry}
            store.ring()

    def total(self) -> Reading:
        with self._store.changed:
            entries = self._store.entries.get(self._name, {})
        totals = {key: int(entry.body or b"0") for key, entry in entries.items()}
        return Reading(sum(totals.values()), totals)

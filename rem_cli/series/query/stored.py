"""Series of a store, as questions read them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from rem_cli.series import Store
from rem_cli.series.query import Trace, Window
from rem_cli.series.query.patterns import Hosts, matched


class Stored:
    """A store at an instant; whoever makes it has drained the spool."""

    def __init__(self, store: Store, hosts: Hosts, now: float) -> None:
        self._store = store
        self._hosts = hosts
        self._now = now

    @cached_property
    def _names(self) -> Sequence[str]:
        return self._store.names()

    def match(self, pattern: str) -> Sequence[str]:
        return matched(pattern, self._names, self._hosts)

    def read(self, name: str, window: Window) -> Trace:
        start, step, values = self._store.columns(name, window.start, window.end, now=self._now)
        return Trace(name, name, start, step, values)

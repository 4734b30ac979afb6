"""What pages are made from: one repository, opened anew for each answer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from rem_cli import wire
from rem_cli.plan.catalog import NOTHING, Catalog
from rem_cli.plan.generations import Generation

CHANGING = ("state.sqlite", "state.sqlite-wal", "spool/series.at", "collect/memory.json")  # below `.rem`
KEPT = 4  # catalogs: the active one, and those that somebody compares


class Desk:
    """One repository for several threads. What cannot change is read once: the catalog of a generation."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.state = state
        self._lock = Lock()
        self._catalogs: dict[str, Catalog] = {}

    @contextmanager
    def open(self) -> Iterator[wire.Rem]:
        """What one answer is made from."""
        with wire.open(self.root) as rem:
            yield rem

    def catalog(self, rem: wire.Rem, generation: Generation | None) -> Catalog:
        """What a generation says; nothing when there is none. CatalogError."""
        if generation is None:
            return NOTHING
        with self._lock:
            known = self._catalogs.get(generation.catalog)
        if known is None:
            known = rem.generations.catalog(generation)
            with self._lock:
                self._catalogs[generation.catalog] = known
                for old in list(self._catalogs)[:-KEPT]:
                    del self._catalogs[old]
        return known

    def stamp(self) -> tuple[int, ...]:
        """Another one whenever something that pages show may have become different; asks for no lock and no parse."""
        active = sorted((self.state / "generations").glob("*/active"))
        return tuple(_mark(path) for path in (*(self.state / name for name in CHANGING), *active))


def _mark(path: Path) -> int:
    try:
        found = os.stat(path)
    except OSError:
        return 0
    return found.st_mtime_ns ^ (found.st_size << 1) ^ (found.st_ino << 2)

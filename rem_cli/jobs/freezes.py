"""Freezes in the state store: one value, so that whoever decides what is due reads all of them at once.

Those that are over stay for a while: what was due in one is decided by whoever looks next, which may be days later.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress

from rem_cli.jobs.claims import BUCKET
from rem_cli.jobs.schedule.frozen import Freeze
from rem_cli.state import MissingKey, StaleRevision, State

KEY = "freezes"
REMEMBERED = 100 * 86_400  # seconds after its end


class Freezes:
    """The freezes of one state store."""

    def __init__(self, state: State) -> None:
        self._bucket = state.bucket(BUCKET)

    def all(self) -> list[Freeze]:
        """Those that are, and those that were."""
        return self._read()[0]

    def now(self, now: int) -> list[Freeze]:
        """Those that hold at an instant, by path."""
        return sorted(one for one in self.all() if one.has(now))

    def freeze(self, paths: Sequence[str], now: int, until: int | None, who: str, why: str) -> list[Freeze]:
        """Freeze what lies at or below these paths. What is frozen there already stays so, under the new terms."""
        while True:
            known, revision = self._read()
            made = []
            for path in paths:
                present = next((one for one in known if one.path == path and one.has(now)), None)
                made.append(Freeze(path, present.since if present else now, until, who, why))
                known = [one for one in known if one is not present]
            if self._write([*known, *made], revision, now):
                return made

    def thaw(self, paths: Sequence[str], now: int) -> list[Freeze]:
        """End the freezes of these paths, without paths all; those that it ended."""
        while True:
            known, revision = self._read()
            ended = [one for one in known if one.has(now) and (not paths or one.path in paths)]
            kept = [one._replace(until=now) if one in ended else one for one in known]
            if not ended or self._write(kept, revision, now):
                return sorted(ended)

    def _read(self) -> tuple[list[Freeze], int]:
        try:
            entry = self._bucket.get(KEY)
        except MissingKey:
            return [], 0
        return [Freeze(*one) for one in json.loads(entry.body or b"[]")], entry.revision

    def _write(self, freezes: Sequence[Freeze], revision: int, now: int) -> bool:
        kept = [one for one in freezes if one.until is None or one.until > now - REMEMBERED]
        with suppress(StaleRevision):  # somebody else froze or thawed just now
            self._bucket.put(KEY, json.dumps(kept).encode(), if_revision=revision)
            return True
        return False

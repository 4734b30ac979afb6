"""What one turn leaves for the next: when each check was made, how often it failed, and counters as they were read.

One file, replaced as a whole. Losing it costs one rate of each counter and nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rem_cli.state.private import open_private

_SCHEMA = 1


class Known(NamedTuple):
    """What is known of one check from its last time."""

    slot: int  # the interval in which it was made
    failures: int = 0  # in a row
    at: float = 0.0  # when its counters were read, in seconds since the epoch
    uptime: int | None = None
    counters: Mapping[str, float] = {}


class Memory:
    """The file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.known: dict[str, Known] = {}  # by the name of the check
        self.notes: dict[str, Any] = {}  # of wires: engines of SNMP, addresses

    def read(self) -> None:
        """What there was; nothing when there is no file, or none that can be read."""
        try:
            with open(open_private(self._path, os.O_RDONLY), "rb") as file:
                told = json.load(file)
            if told["schema"] == _SCHEMA:
                self.known = {name: Known(*one) for name, one in told["known"].items()}
                self.notes = dict(told["notes"])
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            self.known, self.notes = {}, {}

    def write(self, keep: set[str]) -> None:
        """Replace the file; what is known of checks that are not in `keep` is forgotten. OSError."""
        known = {name: one for name, one in self.known.items() if name in keep}
        text = json.dumps({"schema": _SCHEMA, "known": known, "notes": self.notes}, separators=(",", ":"))
        new = self._path.with_name(f"{self._path.name}.new")
        with open(open_private(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
            file.write(text.encode())
        new.replace(self._path)

"""What became of each source line. A line that nobody speaks for is a line that was lost, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from rem_cli.importers.sources import Text
from rem_cli.language.telltale import holds_secret

HIDDEN = "‹hidden›"

_VALUE = re.compile(r"\A([^=:]*[=:]\s*)\S.*\Z")


class Fate(StrEnum):
    CARRIED = "carried"
    APPROXIMATED = "approximated"
    DROPPED = "dropped"


class Spot(NamedTuple):
    """A line of a source."""

    file: str
    line: int


@dataclass
class Line:
    """One source line: where it went, and what of it did not."""

    number: int
    text: str
    to: dict[str, None] = field(default_factory=dict)  # paths of items
    lost: dict[str, None] = field(default_factory=dict)  # reasons

    @property
    def fate(self) -> Fate:
        if not self.to:
            return Fate.DROPPED
        return Fate.APPROXIMATED if self.lost else Fate.CARRIED


class Ledger:
    """Every line with something in it of every file that was read, each once."""

    def __init__(self) -> None:
        self.files: dict[str, dict[int, Line]] = {}
        self._hidden: set[tuple[Spot, str | None]] = set()

    def open(self, text: Text) -> None:
        """Begin a file; each of its lines has to be spoken for."""
        rows = {number: Line(number, row) for number, row in enumerate(text.lines, 1) if row.strip()}
        self.files[text.name] = rows

    def carried(self, spot: Spot, path: str) -> None:
        """The line, or a part of it, is in an item now."""
        line = self._line(spot)
        if line is not None:
            line.to[path] = None

    def lost(self, spot: Spot, why: str) -> None:
        """The line, or a part of it, is not in the package, or says there something else."""
        line = self._line(spot)
        if line is not None:
            line.lost[why] = None

    def hide(self, spot: Spot, secret: str | None = None) -> None:
        """Keep a secret out of the ledger: this text where the line holds it, else all behind its first sign."""
        line = self._line(spot)
        if line is None or (spot, secret) in self._hidden:
            return
        self._hidden.add((spot, secret))
        named = _VALUE.match(line.text) if secret is not None and HIDDEN not in line.text else None
        if secret and len(secret) > 3 and secret in line.text:
            line.text = line.text.replace(secret, HIDDEN)
        else:
            line.text = named[1] + HIDDEN if named else HIDDEN

    def spoken_for(self, spot: Spot) -> bool:
        line = self._line(spot)
        return line is None or bool(line.to or line.lost)

    def withdraw(self, path: str, spots: Iterator[Spot] | list[Spot], why: str) -> None:
        """What these lines brought is not in the package after all."""
        for spot in spots:
            line = self._line(spot)
            if line is not None:
                line.to.pop(path, None)
                self.lost(spot, why)

    def close(self, otherwise: str) -> None:
        """A line that nobody spoke for goes on from the one above and shares its fate; the first is `otherwise`."""
        for rows in self.files.values():
            before: Line | None = None
            for line in rows.values():
                if not line.to and not line.lost:
                    if before is not None and not is_comment(line.text):
                        line.to, line.lost = dict(before.to), dict(before.lost)
                        line.text = HIDDEN if HIDDEN in before.text else line.text
                    else:
                        line.lost[_COMMENT if is_comment(line.text) else otherwise] = None
                if holds_secret(line.text.replace(HIDDEN, "/")):  # which nobody has seen
                    line.text = HIDDEN
                before = line

    def counts(self) -> dict[Fate, int]:
        found = dict.fromkeys(Fate, 0)
        for rows in self.files.values():
            for line in rows.values():
                found[line.fate] += 1
        return found

    def _line(self, spot: Spot) -> Line | None:
        return self.files[spot.file].get(spot.line)


_COMMENT = "a comment that stands beside nothing carried"


def is_comment(text: str) -> bool:
    return text.lstrip().startswith(("#", ";"))

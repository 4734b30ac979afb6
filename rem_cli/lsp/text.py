"""Places in a text: REM counts characters in lines as YAML ends them, an editor counts UTF-16 in lines of its own."""

from __future__ import annotations

import bisect
import re
from typing import NamedTuple

from lsprotocol import types

from rem_cli.errors import Place

_YAML = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_EDITOR = re.compile("\r\n|[\n\r]")


class Position(NamedTuple):
    """As the protocol counts: from 0, `character` in UTF-16 units."""

    line: int
    character: int


class Text:
    """A text with an offset (a number of characters) for each place in it, and the other way round."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in _EDITOR.finditer(text))]
        self._yaml: list[int] | None = None

    def position(self, offset: int) -> Position:
        """The place of an offset."""
        line = bisect.bisect_right(self._starts, offset) - 1
        return Position(line, _units(self.text[self._starts[line] : offset]))

    def offset(self, position: Position) -> int:
        """The offset of a place; of the nearest one where there is no such place."""
        if position.line >= len(self._starts):
            return len(self.text)
        at = self._starts[position.line]
        end = self._starts[position.line + 1] if position.line + 1 < len(self._starts) else len(self.text)
        left = position.character
        while at < end and left > 0 and self.text[at] not in "\r\n":
            left -= _units(self.text[at])
            at += 1
        return at

    def span(self, place: Place) -> tuple[Position, Position]:
        """Where a place of REM's begins and ends; a point reaches to the end of its line."""
        if self._yaml is None:
            self._yaml = [0, *(found.end() for found in _YAML.finditer(self.text))]
        start = self._yaml[min(place.line, len(self._yaml)) - 1] + place.column - 1
        ended = _YAML.search(self.text, min(start, len(self.text)))
        last = ended.start() if ended else len(self.text)
        end = min(start + place.width, last) if place.width else last
        return self.position(min(start, last)), self.position(max(end, min(start, last)))


def protocol(position: Position) -> types.Position:
    """A place for a message."""
    return types.Position(position.line, position.character)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2

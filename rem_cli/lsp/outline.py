"""The keys of a text by indentation and brackets, also of one that does not parse right now.

This gives no meaning to anything: it says only where which key stands, so that a half-written line hides nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache

Path = tuple[str | int, ...]

_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\n]|'')*'"
_KEY = re.compile(rf"({_QUOTED}|[^\s#\"'\[\]{{}}&*!|>%@`,][^\n#]*?|[^\s#\"'\[\]{{}}&*!|>%@`,])[ \t]*:(?=[ \t\r\n]|\Z)")
_FLOW = re.compile(
    rf"{_QUOTED}|[^\s,\[\]{{}}:#\"'][^\n,\[\]{{}}]*?(?=\s*(?:[,\[\]{{}}\n]|:(?:[\s,\[\]{{}}]|\Z)|\s#|\Z))"
)
_OPEN = re.compile(r"[\"'][^\n]*")  # a quote that does not close: to the end of its line
_PLAIN = re.compile(r"[^\n]*?(?=[ \t\r]*(?:\n|[ \t]#|\Z))")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)*")
_DASH = re.compile(r"-(?=[ \t\r\n]|\Z)[ \t]*")
_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")


@dataclass
class Entry:
    """One key, or one element of a list, with where it stands and the scalar that it holds. Offsets."""

    path: Path
    start: int
    end: int  # of the key; the same as `start` for an element
    value: int
    value_end: int
    last: int  # the end of all that it holds


class Role(StrEnum):
    KEY = "key"
    VALUE = "value"
    NOTHING = "nothing"  # a comment, or the middle of a text of several lines


@dataclass(frozen=True)
class Spot:
    """What would be typed at an offset: a key of the mapping at `path`, or the value there."""

    role: Role
    path: Path
    start: int  # where the word that is being typed begins
    flow: bool = False  # inside of brackets
    element: bool = False  # the first word behind a dash: it may be a value or a key


@dataclass
class Outline:
    """All keys of a text, in its order."""

    entries: list[Entry] = field(default_factory=list)

    @cached_property
    def by_path(self) -> Mapping[Path, Entry]:
        return {entry.path: entry for entry in reversed(self.entries)}

    @cached_property
    def keys(self) -> Mapping[Path, list[str]]:
        """The keys of each mapping."""
        keys: dict[Path, list[str]] = {}
        for entry in self.entries:
            if isinstance(entry.path[-1], str):
                keys.setdefault(entry.path[:-1], []).append(entry.path[-1])
        return keys

    def at(self, offset: int) -> tuple[Entry, Role] | None:
        """The key or value under an offset."""
        for entry in self.entries:
            if entry.start <= offset <= entry.end and entry.start < entry.end:
                return entry, Role.KEY
            if entry.value <= offset <= entry.value_end and entry.value < entry.value_end:
                return entry, Role.VALUE
        return None


@lru_cache(maxsize=256)
def outline(text: str) -> Outline:
    """All keys of a text."""
    scan = _Scan(text)
    scan.run()
    return Outline(scan.entries)


def spot(text: str, offset: int) -> Spot:
    """What would be typed at an offset."""
    scan = _Scan(text[:offset])
    scan.run()
    return scan.spot


@dataclass
class _Level:
    indent: int
    step: str | int
    entry: Entry | None = None


@dataclass
class _Bracket:
    kind: str
    path: Path
    count: int = 0
    key: Entry | None = None
    word: int | None = None  # where the last word of it begins


class _Scan:
    """One way through a text, line by line; `spot` is what its end is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.entries: list[Entry] = []
        self.levels: list[_Level] = []
        self.spot = Spot(Role.KEY, (), len(text))

    @property
    def path(self) -> Path:
        return tuple(level.step for level in self.levels)

    def run(self) -> None:
        at, text = 0, self.text
        while at <= len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            start = at + len(text[at:end]) - len(text[at:end].lstrip(" "))
            if not text[start:end].strip():
                self._blank(start - at, end)
                at = end + 1
            elif text[start] == "#" or text.startswith(("---", "..."), at):
                self.spot = Spot(Role.NOTHING, (), end)
                at = end + 1
            else:
                at = self._line(at, start, end)
        for level in self.levels:
            self._close(level)

    def _blank(self, indent: int, end: int) -> None:
        above = [level for level in self.levels if level.indent < indent]
        self.spot = Spot(Role.KEY, tuple(level.step for level in above), end)

    def _leave(self, indent: int, *, elements: bool) -> int:
        """Close what this indentation ends; the number of the element that begins here."""
        number = 0
        while self.levels:
            last = self.levels[-1]
            element = isinstance(last.step, int)
            if last.indent < indent or (last.indent == indent and elements and not element):
                break
            if last.indent == indent and elements and isinstance(last.step, int):
                number = last.step + 1
            self._close(self.levels.pop())
        return number

    def _close(self, level: _Level) -> None:
        if level.entry and self.entries:
            level.entry.last = max(level.entry.last, self.entries[-1].last)

    def _line(self, at: int, start: int, end: int) -> int:
        """Read a line that says something; where the next one begins."""
        element = False
        while dash := _DASH.match(self.text, start, end):
            number = self._leave(start - at, elements=True)
            self.levels.append(_Level(start - at, number))
            start, element = dash.end(), True
            if start >= end:
                self.spot = Spot(Role.VALUE, self.path, end, element=True)
                return end + 1
        key = _KEY.match(self.text, start, end)
        if key is None:
            if not element:
                self._leave(start - at, elements=False)
            return self._bare(start, end, element)
        self._leave(start - at, elements=False)
        entry = Entry((*self.path, _unquoted(key[1])), start, key.end(1), key.end(), key.end(), key.end())
        self.levels.append(_Level(start - at, entry.path[-1], entry))
        self.entries.append(entry)
        return self._value(entry, key.end(), end, start - at)

    def _bare(self, start: int, end: int, element: bool) -> int:
        """A line without a key: an element of a list, a key that is being typed, or the next line of a text."""
        entry = Entry(self.path, start, start, start, end, end)
        if element:
            self.entries.append(entry)
            indent = next(level.indent for level in reversed(self.levels))
            after = self._value(entry, start, end, indent)
            if self.spot.role is Role.VALUE and not self.spot.flow:
                self.spot = Spot(Role.VALUE, self.path, start, element=True)
            return after
        if self.text[start] in "[{":
            return self._flow(start, self.path, -1)
        self.spot = Spot(Role.KEY, self.path, start)
        return end + 1

    def _value(self, entry: Entry, at: int, end: int, indent: int) -> int:
        """What stands behind a key or dash; where the next line begins."""
        text = self.text
        colon = at
        at = _blanks(text, at)
        at = _PROPERTIES.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing as well
        self.spot = Spot(Role.VALUE if at > colon or entry.start == entry.end else Role.NOTHING, entry.path, at)
        entry.value = entry.value_end = min(at, end)
        if at >= end or text[at] == "#":
            if at < end:
                self.spot = Spot(Role.NOTHING, entry.path, end)
            return end + 1
        if text[at] in "[{":
            return self._flow(at, entry.path, indent, entry)
        if _BLOCK.match(text, at):
            return self._block(entry, end, indent)
        found = re.compile(_QUOTED).match(text, at) or _PLAIN.match(text, at)
        entry.value_end = entry.last = found.end() if found else end
        if entry.value_end < end and (rest := text[entry.value_end : end].strip()):
            self.spot = Spot(Role.NOTHING, entry.path, end) if rest.startswith("#") else self.spot
        return end + 1

    def _block(self, entry: Entry, end: int, indent: int) -> int:
        """A text of several lines: all that are indented further."""
        at = end + 1
        while at <= len(self.text):
            line = self.text.find("\n", at)
            line = len(self.text) if line < 0 else line
            said = self.text[at:line]
            if said.strip() and len(said) - len(said.lstrip(" ")) <= indent:
                return at
            at = line + 1
        entry.value_end = entry.last = len(self.text)
        self.spot = Spot(Role.NOTHING, entry.path, len(self.text))
        return at

    def _flow(self, at: int, path: Path, indent: int, owner: Entry | None = None) -> int:
        """Brackets, over as many lines as they take; where the next line begins."""
        reader = _Flow(self, at, path, indent)
        at = reader.run()
        if owner:
            owner.value_end = owner.value
            owner.last = at
        if reader.open:
            self.spot = reader.spot()
            return at
        self.spot = Spot(Role.NOTHING, path, at)
        end = self.text.find("\n", at)
        return len(self.text) + 1 if end < 0 else end + 1


class _Flow:
    """A value in brackets."""

    def __init__(self, scan: _Scan, at: int, path: Path, indent: int) -> None:
        self.scan, self.text, self.at, self.indent = scan, scan.text, at, indent
        self.open: list[_Bracket] = []
        self.path = path

    def run(self) -> int:
        text = self.text
        while self.at < len(text):
            sign = text[self.at]
            if sign in "[{":
                self.open.append(_Bracket(sign, self._here()))
            elif sign in "]}":
                self._closed()
                if not self.open:
                    return self.at + 1
            elif sign == ",":
                top = self.open[-1]
                top.key, top.word, top.count = None, None, top.count + 1
            elif sign == "\n" and self._ends():
                return self.at + 1
            elif sign == "#" and text[self.at - 1] in " \t\n":
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
                continue
            elif (
                not sign.isspace()
                and sign != ":"
                and (word := (_FLOW.match(text, self.at) or _OPEN.match(text, self.at)))
            ):
                self._word(word.start(), word.end())
                self.at = word.end()
                continue
            self.at += 1
        return len(text) + 1

    def _ends(self) -> bool:
        """Whether the next line cannot be inside: a bracket is missing above it."""
        line = re.compile(r"([ ]*)[^\s]").match(self.text, self.at + 1)
        return line is not None and len(line[1]) <= self.indent

    def _here(self) -> Path:
        if not self.open:
            return self.path
        top = self.open[-1]
        if top.kind == "[":
            return (*top.path, top.count)
        return top.key.path if top.key else top.path

    def _closed(self) -> None:
        top = self.open.pop()
        inside = [entry for entry in self.scan.entries[-1:] if entry.path[: len(top.path)] == top.path]
        for entry in inside:
            entry.last = max(entry.last, entry.value_end)

    def _word(self, start: int, end: int) -> None:
        top = self.open[-1]
        colon = _blanks(self.text, end)
        named = self.text.startswith(":", colon)
        top.word = start
        if top.kind == "{" and top.key is None:
            entry = Entry((*top.path, _unquoted(self.text[start:end])), start, end, end, end, end)
            if named:
                self.scan.entries.append(entry)
                top.key, top.word = entry, None
                self.at = colon
        elif top.kind == "{" and top.key:
            top.key.value, top.key.value_end, top.key.last = start, end, end
        else:
            self.scan.entries.append(Entry(self._here(), start, start, start, end, end))

    def spot(self) -> Spot:
        top = self.open[-1]
        end = len(self.text)
        word = end if top.word is None else top.word
        if top.kind == "{" and top.key is None:
            return Spot(Role.KEY, top.path, word, flow=True)
        if top.kind == "{" and top.key and word == end and self.text.endswith(":"):
            return Spot(Role.NOTHING, top.key.path, end, flow=True)
        return Spot(Role.VALUE, self._here(), word, flow=True)


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _unquoted(key: str) -> str:
    if key[:1] == "'":
        return key[1:-1].replace("''", "'")
    if key[:1] == '"':
        try:
            return str(json.loads(key))
        except ValueError:
            return key[1:-1]
    return key

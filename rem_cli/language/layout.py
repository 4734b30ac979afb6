"""Where every part of a text stands, to the letter: keys, values, the signs between them, comments.

Made of libyaml's tokens, whose marks are exact; between two tokens there is nothing but blanks and comments. Data and
findings are `source`'s business: a layout is asked only of a text that was read without a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from yaml._yaml import CParser
from yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockEntryToken,
    BlockSequenceStartToken,
    DirectiveToken,
    DocumentEndToken,
    DocumentStartToken,
    FlowEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
    StreamEndToken,
    StreamStartToken,
    TagToken,
    Token,
    ValueToken,
)

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what libyaml counts as the end of a line
_COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")
_HEADER = re.compile("[|>][-+0-9]*[ \t]+(#[^\n\r\x85\u2028\u2029]*)")
_EMPTY = (KeyToken, ValueToken, BlockEndToken, FlowEntryToken, FlowMappingEndToken, FlowSequenceEndToken,
          DocumentEndToken, StreamEndToken)  # fmt: skip


@dataclass(slots=True)
class Part:
    """A key or a value. Places are indexes into the text."""

    kind: str  # "scalar", "alias", "mapping", "list", "empty"; "pair" for the `a: 1` of `[a: 1]`
    start: int  # an anchor or a tag included
    body: int  # behind anchor and tag
    end: int  # behind the last letter; of a block scalar: in its last line, without that one's break
    flow: bool = False
    style: str = ""  # of a scalar: "" when plain, or ' " | >
    value: str = ""  # of a scalar, without quotes
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """A key with its value, or an element of a list."""

    start: int  # its first letter: of the key, or the dash
    mark: int  # behind the `:` or `-`; -1 without one
    key: Part | None
    value: Part
    comma: int = -1  # where the comma behind it stands
    odd: bool = False  # with a `?`, or without a key

    @property
    def end(self) -> int:
        return max(self.mark, self.value.end, self.key.end if self.key else -1)


class Layout:
    """One text, laid out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._behind = 0  # the last token that was taken
        while isinstance(self._tokens[self._next], StreamStartToken | DirectiveToken | DocumentStartToken):
            self._take()
        self.root = self._part()

    def find(self, path: Sequence[str | int]) -> list[Entry]:
        """The entries that lead to `path`, outermost first; fewer than its steps where it goes on through an alias."""
        found: list[Entry] = []
        part = self.root
        for step in path:
            if isinstance(step, int):
                entry = part.entries[step] if part.kind == "list" and step < len(part.entries) else None
            else:
                entry = next((one for one in part.entries if one.key and one.key.value == step), None)
            if entry is None:
                return found
            found.append(entry)
            part = entry.value
        return found

    def comments(self) -> Iterator[tuple[int, str]]:
        """Every comment with its place, in order."""
        end = 0
        for token in self._tokens:
            yield from ((found.start(), found[0]) for found in _COMMENT.finditer(self.text, end, _start(token)))
            block = isinstance(token, ScalarToken) and token.style in ("|", ">")
            if block and (header := _HEADER.match(self.text, _start(token))):
                yield header.start(1), header[1]
            end = max(end, _end(token))

    def said(self) -> list[tuple[str, Any]]:
        """What the text says apart from blanks and comments: its tokens without their places."""
        return [(type(token).__name__, _content(token)) for token in self._tokens]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        self._behind = max(self._behind, _end(token))
        return token

    def _part(self, *, indentless: bool = False) -> Part:
        start = body = -1
        while isinstance(self._tokens[self._next], AnchorToken | TagToken):
            token = self._take()
            start = _start(token) if start < 0 else start
            body = _end(token)
        token = self._tokens[self._next]
        if isinstance(token, _EMPTY) or (isinstance(token, BlockEntryToken) and not indentless):
            at = self._behind
            return Part("empty", start if start >= 0 else at, at, at)
        body = _start(token)
        part = Part("scalar", start if start >= 0 else body, body, _end(token))
        if isinstance(token, ScalarToken):
            self._take()
            part.style, part.value = token.style or "", token.value
            if token.style in ("|", ">"):
                part.end = self._behind = _block_end(self.text, body, part.end, token.value)
        elif isinstance(token, AliasToken):
            self._take()
            part.kind = "alias"
        elif isinstance(token, FlowMappingStartToken | FlowSequenceStartToken):
            self._flow(part, isinstance(token, FlowSequenceStartToken))
        else:
            self._block(part, token)
        return part

    def _block(self, part: Part, opening: Token) -> None:
        listed = isinstance(opening, BlockSequenceStartToken | BlockEntryToken)
        part.kind = "list" if listed else "mapping"
        if not isinstance(opening, BlockEntryToken):
            self._take()
        while isinstance(self._tokens[self._next], BlockEntryToken if listed else KeyToken | ValueToken):
            if listed:
                dash = self._take()
                part.entries.append(Entry(_start(dash), _end(dash), None, self._part()))
            else:
                part.entries.append(self._pair(indentless=True))
        if not isinstance(opening, BlockEntryToken):
            self._take()
        part.end = max([part.body, *(entry.end for entry in part.entries)])

    def _flow(self, part: Part, listed: bool) -> None:
        part.kind, part.flow = "list" if listed else "mapping", True
        self._take()
        while not isinstance(self._tokens[self._next], FlowMappingEndToken | FlowSequenceEndToken):
            if not listed:
                entry = self._pair()
            elif isinstance(self._tokens[self._next], KeyToken | ValueToken):
                pair = self._pair()
                entry = Entry(pair.start, -1, None, Part("pair", pair.start, pair.start, pair.end))
            else:
                value = self._part()
                entry = Entry(value.start, -1, None, value)
            if isinstance(self._tokens[self._next], FlowEntryToken):
                entry.comma = _start(self._take())
            part.entries.append(entry)
        part.end = _end(self._take())

    def _pair(self, *, indentless: bool = False) -> Entry:
        """A key and its value; in flow mappings each may be missing."""
        start = _start(self._tokens[self._next])
        odd = isinstance(self._tokens[self._next], ValueToken)
        if isinstance(self._tokens[self._next], KeyToken):
            token = self._take()
            odd = _end(token) > start
        key = self._part()
        mark = -1
        if isinstance(self._tokens[self._next], ValueToken):
            mark = _end(self._take())
            return Entry(start, mark, key, self._part(indentless=indentless), odd=odd)
        return Entry(start, mark, key, Part("empty", key.end, key.end, key.end), odd=odd)


def line_start(text: str, at: int) -> int:
    """Where the line begins that holds a place."""
    return 1 + max(text.rfind(sign, 0, at) for sign in "\n\r\x85\u2028\u2029")


def line_end(text: str, at: int) -> int:
    """Where the line ends that holds a place, without its break."""
    found = BREAK.search(text, at)
    return found.start() if found else len(text)


def line_after(text: str, at: int) -> int:
    """Where the next line begins."""
    found = BREAK.search(text, at)
    return found.end() if found else len(text)


def _tokens(text: str) -> Iterator[Token]:
    parser = CParser(text)
    while (token := parser.get_token()) is not None:
        yield token


def _start(token: Token) -> int:
    return int(token.start_mark.index) if token.start_mark else 0


def _end(token: Token) -> int:
    return int(token.end_mark.index) if token.end_mark else 0


def _content(token: Token) -> Any:
    if isinstance(token, ScalarToken):
        return token.value, token.plain, token.style
    return getattr(token, "value", None)


def _block_end(text: str, start: int, end: int, value: str) -> int:
    """Behind the last line of a block scalar that says something."""
    lines = list(BREAK.finditer(text, start, end))
    if not lines or lines[-1].end() != end:
        return end
    if value.endswith("\n\n") or not value.strip("\n"):
        return lines[-1].start()
    while len(lines) > 1 and lines[-1].start() == lines[-2].end():
        lines.pop()
    return lines[-1].start()

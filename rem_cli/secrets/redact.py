"""Puts `[secret NAME]` in the place of secrets, in bytes and texts that come whole or in pieces.

The search is one pass in C for each form, over the text without line ends and without what terminals obey: a value is
found however it is folded or coloured. Only what was found is looked for again in the text as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from rem_cli.secrets import Secret

# What may stand between any two bytes of a value: line ends, and sequences that a terminal obeys and does not show
# (ECMA-48 5.4 and 5.6, as `jobs.events` leaves them out). Repeats are possessive, so that this costs its length.
_BETWEEN = (
    rb"[\r\n]|(?:\x1b\[|\xc2\x9b)[0-?]*+[ -/]*+[@-~]"
    rb"|(?:\x1b[PX\]^_]|\xc2[\x90\x98\x9d\x9e\x9f])[^\x00-\x1f\x7f]*+(?:\x07|\x1b\\|\xc2\x9c)"
    rb"|\x1b[ -/]*+[0-OQ-WYZ\\`-~]"
)
_DROPPED = re.compile(_BETWEEN)
_ENDS = re.compile(rb"[\r\n]")
# One of these sequences, as far as it has come.
_UNFINISHED = re.compile(
    rb"(?:(?:\x1b\[|\xc2\x9b)[0-?]*+[ -/]*+|(?:\x1b[PX\]^_]|\xc2[\x90\x98\x9d\x9e\x9f])[^\x00-\x1f\x7f]*+\x1b?"
    rb"|\x1b[ -/]*+|\xc2)\Z"
)
_SIGNS = 3  # bytes by which it is seen quickly that something is no beginning
_ROOM = 4096  # bytes of line ends and terminal sequences that a value may have among it, where it comes in pieces


class Span(NamedTuple):
    start: int
    end: int
    name: str


class Redactor:
    """Knows secrets, and finds them."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._names: dict[bytes, str] = {}
        for secret in secrets:
            from rem_cli.secrets.forms import LEAST, forms  # most commands read no secret, and show something

            for form in forms(secret.value):
                self._names.setdefault(form, secret.name)
                self._names.setdefault(_bare(form) if len(_bare(form)) >= LEAST else form, secret.name)
        self._sorted = sorted(self._names)
        self._starts = {form[:length] for form in self._sorted for length in range(1, _SIGNS + 1)}
        self.longest = max(map(len, self._sorted), default=0)

    def __bool__(self) -> bool:
        return bool(self._names)

    def data(self, data: bytes) -> bytes:
        """Bytes that are whole."""
        return _without(data, self.spans(data)) if self._names else data

    def text(self, text: str) -> str:
        """A text that is whole."""
        if not self._names:
            return text
        return self.data(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def stream(self) -> Stream:
        """For bytes that come in pieces."""
        return Stream(self)

    def spans(self, data: bytes) -> list[Span]:
        """Where secrets stand, in order, none overlapping another."""
        bare, plain = _bare(data), data.translate(None, b"\r\n")
        found: list[Span] = []
        for form in [form for form in self._sorted if form in bare or (plain != bare and form in plain)]:
            spread = (b"(?:%s)*+" % _BETWEEN).join(re.escape(form[at : at + 1]) for at in range(len(form)))
            matches = re.finditer(spread, data)
            found += [Span(*match.span(), self._names[form]) for match in matches]
        joined: list[Span] = []
        for span in sorted(found, key=lambda span: (span.start, -span.end)):
            if joined and span.start < joined[-1].end:
                joined[-1] = joined[-1]._replace(end=max(span.end, joined[-1].end))
            else:
                joined.append(span)
        return joined

    def beginning(self, data: bytes) -> tuple[int, bytes]:
        """How many bytes at the end of `data` may be the beginning of a form, and that form; 0 when none."""
        tail = data[-self.longest - _ROOM :]
        # What seems to be a sequence for terminals may be text, and the other way round as long as it has not ended.
        ways = [(tail, _ENDS)]
        if b"\x1b" in tail or b"\xc2" in tail:
            found = _UNFINISHED.search(tail)
            ways += [(tail, _DROPPED), (tail[: found.start()] if found else tail, _DROPPED)]
        return max((self._beginning(way, left_out, len(tail)) for way, left_out in ways), key=lambda held: held[0])

    def _beginning(self, tail: bytes, left_out: re.Pattern[bytes], length: int) -> tuple[int, bytes]:
        bare = left_out.sub(b"", tail)
        for start in range(max(0, len(bare) - self.longest + 1), len(bare)):
            rest = bare[start:]
            if rest[:_SIGNS] in self._starts and (form := self._longer(rest)):
                return length - _place(tail, start, left_out), form
        return 0, b""

    def name(self, form: bytes) -> str:
        return self._names[form]

    def _longer(self, start: bytes) -> bytes | None:
        """A form that begins so and goes on."""
        place = bisect_left(self._sorted, start)
        for form in self._sorted[place : place + 2]:
            if len(form) > len(start) and form.startswith(start):
                return form
        return None


class Stream:
    """Redacts bytes that come in pieces cut anywhere. What may be the beginning of a secret waits for what follows."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What is known not to be a secret, or to be one, by now."""
        if not self._redactor:
            return data
        data = self._held + data
        spans = self._redactor.spans(data)
        cut = len(data) - self._redactor.beginning(data)[0]
        cut = max(cut, len(data) - 2 * self._redactor.longest - _ROOM)
        cut = next((span.start for span in spans if span.start < cut < span.end), cut)
        self._held = data[cut:]
        return _without(data[:cut], [span for span in spans if span.end <= cut])

    def close(self) -> bytes:
        """The rest. The greater part of a secret at the very end is one: its output was cut, or its program ended."""
        held, self._held = self._redactor.data(self._held), b""
        count, form = self._redactor.beginning(held) if held else (0, b"")
        if 2 * count >= len(form) > 0:
            return held[: len(held) - count] + _label(self._redactor.name(form))
        return held


def _bare(data: bytes) -> bytes:
    if b"\x1b" in data or b"\xc2" in data:
        return _DROPPED.sub(b"", data)
    return data.translate(None, b"\r\n")


def _place(data: bytes, bare: int, left_out: re.Pattern[bytes]) -> int:
    """Where in `data` the byte stands that is number `bare` of it without what is left out."""
    seen = last = 0
    for gap in left_out.finditer(data):
        if seen + gap.start() - last > bare:
            break
        seen += gap.start() - last
        last = gap.end()
    return last + bare - seen


def _without(data: bytes, spans: Iterable[Span]) -> bytes:
    pieces: list[bytes] = []
    last = 0
    for span in spans:
        pieces += [data[last : span.start], _label(span.name)]
        last = span.end
    return b"".join([*pieces, data[last:]]) if last else data


def _label(name: str) -> bytes:
    return f"[secret {name}]".encode()

"""What a run tells whoever listens, and how bytes of hosts become lines that are safe to show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from rem_cli.jobs import Attempt, HostRun, Run
from rem_cli.reach import Stream

LONGEST_LINE = 4096  # bytes; what is longer is told as several lines

# Sequences that a terminal obeys (ECMA-48 5.4 control sequences, 5.6 control strings), whole. Repeats are
# possessive and end at any control character, so that no text costs more than its length.
SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]"
    r"|(?:\x1b[PX\]^_]|[\x90\x98\x9d\x9e\x9f])[^\x00-\x1f\x80-\x9f]*+(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*+[0-OQ-WYZ\\`-~]"
)
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, bidirectional marks, surrogates, line ends
JOINERS = "\u200c\u200d"  # emoji and several scripts need them; they move nothing


class Started(NamedTuple):
    """The run has its id; `run.hosts` names everything that it will try."""

    run: Run


class HostStarted(NamedTuple):
    run: int
    host: str


class Line(NamedTuple):
    """One line that a program printed, safe to show."""

    run: int
    host: str
    stream: Stream
    text: str


class HostRetries(NamedTuple):
    """A try failed, and another follows in `wait` seconds."""

    run: int
    host: str
    attempt: Attempt
    wait: float


class HostEnded(NamedTuple):
    """Exactly once for every host; it stands in the record already."""

    run: int
    host: HostRun


class Finished(NamedTuple):
    run: Run


Event = Started | HostStarted | Line | HostRetries | HostEnded | Finished
Listen = Callable[[Event], None]


class Lines:
    """Makes lines of one host's bytes, which come cut anywhere."""

    def __init__(self) -> None:
        self._rest = {Stream.OUT: bytearray(), Stream.ERR: bytearray()}

    def feed(self, stream: Stream, data: bytes) -> list[str]:
        """The lines that are whole now."""
        rest = self._rest[stream]
        rest += data
        *whole, last = rest.split(b"\n")
        self._rest[stream] = last
        lines = [plain(piece) for line in whole for piece in _pieces(line.removesuffix(b"\r"))]
        while len(last) > LONGEST_LINE:
            lines.append(plain(_cut(last)))
        return lines

    def flush(self) -> list[tuple[Stream, str]]:
        """What came after the last line's end."""
        return [(stream, plain(piece)) for stream, rest in self._rest.items() if rest for piece in _pieces(rest)]


def last_line(out: bytes, err: bytes) -> str:
    """The last line that says anything, of standard error before standard output."""
    for body in (err, out):
        lines = [line for line in body[-LONGEST_LINE:].splitlines() if line.strip()]
        if lines:
            return plain(lines[-1]).strip()
    return ""


def _pieces(line: bytearray) -> list[bytearray]:
    pieces = []
    while len(line) > LONGEST_LINE:
        pieces.append(_cut(line))
    return [*pieces, line]


def _cut(line: bytearray) -> bytearray:
    """Take the longest piece off the front, leaving no half of a character."""
    at = LONGEST_LINE
    while at > LONGEST_LINE - 4 and line[at] & 0xC0 == 0x80:
        at -= 1
    piece = line[:at]
    del line[:at]
    return piece


def plain(text: str | bytes | bytearray) -> str:
    """Text of a package or a host that no terminal obeys.

    Whole escape sequences (colours, titles, links, clipboard) go; any other control character is shown as a picture
    or `�`. Tabs stay.
    """
    if not isinstance(text, str):
        text = text.decode(errors="replace")
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_seen, SEQUENCE.sub("", text)))


def _seen(letter: str) -> str:
    if letter.isprintable() or letter == "\t" or letter in JOINERS:
        return letter
    if letter < " ":
        return chr(0x2400 + ord(letter))  # Unicode, "Control Pictures"
    if letter == "\x7f":
        return "\u2421"
    return "\ufffd" if unicodedata.category(letter) in UNSEEN else letter

"""Command lines and lists of systemd's unit files as words (systemd.syntax(7))."""

from __future__ import annotations

import re

_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([0-7]{3})|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)


def words(text: str) -> list[str] | None:
    """A command line as systemd parts it (systemd.service(5)); None when a quote does not close."""
    found: list[str] = []
    at, size = 0, len(text)
    while at < size:
        if text[at].isspace():
            at += 1
            continue
        word, at = _word(text, at)
        if word is None:
            return None
        found.append(word)
    return found


def _word(text: str, at: int) -> tuple[str | None, int]:
    parts: list[str] = []
    quote = ""
    while at < len(text):
        sign = text[at]
        if not quote and sign.isspace():
            break
        if sign == "\\" and at + 1 < len(text):
            escape = _ESCAPE.match(text, at)
            assert escape
            parts.append(_unescaped(escape))
            at = escape.end()
            continue
        if sign == quote:
            quote = ""
        elif not quote and sign in "\"'":
            quote = sign
        else:
            parts.append(sign)
        at += 1
    return (None if quote else "".join(parts)), at


def _unescaped(escape: re.Match[str]) -> str:
    for digits, base in ((escape[1], 16), (escape[2], 8), (escape[3], 16)):
        if digits:
            return chr(int(digits, base))
    return _ESCAPES.get(escape[4], escape[4])

"""Programs, files and items; and which of them are meant."""

from __future__ import annotations

import re

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.pattern import PatternError
from rem_cli.language.pattern import compile as compile_pattern
from rem_cli.language.types.type import Type


def command(raw: At, type: Type) -> Value:
    if isinstance(raw.data, str):
        words = ", ".join(_quoted(word) for word in raw.data.split())
        raise Misfit("a command is a list of arguments, so that no shell can misread it", f"write [{words}]")
    if not isinstance(raw.data, list) or not raw.data:
        raise Misfit(f"this is {raw.kind}, not a command", "a list of arguments, like [uptime, -p]")
    if all(one.__class__ is str and "\0" not in one for one in raw.data):
        return list(raw.data)  # nearly all, and without a look at each one's place
    words_read: list[Value] = []
    for one in map(raw.child, range(len(raw.data))):
        if one.data is None or isinstance(one.data, (list, dict)):
            raise Misfit(f"an argument is a text, not {one.kind}", 'put it in quotes: ""')
        words_read.append(one.written())
    return words_read


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w./=:@%+-]*[\w./=%+]", word) and not re.match(r"[-.\d]*\Z", word) else f'"{word}"'


def path(raw: At, type: Type) -> str:
    """A path below the file that holds it; what leaves the repository is refused before it is looked at."""
    text = raw.written()
    if not text or text.startswith(("/", "~", "$")) or "\\" in text or any(ord(c) < 32 for c in text):
        raise Misfit(f"'{raw.shown}' is not a path inside the repository",
                     "a relative path with '/', beside the file that names it")  # fmt: skip
    return text


def host_path(raw: At, type: Type) -> str:
    """A file's path on a host: whole, and without steps that lead elsewhere."""
    text = raw.written()
    parts = text.split("/")
    if not text.startswith("/") or text.endswith("/") or not all(c.isprintable() for c in text) or len(text) > 1000:
        raise Misfit(f"'{raw.shown}' is not the path of a file on a host", "a whole path, like /etc/motd")
    if any(part in ("", ".", "..") for part in parts[1:]):
        raise Misfit(f"'{raw.shown}' has '.', '..' or an empty name in it", "write the path that is meant")
    return text


def ref(raw: At, type: Type) -> str:
    text = raw.written().strip("/")
    if not text or "//" in text:
        raise Misfit(
            f"'{text}' is not the path of an item", f"like {type.targets[0] if type.to else 'section'}/group/name"
        )
    return text


_MATCHER = re.compile(r"([^=!~<>\s][^=!~<>]{0,100}?)\s*(=~|!~|!=|=)\s*(.{0,300})").fullmatch


def matcher(raw: At, type: Type) -> Value:
    """Which alerts are meant, by one label, as `matcher_of` says."""
    return matcher_of(raw.written(), raw.shown)


def matcher_of(text: str, shown: str) -> dict[str, Value]:
    """A matcher as {label, is, value}; a pattern must match the whole value. Misfit, which names it as `shown`."""
    found = _MATCHER(text.strip())
    if not found:
        raise Misfit(f"'{shown}' matches nothing", 'LABEL and =, !=, =~ or !~ and a value, like "severity=page"')
    value = found[3]
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if found[2].endswith("~"):
        try:
            compile_pattern(value)
        except PatternError as error:
            raise Misfit(
                f"the pattern of '{shown}': {error}", "what REM matches: . [a-z] \\d \\w \\s ( ) | * + ?"
            ) from None
    return {"label": found[1], "is": found[2], "value": value}

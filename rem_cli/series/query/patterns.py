"""Which series a pattern means: a function of names.

`*` and `?` stand for letters of one part, `[0-9]` for one of some, `{one,two}` for one of several texts, `**` for any
number of parts. A part with `@` or `!` in front selects hosts. A pattern may leave out the first parts of a path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rem_cli.errors import UsageError

Hosts = Callable[[str], Sequence[str]]  # a selector to the names of hosts
_PIECE = re.compile(r"\*|\?|\[!?[^\]/]+\]|\{[^{}]*\}|.", re.DOTALL)


def matched(pattern: str, names: Sequence[str], hosts: Hosts) -> list[str]:
    """The names that a pattern means, in their order; UsageError for a selector of no host, or none at all."""
    parts = [_part(part, hosts) for part in pattern.strip("/").split("/")]
    text = "".join(parts)
    try:
        forms = re.compile(text), re.compile(f"(?:.*/)?{text}")
    except re.error:
        raise UsageError(
            f"'{pattern}' cannot be read", hint="like shop/jobs/*/load/web[0-9]/{users,requests}"
        ) from None
    for whole in forms:
        if found := [name for name in names if whole.fullmatch(f"{name}/")]:
            return found
    return []


def _part(part: str, hosts: Hosts) -> str:
    """One part as a regular expression, with the slash after it."""
    if part == "**":
        return "(?:[^/]+/)*"
    if part.startswith(("@", "!")):
        return f"(?:{'|'.join(map(re.escape, hosts(part)))})/"
    return "".join(_piece(piece) for piece in _PIECE.findall(part)) + "/"


def _piece(piece: str) -> str:
    if piece == "*":
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and len(piece) > 2:
        return "[" + ("^" if piece[1] == "!" else "") + piece.strip("[]").lstrip("!").replace("\\", r"\\") + "]"
    if piece.startswith("{") and len(piece) > 1:
        return "(?:" + "|".join("".join(map(_piece, _PIECE.findall(one))) for one in piece[1:-1].split(",")) + ")"
    if piece in "{}[]":
        raise UsageError(f"'{piece}' has no other half", hint="write ? in its place")
    return re.escape(piece)

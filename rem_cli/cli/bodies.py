"""Values and messages as they are typed, and as they are told."""

from __future__ import annotations

import base64
import json
import sys
from typing import Annotated, Any

import typer

from rem_cli.errors import UsageError

Path = Annotated[str, typer.Argument(metavar="PATH", help="Its item: package/section/name.")]
AsJson = Annotated[bool, typer.Option("--json", help="It has to be JSON; written in one line.")]
Raw = Annotated[bool, typer.Option("--raw", help="The bytes as they are, for a file or a program.")]

_SHOWN = 60  # characters of a body in a table


def typed(words: str | None, *, as_json: bool) -> bytes:
    """A body from the command line, or else from standard input; UsageError."""
    if words is None and sys.stdin.isatty():
        raise UsageError("there is no value", hint="write it behind, or into standard input")
    data = sys.stdin.buffer.read() if words is None else words.encode("utf-8", "surrogateescape")
    if not as_json:
        return data
    try:
        return json.dumps(json.loads(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the value is no JSON: {error}", hint="without --json any text is a value") from None


def document(body: bytes, name: str = "value") -> dict[str, Any]:
    """A body for programs: as text, or as base64 with `encoding` beside it; what it says where it is JSON."""
    try:
        told: dict[str, Any] = {name: body.decode()}
    except UnicodeDecodeError:
        return {name: base64.b64encode(body).decode(), "encoding": "base64"}
    try:
        return {**told, "json": json.loads(body, parse_constant=_refuse)}
    except (ValueError, RecursionError):
        return told


def short(body: bytes) -> str:
    """A body in one cell of a table."""
    text = " ".join(body[: 4 * _SHOWN].decode("utf-8", "replace").split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def lines(body: bytes) -> list[str]:
    """A body for people."""
    return body.decode("utf-8", "replace").removesuffix("\n").split("\n")


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not JSON")

"""Bytes to text, and what one text may ask for, counted by its events before anything is made of it.

Composing recurses in C and ends the process near 50,000 levels; a parser of events keeps its place on the heap. Only
texts that could hold too much are counted: the others are known to be small by their length and their indentation.
"""

from __future__ import annotations

import gc
import operator
import re
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, Event

MAX_BYTES = 5 << 20  # bytes of one file
MAX_DEPTH = 100  # levels of nesting
MAX_VALUES = 200_000  # values of one file after its aliases and merges are expanded
MAX_ALIASES = 2_000  # of one file

PLAIN = "plain"  # what `Parser.resolve` calls an unquoted scalar
QUOTED = "quoted"

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
# Each block opens at a column of its own, but for a list in a mapping: lines that begin further left are not too deep.
_OPENS = f"[ ?:-]{{{MAX_DEPTH // 2}}}"
_INDENTED = re.compile(f"(?:\n){_OPENS}").search
_INDENTED_BEHIND_ANY = re.compile(f"[\n\r\x85\u2028\u2029]{_OPENS}").search  # all line ends of YAML; four times slower


class Parser(CParser):
    """libyaml with nothing of PyYAML's own reading of scalars."""

    # The C code calls these three for every node; builtins keep that cheap.
    descend_resolver = operator.is_
    ascend_resolver = gc.isenabled

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        if implicit is True or implicit is False:
            return ""
        return PLAIN if implicit[0] else QUOTED


def decode(raw: bytes) -> tuple[str, tuple[str, int, str] | None]:
    """The text; and what keeps it from being read, the line, and the mend."""
    if len(raw) > MAX_BYTES:
        text = f"the file has {len(raw):,} bytes, more than {MAX_BYTES >> 20} MiB"
        return "", (text, 1, "split it into several files")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", ("the file is UTF-16", 1, "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        return raw.decode("utf-8", "replace"), (found, line, "save the file as UTF-8")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return text, ("there is a NUL byte in this line", line, "take it out; is this a text file?")
    return text, None


def over_budget(text: str) -> tuple[str, int] | None:
    """What is too much, and its line."""
    indented = _INDENTED if text.isascii() and "\r" not in text else _INDENTED_BEHIND_ANY
    nests = text.count("[") + text.count("{") > MAX_DEPTH or indented("\n" + text)
    # An event takes a character at least.
    if not nests and text.count("*") <= MAX_ALIASES and len(text) <= 2 * MAX_VALUES:
        return None
    try:
        return _counted(Parser(text))
    except yaml.MarkedYAMLError as error:
        # libyaml has had a limit of its own since 0.2.6, and meets it first: it looks 1,024 signs ahead for a ':'.
        if "nesting depth" not in (error.problem or ""):
            raise
        return _TOO_DEEP, error.problem_mark.line + 1 if error.problem_mark else 1


def _counted(parser: Parser) -> tuple[str, int] | None:
    depth = aliases = values = documents = 0
    while event := parser.get_event():
        values += 1
        if values > 2 * MAX_VALUES:  # the end of a list or mapping counts as well
            return f"more than {MAX_VALUES:,} values in one file", _line(event)
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                return _TOO_DEEP, _line(event)
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        elif isinstance(event, AliasEvent):
            aliases += 1
            if aliases > MAX_ALIASES:
                return f"more than {MAX_ALIASES:,} aliases", _line(event)
        elif isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:  # composing says so
                return None
    return None


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1

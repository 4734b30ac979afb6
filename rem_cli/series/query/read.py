"""The text of a question to a tree.

    question = call | path | "text" | number | true | false
    call     = name "(" [argument {"," argument}] ")"
    argument = [name "="] question

A path may hold `*`, `?`, `[0-9]`, `{one,two}`, `**` for any number of parts, and a selector of hosts such as `@web`;
anything else a path can hold is written between quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from rem_cli.series.query import QueryError, place

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?(?=\s*(?:[,)]|$))")
_NAME = re.compile(r"[A-Za-z_]\w*(?=\s*\()")
_KEYWORD = re.compile(r"([A-Za-z_]\w*)\s*=(?!=)")
_PATH = re.compile(r"(?:\{[^{}()\"']*\}|[^\s,(){}\"'=])+")
_SPACE = re.compile(r"\s*")
_DEEPEST = 50  # calls within calls


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of the text, from `start` to before `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Path(Node):
    pattern: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    name: str
    arguments: tuple[tuple[str, Node], ...]  # the keyword, empty without one


def read(text: str) -> Node:
    """The tree of a question; QueryError points at what cannot be read."""
    reader = _Reader(text)
    node = reader.node(0)
    reader.space()
    if reader.at < len(text):
        reader.refuse("the question ends here, and something follows", "one question at a time")
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    def refuse(self, message: str, hint: str, start: int | None = None) -> NoReturn:
        begin = self.at if start is None else start
        raise QueryError(message, hint=hint, where=place(self.text, begin, max(self.at, begin + 1)))

    def node(self, depth: int) -> Node:
        self.space()
        start = self.at
        if depth > _DEEPEST:
            self.refuse(f"more than {_DEEPEST} calls within each other", "ask in two steps")
        if self.at == len(self.text):
            self.refuse("a series or a function is missing here", "like sumSeries(shop/jobs/web/load/*/users)")
        if self.text[start] in "\"'":
            return self._quoted(start)
        if found := _NUMBER.match(self.text, start):
            self.at = found.end()
            return Literal(start, self.at, float(found[0]))
        if found := _NAME.match(self.text, start):
            self.at = found.end()
            return self._call(start, found[0], depth)
        if found := _PATH.match(self.text, start):
            self.at = found.end()
            if found[0].lower() in ("true", "false"):
                return Literal(start, self.at, found[0].lower() == "true")
            return Path(start, self.at, found[0])
        return self.refuse(f"'{self.text[start]}' begins nothing", "a series, a function, a number or a 'text'")

    def _quoted(self, start: int) -> Node:
        end = self.text.find(self.text[start], start + 1)
        if end < 0:
            self.at = len(self.text)
            self.refuse("the text that begins here has no end", f"close it with {self.text[start]}", start)
        self.at = end + 1
        return Literal(start, self.at, self.text[start + 1 : end])

    def _call(self, start: int, name: str, depth: int) -> Node:
        self.space()
        opened = self.at
        self.at += 1
        arguments: list[tuple[str, Node]] = []
        self.space()
        while not self.text.startswith(")", self.at):
            if arguments:
                if self.at == len(self.text):
                    self.refuse(f"the bracket of {name} is not closed", "close it with )", opened)
                if self.text[self.at] != ",":
                    self.refuse(f"'{self.text[self.at]}' cannot follow an argument", "a comma, or the closing bracket")
                self.at += 1
                self.space()
            keyword = _KEYWORD.match(self.text, self.at)
            if keyword:
                self.at = keyword.end()
            arguments.append((keyword[1] if keyword else "", self.node(depth + 1)))
            self.space()
        self.at += 1
        return Call(start, self.at, name, tuple(arguments))

"""Text to data, once, for everything in REM: YAML's core reading of scalars, with the place of every value.

libyaml parses and composes; the meaning is given here. Data is built straight from the composed nodes. They are not
kept: most texts have nothing wrong in them, and whoever must say where a value stands has the text composed once more.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rem_cli.errors import Place
from rem_cli.language import Finding
from rem_cli.language.budget import MAX_VALUES, PLAIN, QUOTED, Parser, decode, over_budget
from rem_cli.language.syntax import explain, only_above, without_block

MAX_FINDINGS = 500  # of one file's text; each of them looks its place up
MAX_RESUMED = 10  # times that reading goes on behind a mistake of syntax

Path = Sequence[str | int]


class _Unset:
    """What `!unset` reads as."""

    def __repr__(self) -> str:
        return "!unset"


UNSET = _Unset()
_LESS = "split the file, or share fewer values; is it a package at all?"
_STR_TAG = "tag:yaml.org,2002:str"
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,299})\Z").match  # 0644 stays text
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,300}|(0|[1-9][0-9]{0,299})(\.[0-9]{0,300})?)([eE][-+]?[0-9]{1,9})?\Z").match
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
}  # fmt: skip
_DIGIT = frozenset("0123456789+-.")
_MEANT = frozenset(["", *"0123456789+-.~tTfFnN"])  # how a plain scalar begins that may be more than a text
_known: dict[str, Any] = {}  # what plain scalars mean that begin so and are written as REM would write them
KNOWN = 20_000  # scalars
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what libyaml counts as the end of a line


def scalar(text: str) -> Any:
    """YAML 1.2 core reading of one plain scalar (section 10.3.2), but octal, hex and leading zeros stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _DIGIT:
        if _INT(text):
            return int(text)
        if _FLOAT(text):
            return float(text)
    return text


class Source:
    """One file: its data, and the place of each value in it."""

    __slots__ = (
        *(
            "_composed",
            "_indexes",
            "_lines",
            "_readable",
            "data",
            "file",
            "findings",
            "marked",
            "plain",
            "size",
            "text",
        ),
        "whole",
    )

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.data: Any = None
        self.findings: list[Finding] = []
        self.marked = "!unset" in text or "+" in text  # there may be a word that changes what it is laid over
        self.size = 0  # values in it, each alias counted with all that it stands for
        self.whole = True  # False when a part could not be read: what is missing may stand there
        self.plain = True  # whether every number, true and false is written as `str` would write it
        self._readable = ""  # the part of the text that libyaml takes
        self._composed: Node | None = None
        self._lines: list[str] | None = None
        self._indexes: dict[int, dict[str, tuple[Node, Node]]] = {}

    @property
    def root(self) -> Node | None:
        """The composed text; None when it could not be read, or says nothing."""
        if self._composed is None and self._readable:
            self._composed = Parser(self._readable).get_single_node()
        return self._composed

    def keep(self, text: str, root: Node | None) -> None:
        """This much of the text is what could be read."""
        self._readable = text
        if root is not None and self.findings:
            self._composed = root  # of a text with findings, more places are asked for

    def place(self, path: Path) -> Place:
        """Where the value at `path` stands; of the nearest one above it when there is none."""
        return self.of(self._find(path)[1])

    def key_place(self, path: Path) -> Place:
        """Where the key that leads to `path` stands."""
        key, node = self._find(path)
        return self.of(key or node)

    def raw(self, path: Path, value: Any = None) -> str | None:
        """A scalar as it is written, without quotes; None for a mapping or list. `value` is what it means, if known."""
        if value is not None and self.plain:
            return as_written(value)
        node = self._find(path)[1]
        return node.value if isinstance(node, ScalarNode) else None

    def line(self, number: int) -> str:
        if self._lines is None:
            self._lines = _BREAK.split(self.text)
        return self._lines[number - 1] if number <= len(self._lines) else ""

    def at(self, line: int, column: int, width: int = 0) -> Place:
        """A place by numbers that count from 1."""
        return Place(self.file, line, column, width, self.line(line))

    def of(self, node: Node | None) -> Place:
        """Where a composed node stands."""
        start, end = (node.start_mark, node.end_mark) if node else (None, None)
        if start is None or end is None:
            return self.at(1, 1)
        width = end.column - start.column if end.line == start.line else 0
        if not width and isinstance(node, ScalarNode):
            width = len(self.line(start.line + 1)) - start.column
        return self.at(start.line + 1, start.column + 1, max(width, 0))

    def _find(self, path: Path) -> tuple[Node | None, Node | None]:
        key: Node | None = None
        node = self.root
        for step in path:
            if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
                key, node = None, node.value[step]
            elif isinstance(node, MappingNode) and isinstance(step, str):
                found = next((index[step] for index in self._merged(node) if step in index), None)
                if found is None:
                    break
                key, node = found
            else:
                break
        return key, node

    def index(self, node: MappingNode) -> dict[str, tuple[Node, Node]]:
        """The keys written in a mapping, each with the node of its first key and of that one's value."""
        index = self._indexes.get(id(node))
        if index is None:
            index = self._indexes[id(node)] = {}
            for key, value in node.value:
                if type(key) is ScalarNode:
                    index.setdefault(key.value, (key, value))
        return index

    def _merged(self, node: MappingNode) -> Iterator[dict[str, tuple[Node, Node]]]:
        """The keys written in a mapping, then those of each mapping that it merges, each once."""
        waiting: list[Node] = [node]
        seen: set[int] = set()
        while waiting:
            node_now = waiting.pop()
            if id(node_now) in seen or not isinstance(node_now, MappingNode):
                continue
            seen.add(id(node_now))
            yield self.index(node_now)
            for key, value in reversed(node_now.value):
                if key.value == "<<":
                    waiting.extend(reversed(value.value) if isinstance(value, SequenceNode) else (value,))


def read(file: str, raw: bytes) -> Source:
    """One file's data. Problems are in `findings`; `data` is None when the text could not be read at all."""
    text, problem = decode(raw)
    source = Source(file, text)
    if problem:
        message, line, hint = problem
        source.whole = False
        source.findings.append(Finding("REM1001", message, source.at(line, 1), hint=hint))
        return source
    collecting = gc.isenabled()
    gc.disable()  # a parse makes only objects that live on; collecting costs more than the parse
    try:
        _compose(source)
    finally:
        if collecting:
            gc.enable()
    return source


def read_text(file: str, raw: bytes, largest: int) -> Source:
    """A file that is a text and no YAML; the whole of it is its data."""
    text, problem = decode(raw)
    if not problem and len(raw) > largest:
        problem = f"the file has {len(raw):,} bytes, more than the {largest >> 10} KiB of a text", 1, "shorten it"
    source = Source(file, text)
    if problem:
        source.whole = False
        source.findings.append(Finding("REM1001", problem[0], source.at(problem[1], 1), hint=problem[2]))
    else:
        source.data, source.size = text, len(text) // 50  # counts like some values of its own
    return source


def _compose(source: Source) -> None:
    """Text to nodes to data; behind a mistake of syntax it goes on with the next key that begins a line."""
    text = source.text
    for _ in range(MAX_RESUMED):
        try:
            tight = over_budget(text)
            if tight:
                source.findings.append(Finding("REM1005", tight[0], source.at(tight[1], 1), hint=_LESS))
                source.whole = False
                return
            root = Parser(text).get_single_node()
        except yaml.YAMLError as error:
            finding = explain(source, error)
            # A mistake found above the last one caused it: a quote that does not close, for one.
            source.findings = [f for f in source.findings if f.place.line < finding.place.line]
            source.findings.append(finding)
            source.whole = False
            rest = only_above if finding.id == "REM1007" else without_block
            text = rest(text, finding.place.line)
            if not text:
                return
        else:
            builder = _Builder(source, aliased="*" in text and "&" in text)
            source.data, source.size = builder.build_root(root), builder.size
            source.keep(text, root)
            return


class _TooMuch(Exception):
    """The text asks for more than one file may."""


class _Builder:
    """Nodes to data, with duplicate keys, tags, merges and the expanded size watched."""

    def __init__(self, source: Source, *, aliased: bool) -> None:
        self.source = source
        self.size = 0  # values so far, each alias counted with all that it stands for
        self.aliased = aliased
        self.done: dict[int, tuple[Any, int]] = {}  # by node: its data and its size
        self.open: set[int] = set()

    def build_root(self, root: Node | None) -> Any:
        if root is None:
            return {}
        try:
            return self.build(root)
        except _TooMuch as much:
            self.source.whole = False
            self.source.findings.append(Finding("REM1005", str(much), self.source.at(1, 1), hint=_LESS))
            return None

    def build(self, node: Node) -> Any:
        if type(node) is ScalarNode:
            self._grow(1)
            return self._scalar(node)
        if not self.aliased:
            return self._collection(node)
        known = self.done.get(id(node))
        if known is not None:
            self._grow(known[1])
            return known[0]
        if id(node) in self.open:
            self._finding("REM1008", "this alias stands inside what it names", node, "write the value out")
            return None
        self.open.add(id(node))
        before = self.size
        built = self._collection(node)
        self.open.discard(id(node))
        self.done[id(node)] = built, self.size - before
        return built

    def _list(self, node: Node) -> list[Any]:
        built: list[Any] = []
        scalars = 0
        for child in node.value:
            if type(child) is not ScalarNode:
                built.append(self.build(child))
            else:
                scalars += 1
                text = child.value
                built.append(text if child.tag is PLAIN and text[:1] not in _MEANT else self._scalar(child))
        self._grow(scalars)
        if self.source.marked and UNSET in built:
            at = node.value[built.index(UNSET)]
            self._finding("REM1512", "'!unset' takes out the value of a key, not one of a list", at, "write the list")
            return [one for one in built if one is not UNSET]
        return built

    def _collection(self, node: Node) -> Any:
        self._grow(1)
        if node.tag:
            self._finding("REM1006", f"'{_short(node.tag)}' is not a tag that REM knows", node, "leave the tag out")
        return self._mapping(node) if isinstance(node, MappingNode) else self._list(node)

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merges: list[Node] = []
        scalars = 0
        for key, value in node.value:
            if type(key) is not ScalarNode:
                self._finding("REM1009", "a key is a word, not a list or mapping", key, "put it in quotes")
                continue
            name = key.value
            if name == "<<" and key.tag is PLAIN:
                merges.extend(value.value if isinstance(value, SequenceNode) else (value,))
            elif name in data:
                self._twice(node, key)
                self.build(value)  # for what else is wrong in it
            elif type(value) is not ScalarNode:
                data[name] = self.build(value)
            else:
                scalars += 1
                text = value.value  # the most common case, without a call
                data[name] = text if value.tag is PLAIN and text[:1] not in _MEANT else self._scalar(value)
        self._grow(scalars)
        for merged in merges:
            self._merge(data, merged)
        return data

    def _twice(self, node: MappingNode, key: ScalarNode) -> None:
        first = self.source.of(self.source.index(node)[key.value][0])
        text = f"'{key.value}' is here twice; the first is in line {first.line}"
        self._finding("REM1004", text, key, "keep one of them, or give one another name")

    def _merge(self, data: dict[str, Any], merged: Node) -> None:
        if not isinstance(merged, MappingNode):
            self._finding("REM1010", "'<<' takes a mapping or a list of mappings", merged, "like <<: *name")
            return
        for name, value in (self.build(merged) or {}).items():
            self._grow(1)
            data.setdefault(name, value)

    def _scalar(self, node: ScalarNode) -> Any:
        text, tag = node.value, node.tag
        if tag is PLAIN:
            try:
                return _known[text]
            except KeyError:
                return self._meaning(text)
        if tag == "!unset" and not text:
            return UNSET
        if tag is not QUOTED and tag != _STR_TAG:
            self._finding("REM1006", f"'{_short(tag)}' is not a tag that REM knows", node, "leave the tag out")
        return text

    def _meaning(self, text: str) -> Any:
        value = scalar(text)
        if value is not None and value is not text and as_written(value) != text:
            self.source.plain = False
        elif len(_known) < KNOWN and len(text) < 40:
            _known[text] = value
        return value

    def _grow(self, count: int) -> None:
        self.size += count
        if self.size > MAX_VALUES:
            raise _TooMuch(f"more than {MAX_VALUES:,} values, counting what aliases stand for")

    def _finding(self, id: str, message: str, node: Node, hint: str | None = None) -> None:
        if len(self.source.findings) >= MAX_FINDINGS:
            raise _TooMuch(f"more than {MAX_FINDINGS} problems; the rest of this file is not read")
        self.source.findings.append(Finding(id, message, self.source.of(node), hint=hint))


def as_written(value: Any) -> str:
    """How a number, true or false is written that nobody wrote in a way of their own."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")

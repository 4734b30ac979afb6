"""The tree of a question to an answer."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, NoReturn

import numpy as np

from rem_cli.errors import NoTargetError, UsageError
from rem_cli.series.query import QueryError, Source, Trace, Window, place
from rem_cli.series.query.read import Call, Literal, Node, Path, read
from rem_cli.series.query.registry import FUNCTIONS, Asked, Function, Kind, Param, Span
from rem_cli.series.query.times import span_of

_MOST = 20_000_000  # values that one question may hold; beyond, the machine suffers and nobody reads the answer
_WORDS = {
    Kind.SERIES: "series", Kind.LATER: "series", Kind.NUMBER: "a number", Kind.WHOLE: "a whole number",
    Kind.TEXT: "a 'text'", Kind.SPAN: "a time like '5min'", Kind.POINTS: "a number of points or a time like '5min'",
    Kind.NODE: "the number of a part", Kind.FLAG: "true or false", Kind.TOTAL: "series or a number",
}  # fmt: skip


def evaluate(text: str, source: Source, window: Window) -> list[Trace]:
    """Answer a question. A pattern that no series matches gives nothing, as in Graphite; NoTargetError when none does.

    QueryError points at whatever cannot be read, is not known or is of the wrong kind.
    """
    if window.start >= window.end:
        raise QueryError("the time ends before it begins", hint="--from is before --until")
    from rem_cli.series.query import functions  # noqa: F401  # makes them known

    asking = _Asking(text, source)
    with np.errstate(all="ignore"):
        found = asking.series(read(text), window)
    if not found and asking.unmatched and not asking.matched:
        node = asking.unmatched[0]
        where = place(text, node.start, node.end)
        raise NoTargetError("no series is called so", hint="rem series list", where=where)
    return found


class _Asking:
    def __init__(self, text: str, source: Source) -> None:
        self._text = text
        self._source = source
        self._read: dict[tuple[str, Window], Trace] = {}
        self._values = 0
        self.matched = False
        self.unmatched: list[Node] = []

    def refuse(self, node: Node, message: str, hint: str | None = None) -> NoReturn:
        raise QueryError(message, hint=hint, where=place(self._text, node.start, node.end))

    def series(self, node: Node, window: Window) -> list[Trace]:
        """The traces that a node means."""
        if isinstance(node, Call):
            return self._call(node, window)
        if isinstance(node, Path):
            return self._path(node, node.pattern, window)
        if isinstance(node, Literal) and isinstance(node.value, str):
            return self._path(node, node.value, window)
        return self.refuse(node, "this is no series", "a series, or a function of some")

    def _path(self, node: Node, pattern: str, window: Window) -> list[Trace]:
        try:
            names = self._source.match(pattern)
        except NoTargetError as error:
            where = place(self._text, node.start, node.end)
            raise NoTargetError(error.message, hint=error.hint, where=where) from None
        except UsageError as error:
            self.refuse(node, error.message, error.hint)
        if names:
            self.matched = True
        else:
            self.unmatched.append(node)
        return [self._trace(node, name, window) for name in names]

    def _trace(self, node: Node, name: str, window: Window) -> Trace:
        key = name, window
        if key not in self._read:
            self._read[key] = self._source.read(name, window)
            self._values += len(self._read[key].values)
            if self._values > _MOST:
                self.refuse(node, f"these are more than {_MOST:,} values", "ask for a shorter time or fewer series")
        return self._read[key]

    def _call(self, node: Call, window: Window) -> list[Trace]:
        known = FUNCTIONS.get(node.name)
        if known is None:
            near = get_close_matches(node.name, FUNCTIONS, 1, 0.5)
            called = Node(node.start, node.start + len(node.name))
            self.refuse(called, f"there is no function '{node.name}'", f"did you mean {near[0]}?" if near else None)
        first = node.arguments[0][1] if node.arguments else node
        asked = Asked(window, self._text[first.start : first.end])
        given = self._given(node, known, window)
        try:
            return known.does(asked, *given)
        except UsageError as error:
            self.refuse(node, f"{node.name}: {error.message}", error.hint)

    def _given(self, node: Call, known: Function, window: Window) -> list[Any]:
        """The arguments of a call in the order of the function's parameters."""
        named = {keyword: value for keyword, value in node.arguments if keyword}
        placed = [value for keyword, value in node.arguments if not keyword]
        for keyword, value in named.items():
            if keyword not in [param.name for param in known.params]:
                names = ", ".join(param.name for param in known.params)
                self.refuse(value, f"{node.name} has no '{keyword}'", f"it takes {names}")
        given: list[Any] = []
        for param in known.params:
            if param.many:
                given += [self._argument(one, param, node, window) for one in placed]
                if not placed and param.default is ...:
                    self._missing(node, param)
                return given
            one = placed.pop(0) if placed and param.name not in named else named.get(param.name)
            if one is None and param.default is ...:
                self._missing(node, param)
            given.append(param.default if one is None else self._argument(one, param, node, window))
        if placed:
            self.refuse(placed[0], f"{node.name} takes no more than {len(known.params)} arguments")
        return given

    def _missing(self, node: Call, param: Param) -> NoReturn:
        end = Node(node.end - 1, node.end)
        self.refuse(end, f"{node.name} lacks its {param.name}", f"{_WORDS[param.kind]} belongs here")

    def _argument(self, node: Node, param: Param, call: Call, window: Window) -> Any:
        kind = param.kind
        if kind is Kind.SERIES or (kind is Kind.TOTAL and not _is(node, float)):
            return self.series(node, window)
        if kind is Kind.LATER:
            return lambda other: self.series(node, other)
        value = node.value if isinstance(node, Literal) else None
        whole = isinstance(value, float) and value.is_integer()
        fits = {
            Kind.NUMBER: isinstance(value, float), Kind.TOTAL: True, Kind.WHOLE: whole,
            Kind.TEXT: isinstance(value, str), Kind.SPAN: isinstance(value, str), Kind.FLAG: isinstance(value, bool),
            Kind.POINTS: whole or isinstance(value, str), Kind.NODE: whole or isinstance(value, str),
        }  # fmt: skip
        if value is None or not fits[kind]:
            self.refuse(node, f"{call.name} takes {_WORDS[kind]} as its {param.name}", None)
        if isinstance(value, str) and kind in (Kind.SPAN, Kind.POINTS):
            seconds = span_of(value)
            if not seconds:
                self.refuse(node, f"'{value}' is no time", "like '30s', '5min', '1h', '7d'")
            return seconds if kind is Kind.SPAN else Span(abs(seconds))
        return int(value) if whole and isinstance(value, float) and kind is not Kind.NUMBER else value


def _is(node: Node, kind: type) -> bool:
    return isinstance(node, Literal) and isinstance(node.value, kind) and not isinstance(node.value, bool)
